"""Zone composition against R (tests/reference/strata.R, R 4.2.2), zeros, and strata without lesions."""

import numpy as np
import polars as pl
import pytest

from analysis.composition import composition, composition_tests, log_ratios
from vocabulary.measures import ZONES


@pytest.mark.reference
def test_centre_of_ms_is_that_of_r(released_frame: pl.DataFrame) -> None:
    ms = composition(released_frame).filter(pl.col("group") == "MS")
    assert ms["centre_pct"].to_list() == pytest.approx([61.0302183137, 20.3038397855, 18.6659419007], rel=1e-10)
    assert ms["centre_pct"].sum() == pytest.approx(100)
    assert ms["ci_low"].to_list() == pytest.approx([57.8347736957, 17.9725670564, 16.6378647125], rel=1e-9)
    assert ms["ci_high"].to_list() == pytest.approx([64.133677605, 22.8532594591, 20.879313864], rel=1e-9)
    assert ms["n"].to_list() == [363] * 3
    assert ms["n_lesion_free"].to_list() == [18] * 3
    # the study's own means among the lesion-positive: 55.61 and pooled 66.2 (STUDY: PEWMH)
    assert ms["mean_share_pct"][0] == pytest.approx(55.61, abs=0.005)
    assert ms["pooled_share_pct"][0] == pytest.approx(66.2, abs=0.05)


@pytest.mark.reference
def test_controls_have_too_many_zeros_for_a_centre(released_frame: pl.DataFrame) -> None:
    hc = composition(released_frame).filter(pl.col("group") == "HC")
    assert hc["centre_pct"].null_count() == 3
    assert hc["note"].unique().to_list() == ["98 % have no juxtacortical lesion: a typical split is undefined"]
    assert hc["n_zero"].to_list() == [2, 808, 819]
    assert (hc["mean_low"] < hc["mean_share_pct"]).all()


@pytest.mark.reference
def test_manova_of_ms_is_that_of_r(released_frame: pl.DataFrame) -> None:
    tests = composition_tests(released_frame.filter(pl.col("group") == "MS"))
    rows = {row["term"]: row for row in tests.iter_rows(named=True)}
    columns = ("pillai", "statistic", "df1", "df2", "p_value")
    sex, age = ([rows[term][c] for c in columns] for term in ("sex", "age_years"))
    assert sex == pytest.approx([0.0112771402104, 2.04163186647, 2, 358, 0.131325479266], rel=1e-8)
    assert age == pytest.approx([0.0266077293396, 4.89297449275, 2, 358, 0.00800816310902], rel=1e-8)
    assert rows["group"]["note"] == "everybody is alike in this term"


def test_log_ratios_do_not_depend_on_the_load_and_survive_zeros() -> None:
    areas = np.array([[10.0, 20.0, 30.0], [100.0, 200.0, 300.0], [5.0, 0.0, 0.0]])
    logs = log_ratios(areas)
    assert logs[0] == pytest.approx(logs[1])
    assert logs.sum(axis=1) == pytest.approx(0, abs=1e-12)
    # a zero becomes .65 of 5 mm2, the rest is taken from the lesion that is there
    assert np.exp(logs[2, 1] - logs[2, 0]) == pytest.approx(0.13 / (1 - 0.26))


@pytest.mark.parametrize("by", [(), ("group",), ("group", "sex", "age_band")])
@pytest.mark.parametrize("wmh", [[], [0.0] * 6, [None] * 6, [10.0], [10.0] * 6])
def test_strata_without_lesions_are_named(people, by, wmh) -> None:
    frame = people(group=["HC"] * len(wmh), wmh=wmh)
    rows = composition(frame, by)
    assert rows.height == 3 * {0: 1, 1: 2, 3: 20}[len(by)]
    assert rows["zone"].unique(maintain_order=True).to_list() == list(ZONES)
    unknown = rows.filter(pl.col("centre_pct").is_null())
    assert unknown["note"].null_count() == 0
    assert composition_tests(frame)["note"].null_count() == 0


def test_few_people_have_no_interval_and_the_note_says_so(people) -> None:
    loads = [10.0, 20.0, 40.0, 80.0]
    few = people(group=["MS"] * 4, wmh=loads).with_columns(juxtacortical_area_mm2=pl.Series([3.0, 9.0, 4.0, 5.0]))
    rows = composition(few).filter(pl.col("group") == "MS")
    assert rows["ci_low"].null_count() == 3
    assert rows["note"].unique().to_list() == ["fewer than 5 people with lesions: no interval"]
    more = composition(pl.concat([few, few])).filter(pl.col("group") == "MS")
    assert more["ci_low"].null_count() == 0
    assert more["note"].unique().to_list() == ["only 8 people with lesions"]


def test_unknown_stratum_is_refused(people) -> None:
    with pytest.raises(ValueError, match="unknown stratum 'centre'"):
        composition(people(), ("centre",))
