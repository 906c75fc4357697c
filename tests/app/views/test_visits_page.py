"""Visits: candidates with a picture and a question each; a verdict is recorded, counted and kept."""

import shutil
from collections import Counter
from pathlib import Path

import nibabel
import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from app.components.scans import lesion_candidates
from app.lesion_visits import FILES
from app.sentences.change import change_sentence
from app.views import visits
from app.words import translating
from app.words.translating import translated
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.store import Store
from pipeline.registration.affine import greedy_found
from tests import patience
from tests.app.views.conftest import OpenPage, answer_of, text_of
from tests.app.words.test_words import ON_A_PAGE
from tests.db.fake_run import patients, write_run
from tests.pipeline.registration.test_visits import COMES, GOES, STAY, visit


@pytest.fixture(scope="module")
def seen_twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of one person seen twice, two lesions planted and one taken away, and of one seen once."""
    folder = tmp_path_factory.mktemp("seen-twice")
    [one, other] = patients(2)
    people = [one | {"session": "1"}, one | {"session": "2"}, other]
    run = write_run(folder / "run", people, derivatives=folder / "d")
    publish_scans(Store(folder / "store"), run, DatasetCard("scans", "Scans"))
    for session, places in (("1", [*STAY, *GOES]), ("2", [*STAY, *COMES])):
        made, stem = visit(places, earlier=session == "1"), f"sub-00_ses-{session}"
        home = folder / "d" / stem.replace("_", "/") / "anat"
        home.mkdir(parents=True)
        for ending, volume in zip(FILES, (made.image, made.brain, 2 * made.lesions), strict=True):
            nibabel.save(nibabel.Nifti1Image(volume.astype(np.float32), made.affine), home / f"{stem}_{ending}")
    return folder / "store"


@pytest.mark.skipif(not greedy_found(), reason="needs requirements/regions.txt")
def test_a_reader_says_yes_no_or_unsure_to_each_candidate(open_page: OpenPage, seen_twice: Path) -> None:
    page = open_page("visits", seen_twice)
    assert not page.exception
    assert "3 candidates (2 new, 0 enlarged, 1 gone); no reader looked at them yet." in answer_of(page)
    assert "no sign of disease activity" in text_of(page)
    assert len(page.get("image")) == 3, "a picture each"
    assert [tab.label for tab in page.tabs] == list(visits.PARTS)
    assert page.selectbox(key="visits").options == ["00"], "who was scanned once is not offered"
    choices = [c for c in page.segmented_control if str(c.key).startswith("lesion-")]
    choices[0].set_value("yes")
    choices[2].set_value("unsure")
    page.button[-1].click().run()
    assert any("initials are one to five letters" in error.value for error in page.error)
    page.text_input(key="lesion-initials").set_value("AB")
    page.button[-1].click().run()
    assert not page.exception
    assert "a reader says yes to 1, is unsure of 1, looked at 2 of 3." in answer_of(page)
    with Store(seen_twice).read() as snapshot:
        rows = snapshot.lesion_reviews().sort("kind")
    assert rows.select("kind", "verdict", "initials", "n_candidates", "current").rows() == [
        ("new", "yes", "AB", 3, True),
        ("vanished", "unsure", "AB", 3, True),
    ]


@pytest.mark.skipif(not greedy_found(), reason="needs requirements/regions.txt")
def test_what_was_chosen_on_another_page_of_candidates_is_recorded_too(
    open_page: OpenPage, seen_twice: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lesion_candidates, "MOST_SHOWN", 2)
    store = shutil.copytree(seen_twice, tmp_path / "store")
    page = open_page("visits", store)
    assert len(page.get("image")) == 2
    [first, *_] = [c for c in page.segmented_control if str(c.key).startswith("lesion-")]
    first.set_value("no").run()
    assert "1 chosen, not yet recorded" in text_of(page)
    page.session_state["candidate-page"] = 2
    page.run()
    [last] = [c for c in page.segmented_control if str(c.key).startswith("lesion-")]
    last.set_value("yes").run()
    assert "2 chosen, not yet recorded" in text_of(page)
    page.text_input(key="lesion-initials").set_value("CD")
    page.button(key="record-lesions").click().run()
    assert not page.exception
    assert "not yet recorded" not in text_of(page)
    with Store(store).read() as snapshot:
        assert snapshot.lesion_reviews().filter(initials="CD")["verdict"].sort().to_list() == ["no", "yes"]


@pytest.mark.skipif(not greedy_found(), reason="needs requirements/regions.txt")
def test_two_visits_have_no_english_word_in_persian(seen_twice: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: Counter[tuple[str, str]] = Counter()
    monkeypatch.setattr(translating, "MISSING", counted)
    monkeypatch.setenv("MSCOHORT_STORE", str(seen_twice))
    for part in visits.PARTS:
        page = AppTest.from_string(ON_A_PAGE.format(name="visits"), default_timeout=patience.SECONDS)
        page.session_state["visits-part"] = part
        assert not page.run().exception
    translated("2 chosen, not yet recorded", "fa")
    assert "۳ نامزد (۲ تازه، ۰ بزرگ‌شده، ۱ ناپدید)" in answer_of(page)
    for told in ("says yes to 1, no to 2", "says no to 2, is unsure of 1", "is unsure of 3", "says yes to 3"):
        translated(f"Visit 1 to 2: 3 candidates (2 new, 0 enlarged, 1 gone); a reader {told}, looked at 3 of 3.", "fa")
    for refused in ("another scanner or geometry: slices of 5.00 and 1.00 mm", "not measured at both visits"):
        row = {"measure": "wmh_volume_ml", "from_session": "1", "to_session": "m12", "refused": refused}
        translated(change_sentence(row), "fa")
    assert {text for _, text in counted} == set()


def test_a_store_without_second_visits_says_so(open_page: OpenPage, tmp_path: Path) -> None:
    run = write_run(tmp_path / "run", patients(2), derivatives=tmp_path / "d")
    publish_scans(Store(tmp_path / "store"), run, DatasetCard("scans", "Scans"))
    page = open_page("visits", tmp_path / "store")
    assert not page.exception
    assert "Nobody here was scanned twice." in answer_of(page)


def test_moved_files_are_one_line_beside_the_numbers(open_page: OpenPage, tmp_path: Path) -> None:
    person = patients(1)[0]
    run = write_run(tmp_path / "run", [person | {"session": s} for s in "12"], derivatives=tmp_path / "d")
    publish_scans(Store(tmp_path / "store"), run, DatasetCard("scans", "Scans"))
    page = open_page("visits", tmp_path / "store")
    assert not page.exception
    assert "White matter hyperintensity (WMH) volume, visit 1 to 2" in answer_of(page)
    assert any("Lesions were not compared" in error.value for error in page.error)
