"""Tables of any format into the store: once, again, replaced, in part."""

from pathlib import Path

import polars as pl
import pytest

from db.content_hash import content_sha256
from db.errors import ImportConflict
from db.import_table import TableRejected, import_frame, import_table
from db.publish_table import SYNTHETIC_PROTOCOL
from db.store import Store
from db.tables.choices import TableChoices
from vocabulary.measures import PUBLISHED_PROTOCOL

OWN_HEADER = "Code;Alter;Geschlecht;Gruppe;ICA;Ventricles;WMH;Peri;Para;Juxta;Site"
OWN_ROWS = ("S-1;44,5;female;control;116000,5;560;0;0;0;0;Graz", "S-2;;male;MS;121000;900;10;5;5;0;Graz")
OWN_MAP = {
    "Code": "subject_id",
    "Alter": "age_years",
    "Geschlecht": "sex",
    "Gruppe": "group",
    "ICA": "intracranial_area_mm2",
    "Ventricles": "ventricle_area_mm2",
    "WMH": "wmh_area_mm2",
    "Peri": "periventricular_area_mm2",
    "Para": "paraventricular_area_mm2",
    "Juxta": "juxtacortical_area_mm2",
}


def cohort(store: Store, dataset: str) -> pl.DataFrame:
    with store.read() as snapshot:
        return snapshot.cohort(dataset)


def test_the_released_headers_need_no_mapping(store: Store, make_table) -> None:
    report = import_table(store, make_table(), PUBLISHED_PROTOCOL)
    assert (report.dataset_id, report.changed, report.version) == ("tabriz", True, 1)
    assert report.n == {"HC": 2, "MS": 2}
    assert report.n_missing == {"age_years": 1}
    with store.read() as snapshot:
        run = snapshot.runs().row(0, named=True)
        assert report.content_sha256 == snapshot.datasets()["content_sha256"][0]
        assert report.content_sha256 == content_sha256(snapshot.cohort("tabriz"), PUBLISHED_PROTOCOL)
    assert (run["kind"], run["source_name"], run["n_accepted"], run["n_rejected"]) == ("import", "cohort.csv", 4, 0)
    assert run["source_sha256"] == report.source_sha256
    assert '"PatientAge": "age_years"' in run["settings"]


def test_the_same_file_twice_changes_nothing(store: Store, make_table) -> None:
    first = import_table(store, make_table(), PUBLISHED_PROTOCOL)
    second = import_table(store, make_table(), PUBLISHED_PROTOCOL, replace=True)
    assert (second.changed, second.version, second.run_id) == (False, first.version, None)
    assert second.content_sha256 == first.content_sha256
    assert len(store.versions()) == 1


@pytest.mark.parametrize("ending", ["xlsx", "parquet", "tsv"])
def test_the_same_people_from_another_format_change_nothing(
    ending: str, store: Store, make_table, tmp_path: Path
) -> None:
    path = make_table()
    import_table(store, path, PUBLISHED_PROTOCOL)
    frame, other = pl.read_csv(path).reverse(), tmp_path / f"other.{ending}"
    match ending:
        case "xlsx":
            frame.write_excel(other)
        case "parquet":
            frame.write_parquet(other)
        case _:
            frame.write_csv(other, separator="\t")
    assert import_table(store, other, PUBLISHED_PROTOCOL).changed is False


def test_other_content_needs_to_be_asked_for(filled_store: Store, make_table) -> None:
    path = make_table("P009,50,1,HC,116000,560,0,0,0,0")
    with pytest.raises(ImportConflict, match=r"already has a dataset 'tabriz' with other content \(4 people"):
        import_table(filled_store, path, PUBLISHED_PROTOCOL)
    report = import_table(filled_store, path, PUBLISHED_PROTOCOL, replace=True)
    assert (report.changed, report.version) == (True, 2)
    assert cohort(filled_store, "tabriz")["subject_id"].to_list() == ["P009"]
    filled_store.rollback()
    assert cohort(filled_store, "tabriz").height == 4


def test_another_protocol_is_other_content(filled_store: Store, make_table) -> None:
    with pytest.raises(ImportConflict, match="other content"):
        import_table(filled_store, make_table(), "own")


def test_another_citation_is_asked_for_and_kept(filled_store: Store, make_table) -> None:
    with pytest.raises(ImportConflict, match="another citation"):
        import_table(filled_store, make_table(), PUBLISHED_PROTOCOL, citation="Mine 2026")
    assert import_table(filled_store, make_table(), PUBLISHED_PROTOCOL, citation="Mine 2026", replace=True).changed
    with filled_store.read() as snapshot:
        assert snapshot.datasets()["citation"].to_list() == ["Mine 2026"]


def test_datasets_stand_beside_each_other(filled_store: Store, make_table) -> None:
    import_table(filled_store, make_table(name="Second cohort (2).csv"), "own", dataset="second")
    with filled_store.read() as snapshot:
        assert sorted(snapshot.datasets()["dataset_id"]) == ["second", "tabriz"]
        assert snapshot.cohort("second").height == snapshot.cohort("tabriz").height == 4


def test_an_own_table_by_mapping(store: Store, make_table) -> None:
    path = make_table(*OWN_ROWS, header=OWN_HEADER, name="Graz, März 2026.csv", encoding="utf-16")
    report = import_table(store, path, "graz-1", choices=TableChoices(columns=OWN_MAP))
    assert report.dataset_id == "graz-m-rz-2026"
    assert report.ignored_columns == ["Site"]
    frame = cohort(store, report.dataset_id)
    assert frame["age_years"].to_list() == [44.5, None]
    assert frame["intracranial_area_mm2"].to_list() == [116000.5, 121000.0]
    assert frame["group"].to_list() == ["HC", "MS"]
    with store.read() as snapshot:
        own = snapshot.protocols().filter(pl.col("protocol_id") == "graz-1").row(0, named=True)
    assert own["title"] == "User-defined: graz-1"
    assert "Never comparable" in own["description"]
    assert own["zone_rule"] is None


def test_valid_rows_are_accepted_and_the_others_recorded(store: Store, make_table) -> None:
    path = make_table("P001,44,0,MS,116000,560,180,23,134,23", "Ann Lee,444,1,HC,116000,560,0,0,0,0")
    with pytest.raises(TableRejected) as refused:
        import_table(store, path, "own")
    assert refused.value.problems["row_number"].to_list() == [3, 3]
    assert store.current() is None
    report = import_table(store, path, "own", accept_valid=True)
    assert (report.n_subjects, report.n_rejected) == (1, 1)
    assert report.to_dict()["problems"][0]["value"] == "Ann Lee"
    with store.read() as snapshot:
        rejections = snapshot.rejections(report.run_id)
        run = snapshot.runs().row(0, named=True)
    assert rejections["row_number"].to_list() == [3, 3]
    assert rejections["column_name"].to_list() == ["PatientAge", "PatientID"]
    assert (run["n_accepted"], run["n_rejected"]) == (1, 1)
    version = store.current()
    assert version is not None
    assert b"Ann Lee" not in version.path.read_bytes(), "what looks like a name is never stored"


def test_optional_measures_are_kept_and_their_gaps_explained(store: Store, make_table) -> None:
    path = make_table(
        "P001,44,F,MS,116000,560,180,23,134,23,1.5,3",
        "P002,44,F,HC,116000,560,0,0,0,0,,",
        header="subject_id,age_years,sex,group,intracranial_area_mm2,ventricle_area_mm2,wmh_area_mm2,"
        "periventricular_area_mm2,paraventricular_area_mm2,juxtacortical_area_mm2,wmh_volume_ml,lesion_count",
    )
    import_table(store, path, "own", dataset="own")
    frame = cohort(store, "own")
    assert frame["wmh_volume_ml"].to_list() == [1.5, None]
    assert frame["lesion_count"].to_list() == [3, None]
    with store.read() as snapshot:
        missing = snapshot.missing_values("own").select("subject_id", "column_name").rows()
    assert missing == [("P002", "lesion_count"), ("P002", "wmh_volume_ml")]


def test_a_replaced_dataset_leaves_nothing_behind(store: Store, make_table) -> None:
    import_table(
        store, make_table("Ann Lee,4,0,HC,90000,100,0,0,0,0", "P1,,0,HC,90000,100,0,0,0,0"), "own", accept_valid=True
    )
    import_table(store, make_table("P2,40,0,HC,90000,100,0,0,0,0"), "own", replace=True)
    with store.read() as snapshot:
        assert snapshot.rejections().is_empty()
        assert snapshot.missing_values("tabriz").is_empty()
        assert snapshot.runs().height == 1
        assert snapshot.audit().keys() and not any(snapshot.audit().values())


def test_a_frame_takes_the_same_path(store: Store, filled_store: Store) -> None:
    frame = cohort(filled_store, "tabriz")
    options = {"dataset": "demo", "protocol_id": SYNTHETIC_PROTOCOL, "settings": {"seed": 1}}
    report = import_frame(store, frame, title="Demo", **options)
    assert (report.changed, report.n_subjects, report.n_missing) == (True, 4, {"age_years": 1})
    assert import_frame(store, frame, title="Demo", **options).changed is False
    with store.read() as snapshot:
        row = snapshot.datasets().filter(pl.col("dataset_id") == "demo").row(0, named=True)
        runs = snapshot.runs().filter(pl.col("dataset_id") == "demo")
    assert (row["synthetic"], row["title"]) == (True, "Demo")
    assert runs.select("kind", "settings").rows() == [("demo", '{"seed": 1}')]
    with pytest.raises(TableRejected, match="row 2, wmh_area_mm2"):
        import_frame(store, frame.head(1).with_columns(wmh_area_mm2=pl.lit(1.0)), **options)


def test_progress_says_what_happens(store: Store, make_table) -> None:
    lines: list[str] = []
    import_table(store, make_table(), "own", progress=lines.append)
    assert lines == ["reading cohort.csv", "checking 4 rows", "writing 4 rows"]


@pytest.mark.reference
def test_the_released_table(released_frame: pl.DataFrame) -> None:
    assert released_frame.height == released_frame["subject_id"].n_unique() == 1380
    assert dict(released_frame.group_by("group").len().rows()) == {"HC": 999, "MS": 381}
    assert released_frame["age_years"].null_count() == 9
    assert released_frame.filter(sex="M").height == 434
    assert released_frame["wmh_area_mm2"].sum() == 135151


@pytest.mark.reference
def test_the_released_table_s_content_hash(tabriz_store: Path) -> None:
    with Store(tabriz_store).read() as snapshot:
        [content] = snapshot.datasets()["content_sha256"]
    assert content == "14f6f5237d6b33d872ec368cd0d91c8aa438a5a4aeac0b91cda51b25262e3ab0"
