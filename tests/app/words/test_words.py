"""The interface in Persian: no word of a finished page is missing from the tables, and nothing is lost on the way."""

import ast
import os
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import plotly.graph_objects as go
import polars as pl
import pytest
import streamlit as st
from pptx import Presentation
from streamlit import column_config
from streamlit.testing.v1 import AppTest

import app
from app import cli
from app.components import part, tables
from app.figures.cohort.inclusion_flow import Stage, flow
from app.sentences.lesion_maps import place_in_words, without_map
from app.sentences.regions import region_name
from app.sentences.reliability import proof_of_sure, range_sentence, unlikeness_sentence
from app.slides.findings import PAGES
from app.views import age_sex, correlations, models, overview, patient
from app.views.published import PICTURES
from app.words import translating
from app.words.figures import GAP, RIGHT, figure_text, in_language
from app.words.markup import html, in_english, markdown
from app.words.numbers import APART, TOGETHER, jalali, persian_numbers
from app.words.tables import LANGUAGES, lines
from app.words.translating import translated
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.store import Store
from pipeline.regions.bullseye import PARTS
from tests import patience
from tests.db.fake_run import patients, write_run
from vocabulary.measures import MEASURES, RESEARCH_ONLY, SYNTHETIC_NOTICE

FINISHED = (
    *("overview", "compare", "age_sex", "correlations", "zones", "regions", "lesion_map", "clusters"),
    *("patient", "scans", "subject", "visits", "norms", "models", "add_scans", "data", "methods"),
)
"""Pages of ``app.views`` that are in Persian to the last word."""
STILL_ENGLISH = {"norms": {"Bashiri M.", "MRI_MS_Insights, 2026. https://github.com/Mahdi-Bashiri/MRI_MS_Insights"}}
"""Page -> texts that are English on purpose: names of papers and programs."""

ON_A_PAGE = """
import streamlit as st
from app.components import banner, language
from app.state import open_store
from app.views import {name}
st.session_state["language"] = "fa"
language.arrive()
banner.style()
banner.product()
banner.heading("Overview", synthetic=True)
{name}.page(open_store())
banner.research_only()
"""


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, str]]:
    """Return the count of texts that no table has, empty at the start of a test."""
    counted: Counter[tuple[str, str]] = Counter()
    monkeypatch.setattr(translating, "MISSING", counted)
    monkeypatch.setattr(part, "_drawn", _opened)
    return counted


def _opened(panels: tuple[part.Panel, ...]) -> None:
    """Draw panels as if somebody had opened them: their words count, too."""
    for panel in panels:
        with st.popover(panel.label, help=panel.about):
            panel.draw()


@pytest.mark.parametrize("name", FINISHED)
def test_no_word_of_a_finished_page_is_english(
    name: str, demo_store: Path, missing: Counter[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MSCOHORT_STORE", os.fspath(demo_store))
    page = AppTest.from_string(ON_A_PAGE.format(name=name), default_timeout=patience.SECONDS).run()
    assert not page.exception
    assert {text for _, text in missing} - STILL_ENGLISH.get(name, set()) == set()
    answer = next((e.proto.body for e in page.get("html") if 'class="answer"' in e.proto.body), "")
    # Outside the names, which stand apart, no digit is Latin.
    assert not re.search(r"[0-9]", re.sub(f"{APART}.*?{TOGETHER}", "", answer.replace('tabindex="0"', "")))


@pytest.mark.parametrize(
    ("view", "key", "parts"),
    [
        (age_sex, "age-part", age_sex.PARTS),
        (correlations, "matrix", correlations.TABS),
        (overview, "overview-part", overview.PARTS),
        (patient, "patient-part", patient.PARTS),
        (models, "models-part", models.PARTS),
    ],
)
def test_no_tab_of_a_page_has_an_english_word(
    view: ModuleType,
    key: str,
    parts: Sequence[str],
    demo_store: Path,
    missing: Counter[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MSCOHORT_STORE", os.fspath(demo_store))
    for tab in parts[1:]:
        page = AppTest.from_string(ON_A_PAGE.format(name=view.__name__.rpartition(".")[2]))
        page.session_state[key] = tab
        assert not page.run(timeout=patience.SECONDS).exception
    assert {text for _, text in missing} == set()


@pytest.mark.parametrize(
    ("name", "choices"),
    [
        ("compare", {"measure": "juxtacortical_share_pct"}),
        ("compare", {"sex": ["F"], "lesions": True, "outliers": "far", "matched": True}),
        ("compare", {"sex": []}),
        ("overview", {"group": ["MS"], "outliers": "study"}),
        ("age_sex", {"measure": "ventricle_ratio_pct", "group": ["HC"], "sex": ["M"]}),
        ("correlations", {"group": ["MS"]}),
        ("correlations", {"method": "pearson"}),
    ],
)
def test_other_choices_bring_no_english_word(
    name: str,
    choices: dict[str, object],
    demo_store: Path,
    missing: Counter[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MSCOHORT_STORE", os.fspath(demo_store))
    page = AppTest.from_string(ON_A_PAGE.format(name=name), default_timeout=patience.SECONDS)
    for key, value in choices.items():
        page.session_state[key] = value
    assert not page.run().exception
    assert {text for _, text in missing} == set()


@pytest.mark.parametrize("name", ["scans", "subject", "regions", "visits", "patient", "data"])
def test_pages_about_scans_have_no_english_word(
    name: str, tmp_path: Path, missing: Counter[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    run = write_run(
        tmp_path / "run", patients(3), derivatives=tmp_path / "files", rejected=["/somewhere/broken.nii.gz"]
    )
    publish_scans(Store(tmp_path / "store"), run, DatasetCard("scans", "Scans"))
    monkeypatch.setenv("MSCOHORT_STORE", os.fspath(tmp_path / "store"))
    page = AppTest.from_string(ON_A_PAGE.format(name=name), default_timeout=patience.SECONDS).run()
    assert not page.exception
    assert {text for _, text in missing} == set()


def test_the_study_recomputed_has_no_english_word(
    tabriz_store: Path, missing: Counter[tuple[str, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MSCOHORT_STORE", os.fspath(tabriz_store))
    page = AppTest.from_string(ON_A_PAGE.format(name="published"), default_timeout=patience.SECONDS)
    for picture in PICTURES:
        page.session_state["flaw"] = picture
        assert not page.run().exception
    assert {text for _, text in missing} == set()
    every_number = page.dataframe[0].value
    words = every_number.drop(columns=["file", "quantity"]).to_numpy().ravel()
    unsaid = {text for text in words if re.search("[a-z]{3}", re.sub(f"{APART}.*?{TOGETHER}", "", text))}
    assert unsaid == set()


def test_what_is_said_while_somebody_waits_is_in_the_tables(missing: Counter[tuple[str, str]]) -> None:
    # A spinner shows only where the machine is slow, so that no page can be asked for it.
    said = []
    for path in Path(app.__file__).parent.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call):
                named = [keyword.value for keyword in call.keywords if keyword.arg == "show_spinner"]
                if isinstance(call.func, ast.Attribute) and call.func.attr == "spinner":
                    named += call.args[:1]
                said += [text.value for text in named if isinstance(text, ast.Constant) and isinstance(text.value, str)]
    assert len(said) > 5
    for text in said:
        translated(text, "fa")
    assert {text for _, text in missing} == set()


def test_what_is_said_of_scans_and_maps_is_in_the_tables(missing: Counter[tuple[str, str]]) -> None:
    places = [place_in_words((x, y, z)) for x in (-24.0, 0.0, 8.0) for y in (-40.0, 8.0) for z in (-4.0, 22.0)]
    regions = [region_name(region.name, region.side) for region in PARTS]
    x = "2 of 2 have one there"
    proof = {"sure_right": 0.9, "n_sure": 516, "unsure_right": 0.55, "n_unsure": 425, "n_patients": 10}
    said = [
        *(
            f"Lesions of MS patients (n = 2) are most frequent {place} the anterior commissure ({region}): {x}."
            for place, region in zip([*places, *places], regions, strict=False)
        ),
        range_sentence(2.7, 14.2, None),
        unlikeness_sentence(0.42, "noise"),
        "14 lesions are sure, 1 unsure.",
        proof_of_sure(proof),
        without_map(1),
        without_map(3),
    ]
    for sentence in said:
        translated(sentence, "fa")
    assert {text for _, text in missing} == set()
    # The letters of left and right on a picture stay what they are.
    assert (translated("L", "fa"), translated("R", "fa")) == ("L", "R")


def test_a_document_in_english_has_no_mark_that_a_page_shows() -> None:
    assert markdown(in_english("Every direction is MS relative to HC."), "fa").startswith("[//]: # (")


def test_a_number_of_the_study_is_found_by_words_of_either_language(
    tabriz_store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MSCOHORT_STORE", os.fspath(tabriz_store))
    for search in ("rank-biserial men", "دورشته‌ای مردان"):
        page = AppTest.from_string(ON_A_PAGE.format(name="published"), default_timeout=patience.SECONDS)
        page.session_state["search"] = search
        assert not page.run().exception
        assert len(page.dataframe[0].value) == 9


def test_a_text_that_no_table_has_is_noted_and_stays_english_apart(missing: Counter[tuple[str, str]]) -> None:
    text = "Nobody ever wrote this before"
    assert translated(text, "fa") == f"{APART}{text}{TOGETHER}"
    assert missing == {("fa", text): 1}
    assert translated(text, "en") == text


def test_what_every_page_says_is_in_the_tables(missing: Counter[tuple[str, str]]) -> None:
    texts = [RESEARCH_ONLY, SYNTHETIC_NOTICE]
    texts += [t for m in MEASURES.values() for t in (m.label, m.short, m.definition, m.axis_title)]
    for text in texts:
        translated(text, "fa")
    assert not missing


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_tables_agree_and_keep_the_places_of_the_english(code: str) -> None:
    assert len(lines(code)) > 400


def test_sentences_carry_their_numbers_over(missing: Counter[tuple[str, str]]) -> None:
    english = (
        "Among women aged 30–45, MS patients carry 17.2 times (95 % CI 13.5–22.0) the WMH load of controls of the same "
        "age and head size (150 MS, 1,358 HC)."
    )
    made = translated(english, "fa")
    for number in ("۳۰–۴۵", "۱۷٫۲", "۱۳٫۵–۲۲٫۰", "۱۵۰", "۱٬۳۵۸", "۹۵٪"):
        assert number in made
    assert not re.search("[0-9A-Za-z]", made.replace("(WMH)", ""))
    assert not missing


def test_signs_of_numbers_stay_at_their_left() -> None:
    assert persian_numbers("−0.07") == f"{APART}−۰٫۰۷{TOGETHER}"
    assert persian_numbers("p < .001") == f"{APART}p < ۰٫۰۰۱{TOGETHER}"
    assert persian_numbers("P001 of mscohort-2") == "P001 of mscohort-2"


@pytest.mark.parametrize(
    ("date", "solar"),
    [
        ((2026, 3, 21), "۱۴۰۵/۰۱/۰۱"),
        ((2025, 3, 20), "۱۴۰۳/۱۲/۳۰"),
        ((1979, 2, 11), "۱۳۵۷/۱۱/۲۲"),
        ((2000, 1, 1), "۱۳۷۸/۱۰/۱۱"),
    ],
)
def test_dates_are_of_the_solar_calendar(date: tuple[int, int, int], solar: str) -> None:
    assert jalali(*date) == solar
    assert persian_numbers("imported {:04}-{:02}-{:02}".format(*date)) == f"imported {solar}"


def test_markup_stays_and_only_words_change(missing: Counter[tuple[str, str]]) -> None:
    assert html('<b title="Women">Men</b><style>.women {top: 1px}</style>', "fa") == (
        '<b title="زنان">مردان</b><style>.women {top: 1px}</style>'
    )
    assert markdown("## Every test, adjusted and raw\n- **Women**", "fa") == (
        "## همهٔ آزمون‌ها، تعدیل‌شده و خام\n- **زنان**"
    )
    assert figure_text("<b>Women</b><br>%{x} years", "fa").count("%{x}") == 1
    assert not missing


def test_a_figure_keeps_its_numbers_and_changes_its_words(missing: Counter[tuple[str, str]]) -> None:
    figure = go.Figure(go.Scatter(x=[1, 2], y=[3, 4], name="Women")).update_xaxes(title_text="Age (years)")
    made = in_language(figure, "fa")
    assert list(made.data[0].x) == [1, 2]
    assert "زنان" in made.data[0].name
    assert "سن" in made.layout.xaxis.title.text
    once = made.to_json()
    assert in_language(made, "fa").to_json() == once
    assert not missing


def test_slides_are_persian_and_run_from_right_to_left(
    demo_store: Path, tmp_path: Path, missing: Counter[tuple[str, str]]
) -> None:
    out = tmp_path / "deck.pptx"
    words = ["slides", "--lang", "fa", "--sex", "F", "--age", "30:45", "--pages", ",".join(PAGES), "--out", str(out)]
    assert cli.main([*words, "--store", str(demo_store)]) == 0
    assert {text for _, text in missing} == set()
    slides = list(Presentation(str(out)).slides)
    for slide in slides:
        title = slide.shapes.title.text_frame
        assert re.search("[\u0600-\u06ff]", title.text)
        assert title.paragraphs[0]._p.get_or_add_pPr().get("rtl") == "1"
        assert slide.notes_slide.notes_text_frame.text or slide is slides[0]
    charts = [shape.chart for slide in slides for shape in slide.shapes if shape.has_chart]
    assert charts
    assert {c.value_axis.tick_labels.number_format for c in charts} == {"[$-3000429]General", "[$-3000429]0%"}


def test_persian_text_passes_again_unchanged(missing: Counter[tuple[str, str]]) -> None:
    once = translated("Compare: WMH ratio", "fa")
    assert once == "مقایسه: نسبت ضایعات مادهٔ سفید (WMH)"
    assert translated(once, "fa") == once
    assert translated("Age and sex: WMH ratio", "fa").startswith("سن و جنس: ")
    assert not missing


def test_a_mark_of_a_legend_in_one_line_stands_at_its_own_words(missing: Counter[tuple[str, str]]) -> None:
    figure = go.Figure([go.Scatter(x=[1], y=[3], name=name) for name in ("Women", "Men")])
    figure.update_layout(legend={"orientation": "h"})
    made = in_language(figure, "fa")
    assert [trace.name for trace in made.data] == [f"{RIGHT}{GAP}{word}{TOGETHER}" for word in ("زنان", "مردان")]
    once = made.to_json()
    assert in_language(made, "fa").to_json() == once
    upright = go.Figure(go.Scatter(x=[1], y=[3], name="Women"))
    assert GAP not in in_language(upright, "fa").data[0].name
    assert not missing


def test_numbers_written_in_a_figure_have_persian_decimals_and_names_their_own_digits() -> None:
    figure = go.Figure(go.Scatter(x=[1, 2], y=[3, 4], text=["0.064", "<.001"]))
    figure.update_xaxes(ticktext=["Explorer 2", "DeepLabV3+", "U-Net"], tickvals=[1, 2, 3])
    made = in_language(figure, "fa")
    assert "۰٫۰۶۴" in made.data[0].text[0]
    assert "۰٫۰۰۱" in made.data[0].text[1]
    ours, theirs, plain = made.layout.xaxis.ticktext
    assert ">Explorer 2</span>" in ours
    assert "ام‌اس" not in ours
    assert 'font-family:Source Sans,Segoe UI,Arial,sans-serif">DeepLabV3+</span>' in theirs
    assert "span" not in plain
    assert figure_text(ours, "fa") == ours


def test_what_stands_between_numbers_is_read_as_persian_does() -> None:
    assert persian_numbers("2, 357") == "۲، ۳۵۷"
    assert persian_numbers("30, -17, 7") == f"۳۰، {APART}−۱۷{TOGETHER}، ۷"
    # A sign that looks the other way in text from right to left stands apart, at the left of its number.
    assert persian_numbers("≥ 0.87") == f"{APART}≥\u00a0۰٫۸۷{TOGETHER}"
    assert html("<p>aged 30-45</p>", "fa").count("۳۰–\u2060۴۵") == 1


def test_a_full_stop_after_a_number_ends_the_sentence(missing: Counter[tuple[str, str]]) -> None:
    assert persian_numbers("p = .086.") == f"{APART}p = ۰٫۰۸۶{TOGETHER}."
    assert translated("n = 380.", "fa") == "۳۸۰ نفر."
    assert html("<p>p = .016</p>", "fa") == f"<p>{APART}p\u00a0=\u00a0۰٫۰۱۶{TOGETHER}</p>"
    assert not missing


def test_how_many_is_no_list(missing: Counter[tuple[str, str]]) -> None:
    assert translated("n = 8 · everyone in the dataset", "fa") != "۸ · همهٔ افراد مجموعه نفر"
    assert html("<span>n = 8</span> · <span>everyone in the dataset</span>", "fa") == (
        "<span>۸ نفر</span> · <span>همهٔ افراد مجموعه</span>"
    )


def test_a_flow_runs_from_right_to_left() -> None:
    stages = [Stage("Imported", 3), Stage("Shown here", 2)]
    there, back = (flow(stages, from_right=right).layout.xaxis.range for right in (False, True))
    assert there[0] < there[1]
    assert back == there[::-1]


def test_numbers_of_a_table_on_canvas_are_persian_and_sort_as_numbers_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "language", lambda: "fa")
    frame = pl.DataFrame({"n": [9, 10, None], "mm": [1.25, 12.0, 100.0], "who": ["a", "b", "c"]})
    columns = {"n": column_config.NumberColumn("Slice"), "mm": column_config.NumberColumn("Area mm²", format="%.1f")}
    cells, told = tables.numbers_in_words(frame, columns)
    assert cells["n"].to_list() == ["\u00a0۹", "۱۰", None]
    assert cells["mm"].to_list() == ["\u00a0\u00a0۱٫۲", "\u00a0۱۲٫۰", "۱۰۰٫۰"]
    assert cells["mm"].to_list() == sorted(cells["mm"].to_list())
    assert cells["who"].to_list() == ["a", "b", "c"]
    assert told["mm"]["type_config"] == {"type": "text"}
