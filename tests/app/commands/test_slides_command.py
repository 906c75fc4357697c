"""`mscohort slides`: the deck opens again, its charts are native and hold the numbers, each says its n."""

import json
from pathlib import Path
from typing import Any

import pytest
from pptx import Presentation

from app import cli
from app.slides.findings import PAGES
from vocabulary.measures import RESEARCH_ONLY, SYNTHETIC_NOTICE

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("slides") / "store"
    assert cli.main(["demo", "--subjects", "400", "--scans", "0", "--store", str(folder)]) == 0
    return folder


def texts(slide: Any) -> str:
    return "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


@pytest.mark.parametrize("look", [("16:9", "light"), ("4:3", "dark")])
def test_every_finding_is_a_slide_with_its_answer_source_and_notes(
    look: tuple[str, str], store: Path, tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "deck.pptx"
    capsys.readouterr()
    words = [
        "slides",
        "--pages",
        ",".join(PAGES),
        "--sex",
        "F",
        "--age",
        "20:60",
        "--size",
        look[0],
        "--theme",
        look[1],
    ]
    assert cli.main([*words, "--out", str(out), "--json", "--store", str(store)]) == 0
    answer = json.loads(capsys.readouterr().out)
    slides = list(Presentation(str(out)).slides)
    assert len(slides) == len(answer["slides"]) + 2
    people = f"{answer['n']['MS']:,} MS, {answer['n']['HC']:,} HC"
    for slide, said in zip(slides[1:-1], answer["slides"], strict=True):
        assert slide.shapes.title.text_frame.text == said["answer"]
        shown, notes = texts(slide), slide.notes_slide.notes_text_frame.text
        for text in (people, "women, aged 20 to 60", RESEARCH_ONLY, SYNTHETIC_NOTICE):
            assert text in shown
        assert f"mscohort {said['command']} --sex F --age 20:60" in notes
        drawn = [shape for shape in slide.shapes if shape.has_chart or shape.has_table]
        assert len(drawn) == 1
        assert drawn[0]._element.nvGraphicFramePr.cNvPr.get("descr")
        assert not [shape for shape in slide.shapes if shape.shape_type == 13], "a picture where a chart can be native"


def test_the_chart_holds_every_person_and_the_measured_medians(store: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "deck.pptx"
    words = ["slides", "--pages", "compare,age-sex", "--measure", "ventricle_ratio_pct", "--out", str(out)]
    assert cli.main([*words, "--store", str(store)]) == 0
    capsys.readouterr()
    assert cli.main(["strata", "ventricle_ratio_pct", "--json", "--store", str(store)]) == 0
    answer = json.loads(capsys.readouterr().out)
    compared, banded = (
        next(s for s in slide.shapes if s.has_chart).chart for slide in list(Presentation(str(out)).slides)[1:3]
    )
    points = {s.name: len(list(s.values)) for s in compared.plots[0].series if "every person" in s.name}
    assert points == {f"{group}, every person": n for group, n in answer["n"].items()}
    medians = [s["median"] for s in answer["strata"] if (s["group"], s["sex"]) == ("MS", "F")]
    drawn = next(s for s in banded.plots[0].series if s.name.startswith("MS women"))
    assert list(drawn.values) == pytest.approx(medians)


def test_one_group_alone_and_a_hostile_title(store: Path, tmp_path: Path) -> None:
    out = tmp_path / "deck.pptx"
    words = [
        "slides",
        "--pages",
        ",".join(PAGES),
        "--group",
        "HC",
        "--title",
        "=cmd|'/C x'!A1 <b>&\u202e",
        "--out",
        str(out),
    ]
    assert cli.main([*words, "--store", str(store)]) == 0
    assert Presentation(str(out)).slides[0].shapes.title.text_frame.text.startswith("=cmd|'/C x'!A1 <b>&")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--pages", "compare,nonsense"], "no slide is called 'nonsense'"),
        (["--age", "119:120"], "nobody is left"),
        (["--pages", ","], "no slide was asked for"),
    ],
)
def test_refusals_leave_nothing(words: list[str], said: str, store: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "deck.pptx"
    assert cli.main(["slides", *words, "--out", str(out), "--store", str(store)]) == 1
    assert said in capsys.readouterr().err
    assert not out.exists()
