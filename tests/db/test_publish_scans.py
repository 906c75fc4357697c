"""Runs of scans become people, scans, measures and lesions: once, whole, and never mixed with another method."""

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from db.compatibility import check_joining, misfit
from db.content_hash import content_sha256
from db.errors import AuditFailed, ImportConflict, StoreError
from db.import_table import import_table
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard, Publication
from db.store import Store
from tests.db.fake_run import patients, write_run
from vocabulary.run_contract import method_settings

CARD = DatasetCard("scans", "Scans")


@pytest.fixture
def publish(store: Store, tmp_path: Path):
    """Return a function that publishes a made-up run into the store."""

    def published(people=None, *, card: DatasetCard = CARD, **run: Any) -> Publication:
        folder = tmp_path / "run"
        shutil.rmtree(folder, ignore_errors=True)
        inside = store.root / "derivatives" / "scans"
        people = patients(3) if people is None else people
        return publish_scans(store, write_run(folder, people, **{"derivatives": inside, **run}), card)

    return published


def _content(snapshot):
    return content_sha256(snapshot.cohort("scans"), "mscohort-1", snapshot.extra_columns("scans"))


def test_a_run_becomes_scans_with_everything_a_page_shows(publish, store: Store) -> None:
    said = publish(rejected=["broken.nii"])
    assert (said.changed, said.version, said.run_id) == (True, 1, "ingest-1")
    with store.read() as snapshot:
        first, second, _ = snapshot.scans("scans").iter_rows(named=True)
        assert (first["scan_id"], first["subject_id"], first["stem"]) == ("scans/sub-00", "00", "sub-00")
        assert (first["group"], first["sex"], first["age_years"]) == ("MS", "F", 30.0)
        assert first["derivatives"] == str(store.root.absolute() / "derivatives" / "scans" / "sub-00" / "anat")
        assert (first["n_slices"], first["slice_spacing_mm"], first["file_name"]) == (20, 6.0, "sub-00_FLAIR.nii.gz")
        assert (first["protocol_id"], first["model_id"], first["zone_rule"]) == ("mscohort-1", "fake-1", "study-code")
        assert first["wmh_area_mm2"] == 14.0
        assert first["wmh_ratio_pct"] == pytest.approx(100 * 14 / 100_000)
        assert first["periventricular_volume_ml"] == pytest.approx(0.06)
        assert (first["flags"], second["flags"]) == (["few_slices"], [])
        assert snapshot.scan_flags("scans/sub-00")["detail"].to_list() == ["20 slices, expected 24 or more"]
        lesions = snapshot.lesions("scans/sub-01")
        assert lesions["zone"].to_list() == ["periventricular", "paraventricular"]
        assert lesions["area_mm2"].to_list() == [10.0, 4.0]
        assert snapshot.lesions(dataset_id="scans").height == 6
        assert snapshot.rejections("ingest-1").select("input", "reason").rows() == [("broken.nii", "not an image")]
        dataset = snapshot.datasets().row(0, named=True)
        assert (dataset["n"], dataset["n_ms"], dataset["n_scans"]) == (3, 3, 3)
        assert dataset["content_sha256"] == _content(snapshot) == said.content_sha256
        assert snapshot.runs()["finished_at"][0].isoformat() == "2026-01-01T10:01:00"


def test_the_same_run_twice_changes_nothing(publish, store: Store) -> None:
    first = publish(rejected=["broken.nii"])
    assert publish(rejected=["broken.nii"]) == Publication(False, 1, first.content_sha256, None)
    assert len(store.versions()) == 1


def test_a_scan_measured_again_is_replaced_and_others_stay(publish, store: Store) -> None:
    publish()
    said = publish(patients(1), run_id="ingest-2", zone_areas=(20.0, 4.0, 1.0))
    assert said.changed
    with store.read() as snapshot:
        scans = snapshot.scans()
        assert scans["wmh_area_mm2"].to_list() == [25.0, 14.0, 14.0]
        assert scans["run_id"].to_list() == ["ingest-2", "ingest-1", "ingest-1"]
        assert snapshot.lesions("scans/sub-00").height == 3
        assert snapshot.lesions("scans/sub-01").height == 2
        assert said.content_sha256 == _content(snapshot)


def test_a_later_run_adds_scans_and_leaves_what_is_the_same(publish, store: Store) -> None:
    publish()
    assert publish(patients(5), run_id="ingest-2").changed
    with store.read() as snapshot:
        assert snapshot.scans()["run_id"].to_list() == ["ingest-1"] * 3 + ["ingest-2"] * 2
        assert not any(snapshot.audit().values())


def test_a_newer_refusal_of_the_same_input_takes_the_place_of_the_older(publish, store: Store) -> None:
    publish(rejected=["a.nii", "b.nii"])
    publish(run_id="ingest-2", rejected=["b.nii"])
    with store.read() as snapshot:
        refused = snapshot.rejections().select("run_id", "input").rows()
        assert sorted(refused) == [("ingest-1", "a.nii"), ("ingest-2", "b.nii")]


def test_people_may_be_unknown_and_described_later(publish, store: Store) -> None:
    publish([{"subject_id": "a"}, {"subject_id": "b", "group": "HC"}])
    with store.read() as snapshot:
        assert snapshot.scans()["group"].to_list() == [None, "HC"]
        reasons = snapshot.missing_values("scans").select("subject_id", "column_name", "reason").rows()
        assert ("a", "group", "not given with the scan") in reasons
        assert len(reasons) == 5
    known = {"subject_id": "a", "group": "MS", "sex": "F", "age_years": 40.0}
    assert publish([known, {"subject_id": "b"}], run_id="ingest-2").changed
    with store.read() as snapshot:
        assert snapshot.scans()["group"].to_list() == ["MS", "HC"]  # what a run does not know wipes out nothing
        assert snapshot.missing_values("scans")["column_name"].to_list() == ["age_years", "sex"]


def test_sessions_are_scans_of_one_person(publish, store: Store) -> None:
    person = patients(1)[0]
    publish([person | {"session": "1"}, person | {"session": "2"}])
    with store.read() as snapshot:
        assert snapshot.scans()["scan_id"].to_list() == ["scans/sub-00_ses-1", "scans/sub-00_ses-2"]
        assert snapshot.datasets()["n"].to_list() == [1]


def test_every_visit_has_its_own_age_and_the_person_that_at_the_first(publish, store: Store) -> None:
    def visit(session: str, age: float | None) -> dict:
        return patients(1)[0] | {"session": session, "age_years": age}

    def ages() -> list[float | None]:
        with store.read() as snapshot:
            assert not any(snapshot.audit().values())
            return snapshot.cohort("scans")["age_years"].to_list()

    publish([visit("1", 30.0), visit("2", 32.5)])
    assert ages() == [30.0, 32.5]
    publish([visit("3", None)], run_id="ingest-2")
    assert ages() == [30.0, 32.5, 30.0], "nobody said it, so it is the person's"
    publish([visit("0", 28.0)], run_id="ingest-3")
    assert ages() == [28.0, 30.0, 32.5, 30.0], "an earlier visit leaves the others as they were"
    publish([visit("1", 31.0), visit("0", 29.0)], run_id="ingest-4")
    assert ages() == [29.0, 31.0, 32.5, 30.0], "an age is corrected"
    publish([visit("1", None), visit("0", None)], run_id="ingest-5")
    assert ages() == [29.0, 31.0, 32.5, 30.0], "what a run does not know wipes out nothing"


def test_a_folder_outside_the_store_keeps_its_full_path(publish, store: Store, tmp_path: Path) -> None:
    publish(patients(1), derivatives=tmp_path / "elsewhere")
    with store.read() as snapshot:
        assert snapshot.scans()["derivatives"][0] == str(tmp_path / "elsewhere" / "sub-00" / "anat")


def test_results_can_be_moved_with_their_runs(store: Store, tmp_path: Path) -> None:
    for place in ("here", "there"):
        out = tmp_path / place
        if place == "here":
            write_run(out / "runs" / "first", patients(1), derivatives=Path())
        else:
            (tmp_path / "here").rename(out)
        publish_scans(store, out / "runs" / "first", DatasetCard("scans", "Scans"))
        with store.read() as snapshot:
            assert snapshot.scans()["derivatives"][0] == str(out / "sub-00" / "anat")


def test_a_store_can_be_moved_with_its_images(publish, store: Store, tmp_path: Path) -> None:
    publish(patients(1))
    moved = tmp_path / "moved"
    store.root.rename(moved)
    with Store(moved).read() as snapshot:
        assert snapshot.scans()["derivatives"][0] == str(moved / "derivatives" / "scans" / "sub-00" / "anat")


def test_methods_are_never_mixed_in_a_dataset(publish) -> None:
    publish()
    with pytest.raises(ImportConflict, match="3 other scans of 'scans' were measured with model fake-1"):
        publish(
            [patients(4)[3]], run_id="ingest-2", manifest={"zone_rule": {"name": "contact", "version": 2}}
        )  # fmt: skip
    # All of them in the new way is no mixture.
    assert publish(run_id="ingest-3", manifest={"zone_rule": {"name": "contact", "version": 2}}).changed


def test_scans_that_do_not_fit_are_told_before_they_are_measured(publish, store: Store) -> None:
    fake = method_settings("fake-1", "0" * 64, "study-code", 2)
    check_joining(store, CARD, "mscohort-1", fake, ["sub-09"])  # an empty store takes everything
    publish()
    with store.read() as snapshot:
        fake = json.loads(snapshot.results("scans")["settings"][0])
        other = fake | {"model": "other-1"}
        assert misfit(snapshot, CARD, "mscohort-1", fake, ["sub-09"]) is None
        assert misfit(snapshot, CARD, "mscohort-1", other, ["sub-00", "sub-01", "sub-02"]) is None
        found = misfit(snapshot, CARD, "mscohort-1", other, ["sub-01", "sub-09"])
        assert found is not None
        assert found.by_method
    with pytest.raises(ImportConflict) as refused:
        check_joining(store, CARD, "mscohort-1", other, ["sub-01", "sub-09"])
    said = str(refused.value)
    assert said.startswith("2 other scans of 'scans' were measured with model fake-1")
    assert "this run with model other-1" in said
    assert "nothing was measured; give the scans a dataset of their own with --dataset" in said
    check_joining(store, DatasetCard("others", "Others"), "mscohort-1", other, ["sub-01"])


def test_a_table_and_scans_do_not_share_a_dataset(publish, store: Store, make_table) -> None:
    import_table(store, make_table(), "own", dataset="scans")
    with pytest.raises(ImportConflict, match="came from a table"):
        publish()


def test_real_and_synthetic_scans_do_not_share_a_dataset(publish) -> None:
    publish()
    with pytest.raises(ImportConflict, match="holds real scans, the run brings synthetic ones"):
        publish(card=DatasetCard("scans", "Scans", synthetic=True))


def test_a_run_of_another_dataset_or_protocol_is_refused(publish, store: Store) -> None:
    with pytest.raises(ImportConflict, match="made for the dataset 'other', not 'scans'"):
        publish(manifest={"dataset_id": "other"})
    with pytest.raises(ImportConflict, match="under the protocol 'mscohort-9', the store knows mscohort-1"):
        publish(manifest={"protocol_id": "mscohort-9"})
    assert store.current() is None


def test_what_contradicts_itself_is_not_published(publish, store: Store, tmp_path: Path) -> None:
    publish()
    folder = write_run(tmp_path / "wrong", patients(3), derivatives=tmp_path, run_id="ingest-2")
    lesions = pl.read_parquet(folder / "lesion.parquet")
    lesions.filter(pl.col("lesion_number") == 1).write_parquet(folder / "lesion.parquet")
    with pytest.raises(AuditFailed, match="lesions_add_up"):
        publish_scans(store, folder, CARD)
    with store.read() as snapshot:
        assert (snapshot.version, snapshot.lesions().height) == (1, 6)


def test_a_value_without_a_reason_is_not_published(publish, store: Store, tmp_path: Path) -> None:
    folder = write_run(tmp_path / "wrong", patients(1), derivatives=tmp_path)
    measures = pl.read_parquet(folder / "measure.parquet")
    measures.with_columns(ventricle_volume_ml=pl.lit(None, pl.Float64)).write_parquet(folder / "measure.parquet")
    with pytest.raises(AuditFailed, match="missing_has_reason"):
        publish_scans(store, folder, CARD)


def test_a_title_may_change(publish, store: Store) -> None:
    publish()
    assert publish(card=DatasetCard("scans", "Ten patients", citation="Somebody 2026")).changed
    assert not publish(card=DatasetCard("scans", "Ten patients")).changed
    with store.read() as snapshot:
        assert snapshot.datasets().select("title", "citation").row(0) == ("Ten patients", "Somebody 2026")


def test_a_table_replaces_scans_only_when_asked(publish, store: Store, make_table) -> None:
    publish()
    with pytest.raises(ImportConflict, match="--replace"):
        import_table(store, make_table(), "own", dataset="scans")
    import_table(store, make_table(), "own", dataset="scans", replace=True)
    with store.read() as snapshot:
        assert snapshot.scans().is_empty()
        assert snapshot.scan_flags().is_empty()
        assert snapshot.datasets()["n"].to_list() == [4]


def test_datasets_of_both_groups_come_first(publish, store: Store, make_table) -> None:
    import_table(store, make_table(name="older.csv"), "own", dataset="older")
    publish(patients(10), manifest={"finished_at": "2036-01-01T10:01:00+00:00"})
    with store.read() as snapshot:
        assert snapshot.datasets()["dataset_id"].to_list() == ["older", "scans"]


def test_hostile_names_are_text(publish, store: Store) -> None:
    with pytest.raises(StoreError):
        publish([{"subject_id": "x" * 65}])
    publish(rejected=["'; DROP TABLE scan; --"])
    with store.read() as snapshot:
        assert snapshot.rejections()["input"].to_list() == ["'; DROP TABLE scan; --"]


def test_regional_loads_are_stored_with_their_registration_or_the_reason_for_none(publish, store: Store) -> None:
    publish(no_regions=[1])
    with store.read() as snapshot:
        loads = snapshot.region_loads(dataset_id="scans")
        assert loads["scan_id"].unique(maintain_order=True).to_list() == ["scans/sub-00", "scans/sub-02"]
        assert loads.head(2).select("region", "side", "area_mm2", "lesion_count").rows() == [
            ("frontal", "left", 4.0, 1),
            ("frontal", "right", 0.0, 0),
        ]
        told = snapshot.registrations(dataset_id="scans")
        assert told["reason"].to_list() == [None, "no overlap", None]
        assert told["unassigned_area_mm2"].to_list() == [10.0, None, 10.0]
        assert told["to_template"][0].to_list()[:6] == [1.0, 0.0, 0.0, 0.0, 0.0, 1.0]
        assert snapshot.lesions("scans/sub-00").select("region", "side").rows() == [(None, None), ("frontal", "left")]
        assert snapshot.lesions("scans/sub-01")["region"].to_list() == [None, None]
        assert not any(snapshot.audit().values())


@pytest.mark.parametrize(
    ("change", "audit"),
    [
        (pl.col("volume_ml") + 0.01, "regions_add_up"),
        (pl.col("area_mm2") + 1.0, "regions_add_up"),
        (pl.col("lesion_count") + 1, "regions_match_lesions"),
    ],
)
def test_regional_loads_that_contradict_the_scan_are_not_published(
    publish, store: Store, tmp_path: Path, change: pl.Expr, audit: str
) -> None:
    publish()
    folder = write_run(tmp_path / "other", patients(1, subject_id="x"), derivatives=tmp_path, run_id="ingest-2")
    table = folder / "region_load.parquet"
    pl.read_parquet(table).with_columns(change).write_parquet(table)
    with pytest.raises(AuditFailed, match=audit):
        publish_scans(store, folder, CARD)
    assert len(store.versions()) == 1


def test_a_run_that_says_nothing_of_a_scans_regions_is_refused(store: Store, tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", patients(2), derivatives=tmp_path)
    table = folder / "registration.parquet"
    pl.read_parquet(table).head(1).write_parquet(table)
    with pytest.raises(StoreError, match=r"registration.parquet lacks sub-01"):
        publish_scans(store, folder, CARD)
