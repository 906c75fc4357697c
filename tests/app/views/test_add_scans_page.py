"""The page Add scans by AppTest: the form, a running job and ended ones; no scan is measured here."""

import os
import time
from pathlib import Path

import pytest
from filelock import FileLock
from streamlit.testing.v1 import AppTest

from app.jobs.job import Request, new_folder
from app.jobs.runner import command
from app.measuring import run_method
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.store import Store
from pipeline.measures.zoning import DEFAULT_RULE
from pipeline.segmentation.bundled_models import DEFAULT_MODEL
from tests.app.views.conftest import OpenPage, answer_of, tables_of, text_of
from tests.db.fake_run import patients, write_run
from tests.pipeline.small_scans import write_small_scan
from vocabulary.files import write_json


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Path, Request]]:
    """Note jobs instead of starting them."""
    noted: list[tuple[Path, Request]] = []
    monkeypatch.setattr(
        "app.components.scans.measure_form.start_job", lambda folder, request, by: noted.append((folder, request))
    )
    return noted


def _job(root: Path, *, outcome: dict[str, object] | None = None, before: int | None = None, **files: object) -> Path:
    folder = new_folder(root)
    request = Request((), None, "scans", "mscohort-1", "study-code", False, before, time.time())
    write_json(vars(request), folder / "request.json")
    for name, said in files.items():
        write_json(said, folder / f"{name}.json")
    if outcome:
        write_json(outcome, folder / "outcome.json")
    return folder


def _dropped(page: AppTest, *names: str) -> AppTest:
    return page.file_uploader[0].set_value([(name, b"image", "application/gzip") for name in names]).run()


def _warnings(page: AppTest) -> str:
    return "\n".join(element.value for element in page.warning)


def test_says_where_the_data_go_and_what_fits(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("add_scans", tmp_path)
    assert not page.exception
    assert "measured on this machine" in answer_of(page)
    for words in ("Nothing leaves this machine", "no names, birth dates", "up to 200 MB", "20 files"):
        assert words in text_of(page)


def test_uploads_are_measured_under_their_codes(
    open_page: OpenPage, tmp_path: Path, started: list[tuple[Path, Request]]
) -> None:
    page = _dropped(open_page("add_scans", tmp_path), "P7_flair.nii.gz", "FLAIR.nii")
    assert not page.exception
    assert page.button(key="add-start").disabled
    assert "Give this person a code." in text_of(page)
    [empty] = [box for box in page.text_input if box.label == "Code" and not box.value]
    empty.set_value("P8").run()
    page.selectbox[0].select("MS").run()
    page.number_input[0].set_value(41.0).run()
    page.button(key="add-start").click().run()
    assert not page.exception
    [(folder, request)] = started
    assert (request.paths, request.dataset, request.keep, request.version_before) == ((), "scans", False, None)
    files = sorted(path.name for path in (folder / "scans").rglob("*.nii*"))
    assert files == ["sub-P7_FLAIR.nii.gz", "sub-P8_FLAIR.nii"]
    assert "sub-P7\tn/a\tMS\tn/a\t41" in (folder / "scans" / "participants.tsv").read_text()


def test_uploads_are_listed_with_who_they_show_and_what_would_be_refused(
    open_page: OpenPage, tmp_path: Path, started: list[tuple[Path, Request]]
) -> None:
    sound = write_small_scan(tmp_path / "sound.nii", 1).read_bytes()
    page = open_page("add_scans", tmp_path / "store")
    files = [("P7_flair.nii", sound), ("P8_flair.nii.gz", b"image"), ("P9_T1w.nii", sound), ("FLAIR.nii", sound)]
    page.file_uploader[0].set_value([(name, content, "application/gzip") for name, content in files]).run()
    assert not page.exception
    page.selectbox[0].select("MS").run()
    [table] = [table for table in tables_of(page) if "What becomes of it" in table]
    assert table["Person"].tolist() == ["P7", "P8", "", ""]
    assert table["What said so"].tolist()[0] == "subject from file name; group said here"
    outcomes = [text.replace("\\", "") for text in table["What becomes of it"]]
    assert outcomes[0] == "measured"
    assert outcomes[1].startswith("refused: not a readable NIfTI file")
    assert outcomes[2:] == ["refused: Its name says T1w; expected a FLAIR image.", "refused: Give this person a code."]
    assert "1 scan of 1 person would be measured, 3 refused" in text_of(page)
    assert started == []


def test_a_number_that_may_name_somebody_is_pointed_out(open_page: OpenPage, tmp_path: Path) -> None:
    page = _dropped(open_page("add_scans", tmp_path), "0012345678_flair.nii.gz")
    assert "looks like a national or hospital number" in _warnings(page)


def test_the_same_person_twice_cannot_be_measured(open_page: OpenPage, tmp_path: Path) -> None:
    page = _dropped(open_page("add_scans", tmp_path), "P7_flair.nii.gz", "P7_flair.nii")
    assert "claim to be P7" in page.error[0].value
    assert page.button(key="add-start").disabled


def test_a_folder_is_named_by_its_path(
    open_page: OpenPage, tmp_path: Path, started: list[tuple[Path, Request]]
) -> None:
    page = open_page("add_scans", tmp_path / "store", **{"add-way": "folder"})
    assert page.button(key="add-start-folder").disabled
    page.text_input(key="add-path").set_value(os.fspath(tmp_path / "absent")).run()
    assert "There is nothing at" in page.error[0].value
    write_small_scan(tmp_path / "in" / "P7" / "V2" / "FLAIR.nii", 1)
    write_small_scan(tmp_path / "in" / "sub-1_FLAIR.nii", 2)
    write_small_scan(tmp_path / "in" / "P7" / "V2" / "T1w.nii", 3)
    (tmp_path / "in" / "P8_FLAIR.nii").write_bytes(b"")
    (tmp_path / "in" / "participants.tsv").write_text("participant_id\tgroup\tEDSS\nsub-1\tMS\t2\nsub-2\tHC\t\n")
    page.text_input(key="add-path").set_value(os.fspath(tmp_path / "in")).run()
    page.text_input(key="add-dataset").set_value("not a name").run()
    assert page.button(key="add-look").disabled
    page.text_input(key="add-dataset").set_value("clinic").run()
    assert page.button(key="add-start-folder").disabled  # nobody has looked yet
    page.button(key="add-look").click().run()
    assert not page.exception
    said = text_of(page).replace("\\", "")
    for words in (
        "2 scans of 2 people would be measured, 1 refused, 1 passed over",
        "Table of people: 1 of 2 rows matched; 1 of 2 scans have a row",
        "Rows without a scan: 2",
    ):
        assert words in said
    [scans, refused, passed] = tables_of(page)
    assert scans["Person"].tolist() == ["1", "P7"]
    assert scans["Visit"].tolist() == ["", "V2"]
    assert scans["Group"].tolist() == ["MS", "unknown"]
    assert "folder 'P7'" in scans["What said so"].tolist()[1]
    assert (refused["Why"].tolist(), passed["Why"].tolist()) == (["is empty"], ["its name says T1w, not FLAIR"])
    page.text_input(key="add-prefer").set_value("acq-3D").run()
    assert page.button(key="add-start-folder").disabled  # something else is asked for now
    page.button(key="add-look").click().run()
    page.multiselect(key="add-extras").select("EDSS").run()
    page.button(key="add-start-folder").click().run()
    assert not page.exception
    [(_, request)] = started
    assert (request.paths, request.dataset, request.keep) == ((os.fspath(tmp_path / "in"),), "clinic", False)
    assert (request.prefer, request.extras) == (("acq-3D",), ("EDSS",))
    assert "--extra=EDSS" in command(tmp_path / "store" / "jobs" / "1", request)


def test_an_upload_never_replaces_another_image_unasked(
    open_page: OpenPage, tmp_path: Path, started: list[tuple[Path, Request]]
) -> None:
    root = tmp_path / "store"
    run = write_run(tmp_path / "run", patients(1), derivatives=root, manifest=_method_of_this())
    publish_scans(Store(root), run, DatasetCard("scans", "Scans"))
    page = _dropped(open_page("add_scans", root), "sub-00_FLAIR.nii.gz")
    assert "is another image than sub-00_FLAIR.nii.gz" in page.error[0].value.replace("\\", "")
    assert "--" not in page.error[0].value
    assert page.button(key="add-start").disabled
    page.checkbox(key="add-replace-upload").check().run()
    assert not page.error
    page.button(key="add-start").click().run()
    assert started[0][1].replace


def _method_of_this() -> dict[str, object]:
    """Return what a run's manifest says of this software's own model and zone rule."""
    _, settings = run_method(DEFAULT_MODEL, DEFAULT_RULE)
    model = {"model_id": settings["model"], "weights_sha256": settings["weights_sha256"], "architecture": "unet"}
    model |= {"n_parameters": 5, "description": "As shipped.", "licence": "MIT"}
    rule = {"name": settings["zone_rule"], "version": settings["zone_rule_version"]}
    return {"model": model, "zone_rule": rule, "settings": {"model": settings["model"], "zone_rule": rule["name"]}}


@pytest.fixture
def measured_otherwise(tmp_path: Path) -> Path:
    """Return a store whose dataset `scans` has three scans of another model."""
    root = tmp_path / "store"
    run = write_run(tmp_path / "run", patients(3), derivatives=root)
    publish_scans(Store(root), run, DatasetCard("scans", "Scans"))
    return root


def test_a_dataset_of_another_model_is_refused_before_measuring(
    open_page: OpenPage, measured_otherwise: Path, started: list[tuple[Path, Request]]
) -> None:
    page = _dropped(open_page("add_scans", measured_otherwise), "sub-00_FLAIR.nii.gz")
    assert not page.exception
    assert "2 other scans of 'scans' were measured with model fake-1" in page.error[0].value
    assert "choose another name for the dataset" in page.error[0].value
    assert page.button(key="add-start").disabled
    page.text_input(key="add-dataset").set_value("others").run()
    assert not page.error
    page.button(key="add-start").click().run()
    assert started[0][1].dataset == "others"


def test_a_folder_for_a_dataset_of_another_model_is_warned_of(open_page: OpenPage, measured_otherwise: Path) -> None:
    page = open_page("add_scans", measured_otherwise, **{"add-way": "folder"})
    assert "3 other scans of 'scans' were measured with model fake-1" in _warnings(page)
    assert "unless the folder holds all of them" in _warnings(page)


def test_a_running_job_is_found_again_and_can_be_stopped(open_page: OpenPage, tmp_path: Path) -> None:
    folder = _job(tmp_path)
    event = '{"done": 3, "total": 20, "n_rejected": 1, "name": "sub-2", "reason": "is empty", "seconds_left": 83.0}\n'
    (folder / "progress.jsonl").write_text(event)
    with FileLock(folder / "lock"):
        page = open_page("add_scans", tmp_path)
        assert not page.exception
        assert "3 of 20 scans are done, 1 of them refused; about 1 min 20 s to go" in answer_of(page)
        assert "sub-2: refused. is empty" in text_of(page)
        assert page.button(key="job-stop").label == "Stop measuring"


def test_a_failed_job_is_one_clear_line_without_folders(open_page: OpenPage, tmp_path: Path) -> None:
    folder = new_folder(tmp_path)
    line = f"{folder}/scans/sub-1/anat/sub-1_FLAIR.nii.gz: is empty"
    _job(tmp_path, outcome={"state": "failed", "error": ["none of 1 inputs could be measured", line]})
    page = open_page("add_scans", tmp_path)
    assert not page.exception
    assert answer_of(page) == '<p class="answer">The measurement failed; nothing was added to the store.</p>'
    assert page.error[0].value == "none of 1 inputs could be measured"
    page.button(key="job-again").click().run()
    assert page.file_uploader


def test_an_ended_job_counts_and_offers_the_way_back(
    open_page: OpenPage, one_person_store: Path, tmp_path: Path
) -> None:
    import shutil

    root = Path(shutil.copytree(one_person_store, tmp_path / "store"))
    current = Store(root).current()
    assert current is not None
    answer = {
        "dataset": "scans", "n_measured": 2, "n_reused": 1, "n_rejected": 1, "run_id": "none", "changed": True,
        "version": current.number, "version_before": 1,
        "rejections": [{"input": "far/away/x.nii", "reason": "is empty"}],
    }  # fmt: skip
    _job(root, outcome={"state": "done", "error": []}, before=1, answer=answer)
    page = open_page("add_scans", root)
    assert not page.exception
    assert "2 scans measured, 1 scan had been measured before, 1 refused; the store now holds them" in answer_of(page)
    assert _warnings(page) == "**x.nii** was refused: is empty"
    assert page.button(key="job-undo")
