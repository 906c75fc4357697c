"""The page Regions: both groups, one group, scans without regions, people without scans, an empty store."""

import shutil
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from app.figures.cohort.bullseye import bullseye
from app.figures.cohort.glass_brain import glass_brain, shapes
from app.figures.cohort.side_index import side_index
from app.views.regions import cells
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.store import Store
from pipeline.regions.bullseye import LOBES, lobe_of
from tests.app.views.conftest import OpenPage, answer_of, tables_of, text_of
from tests.db.fake_run import Person, patients, write_run


def _store(folder: Path, people: list[Person], *, synthetic: bool = False, no_regions: tuple[int, ...] = ()) -> Path:
    run = write_run(folder / "run", people, derivatives=folder / "files", no_regions=no_regions)
    publish_scans(Store(folder / "store"), run, DatasetCard("scans", "Scans", synthetic=synthetic))
    return folder / "store"


def _two_groups(n: int) -> list[Person]:
    people = patients(n)
    return [person | {"group": "HC" if i % 2 else "MS"} for i, person in enumerate(people)]


@pytest.fixture(scope="module")
def two_groups(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _store(tmp_path_factory.mktemp("two"), _two_groups(8), no_regions=(3,))


def test_opens_with_where_most_lies_and_how_much_lies_nowhere(open_page: OpenPage, two_groups: Path) -> None:
    page = open_page("regions", two_groups)
    assert not page.exception
    answer = answer_of(page)
    # Per scan 4 mm2 of 14 lie in the left frontal region, the rest in none.
    assert "MS patients (n = 4) carry most in the left frontal region: 0.0240 mL on average, 4 of 4" in answer
    assert "controls (n = 3)" in answer
    assert "71 % of all lesion volume lies in no region" in answer
    assert "1 scan has no regions and is in no answer here: no overlap" in page.warning[0].value
    assert "There are no norms for regions" in text_of(page)


def test_the_table_has_every_region_and_says_why_nothing_is_tested(open_page: OpenPage, two_groups: Path) -> None:
    page = open_page("regions", two_groups)
    table = tables_of(page)[0]
    assert table[["Region", "Side"]].to_numpy().tolist() == [["frontal", "left"], ["frontal", "right"]]
    assert table["MS with any"].to_list() == ["4 of 4", "0 of 4"]
    assert "is not estimated: fewer than ten people of known age in a group (3 HC, 4 MS)" in text_of(page)
    sides = tables_of(page)[1]
    assert sides["More left"].to_list() == ["4", "3", "4", "3"] or sides["More left"].to_list() == ["3", "4", "3", "4"]


def test_sides_are_drawn_with_the_left_at_the_left_and_hollow_without_an_interval() -> None:
    told = pl.DataFrame({
        "group": ["HC", "MS"], "region": ["frontal"] * 2, "n": [3, 8], "n_more_left": [0, 7], "n_more_right": [3, 1],
        "median_index": [-0.5, 0.4], "ci_low": [None, 0.1], "ci_high": [None, 0.6],
    })  # fmt: skip
    drawn = side_index(told)
    assert drawn.layout.xaxis.range[0] > 0 > drawn.layout.xaxis.range[1]
    assert [list(trace.marker.symbol) for trace in drawn.data] == [["circle-open"], ["circle"]]
    assert list(drawn.data[1].error_x.array) == pytest.approx([0.2])
    assert list(drawn.data[1].error_x.arrayminus) == pytest.approx([0.3])
    assert drawn.data[1].customdata[0].endswith("n = 8 with a lesion on either side: 7 more left, 1 more right")


@pytest.mark.parametrize("colour", ["MS", "HC", "difference"])
def test_every_colouring_is_drawn(open_page: OpenPage, two_groups: Path, colour: str) -> None:
    page = open_page("regions", two_groups, **{"colour-regions": colour})
    assert not page.exception
    assert len(page.get("bidi_component")) == 4


def test_enough_people_are_compared(open_page: OpenPage, tmp_path: Path) -> None:
    people = [{"subject_id": f"p{i:03}", "group": "HC" if i % 2 else "MS", "sex": "FM"[i // 2 % 2],
               "age_years": 20.0 + i % 47} for i in range(60)]  # fmt: skip
    page = open_page("regions", _store(tmp_path, people))
    assert not page.exception
    # Everybody has the same load: no ratio of loads can be wrong, and no odds can be told.
    assert "is not estimated: everybody has a lesion" in text_of(page)


def test_one_group(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("regions", _store(tmp_path, list(patients(5))))
    assert not page.exception
    assert "MS patients (n = 5)" in answer_of(page)
    assert "controls" not in answer_of(page)
    assert "Only MS is shown" in text_of(page)


def test_scans_without_regions_say_why(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("regions", _store(tmp_path, list(patients(2)), no_regions=(0, 1)))
    assert not page.exception
    assert page.header[0].value == "No lesions by region here"
    assert "no overlap" in text_of(page)


def test_a_table_has_no_regions(open_page: OpenPage, demo_store: Path) -> None:
    page = open_page("regions", demo_store)
    assert not page.exception
    assert page.header[0].value == "No lesions by region here"
    assert "mscohort ingest" in text_of(page)


def test_an_empty_store(open_page: OpenPage, tmp_path: Path) -> None:
    page = open_page("regions", tmp_path)
    assert not page.exception
    assert page.header[0].value == "No cohort yet"


def test_a_region_that_one_group_lacks_has_no_difference() -> None:
    row = {"region_number": 1, "region": "frontal, periventricular", "side": "left", "n": 4, "n_with": 2}
    row |= {"fraction_pct": 1.0}
    told = pl.DataFrame([row | {"group": "MS", "mean_ml": 2.0}])
    assert cells(told, "difference")["value"].to_list() == [None]
    assert cells(told, "HC")["value"].to_list() == [None]
    assert cells(told, "MS")["value"].to_list() == [2.0]


def test_left_of_the_person_is_drawn_on_the_left_and_numbers_stand_in_their_cells() -> None:
    table = pl.DataFrame(
        {
            "region_number": [1, 21],
            "region": ["frontal, periventricular", "frontal, periventricular"],
            "side": ["left", "right"],
            "value": [1.5, 0.25],
            "words": ["a", "b"],
        }
    )
    figure = bullseye(table, unit="mL", group="MS")
    at = {trace.text[0]: trace.x[0] for trace in figure.data if trace.mode == "markers+text" and trace.text[0] != "–"}
    assert at["1.5"] < 0 < at["0.25"]


def test_a_region_leads_to_its_people_the_most_loaded_first(open_page: OpenPage, two_groups: Path) -> None:
    page = open_page("regions", two_groups, region=1)
    assert not page.exception
    assert "**left frontal**: 7 of 7 people have a lesion." in text_of(page)
    people = page.dataframe[0].value
    assert people["load_ml"].to_list() == pytest.approx([0.024] * 7)
    assert people["share_pct"].to_list() == pytest.approx([100 * 0.024 / 90] * 7)
    # The made-up scans have no files.
    assert "The scan's pictures are not where they were" in text_of(page)


def test_a_region_nobody_has_lesions_in(open_page: OpenPage, two_groups: Path) -> None:
    page = open_page("regions", two_groups, region=2)
    assert not page.exception
    assert "**right frontal**: 0 of 7 people have a lesion." in text_of(page)


def test_begins_with_people_whose_scans_have_regions(open_page: OpenPage, tmp_path: Path, demo_store: Path) -> None:
    shutil.copytree(demo_store, tmp_path / "store")
    _store(tmp_path, _two_groups(4), synthetic=True)
    page = open_page("regions", tmp_path / "store")
    assert not page.exception
    assert "MS patients (n = 2) carry most in the left frontal region" in answer_of(page)


def test_outlines_are_the_planes_of_the_bullseye() -> None:
    planes = {"left": (0, -32.0), "right": (0, 32.0), "front": (1, -24.0), "above": (2, 12.0)}
    names = [*LOBES, "cerebellum", "brain stem"]
    for view, (axis, height) in planes.items():
        for region in shapes()[view]["regions"]:
            points = np.array(region["points"])
            centre = points.mean(0)
            place = np.insert(centre, axis, height)
            assert names[int(lobe_of(*(np.array(c) for c in place)))] == region["lobe"], (view, region["lobe"])
            if region["side"] != "both":
                assert (place[0] < 0) == (region["side"] == "left")


def test_every_lobe_is_drawn_in_its_own_colour() -> None:
    table = pl.DataFrame(
        {"region": ["frontal", "occipital"], "side": ["left", "right"], "value": [1.0, 0.25], "words": ["a", "b"]}
    )
    figure = glass_brain(table, unit="mL", group="MS")
    fills = {trace.text: trace.fillcolor for trace in figure.data if trace.fill == "toself"}
    assert fills["a"] == "rgb(170,68,153)"
    assert fills["b"] not in (fills["a"], "rgba(0,0,0,0)")
    assert fills["parietal: not measured"] == "rgba(0,0,0,0)"


def test_a_column_is_correlated_with_every_region(open_page: OpenPage, two_groups: Path) -> None:
    page = open_page("regions", two_groups, **{"region-column": "field_strength_t"})
    assert not page.exception
    # Everybody has the same load: there is nothing to correlate.
    assert "No correlation could be estimated" in text_of(page)
