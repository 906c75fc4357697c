"""The page Models by AppTest, on an evaluation that is made up; what its figures show is tested beside the figures."""

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from app.cli import build_parser
from app.model_data import ModelData, shipped_models
from app.views import models
from pipeline.segmentation.bundled_models import DEFAULT_MODEL
from tests.app.fake_evaluation import write_fake_evaluation
from tests.app.views.conftest import OpenPage, answer_of, tables_of, text_of


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelData:
    """Let the page find the made-up evaluation beside the shipped models."""
    data = shipped_models(write_fake_evaluation(tmp_path / "evaluation"))
    monkeypatch.setattr(models, "shipped_models", lambda: data)
    return data


def test_opens_with_the_default_model_on_unseen_patients(open_page: OpenPage, tmp_path: Path, fake: ModelData) -> None:
    page = open_page("models", tmp_path)
    assert not page.exception
    assert answer_of(page).startswith('<p class="answer">On patients it never saw, the default model overlaps')
    assert "n = 10 patients, five-fold cross-validation" in answer_of(page)
    assert "of the 8 targets set beforehand" in text_of(page)
    assert "they are no clinical limits" in text_of(page)


def test_every_model_has_a_column_and_its_missing_patient_is_counted(
    open_page: OpenPage, tmp_path: Path, fake: ModelData
) -> None:
    table = tables_of(open_page("models", tmp_path))[0]
    assert list(table.columns[3:]) == list(fake.titles.values())
    lesions = table[table["Score"] == "Lesion-wise F1"].iloc[0]
    assert "1\N{NO-BREAK SPACE}missing" in lesions["fake_unet"]
    assert lesions["Target"] == "≥ 0.77"


def test_three_patients_say_what_they_cannot_show(open_page: OpenPage, tmp_path: Path, fake: ModelData) -> None:
    page = open_page("models", tmp_path, split="study")
    assert not page.exception
    assert "n = 3 patients, the study's split" in answer_of(page)
    assert "With n = 3 the smallest possible p is .25" in text_of(page)


def test_another_score_and_another_model(open_page: OpenPage, tmp_path: Path, fake: ModelData) -> None:
    page = open_page("models", tmp_path, score="hd95_3d_mm", model="fake_trans_unet")
    assert not page.exception
    assert "HD95 in 3D, patient by patient" in text_of(page)
    assert "evaluate DATA --model fake_trans_unet=FOLDER --overlays" in page.info[0].value


@pytest.mark.parametrize("split", ["cv5", "study"])
def test_the_way_to_pictures_is_made_of_commands_that_exist(
    open_page: OpenPage, tmp_path: Path, fake: ModelData, split: str
) -> None:
    page = open_page("models", tmp_path, split=split)
    commands = [words for words in page.info[0].value.split("`") if words.startswith("mscohort ")]
    assert [words.split()[1] for words in commands] == ["evaluate", "train"]
    for words in commands:
        _, command, *rest = words.replace("NAME", "compact_unet").split()
        args = build_parser(command).parse_args([command, *rest])
        assert str(args.data) == "DATA"
    assert args.split == ("folds" if split == "cv5" else "study")
    if split == "cv5":
        assert args.folds == 5


def test_pictures_on_this_machine_are_shown_best_and_worst(
    open_page: OpenPage, tmp_path: Path, fake: ModelData
) -> None:
    from PIL import Image

    folder = tmp_path / "store" / "evaluations" / DEFAULT_MODEL / "cv5"
    folder.mkdir(parents=True)
    for number in range(4):
        Image.new("RGB", (20, 10)).save(folder / f"fake-{number:02}.png")
    page = open_page("models", tmp_path / "store")
    assert not page.exception
    captions = [image.proto.imgs[0].caption for image in page.get("image")]
    dice = [float(caption.rsplit(" ", 1)[1]) for caption in captions]
    assert [caption.split(":")[0] for caption in captions] == ["Best", "Worst"]
    assert dice[0] > dice[1]
    page.selectbox(key="case").select_index(0).run()
    assert not page.exception
    assert len(page.get("image")) == 3
    assert not page.info


def test_raw_scans_are_a_split_of_their_own(
    open_page: OpenPage, tmp_path: Path, fake: ModelData, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("scores", "measures", "curves", "calibration", "confusion")
    raw = {name: getattr(fake, name).filter(pl.col("split") == "cv5") for name in names}
    tables = {
        name: pl.concat([getattr(fake, name), rows.with_columns(split=pl.lit("cv5-raw"))]) for name, rows in raw.items()
    }
    data = replace(fake, **tables)
    monkeypatch.setattr(models, "shipped_models", lambda: data)
    page = open_page("models", tmp_path, split="cv5-raw")
    assert not page.exception
    assert "five-fold cross-validation, raw scans" in answer_of(page)
    assert "as the scanner made them" in text_of(page)
    assert "--raw --overlays" in page.info[0].value
    assert "--folds 5 " in page.info[0].value


def test_measures_are_compared_with_the_raters(open_page: OpenPage, tmp_path: Path, fake: ModelData) -> None:
    page = open_page("models", tmp_path)
    assert "Nearest to the rater's:" in text_of(page)
    [table] = [table for table in tables_of(page) if "ICC(2,1)" in table]
    rows = table.set_index("Measure")
    assert rows.loc["WMH volume (mL)", "n"] == "10"
    assert rows.loc["Juxtacortical share of WMH (%)", "n"] == "9 (1 missing)"
    [people] = [table for table in tables_of(page) if "Patient" in table]
    assert people["Patient"].to_list() == [f"fake-{number:02}" for number in range(10)]
    assert people["Juxtacortical share of WMH (%)"][2].startswith("–, ")


def test_without_an_evaluation_the_page_says_what_to_do(
    open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = shipped_models(tmp_path)
    monkeypatch.setattr(models, "shipped_models", lambda: empty)
    page = open_page("models", tmp_path)
    assert not page.exception
    assert page.header[0].value == "No evaluation yet"


def test_scores_alone_are_enough(open_page: OpenPage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_fake_evaluation(tmp_path / "evaluation")
    for name in ("measures", "curves", "calibration", "confusion", "speed"):
        (folder / f"{name}.csv").unlink()
    data = shipped_models(folder)
    monkeypatch.setattr(models, "shipped_models", lambda: data)
    page = open_page("models", tmp_path)
    assert not page.exception
    assert "No learning curves were recorded" in text_of(page)
    assert text_of(page).count("Not shown:") == 3
