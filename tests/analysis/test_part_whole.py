"""Which pairs are correlated by construction."""

import pytest

from analysis.part_whole import part_whole


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        ("wmh_area_mm2", "wmh_ratio_pct", "measure the same thing"),
        ("wmh_area_mm2", "wmh_volume_ml", "measure the same thing"),
        ("periventricular_share_pct", "periventricular_area_mm2", "measure the same thing"),
        ("periventricular_share_pct", "wmh_area_mm2", "is a part of WMH area"),
        ("juxtacortical_area_mm2", "wmh_ratio_pct", "is a part of WMH area"),
        ("juxtacortical_area_mm2", "intracranial_area_mm2", "is a part of intracranial area"),
        ("ventricle_ratio_pct", "intracranial_area_mm2", "is a part of intracranial area"),
        ("periventricular_share_pct", "juxtacortical_share_pct", "parts of one whole"),
        ("ventricle_ratio_pct", "wmh_ratio_pct", "divided by the same intracranial area"),
    ],
)
def test_kin_are_named_in_either_order(x: str, y: str, said: str) -> None:
    assert said in part_whole(x, y)
    assert said in part_whole(y, x)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ("age_years", "wmh_area_mm2"),
        ("sex", "age_years"),
        ("ventricle_area_mm2", "wmh_area_mm2"),
        ("ventricle_ratio_pct", "wmh_area_mm2"),
        ("lesion_count", "wmh_area_mm2"),
        ("wmh_area_mm2", "wmh_area_mm2"),
    ],
)
def test_strangers_are_not_marked(x: str, y: str) -> None:
    assert part_whole(x, y) is None
