"""The study's rules on people made by hand: bins, shares, the outlier rule and its MAD floor."""

import numpy as np
import polars as pl
import pytest

from analysis.published import study_rules


def cohort(**columns: list[float | str | None]) -> pl.DataFrame:
    """Build a cohort frame; areas not given are those of an unremarkable person."""
    n = len(next(iter(columns.values())))
    usual = {
        "group": ["HC"] * n,
        "sex": ["F"] * n,
        "age_years": [25.0] * n,
        "intracranial_area_mm2": [100_000.0] * n,
        "ventricle_area_mm2": [400.0] * n,
        "wmh_area_mm2": [10.0] * n,
        "periventricular_area_mm2": [10.0] * n,
        "paraventricular_area_mm2": [0.0] * n,
        "juxtacortical_area_mm2": [0.0] * n,
    }
    return pl.DataFrame(usual | columns)


def test_bins_are_closed_below_and_end_before_69() -> None:
    ages = [17.9, 18.0, 29.9, 30.0, 59.9, 60.0, 68.9, 69.0, 74.0, None]
    bins = study_rules.sample(cohort(age_years=ages), study_rules.EVERYBODY).age_bin
    assert bins.tolist() == [-1, 0, 0, 1, 3, 4, 4, -1, -1, -1]
    sound = study_rules.sample(cohort(age_years=ages), study_rules.SOUND).age_bin
    assert sound.tolist() == [-1, 0, 0, 1, 3, 4, 4, 4, 4, -1]


def test_share_of_nobody_is_zero_for_the_study_and_undefined_for_us() -> None:
    frame = cohort(wmh_area_mm2=[0.0, 10.0], periventricular_area_mm2=[0.0, 10.0])
    theirs = study_rules.sample(frame, study_rules.EVERYBODY).measures["PEWMH_share"]
    ours = study_rules.sample(frame, study_rules.SOUND).measures["PEWMH_share"]
    assert theirs[0] == 0
    assert 0 < 100 - theirs[1] < 1e-8, "the constant in the denominator keeps a full share just below 100"
    assert np.isnan(ours[0])
    assert ours[1] == 100


def test_rule_removes_the_only_person_with_a_deep_lesion() -> None:
    # 9 people differ by little in everything; the tenth has one mm2 of juxtacortical lesion, nothing else unusual.
    deep = [0.0] * 9 + [1.0]
    peri = [8.0, 9.0, 10.0, 11.0, 12.0, 8.0, 9.0, 10.0, 11.0, 9.0]
    frame = cohort(
        juxtacortical_area_mm2=deep,
        periventricular_area_mm2=peri,
        wmh_area_mm2=[p + d for p, d in zip(peri, deep, strict=True)],
    )
    marked = study_rules.outliers(study_rules.sample(frame, study_rules.EVERYBODY))
    # JCWMH area and share have a MAD of zero; the periventricular share drops from a constant 100 %.
    assert marked.tolist() == [False] * 9 + [True]
    assert len(study_rules.sample(frame).ms) == 9


def test_strata_under_five_and_people_in_no_bin_are_kept() -> None:
    extreme = [1.0, 1.0, 1.0, 5000.0]
    few = cohort(wmh_area_mm2=extreme, periventricular_area_mm2=extreme, ventricle_area_mm2=extreme)
    assert not study_rules.outliers(study_rules.sample(few, study_rules.EVERYBODY)).any()
    ageless = cohort(wmh_area_mm2=extreme * 3, ventricle_area_mm2=extreme * 3, age_years=[None] * 12)
    assert not study_rules.outliers(study_rules.sample(ageless, study_rules.EVERYBODY)).any()


def test_missing_column_is_named() -> None:
    with pytest.raises(ValueError, match="lacks ventricle_area_mm2"):
        study_rules.sample(cohort(age_years=[30.0]).drop("ventricle_area_mm2"))


@pytest.mark.reference
def test_109_people_of_the_released_table_are_removed(released_frame: pl.DataFrame) -> None:
    everybody = study_rules.sample(released_frame, study_rules.EVERYBODY)
    removed = study_rules.outliers(everybody)
    assert (int(removed.sum()), int((removed & ~everybody.ms).sum()), int((removed & everybody.ms).sum())) == (
        109,
        81,
        28,
    )
    young = everybody.who("HC", age_group="18-29")
    assert (int(young.sum()), int((young & ~removed).sum())) == (314, 280)
