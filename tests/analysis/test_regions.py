"""Regional loads: described, compared in two parts, left against right, on people whose truth is known."""

import numpy as np
import polars as pl
import pytest

from analysis.regions import ALL_REGIONS, asymmetry, people_by_region, region_tests, summary


def cohort(n: int, seed: int = 1) -> pl.DataFrame:
    """Return n people, half of them with MS, aged 20 to 70."""
    random = np.random.default_rng(seed)
    return pl.DataFrame(
        {
            "subject_id": [f"p{i}" for i in range(n)],
            "scan_id": [f"s/p{i}" for i in range(n)],
            "protocol_id": "mscohort-1",
            "group": ["MS" if i % 2 else "HC" for i in range(n)],
            "sex": ["F" if i % 4 < 2 else "M" for i in range(n)],
            "age_years": random.uniform(20, 70, n).round(),
            "intracranial_area_mm2": random.normal(110_000, 8_000, n),
        }
    )


def loads(people: pl.DataFrame, **ml: np.ndarray) -> pl.DataFrame:
    """Return loads in mL by a name such as ``frontal_left``; every region holds 100 mL."""
    rows = []
    for number, (name, values) in enumerate(ml.items(), 1):
        region, side = name.split("_")
        rows += [
            {"scan_id": scan, "protocol_id": "mscohort-1", "region_number": number, "region": region, "side": side}
            | {"volume_ml": float(value), "region_volume_ml": 100.0}
            for scan, value in zip(people["scan_id"], values, strict=True)
        ]
    return pl.DataFrame(rows, schema_overrides={"region_number": pl.Int32})


def test_a_region_is_described_by_hand() -> None:
    people = cohort(4)
    found = summary(people_by_region(people, loads(people, frontal_left=np.array([0.0, 2.0, 1.0, 4.0]))))
    assert found.select("group", "n", "n_with", "rate", "mean_ml", "fraction_pct").rows() == [
        ("HC", 2, 1, 0.5, 0.5, 0.5),
        ("MS", 2, 2, 1.0, 3.0, 3.0),
    ]
    assert found["mean_low"].to_list() == [None, None]
    assert found["rate_low"].to_list() == pytest.approx([0.0945, 0.3424], abs=1e-4)


def test_a_region_that_a_scan_does_not_show_leaves_the_person_out() -> None:
    people = cohort(4)
    told = loads(people, frontal_left=np.ones(4)).with_columns(
        region_volume_ml=pl.when(pl.col("scan_id") == "s/p0").then(0.0).otherwise(100.0)
    )
    assert summary(people_by_region(people, told)).sort("group")["n"].to_list() == [1, 2]


def test_both_parts_find_a_planted_effect_and_only_there() -> None:
    people = cohort(400)
    random = np.random.default_rng(5)
    ms = (people["group"] == "MS").to_numpy()
    amount = np.exp(random.normal(0, 0.5, 400))
    planted = np.where(random.random(400) < np.where(ms, 0.8, 0.4), amount * np.where(ms, 3.0, 1.0), 0)
    null = np.where(random.random(400) < 0.5, np.exp(random.normal(0, 0.5, 400)), 0)
    tests = region_tests(people_by_region(people, loads(people, frontal_left=planted, parietal_left=null)))
    assert tests["name"].to_list() == ["any_lesion", "load_of_those_with"] * 2
    odds, ratio, no_odds, no_ratio = tests.iter_rows(named=True)
    assert odds["ci_low"] < 6.0 < odds["ci_high"]
    assert ratio["ci_low"] < 3.0 < ratio["ci_high"]
    assert max(odds["p_adjusted"], ratio["p_adjusted"]) < 0.001
    assert min(no_odds["p_value"], no_ratio["p_value"]) > 0.01
    assert tests["family_size"].to_list() == [2, 2, 2, 2]
    assert odds["p_adjusted"] == pytest.approx(2 * odds["p_value"])
    assert odds["adjusted_for"] == "age, sex and head size"


def test_too_few_people_get_a_reason_and_no_number() -> None:
    people = cohort(12)
    tests = region_tests(people_by_region(people, loads(people, frontal_left=np.arange(12.0))))
    assert tests["effect_size"].to_list() == [None, None]
    assert all("fewer than ten people" in note for note in tests["note"])
    assert tests["family_size"].to_list() == [0, 0]


def test_asymmetry_by_hand() -> None:
    people = cohort(12).with_columns(group=pl.lit("MS"))
    left = np.array([3.0] * 10 + [1.0, 0.0])
    right = np.array([1.0] * 10 + [3.0, 0.0])
    found = asymmetry(people_by_region(people, loads(people, frontal_left=left, frontal_right=right)))
    assert found["region"].to_list() == [ALL_REGIONS, "frontal"]
    row = found.row(1, named=True)
    assert (row["n"], row["n_more_left"], row["n_more_right"]) == (11, 10, 1)
    assert (row["median_index"], row["ci_low"], row["ci_high"]) == (0.5, 0.5, 0.5)
    assert row["p_value"] == pytest.approx(2 * 12 / 2**11)


def test_the_interval_of_the_asymmetry_holds_the_truth() -> None:
    random = np.random.default_rng(3)
    n, people = 25, cohort(25).with_columns(group=pl.lit("MS"))
    held = 0
    for _ in range(200):
        share = random.beta(3, 2, n)
        told = loads(people, frontal_left=share, frontal_right=1 - share)
        row = asymmetry(people_by_region(people, told)).row(1, named=True)
        held += row["ci_low"] <= 2 * 0.61427 - 1 <= row["ci_high"]  # median of beta(3, 2)
    assert 180 <= held <= 199


def test_nobody_gives_empty_answers() -> None:
    people = cohort(4)
    nobody = people_by_region(people.clear(), loads(people, frontal_left=np.ones(4)))
    assert summary(nobody).is_empty()
    assert region_tests(nobody).is_empty()
    assert asymmetry(nobody).is_empty()
