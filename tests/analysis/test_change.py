"""Change between visits: the limit by hand, what is refused, rescans, and the two-visit patients of another centre."""

import math
from pathlib import Path

import nibabel as nib
import polars as pl
import pytest

from analysis.change import LOWER_BOUND, PROCESSED_TWICE, changes, not_comparable, within_of_rescans

VISIT = {
    "session": "1", "protocol_id": "mscohort-1", "model_id": "m", "zone_rule": "study-code", "pixel_mm_x": 0.9,
    "pixel_mm_y": 0.9, "slice_spacing_mm": 6.9, "wmh_volume_ml": 4.0, "ventricle_volume_ml": 20.0,
}  # fmt: skip


def visits(**second: object) -> list[dict[str, object]]:
    return [VISIT, VISIT | {"session": "2"} | second]


def test_the_limit_is_the_repeatability_coefficient() -> None:
    assert LOWER_BOUND["wmh_volume_ml"].factor == pytest.approx(math.exp(1.96 * math.sqrt(2) * 0.21))
    assert LOWER_BOUND["ventricle_volume_ml"].factor == pytest.approx(1.117, abs=1e-3)
    for ratio, beyond in ((1.78, False), (1.80, True), (1 / 1.80, True), (1.0, False)):
        row = changes(visits(wmh_volume_ml=4.0 * ratio)).row(0, named=True)
        assert (row["ratio"], row["beyond_bound"]) == (pytest.approx(ratio), beyond)


@pytest.mark.parametrize(
    ("second", "said"),
    [
        ({"slice_spacing_mm": 3.0}, "another scanner or geometry: slices of 6.90 and 3.00 mm"),
        ({"pixel_mm_x": 1.0}, "another scanner or geometry: pixels"),
        ({"pixel_mm_y": None}, "geometry of a scan is not known"),
        ({"model_id": "other"}, "another model"),
        ({"protocol_id": "mscohort-2"}, "another protocol"),
        ({"wmh_volume_ml": 0.0}, "none at one of the visits"),
        ({"wmh_volume_ml": None}, "not measured at both"),
    ],
)
def test_what_cannot_be_compared_is_refused(second: dict[str, object], said: str) -> None:
    row = changes(visits(**second)).row(0, named=True)
    assert row["ratio"] is None and row["beyond_bound"] is None
    assert said in row["refused"]


def test_one_visit_or_none_is_no_change() -> None:
    assert changes([]).is_empty() and changes([VISIT]).is_empty()


def test_three_visits_are_compared_in_turn() -> None:
    third = [*visits(), VISIT | {"session": "3", "wmh_volume_ml": 12.0}]
    found = changes(third).filter(pl.col("measure") == "wmh_volume_ml")
    assert found.select("from_session", "to_session").rows() == [("1", "2"), ("2", "3")]
    assert found["beyond_bound"].to_list() == [False, True]


def test_rescans_give_the_limit_of_a_site() -> None:
    rows = []
    for i, ratio in enumerate((1.1, 0.9, 1.05, 1.2, 0.95, 1.0)):
        rows += [VISIT | {"subject_id": f"p{i}"}]
        rows += [VISIT | {"subject_id": f"p{i}", "session": "2", "wmh_volume_ml": 4.0 * ratio}]
    within = within_of_rescans(pl.DataFrame(rows))
    logs = [math.log(r) for r in (1.1, 0.9, 1.05, 1.2, 0.95, 1.0)]
    assert within["wmh_volume_ml"].sd == pytest.approx(math.sqrt(sum(v * v for v in logs) / 6 / 2))
    assert within["wmh_volume_ml"].n == 6
    with pytest.raises(ValueError, match="fewer than 5"):
        within_of_rescans(pl.DataFrame(rows[:4]))


def test_the_lower_bound_is_no_smaller_than_the_shipped_model_gives() -> None:
    shipped = pl.read_csv(
        Path(__file__).parents[2] / "pipeline" / "models" / "measures.csv", schema_overrides={"subject_id": pl.String}
    ).filter(pl.col("model_id") == "mscohort-1")
    one, other = (shipped.filter(pl.col("split") == split) for split in ("cv5", "cv5-raw"))
    for measure, bound in PROCESSED_TWICE.items():
        both = one.join(other, on=["subject_id", "measure"]).filter(pl.col("measure") == measure)
        logs = (both["found_right"] / both["found"]).log()
        assert both.height == 9
        assert 0 < math.sqrt(float((logs**2).mean()) / 2) <= bound


@pytest.mark.reference
@pytest.mark.parametrize("patient", ["longitudinal_patient01", "longitudinal_patient03"])
def test_two_visits_of_another_centre_changed_their_slices(reference: Path, patient: str) -> None:
    rows = []
    for visit in ("study1", "study2"):
        zooms = sorted(nib.load(reference / "external" / patient / f"{visit}_FLAIR.nii.gz").header.get_zooms()[:3])
        rows.append(VISIT | {"pixel_mm_x": zooms[0], "pixel_mm_y": zooms[1], "slice_spacing_mm": zooms[2]})
    assert "another scanner or geometry" in (not_comparable(*rows) or "")
