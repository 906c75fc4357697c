"""The one-page report: what it says in each language, one page, the same bytes, no text of another's making run."""

import re
from dataclasses import replace

import pytest

from analysis.norms.reference_files import shipped_references
from app.patient import Patient, place
from app.references import Library
from app.report.content import Content, report_content
from app.report.languages import language
from app.report.regions import RegionLoad, ScanLoads, named
from app.report.render import html, laid_out, pdf
from pipeline.regions.bullseye import REGIONS
from vocabulary.measures import PUBLISHED_PROTOCOL

LIBRARY = Library(shipped_references())
VALUES = {
    "ventricle_ratio_pct": 0.36,
    "wmh_area_mm2": 731.0,
    "periventricular_area_mm2": 385.0,
    "paraventricular_area_mm2": 221.0,
    "juxtacortical_area_mm2": 125.0,
    "intracranial_area_mm2": 114_979.0,
}


LOADS = ScanLoads(
    [
        *(RegionLoad(f"basal ganglia and insula, {shell}", "right", 1.25) for shell in ("inner deep", "outer deep")),
        RegionLoad("corpus callosum", "both", 0.5),
        RegionLoad("frontal, periventricular", "left", 3.5),
        RegionLoad("brain stem", "both", 0.02),
        RegionLoad("cerebellum", "left", 0.01),
    ],
    0.25,
)
PERSON = Patient("P", "MS", "F", 40.0, "mscohort-1", {"wmh_area_mm2": 2000.0})


def content(lang: str, *, subject: str = "P7", age: float | None = 42.0, sex: str = "F", **changes: object) -> Content:
    values = changes.pop("values", VALUES)
    protocol = str(changes.pop("protocol", PUBLISHED_PROTOCOL))
    patient = Patient(subject, "MS", sex, age, protocol, values, dataset_id="clinic", content_sha256="ab" * 32)  # type: ignore[arg-type]
    return report_content(language(lang), patient, place(patient, LIBRARY), store_version=7, **changes)  # type: ignore[arg-type]


def test_english_says_where_the_person_lies() -> None:
    made = content("en")
    assert made.answers[0] == (
        "Ventricle ratio 0.360 %: larger than in 30 of 100 control women of 42 years (95 % interval 27 to 33)."
    )
    assert "No control woman of the reference has more than 181 mm²." in made.answers[1]
    assert "of 100 women with MS of 42 years" in made.answers[2]
    assert made.research_only == "Research use only. Not a medical device; not a diagnosis."
    assert any("991 people" in line and PUBLISHED_PROTOCOL in line for line in made.method)
    assert any("store version 7" in line for line in made.method)
    assert [row[0] for row in made.rows][:2] == ["Ventricle ratio", "WMH area"]
    assert "none of 991 has as much" in made.rows[3][3]


def test_persian_says_the_same_in_its_own_digits() -> None:
    made = content("fa")
    assert made.direction == "rtl"
    assert made.answers[0] == (
        "نسبت بطن‌ها ۰٫۳۶۰ ٪: بزرگ‌تر از ۳۰ نفر از هر ۱۰۰ نفر از زنان سالم ۴۲ ساله (بازهٔ ۹۵٪: ۲۷ تا ۳۳)."
    )
    numbers = [*made.answers, *(cell for row in made.rows for cell in row)]
    assert [text for text in numbers if re.search("[0-9]", text)] == []


def test_the_range_of_the_load_is_said_where_there_is_one() -> None:
    made = content("en", expected_ml=(2.04, 9.66))
    assert made.notes[0] == (
        "Outlined by hand, 2.0 to 9.7 mL of lesions are to be expected in this scan (95 % of such patients)."
    )
    assert "۲٫۰ تا ۹٫۷ میلی‌لیتر" in content("fa", expected_ml=(2.04, 9.66)).notes[0]
    assert not any("expected" in note for note in content("en").notes)


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_what_was_not_possible_is_said(lang: str) -> None:
    old = content(lang, age=90.0)
    assert old.rows == [] and len(old.impossible) == 2
    assert old.answers == old.impossible[:1]
    assert content(lang, age=None).impossible
    foreign = content(lang, protocol="clinic-1")
    assert "clinic-1" in foreign.answers[0] and foreign.charts == []
    contradiction = content(lang, values={"wmh_area_mm2": 10.0, "periventricular_area_mm2": 90.0})
    assert "add up to 90" in contradiction.impossible[-1]


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_a_bridged_value_is_said_to_be_one(lang: str) -> None:
    made = content(lang, protocol="mscohort-1", values={"wmh_area_mm2": 2000.0})
    assert made.notes == [language(lang).text("note.bridged")]
    assert made.charts == [] and made.rows[0][2] == "–"
    refused = content(lang, protocol="mscohort-1", values={"ventricle_ratio_pct": 2.3, "wmh_area_mm2": 20.0})
    assert [line for line in refused.impossible if lang == "fa" and "carried" in line] == []
    thin = place(replace(PERSON, flags=("slice_spacing",)), LIBRARY)
    assert thin.scores == () and [line.code for line in thin.impossible] == ["no_reference", "geometry"]


@pytest.mark.parametrize("lang", ["en", "fa"])
@pytest.mark.parametrize("values", [VALUES, {"wmh_area_mm2": 0.0, "ventricle_ratio_pct": 2.3}])
def test_it_is_one_page(lang: str, values: dict[str, float]) -> None:
    full = content(
        lang, sex="M", age=71.0, values=values, flags=["not_flair", "tilted", "few_slices"], picture=picture(),
        earlier=["2019", "2021"], regions=LOADS,
    )  # fmt: skip
    assert len(laid_out(full, "png")) == 1


def test_where_the_lesions_are_is_said_without_centiles_and_adds_up() -> None:
    assert content("en").regions == ""
    assert content("en", regions=LOADS).regions == (
        "left frontal, periventricular 3.50 mL; right basal ganglia and insula, inner deep 1.25 mL; right basal "
        "ganglia and insula, outer deep 1.25 mL; corpus callosum 0.500 mL and 2 more. 0.250 of 6.78 mL lie in no "
        "region. No centiles: there are no norms for regions."
    )
    persian = content("fa", regions=LOADS)
    assert persian.regions.startswith("پیشانی پیرابطنی چپ ۳٫۵۰ میلی‌لیتر؛ هسته‌های قاعده‌ای و اینسولا عمقی درونی راست")
    assert not re.search("[a-zA-Z0-9]", persian.regions)
    assert persian.headings["regions"] in html(persian).decode()
    assert content("en", regions=ScanLoads([], 0.0)).regions.startswith("No lesion lies in any region.")


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_every_region_of_the_built_in_atlas_has_words(lang: str) -> None:
    names = [named(language(lang), RegionLoad(region.name, region.side, 1.0)) for region in REGIONS]
    assert len(set(names)) == len(REGIONS)
    assert lang == "en" or not any(re.search("[a-zA-Z]", name) for name in names)


def test_the_same_person_gives_the_same_bytes() -> None:
    made = content("fa", picture=picture())
    assert pdf(made) == pdf(made)
    assert pdf(made).startswith(b"%PDF")
    assert html(made) == html(made)


def test_html_needs_nothing_else_and_runs_nothing() -> None:
    page = html(content("fa", subject="<script>alert(1)</script>", picture=picture())).decode()
    assert '<html lang="fa" dir="rtl">' in page
    assert "<script" not in page
    assert re.findall(r'(?:src|href)="(?!data:)', page) == []
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "") and "https://" not in page


def test_typst_sees_a_hostile_code_as_text() -> None:
    hostile = '#read("/etc/passwd") "\\ $x$ *b* @a <b>'
    assert pdf(content("en", subject=hostile)).startswith(b"%PDF")


def picture() -> bytes:
    import numpy as np

    from app.scan_images import encoded

    return encoded(np.zeros((520, 420, 3), np.uint8))
