"""The pages Scans and Subject on a store of three scans, with and without their files."""

import shutil
from pathlib import Path

import nibabel
import numpy as np
import polars as pl
import pytest

from analysis.model_scores.agreement import UsualErrors
from app.views import subject
from app.views.scans import FLAGGED, PLAIN, matching
from app.views.subject import LIKELY
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.store import Store
from pipeline.measures.zoning import DEFAULT_RULE
from tests.app.scan_files import LESION_SLICE, write_files
from tests.app.views.conftest import OpenPage, answer_of, tables_of, text_of
from tests.db.fake_run import patients, write_run


def _store(folder: Path, *, files: bool) -> Path:
    people = patients(3)
    run = write_run(folder / "run", people, derivatives=folder / "files", rejected=["/somewhere/broken.nii.gz"])
    publish_scans(Store(folder / "store"), run, DatasetCard("scans", "Scans"))
    for person in people if files else ():
        stem = f"sub-{person['subject_id']}"
        write_files(folder / "files" / stem / "anat", stem)
    return folder / "store"


@pytest.fixture(scope="module")
def scans_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _store(tmp_path_factory.mktemp("scans"), files=True)


@pytest.fixture(scope="module")
def mixed_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of three real scans and one synthetic."""
    folder = tmp_path_factory.mktemp("mixed")
    store = _store(folder, files=True)
    run = write_run(
        folder / "made", patients(1), derivatives=folder / "files", run_id="made", manifest={"dataset_id": "made"}
    )
    publish_scans(Store(store), run, DatasetCard("made", "Made up", synthetic=True))
    return store


@pytest.fixture(scope="module")
def store_without_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _store(tmp_path_factory.mktemp("moved"), files=False)


@pytest.mark.parametrize("name", ["scans", "subject"])
def test_an_empty_store_says_how_to_begin(name: str, open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page(name, tmp_path)
    assert not page.exception
    assert page.header[0].value == "No scans yet"
    assert "mscohort ingest" in text_of(page)


def test_scans_counts_pictures_flags_and_refusals(open_page: OpenPage, scans_store: Path) -> None:
    page = open_page("scans", scans_store)
    assert not page.exception
    answer = answer_of(page)
    assert "3 scans of 3 people measured, 1 with a flag" in answer
    assert "1 file was refused" in answer
    assert len(page.get("image")) == 3
    assert "The scan covers little of the head" in text_of(page)
    assert tables_of(page)[0]["File"].tolist() == ["broken.nii.gz"]


def test_a_search_without_a_match_says_so(open_page: OpenPage, scans_store: Path) -> None:
    page = open_page("scans", scans_store, find="nobody")
    assert not page.exception
    assert "No scan matches" in page.info[0].value


def test_matching_by_name_flag_status_and_group() -> None:
    scans = pl.DataFrame(
        {
            "subject_id": ["a1", "b2", "b3"],
            "session": [None, None, "x"],
            "dataset_id": ["d", "d", "e"],
            "flags": [["few_slices"], [], []],
            "group": ["MS", None, "HC"],
        }
    )

    def found(**search: object) -> list[str]:
        return matching(scans, **search)["subject_id"].to_list()

    assert found() == ["a1", "b2", "b3"]
    assert found(text=" B") == ["b2", "b3"]
    assert found(text="x") == ["b3"]
    assert (found(flag=FLAGGED), found(flag=PLAIN)) == (["a1"], ["b2", "b3"])
    assert (found(flag="few_slices"), found(dataset="e"), found(group="unknown")) == (["a1"], ["b3"], ["b2"])


def test_scans_are_sorted_and_offer_only_choices_that_differ(open_page: OpenPage, scans_store: Path) -> None:
    page = open_page("scans", scans_store, **{"scans-order": "Largest ventricles"})
    assert [button.label for button in page.button] == ["**02**", "**01**", "**00**"]
    # All three have MS and belong to one dataset; the two of "side by side" come once it is opened.
    assert {box.key for box in page.selectbox} == {"flag", "scans-order"}
    page.selectbox(key="flag").set_value(FLAGGED).run()
    assert [button.label for button in page.button] == ["**00**"]


def test_scans_without_files_keep_their_numbers(open_page: OpenPage, store_without_files: Path) -> None:
    page = open_page("scans", store_without_files)
    assert not page.exception
    assert len(page.warning) == 3
    assert "Lesions 0.0840 mL" in text_of(page)


def test_many_scans_come_in_pages(open_page: OpenPage, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", patients(30), derivatives=tmp_path / "files")
    publish_scans(Store(tmp_path / "store"), run, DatasetCard("scans", "Scans"))
    page = open_page("scans", tmp_path / "store")
    assert len(page.button) == 24
    assert "24 of 30 scans" in text_of(page)
    page = open_page("scans", tmp_path / "store", **{"scans-page": 2})
    assert len(page.button) == 6
    page.text_input(key="find").set_value("07").run()
    assert not page.exception
    assert "1 scan that match" in text_of(page)


def test_subject_says_how_far_its_load_can_be_trusted(open_page: OpenPage, scans_store: Path) -> None:
    def said(**widgets: object) -> str:
        return text_of(open_page("subject", scans_store, **widgets)).replace("\\", "")

    flagged = said()
    assert "No range of the lesion load is given: it was learned on scans without a flag" in flagged
    assert "Unlike the training scans by 0.4 of what is usual among them, most in the noise." in flagged
    assert "1 lesion is sure, 1 unsure." in flagged
    sound = said(scan="scans/sub-01")
    assert "Outlined by hand, 0.0 to 1.5 mL of WMH are to be expected (95 % of such patients)." in sound


def test_subject_opens_with_its_answer_and_the_widest_slice(open_page: OpenPage, scans_store: Path) -> None:
    page = open_page("subject", scans_store)
    assert not page.exception
    assert "00 (MS, woman, 30 years): 0.0840 mL of white matter hyperintensities in 2 lesions" in answer_of(page)
    assert f"Slice {LESION_SLICE + 1} of 20, 48 mm" in text_of(page)
    assert "20 slices, expected 24 or more" in page.warning[0].value
    assert page.dataframe[0].value["area_mm2"].tolist() == [10, 4]


@pytest.mark.parametrize("rule", [DEFAULT_RULE, "contact"])
def test_a_measure_tells_where_the_truth_likely_lies(
    rule: str, open_page: OpenPage, scans_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = {"wmh_volume_ml": (-9.25, 9.5), "juxtacortical_volume_ml": (-1.0, 0.5)}
    errors = UsualErrors(limits, 9, "cv5-raw", {"wmh_volume_ml": (0.5, 2.0)})
    monkeypatch.setattr(subject, "_errors", lambda _key, _opened, _model: errors)
    monkeypatch.setattr(subject, "DEFAULT_RULE", rule)
    page = open_page("subject", scans_store)
    rows = tables_of(page)[0].set_index("Measure")
    assert rows.loc["WMH volume", LIKELY] == "0.0420 and 0.168"
    assert rows.loc["Ventricle volume", LIKELY] == ""
    assert rows.loc["Juxtacortical WMH volume", LIKELY] == ("0 and 1" if rule == DEFAULT_RULE else "")
    assert "n = 9, five-fold cross-validation, raw scans" in text_of(page)


def test_a_model_nobody_tested_has_no_error(open_page: OpenPage, scans_store: Path) -> None:
    page = open_page("subject", scans_store)
    assert LIKELY not in tables_of(page)[0].columns
    assert LIKELY not in text_of(page)


def test_a_link_to_a_scan_that_is_gone_says_so(open_page: OpenPage, scans_store: Path) -> None:
    page = open_page("subject", scans_store)
    page.query_params["scan"] = "scans/sub-*99*"
    page.run()
    assert "no scan scans/sub-\\*99\\*" in page.warning[0].value


def test_subject_steps_through_slices(open_page: OpenPage, scans_store: Path) -> None:
    page = open_page("subject", scans_store)
    page.button(key="slice-up").click().run()
    assert f"Slice {LESION_SLICE + 2} of 20" in text_of(page)
    page.slider(key="slice-scans/sub-00").set_value(20).run()
    page.button(key="slice-up").click().run()
    assert "Slice 20 of 20" in text_of(page)


def test_subject_shows_the_scan_alone_or_with_colours(open_page: OpenPage, scans_store: Path) -> None:
    assert not open_page("subject", scans_store, style="None").exception
    assert open_page("subject", scans_store, style="Borders").slider(key="opacity").disabled


def test_subject_is_zoomed_set_beside_and_saved(open_page: OpenPage, scans_store: Path) -> None:
    zoomed = open_page("subject", scans_store, zoom=True)
    assert not zoomed.exception
    assert "the pointer names a lesion" in text_of(zoomed)
    [figure] = [part for part in zoomed.get("bidi_component") if '"figure"' in part.proto.json]
    assert "Lesion" in figure.proto.json
    plain = open_page("subject", scans_store, plain=True, window="Lesions")
    assert not plain.exception
    levels = open_page("subject", scans_store, window="By hand")
    assert levels.slider(key="window-levels").value == (0.0, 255.0)
    both = open_page("subject", scans_store, beside="scans/sub-01")
    assert not both.exception
    assert "the same share of the way up" in text_of(both)
    assert "Save this picture" in [button.proto.label for button in both.get("download_button")]


def test_subject_draws_the_regions_by_which_lesions_are_counted(open_page: OpenPage, tmp_path: Path) -> None:
    store = _store(tmp_path, files=True)
    assert "Fine lines" not in text_of(open_page("subject", store))
    page = open_page("subject", store, **{"show-regions": True})
    assert not page.exception
    assert any("no intracranial mask" in warning.value for warning in page.warning)
    for mask in tmp_path.glob("files/*/anat/*_desc-display_FLAIR.nii.gz"):
        image = nibabel.load(mask)
        brain = nibabel.Nifti1Image((np.asarray(image.dataobj) > 50).astype(np.uint8), image.affine)
        nibabel.save(brain, mask.with_name(mask.name.replace("desc-display_FLAIR", "desc-brain_mask")))
    page = open_page("subject", store, **{"show-regions": True})
    assert not page.exception
    assert "Fine lines: regions of the bullseye" in text_of(page)


def test_without_regions_none_can_be_drawn(open_page: OpenPage, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", patients(1), derivatives=tmp_path / "files", no_regions=[0])
    publish_scans(Store(tmp_path / "store"), run, DatasetCard("scans", "Scans"))
    write_files(tmp_path / "files" / "sub-00" / "anat", "sub-00")
    page = open_page("subject", tmp_path / "store")
    assert not page.exception
    assert [toggle.key for toggle in page.toggle if toggle.key == "show-regions"] == []


def test_who_was_scanned_is_corrected_on_the_page(open_page: OpenPage, scans_store: Path, tmp_path: Path) -> None:
    store = tmp_path / "copy"
    shutil.copytree(scans_store, store)
    page = open_page("subject", store)
    scan = page.selectbox(key="scan").value
    page.selectbox(key=f"person-group-{scan}").set_value("HC")
    page.number_input(key=f"person-age-{scan}").set_value(61.5)
    page.text_input(key=f"person-initials-{scan}").set_value("AB")
    next(b for b in page.button if b.label == "Correct").click().run()
    assert not page.exception
    assert any("Corrected: group, age (years)." in said.value for said in page.success)
    assert "(HC, " in answer_of(page)
    assert "62 years" in answer_of(page)


def test_moved_limits_show_what_changes(open_page: OpenPage, scans_store: Path) -> None:
    moved = {"move-zones": True, "limit-ventricle-study-code": 0.0, "limit-centroid-study-code": 0.0}
    page = open_page("subject", scans_store, **moved)
    assert not page.exception
    assert "The moved limits put 1 of 2 lesion parts of this scan into another zone" in text_of(page)
    assert "3 of 6 of all 3 scans" in text_of(page)
    assert "Zones by moved limits, not as recorded" in text_of(page)
    assert set(page.dataframe[0].value["zone"]) == {"Paraventricular"}


def test_limits_left_alone_are_the_recorded_rule(open_page: OpenPage, scans_store: Path) -> None:
    page = open_page("subject", scans_store, **{"move-zones": True})
    assert "moved limits" not in text_of(page)


def test_subject_without_files_keeps_the_numbers(open_page: OpenPage, store_without_files: Path) -> None:
    page = open_page("subject", store_without_files)
    assert not page.exception
    assert "There is no picture" in page.error[0].value
    assert tables_of(page)[0].shape[0] > 10


def test_files_of_another_measurement_are_not_mixed_with_the_numbers(open_page: OpenPage, tmp_path: Path) -> None:
    store = _store(tmp_path, files=True)
    stem = "sub-00"
    path = tmp_path / "files" / stem / "anat" / f"{stem}_desc-tissue_dseg.nii.gz"
    labels = nibabel.load(path)
    nibabel.save(nibabel.Nifti1Image(np.zeros(labels.shape, np.uint8), labels.affine), path)
    page = open_page("subject", store)
    assert not page.exception
    assert any("another measurement" in warning.value for warning in page.warning)
    assert "move-zones" not in [toggle.key for toggle in page.toggle]


def test_a_synthetic_scan_among_real_ones_says_so(open_page: OpenPage, mixed_store: Path) -> None:
    def banners(scan: str) -> list[str]:
        page = open_page("subject", mixed_store, scan=scan)
        assert not page.exception
        return [body for element in page.get("html") if 'class="synthetic-banner"' in (body := element.proto.body)]

    assert len(banners("made/sub-00")) == 1
    assert banners("scans/sub-00") == []


def test_datasets_can_be_looked_at_one_by_one(open_page: OpenPage, mixed_store: Path) -> None:
    page = open_page("scans", mixed_store, **{"scans-dataset": "made"})
    assert [button.label for button in page.button] == ["**00**"]


def test_two_scans_stand_side_by_side_and_loads_have_bars(open_page: OpenPage, scans_store: Path) -> None:
    page = open_page("scans", scans_store, size="Large", **{"left-scan": "00", "right-scan": "02"})
    assert not page.exception
    bars = [part.proto.body for part in page.get("html") if "load-bar" in part.proto.body]
    assert len(bars) == 3
    assert any("width:100.0%" in bar for bar in bars)
    assert "00 (MS, woman, 30 years), slice" in text_of(page)
    assert "02 (MS, woman, 32 years), slice" in text_of(page)
    page.slider(key="side-height").set_value(100).run()
    assert "slice 20 of 20" in text_of(page)
