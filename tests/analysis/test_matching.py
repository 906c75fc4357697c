"""Matched controls: who is paired with whom, and what balance says."""

import numpy as np
import polars as pl
import pytest

from analysis.filters import Filter
from analysis.matching import balance, keep_matched, matched_pairs


def pairs_of(frame: pl.DataFrame, **how) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for patient, control, _distance in matched_pairs(frame, **how).iter_rows():
        found.setdefault(frame["subject_id"][patient], set()).add(frame["subject_id"][control])
    return found


def test_the_nearest_of_the_same_sex_within_the_caliper(people) -> None:
    frame = people(
        group=["MS", "MS", "HC", "HC", "HC", "HC", "HC"],
        sex=["F", "M", "F", "F", "F", "M", "M"],
        age=[40.0, 50.0, 41.0, 38.0, 42.5, 53.0, None],
    )
    # The woman of 40: 41 and 38 within two years, 42.5 not. The man of 50: 53 is too old, the other's age unknown.
    assert pairs_of(frame) == {"p0": {"p2", "p3"}}
    assert pairs_of(frame, per_patient=1) == {"p0": {"p2"}}
    assert pairs_of(frame, caliper=3) == {"p0": {"p2", "p3"}, "p1": {"p5"}}
    assert pairs_of(frame, caliper=0) == {}


def test_nobody_gets_a_second_control_before_all_were_asked_for_a_first(people) -> None:
    frame = people(group=["MS", "MS", "HC", "HC"], age=[40.0, 40.0, 40.0, 41.0])
    found = pairs_of(frame)
    assert sorted(map(len, found.values())) == [1, 1]
    assert found["p0"] | found["p1"] == {"p2", "p3"}


def test_the_order_of_rows_does_not_matter_and_the_seed_does(people) -> None:
    rng = np.random.default_rng(3)
    n = 300
    frame = people(
        group=np.where(rng.random(n) < 0.3, "MS", "HC").tolist(),
        sex=np.where(rng.random(n) < 0.3, "M", "F").tolist(),
        age=np.round(rng.normal(38, 10, n), 1).tolist(),
    )
    found = pairs_of(frame)
    assert pairs_of(frame[rng.permutation(n)]) == found
    assert pairs_of(frame, seed=2) != found
    used = [control for controls in found.values() for control in controls]
    assert len(used) == len(set(used))


def brute_force(patients: np.ndarray, controls: np.ndarray, per_patient: int, caliper: float) -> list[tuple[int, int]]:
    left, found = set(range(len(controls))), []
    for _ in range(per_patient):
        for i, age in enumerate(patients):
            near = [(abs(controls[j] - age), controls[j], -j) for j in left if abs(controls[j] - age) <= caliper + 1e-9]
            if near:
                chosen = -min(near)[2]
                left.remove(chosen)
                found.append((i, chosen))
    return found


@pytest.mark.parametrize("seed", range(5))
def test_it_is_the_greedy_choice_of_all_that_are_left(seed: int) -> None:
    from analysis.matching import _greedy

    rng = np.random.default_rng(seed)
    patients, controls = rng.integers(18, 60, 40).astype(float), np.sort(rng.integers(18, 60, 70).astype(float))
    first, second = _greedy(patients, controls, 2, 2.0)
    expected = brute_force(patients, controls, 2, 2.0)
    assert [(i, controls[j]) for i, j in zip(first, second, strict=True)] == [(i, controls[j]) for i, j in expected]


def test_balance_is_in_standard_deviations_before_matching(people) -> None:
    frame = people(
        group=["HC"] * 4 + ["MS"] * 2,
        sex=["F", "F", "F", "M", "F", "M"],
        age=[20.0, 30.0, 40.0, 50.0, 40.0, 50.0],
    )
    kept = keep_matched(frame, matched_pairs(frame, per_patient=1))
    rows = {(r["covariate"], r["when"]): r for r in balance(frame, kept).iter_rows(named=True)}
    before, after = rows["age_years", "before"], rows["age_years", "after"]
    # means 35 and 45; variances 500 / 3 and 50
    assert before["standardised_difference"] == pytest.approx(10 / np.sqrt((500 / 3 + 50) / 2))
    assert (after["n_hc"], after["n_ms"], after["standardised_difference"]) == (2, 2, 0)
    assert rows["intracranial_area_mm2", "before"]["standardised_difference"] is None


@pytest.mark.parametrize(("how", "said"), [({"per_patient": 0}, "expected 1 to 5"), ({"caliper": -1}, "expected 0 to")])
def test_what_cannot_be_matched_is_refused(people, how, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        matched_pairs(people(), **how)


def test_the_filter_matches_last_and_says_so(people) -> None:
    frame = people(
        group=["MS", "MS", "HC", "HC", "HC"], age=[40.0, 60.0, 41.0, 39.0, 70.0], wmh=[5.0, 5.0, 0.0, 4.0, 3.0]
    )
    chosen = Filter(matched=1, lesion_positive=True)
    assert chosen.apply(frame)["subject_id"].to_list() == ["p0", "p3"]
    said = "each patient with the nearest control of the same sex within 2 years of age"
    assert list(chosen.steps(frame))[-1][0] == said
    assert chosen.describe().endswith(said)
    assert Filter(matched=2, groups=("MS",)).apply(frame).height == 2
    assert "control" not in Filter(matched=2, groups=("MS",)).describe()
    assert chosen.unmatched() == Filter(lesion_positive=True)
    with pytest.raises(ValueError, match="9 controls per patient"):
        Filter(matched=9)


def test_nobody_to_match_leaves_nobody(people) -> None:
    assert Filter(matched=2).apply(people(group=["HC"] * 3)).height == 0
    assert Filter(matched=2).apply(people()).height == 0


@pytest.mark.reference
def test_matching_the_released_table_balances_age(released_frame: pl.DataFrame) -> None:
    kept = Filter(matched=2).apply(released_frame)
    counts = dict(kept.group_by("group").len().iter_rows())
    gaps = balance(released_frame, kept).filter(pl.col("covariate") == "age_years")["standardised_difference"].abs()
    assert counts["MS"] > 350
    assert counts["HC"] <= 2 * counts["MS"]
    assert gaps[0] > 0.2
    assert gaps[1] < 0.1
