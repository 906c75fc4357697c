"""The pages Norms and Patient by AppTest: what they open with, who is placed, what is not possible and why."""

import time
from dataclasses import replace
from pathlib import Path

import pytest

from analysis.norms.bridge import shipped_bridges
from app import cli
from app.jobs.job import Request, new_folder
from app.patient import Patient, place
from app.references import library
from app.sentences.norms import impossible_sentence
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.store import Store
from tests.app.views.conftest import OpenPage, answer_of, tables_of, text_of
from tests.db.fake_run import patients, write_run
from vocabulary.files import write_json
from vocabulary.measures import PUBLISHED_PROTOCOL


def typed(open_page: OpenPage, store: Path, **values: object):
    """Return the page Patient with values typed in."""
    given = {"patient_way": "Typed values", "typed_protocol": PUBLISHED_PROTOCOL, "typed_sex": "F", "typed_age": 42.0}
    return open_page("patient", store, **(given | values))


def test_norms_open_with_what_is_usual_on_a_machine_without_a_store(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("norms", tmp_path)
    assert not page.exception
    assert "half of the control women have at most 0.415 % (95 % interval 0.403–0.428)" in answer_of(page)
    text = text_of(page)
    assert "not of anatomy" in text
    assert "not in the store, so they are not drawn" in text
    assert "991 people, 10 folds" in text


def test_norms_of_a_load_most_lack_are_counts(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("norms", tmp_path, norm_measure="juxtacortical_area_mm2")
    assert not page.exception
    assert "21 of 991 controls have any juxtacortical white matter hyperintensity (WMH) area: 2.1 %" in answer_of(page)
    assert list(tables_of(page)[0]["People"]) == ["21", "4", "2", "1"]


def test_norms_of_a_load_show_who_has_none(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("norms", tmp_path, norm_measure="wmh_area_mm2")
    assert not page.exception
    assert "19 in 100 have none" in answer_of(page)
    assert "No WMH at all, controls" in text_of(page)


def test_references_are_compared(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("norms", tmp_path, norm_other="tabriz-2026-patients")
    assert not page.exception
    assert any("people with MS" in column for column in tables_of(page)[0].columns)
    assert "Dotted: Tabriz 2026: people with MS, n = 380. Medians at 35 years: women 0.41" in text_of(page)


@pytest.mark.reference
def test_a_person_of_the_store_is_placed_and_left_out_of_their_own_reference(
    open_page: OpenPage, tabriz_store: Path
) -> None:
    page = open_page("patient", tabriz_store, person="107130")
    assert not page.exception
    assert (
        "107130 (MS, woman, 42 years). Ventricle ratio 0.360 %: larger than in 30 of 100 control women of 42 years "
        "(95 % interval 27–33)."
    ) in answer_of(page)
    text = text_of(page)
    assert "Among people with MS" in text
    assert "This person is in the reference and was left out of it." in text
    assert "none of 991 controls of the reference have as much" in text
    table = tables_of(page)[0]
    assert set(table["n"]) == {"991", "379"}


@pytest.mark.reference
def test_a_person_of_unknown_age_is_not_placed(open_page: OpenPage, tabriz_store: Path, released_frame) -> None:
    nobody = released_frame.filter(released_frame["age_years"].is_null())["subject_id"][0]
    page = open_page("patient", tabriz_store, person=nobody)
    assert not page.exception
    assert "The age of this person is not known" in answer_of(page)


def test_typed_values_ask_for_the_protocol_first(open_page: OpenPage, tmp_path: Path) -> None:
    page = typed(open_page, tmp_path, typed_protocol=None, typed_ventricle_ratio_pct=0.36)
    assert not page.exception
    assert "Say first how the values were measured" in page.info[0].value
    assert "larger than" not in text_of(page)


def test_typed_values_are_placed(open_page: OpenPage, tmp_path: Path) -> None:
    page = typed(open_page, tmp_path, typed_ventricle_ratio_pct=0.36, typed_wmh_area_mm2=0.0)
    assert not page.exception
    assert "larger than in 30 of 100 control women" in answer_of(page)
    assert "No WMH: like 22 of 100 control women" in text_of(page)


def test_values_of_another_pipeline_are_asked_back(open_page: OpenPage, tmp_path: Path) -> None:
    page = typed(open_page, tmp_path, typed_ventricle_ratio_pct=2.3)
    assert "of the protocol tabriz-2026-published?" in text_of(page)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"typed_age": 16.0, "typed_ventricle_ratio_pct": 0.4},
            "no centile at this age; the reference holds 18-74 years",
        ),
        ({"typed_protocol": "mscohort-1", "typed_ventricle_ratio_pct": 2.3}, "No controls measured under mscohort-1"),
        ({"typed_wmh_area_mm2": 10.0, "typed_periventricular_area_mm2": 90.0}, "zones add up to 90"),
        ({"typed_ventricle_ratio_pct": 0.0}, "the ventricles were not found"),
    ],
)
def test_what_is_not_possible_is_said(
    open_page: OpenPage, tmp_path: Path, values: dict[str, object], said: str
) -> None:
    page = typed(open_page, tmp_path, **values)
    assert not page.exception
    assert said in text_of(page)


def test_a_bridged_load_is_said_and_not_drawn(open_page: OpenPage, tmp_path: Path) -> None:
    page = typed(open_page, tmp_path, typed_protocol="mscohort-1", typed_wmh_area_mm2=1500.0)
    assert not page.exception
    assert "more than in at least" in answer_of(page) and "by a bridge" in answer_of(page)
    assert "No controls measured under mscohort-1 are known" in text_of(page)
    assert "centiles**" not in text_of(page)


def test_a_store_of_another_protocol_says_why_nobody_is_placed(open_page: OpenPage, one_person_store: Path) -> None:
    page = open_page("patient", one_person_store)
    assert not page.exception
    assert "No controls measured under one-person-1 are known" in answer_of(page)


def test_visits_of_a_person_are_compared(open_page: OpenPage, tmp_path: Path) -> None:
    [person] = patients(1)
    run = write_run(tmp_path / "run", [person | {"session": s} for s in "12"], derivatives=tmp_path / "d")
    publish_scans(Store(tmp_path / "store"), run, DatasetCard("scans", "Scans"))
    page = open_page("patient", tmp_path / "store")
    assert not page.exception
    assert "a ratio of 1.00; within what measuring again gives" in text_of(page)


@pytest.mark.slow
def test_a_site_places_its_people_in_its_own_reference(open_page: OpenPage, tmp_path: Path) -> None:
    store = tmp_path / "store"
    assert cli.main(["demo", "--subjects", "300", "--scans", "0", "--store", str(store)]) == 0
    assert cli.main(["norms", "fit", "--name", "ours", "--store", str(store)]) == 0
    page = open_page("patient", store)
    assert not page.exception
    assert "measured under mscohort-demo-1" in text_of(page)
    assert "left out of it" in text_of(page)


def test_a_new_scan_is_asked_for_measured_and_placed(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("patient", tmp_path, patient_way="A new FLAIR scan")
    assert not page.exception
    assert "placed among people of the same age and sex" in answer_of(page)
    assert page.file_uploader
    people = [person | {"sex": "F", "age_years": 37.0} for person in patients(2)]
    run = write_run(tmp_path / "run", people, derivatives=tmp_path / "files")
    publish_scans(Store(tmp_path), run, DatasetCard("scans", "Scans"))
    folder = new_folder(tmp_path)
    request = Request((), None, "scans", "mscohort-1", "study-code", False, None, time.time())
    write_json(vars(request), folder / "request.json")
    with Store(tmp_path).read() as snapshot:
        run_id = snapshot.scans()["run_id"][0]
    answer = {"dataset": "scans", "run_id": run_id, "version": 1, "changed": True, "n_measured": 1, "n_rejected": 0}
    write_json(answer, folder / "answer.json")
    (folder / "progress.jsonl").write_text('{"name": "sub-00", "done": 1, "total": 1, "n_rejected": 0, "reason": ""}\n')
    write_json({"state": "done", "error": []}, folder / "outcome.json")
    page = open_page("patient", tmp_path, patient_way="A new FLAIR scan")
    assert not page.exception
    assert "00 (" in answer_of(page) and "woman, 37 years" in answer_of(page)
    page.button(key="upload-again").click().run()
    assert page.file_uploader, "the next one can be dropped"


def test_a_failed_measurement_is_said_on_patient(open_page: OpenPage, tmp_path: Path) -> None:
    folder = new_folder(tmp_path)
    request = Request((), None, "scans", "mscohort-1", "study-code", False, None, time.time())
    write_json(vars(request), folder / "request.json")
    write_json({"state": "failed", "error": ["none of 1 inputs could be measured"]}, folder / "outcome.json")
    page = open_page("patient", tmp_path, patient_way="A new FLAIR scan")
    assert not page.exception
    assert "The measurement failed" in answer_of(page)
    assert any("none of 1 inputs" in error.value for error in page.error)


def test_a_bridge_carries_nothing_that_another_network_found() -> None:
    measured = Patient(
        "P", "MS", "F", 37.0, "mscohort-1", {"wmh_area_mm2": 3000.0, "ventricle_ratio_pct": 2.0}, scan_id="s/P"
    )
    bridge = shipped_bridges()["mscohort-1"]
    found = library(Path("nowhere"))
    assert [s.measure for s in place(replace(measured, model_id=bridge.model), found).among("HC")] == ["wmh_area_mm2"]
    other = place(replace(measured, model_id="another-1"), found)
    assert not other.scores
    assert [line.code for line in other.impossible] == ["no_reference", "other_model"]
    assert "another-1" in impossible_sentence(other.impossible[1])
    headed = place(replace(measured, model_id="another-1", study_head_mm2=112_000.0), found)
    assert [(s.measure, s.refused) for s in headed.scores] == [("intracranial_area_mm2", None)]
    assert "other_model" in [line.code for line in headed.impossible]
