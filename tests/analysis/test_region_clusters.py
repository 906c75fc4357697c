"""Clusters by region: planted ones are found, people of one population have none, and nothing depends on luck."""

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import adjusted_rand_score

from analysis.region_clusters import (
    LEAST_PEOPLE,
    Cancelled,
    OnePopulation,
    find_clusters,
    members_described,
    one_peak,
    pattern,
    profiles,
)

REGIONS = 24
SCHEMA = {"subject_id": pl.String, "scan_id": pl.String, "protocol_id": pl.String, "region_number": pl.Int32,
          "region": pl.String, "side": pl.String, "load_ml": pl.Float64}  # fmt: skip


def people(seed: int, n: int, kinds: int) -> tuple[pl.DataFrame, np.ndarray]:
    """Return made-up people whose lesions are spread over regions in one of so many ways, loads of any size."""
    rng = np.random.default_rng(seed)
    spread = rng.dirichlet(np.ones(REGIONS), size=kinds)
    kind = rng.integers(kinds, size=n)
    rows = []
    for person in range(n):
        load = rng.lognormal(1.5, 1.0) * rng.dirichlet(spread[kind[person]] * 40 + 0.05)
        load[load < 0.02] = 0
        name = f"{person:04}"
        rows += [(name, f"made/{name}", "p", r + 1, f"region {r}", "left", float(load[r])) for r in range(REGIONS)]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row"), kind


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_planted_clusters_are_recovered(seed: int) -> None:
    frame, kind = people(seed, 120, 3)
    found = find_clusters(frame, "composition")
    assert found.k == 3
    told = found.people.sort("subject_id")
    assert adjusted_rand_score(kind[[int(name) for name in told["subject_id"]]], told["cluster"].to_list()) >= 0.9
    sizes = told["cluster"].value_counts().sort("cluster")["count"].to_list()
    assert sizes == sorted(sizes, reverse=True)


@pytest.mark.slow
@pytest.mark.parametrize("representation", ["composition", "load"])
def test_people_of_one_population_have_none(representation: str) -> None:
    for seed in range(4):
        found = find_clusters(people(seed, 100, 1)[0], representation)  # type: ignore[arg-type]
        assert found.k is None
        assert found.reason
        assert found.people["cluster"].null_count() == found.people.height


def test_too_few_people_say_so() -> None:
    found = find_clusters(people(1, LEAST_PEOPLE - 1, 1)[0])
    assert found.k is None
    assert "clusters need 30 or more" in found.reason
    assert 0 < found.explained[1] <= found.explained[0] < 1
    assert profiles(people(1, 5, 1)[0], found).is_empty()


def test_people_without_lesions_are_left_out_and_counted() -> None:
    frame, _ = people(1, 12, 1)
    frame = frame.with_columns(
        load_ml=pl.when(pl.col("subject_id").is_in(["0003", "0007"])).then(0.0).otherwise("load_ml")
    )
    assert find_clusters(frame).n_without == 2
    who, values = pattern(frame, "composition")
    assert who.height == 10
    assert (values**2).sum(axis=1) == pytest.approx(np.ones(10))


def test_the_reference_is_one_population_with_like_correlations() -> None:
    rng = np.random.default_rng(5)
    shared = rng.standard_normal(600)
    two_peaks = np.where(rng.random(600) < 0.5, 0.0, 10.0) + rng.standard_normal(600)
    rare = np.where(rng.random(600) < 0.7, 0.0, 2 + rng.random(600))
    values = np.stack([shared, shared + 0.5 * rng.standard_normal(600), two_peaks, rare], axis=1)
    drawn = OnePopulation(values).draw(rng)
    assert np.abs(np.corrcoef(drawn.T)[0, 1] - np.corrcoef(values.T)[0, 1]) < 0.05
    assert drawn.mean(axis=0) == pytest.approx(values.mean(axis=0), abs=0.3)
    assert (drawn[:, 3] == 0).mean() == pytest.approx((values[:, 3] == 0).mean(), abs=0.01)
    # Nearly nobody lies between the two peaks; in one population most do.
    between = [((column > 3) & (column < 7)).mean() for column in (values[:, 2], drawn[:, 2])]
    assert between[0] < 0.05 < 0.25 < between[1]


def test_a_density_with_one_peak_is_kept_and_two_are_made_one() -> None:
    rng = np.random.default_rng(6)
    flat = rng.random(500)
    assert one_peak(flat)[[20, 100, 180]] == pytest.approx([0.1, 0.5, 0.9], abs=0.06)
    two = np.concatenate([rng.standard_normal(250), 10 + rng.standard_normal(250)])
    quantiles = one_peak(two)
    assert ((quantiles > 3) & (quantiles < 7)).mean() > 0.2
    assert np.std(quantiles) == pytest.approx(two.std(), rel=0.1)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_answer_and_a_stop_stops() -> None:
    frame, _ = people(2, 40, 2)
    one, two = (find_clusters(frame) for _ in range(2))
    assert one.by_k.equals(two.by_k)
    assert one.people.equals(two.people)
    with pytest.raises(Cancelled):
        find_clusters(frame, progress=lambda share: share < 0.1)


@pytest.mark.slow
def test_profiles_and_people_of_clusters_by_hand() -> None:
    frame, _ = people(3, 60, 2)
    found = find_clusters(frame)
    assert found.k == 2
    told = profiles(frame, found)
    assert told.group_by("cluster").agg(pl.col("share_pct").sum())["share_pct"].to_list() == pytest.approx([100, 100])
    a = found.people.filter(pl.col("cluster") == "A")["scan_id"].to_list()
    first = frame.filter(pl.col("scan_id").is_in(a) & (pl.col("region_number") == 1))["load_ml"].mean()
    assert told["mean_ml"][0] == pytest.approx(first)
    cohort = frame.select("scan_id", "protocol_id").unique(maintain_order=True)
    cohort = cohort.with_columns(group=pl.lit("MS"), sex=pl.lit("F"), age_years=pl.lit(40.0), wmh_volume_ml=pl.lit(2.0))
    described = members_described(cohort, found)
    assert described["n"].to_list() == [len(a), 60 - len(a)]
    assert described["n_women"].to_list() == described["n_ms"].to_list() == described["n"].to_list()
