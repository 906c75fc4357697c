"""Whom the figures of zones draw: the same sample, whether everybody is copied first or only those drawn."""

import numpy as np
import polars as pl
import pytest

from analysis.age_bands import with_age_band
from app.figures.cohort import zone_rows
from app.figures.cohort.zone_rows import people_by_group, people_in_rows
from vocabulary.measures import ZONES

N = 400


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> pl.DataFrame:
    """400 people, some without age, in no band, without lesions, or with a share that is not known."""
    monkeypatch.setattr(zone_rows, "MAX_POINTS", 50)
    draw = np.random.default_rng(3)

    def some_missing(values: np.ndarray) -> list[float | None]:
        return [None if draw.random() < 0.1 else float(value) for value in values]

    return pl.DataFrame(
        {
            "subject_id": [f"p{i}" for i in range(N)],
            "group": draw.choice(["HC", "MS"], N),
            "sex": draw.choice(["F", "M"], N),
            "age_years": some_missing(draw.uniform(10, 90, N)),
            "wmh_area_mm2": some_missing(draw.choice([0.0, 20.0, 500.0], N)),
            **{f"{zone}_share_pct": some_missing(draw.uniform(0, 100, N)) for zone in ZONES},
        }
    )


def with_split(people: pl.DataFrame) -> pl.DataFrame:
    shares = [f"{zone}_share_pct" for zone in ZONES]
    return people.filter(pl.col("wmh_area_mm2") > 0).drop_nulls(shares)


@pytest.mark.parametrize("by", [("group",), ("group", "sex"), ("group", "age_band"), ("group", "sex", "age_band")])
def test_those_drawn_are_a_sample_of_those_in_a_row(people: pl.DataFrame, by: tuple[str, ...]) -> None:
    in_a_row = with_age_band(with_split(people))
    in_a_row = in_a_row.drop_nulls("age_band") if "age_band" in by else in_a_row
    drawn, of = people_in_rows(people, by)
    assert of == in_a_row.height > 50
    assert drawn["subject_id"].to_list() == in_a_row.sample(50, seed=1)["subject_id"].to_list()
    known = {"F": "women", "M": "men"}
    banded = with_age_band(drawn).select(by).rows()
    assert drawn["row"].to_list() == [" ".join(known.get(part, part) for part in row) for row in banded]


def test_those_drawn_of_a_group_are_a_sample_of_it(people: pl.DataFrame) -> None:
    samples = people_by_group(people)
    for group, (drawn, of) in samples.items():
        members = with_split(people).filter(pl.col("group") == group)
        assert of == members.height > 50
        assert drawn.equals(members.sample(50, seed=1))
    assert list(samples) == ["HC", "MS"]


def test_few_people_are_all_drawn_and_a_group_without_any_has_no_triangle(people: pl.DataFrame) -> None:
    few = with_split(people).filter(pl.col("group") == "MS").head(9)
    assert list(people_by_group(few)) == ["MS"]
    assert people_by_group(few)["MS"].people.equals(few)
    assert people_in_rows(few, ("group",)).people.drop("row").equals(few)
    assert people_in_rows(few.clear(), ("group",)).of == 0
