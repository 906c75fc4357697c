"""Groups of people with like patterns of lesions: how many, how stable, or none.

K-means on one of two representations of a person's regional loads. Clusters are reported only where they come back
when people are drawn again (adjusted Rand index over bootstrap samples) and are better apart than those that k-means
finds in people without clusters: drawn from one population with one peak per region and like correlations between
regions (Gaussian copula). K-means cuts any cloud in two; what it finds there is no finding.

References
----------
Hubert and Arabie 1985 (adjusted Rand index), doi:10.1007/BF01908075; Rousseeuw 1987 (silhouette),
doi:10.1016/0377-0427(87)90125-7; Hennig 2007 (stability by bootstrap), doi:10.1016/j.csda.2006.11.025
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl
import scipy
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sklearn.cluster import KMeans

Representation = Literal["load", "composition"]
REPRESENTATIONS: dict[Representation, str] = {
    "load": "log of the load of each region",
    "composition": "share of each region in the person's load",
}
SMALL_ML = 0.01
"""Added to a load before its logarithm, so that a region without lesions is no infinity; about one voxel's volume."""
MOST_CLUSTERS = 6
N_BOOTSTRAPS, N_REFERENCES = 40, 39
LEAST_STABLE = 0.8
"""Mean adjusted Rand index below which a number of clusters is not stable."""
LEAST_PEOPLE = 30
"""People with lesions below whom no clusters are looked for."""
SEED = 2026

FloatArray = NDArray[np.float64]


class Cancelled(Exception):
    """Looking for clusters was stopped by who asked for it."""


@dataclass(frozen=True)
class Clustering:
    """Clusters of people, or why there are none.

    Attributes
    ----------
    people : one row per person clustered: subject_id, scan_id, protocol_id, cluster ("A" the largest; null without
        clusters), silhouette (null likewise), x, y (first two principal components)
    by_k : one row per number of clusters: k, stability (mean adjusted Rand index), stability_low (its 10th percentile),
        silhouette, silhouette_reference (95th percentile without clusters), p_value
    k : number of clusters, None where there are none
    reason : why there are none; empty where there are
    representation : key of ``REPRESENTATIONS``
    n_without : people left out because they have no lesion in any region
    explained : share of the variance along x and y, 0 to 1
    """

    people: pl.DataFrame
    by_k: pl.DataFrame
    k: int | None
    reason: str
    representation: Representation
    n_without: int
    explained: tuple[float, float]


def pattern(by_region: pl.DataFrame, representation: Representation) -> tuple[pl.DataFrame, FloatArray]:
    """Return who has lesions, and one row of numbers per person.

    Parameters
    ----------
    by_region : from ``analysis.regions.people_by_region``

    Returns
    -------
    people : subject_id, scan_id, protocol_id, of those with a lesion in any region
    values : (people, regions) ``load``: log10 of the load (mL) and a hundredth of a millilitre; ``composition``: square
        roots of the shares, whose distance is Hellinger's. A region that a scan does not show counts as without lesion
    """
    who = ["subject_id", "scan_id", "protocol_id"]
    wide = by_region.pivot("region_number", index=who, values="load_ml").sort(who).fill_null(0.0)
    loads = wide.drop(who).to_numpy().astype(np.float64)
    has = loads.sum(axis=1) > 0
    loads = loads[has]
    if representation == "load":
        values = np.log10(loads + SMALL_ML)
    else:
        values = np.sqrt(loads / loads.sum(axis=1, keepdims=True))
    return wide.select(who).filter(pl.Series(has)), np.asarray(values)


def find_clusters(
    by_region: pl.DataFrame,
    representation: Representation = "composition",
    *,
    seed: int = SEED,
    progress: Callable[[float], bool] | None = None,
) -> Clustering:
    """Look for clusters of people by their pattern of lesions.

    Parameters
    ----------
    by_region : from ``analysis.regions.people_by_region``, one scan per person
    representation : what a person's pattern is
    progress : called with the share done, 0 to 1; the search ends where it returns False

    Raises
    ------
    Cancelled : ``progress`` returned False.
    """
    people, values = pattern(by_region, representation)
    n_without = by_region["scan_id"].n_unique() - people.height
    empty = pl.DataFrame(schema=dict.fromkeys(("stability", "stability_low", "silhouette"), pl.Float64))
    if people.height < LEAST_PEOPLE:
        reason = f"{people.height} people have lesions in a region; clusters need {LEAST_PEOPLE} or more"
        alone, spread = _told(people, None, values)
        return Clustering(alone, empty, None, reason, representation, n_without, spread)
    rng = np.random.default_rng(seed)
    numbers = range(2, MOST_CLUSTERS + 1)
    steps = N_BOOTSTRAPS + N_REFERENCES
    fitted = {k: _kmeans(values, k, seed, starts=10) for k in numbers}
    agreement: dict[int, list[float]] = {k: [] for k in numbers}
    for done in range(N_BOOTSTRAPS):
        drawn = rng.integers(people.height, size=people.height)
        for k in numbers:
            again = _kmeans(values[drawn], k, int(rng.integers(2**31)), starts=2)
            agreement[k].append(_rand_index(fitted[k].labels_, _placed(again, values)))
        _say(progress, (done + 1) / steps)
    population = OnePopulation(values)
    reference: dict[int, list[float]] = {k: [] for k in numbers}
    for done in range(N_REFERENCES):
        nobody = population.draw(rng)
        for k in numbers:
            reference[k].append(_silhouette(nobody, _kmeans(nobody, k, int(rng.integers(2**31)), starts=2).labels_))
        _say(progress, (N_BOOTSTRAPS + done + 1) / steps)
    rows = []
    for k in numbers:
        apart = _silhouette(values, fitted[k].labels_)
        p = (1 + sum(other >= apart for other in reference[k])) / (N_REFERENCES + 1)
        low = float(np.percentile(agreement[k], 10))
        rows.append((k, float(np.mean(agreement[k])), low, apart, float(np.percentile(reference[k], 95)), p))
    names = ("k", "stability", "stability_low", "silhouette", "silhouette_reference", "p_value")
    by_k = pl.DataFrame(rows, schema=dict.fromkeys(names, pl.Float64) | {"k": pl.Int64}, orient="row")
    # One test per number of clusters: Bonferroni would need more references than are drawn, so the excess of the
    # best number over its reference is judged against the best of each reference.
    excess = np.array([by_k["silhouette"][i] - np.mean(reference[k]) for i, k in enumerate(numbers)])
    best = np.array([[one - np.mean(reference[k]) for one in reference[k]] for k in numbers]).max(axis=0)
    overall = (1 + int((best >= excess.max()).sum())) / (N_REFERENCES + 1)
    stable = by_k.with_columns(excess=pl.Series(excess)).filter(pl.col("stability") >= LEAST_STABLE)
    chosen, reason = None, ""
    steadiest = float(np.max(by_k["stability"].to_numpy()))
    if overall > 0.05:
        reason = f"people in one population would be as far apart (p = {overall:.2f})"
    elif stable.is_empty() or float(stable["excess"].to_numpy().max()) <= best.max():
        reason = f"no number of clusters comes back when people are drawn again (at most {steadiest:.2f})"
    else:
        steady = stable.with_columns(pl.col("stability").round(2))
        chosen = int(steady.sort("stability", "excess", descending=True)["k"][0])
    told, explained = _told(people, fitted[chosen].labels_ if chosen else None, values)
    return Clustering(told, by_k, chosen, reason, representation, n_without, explained)


class OnePopulation:
    """People without clusters, to be drawn: as often no lesion in a region, one peak per region, like correlations.

    A Gaussian copula of the normal scores' correlation. In each region as many as in the data have its lowest value
    where several do (no lesion); the others follow their own density, smoothed just so much that it has one peak
    (Silverman 1981, doi:10.1111/j.2517-6161.1981.tb01155.x) and brought back to their mean and standard deviation.

    Parameters
    ----------
    values : (people, regions)
    """

    def __init__(self, values: FloatArray) -> None:
        n = len(values)
        scores = scipy.stats.norm.ppf((scipy.stats.rankdata(values, axis=0) - 0.5) / n)
        spread = scores.std(axis=0)
        scaled = np.divide(scores - scores.mean(axis=0), spread, out=np.zeros_like(scores), where=spread > 0)
        _, size, right = np.linalg.svd(scaled / np.sqrt(n), full_matrices=False)
        self._mixed = size[:, None] * right
        self._n = n
        self._lowest = values.min(axis=0)
        without = values <= self._lowest
        self._none = np.where(without.sum(axis=0) > 1, without.mean(axis=0), 0.0)
        self._quantiles = [
            one_peak(values[:, region][~without[:, region]] if self._none[region] else values[:, region])
            for region in range(values.shape[1])
        ]

    def draw(self, rng: np.random.Generator) -> FloatArray:
        """Return as many people as there were, (people, regions)."""
        drawn = rng.standard_normal((self._n, len(self._mixed))) @ self._mixed
        # Not their ranks: evenly spread people would have none of the clumps that chance makes.
        places = scipy.stats.norm.cdf(drawn)
        made = np.tile(self._lowest, (self._n, 1))
        for region, (share, quantiles) in enumerate(zip(self._none, self._quantiles, strict=True)):
            if share < 1:
                has = places[:, region] > share
                where = (places[has, region] - share) / (1 - share)
                shares = np.linspace(0, 1, len(quantiles))
                made[has, region] = np.maximum(np.interp(where, shares, quantiles), self._lowest[region])
        return made


def one_peak(values: FloatArray) -> FloatArray:
    """Return 201 quantiles, from 0 to 1, of the values' density smoothed just so much that it has one peak.

    Parameters
    ----------
    values : one or more

    Examples
    --------
    >>> one_peak(np.full(5, 2.0))[[0, 100, 200]].tolist()
    [2.0, 2.0, 2.0]
    """
    mean, spread = float(values.mean()), float(values.std())
    if spread <= 1e-12 * max(abs(mean), 1.0):
        return np.full(201, mean)
    edges = np.linspace(values.min() - 3 * spread, values.max() + 3 * spread, 401)
    counts = np.histogram(values, edges)[0].astype(np.float64)
    step = float(edges[1] - edges[0])
    # Half the rule of thumb for a normal sample, and twice its spread, which merges any two peaks.
    narrow, wide = 0.5 * 1.06 * spread * len(values) ** -0.2 / step, 2.0 * spread / step
    if _n_peaks(counts, narrow) > 1:
        for _ in range(12):
            middle = (narrow + wide) / 2
            narrow, wide = (narrow, middle) if _n_peaks(counts, middle) == 1 else (middle, wide)
    else:
        wide = narrow
    density = scipy.ndimage.gaussian_filter1d(counts, wide, mode="constant")
    below = np.concatenate([[0.0], np.cumsum(density)])
    quantiles = np.interp(np.linspace(0, 1, 201), below / below[-1], edges)
    inflated = float(np.sqrt(spread**2 + (wide * step) ** 2))
    return np.asarray(mean + (quantiles - mean) * spread / inflated)


def _n_peaks(counts: FloatArray, width: float) -> int:
    rising = np.diff(scipy.ndimage.gaussian_filter1d(counts, width, mode="constant")) > 1e-9 * counts.sum()
    return int((rising[:-1] & ~rising[1:]).sum())


def _told(
    people: pl.DataFrame, labels: NDArray[np.int32] | None, values: FloatArray
) -> tuple[pl.DataFrame, tuple[float, float]]:
    """Return the people with their cluster, named by size, and where they lie along two principal components."""
    centred = values - values.mean(axis=0) if len(values) else values
    places, explained = np.zeros((len(values), 2)), (0.0, 0.0)
    if len(values) > 1 and values.shape[1] > 1:
        left, size, right = np.linalg.svd(centred, full_matrices=False)
        sign = np.where(right[:2].sum(axis=1) < 0, -1, 1)
        places = left[:, :2] * size[:2] * sign
        whole = float((size**2).sum()) or 1.0
        explained = (float(size[0] ** 2 / whole), float(size[1] ** 2 / whole))
    told = people.with_columns(x=pl.Series(places[:, 0], dtype=pl.Float64), y=pl.Series(places[:, 1], dtype=pl.Float64))
    if labels is None:
        return told.with_columns(cluster=pl.lit(None, pl.String), silhouette=pl.lit(None, pl.Float64)), explained
    from sklearn.metrics import silhouette_samples

    order = np.argsort(-np.bincount(labels), kind="stable")
    names = {int(number): chr(ord("A") + place) for place, number in enumerate(order)}
    return told.with_columns(
        cluster=pl.Series([names[int(label)] for label in labels]),
        silhouette=pl.Series(silhouette_samples(values, labels), dtype=pl.Float64),
    ), explained


def _kmeans(values: FloatArray, k: int, seed: int, *, starts: int) -> "KMeans":
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits

    # A few hundred people are done before threads have met; on a busy machine these wait for each other.
    with threadpool_limits(1):
        return KMeans(k, n_init=starts, random_state=seed).fit(values)


def _placed(fitted: "KMeans", values: FloatArray) -> NDArray[np.int32]:
    """Return the nearest centre of each person."""
    away = ((values[:, None] - fitted.cluster_centers_[None]) ** 2).sum(axis=2)
    return np.asarray(away.argmin(axis=1), np.int32)


def _silhouette(values: FloatArray, labels: NDArray[np.int32]) -> float:
    from sklearn.metrics import silhouette_score

    if len(set(labels.tolist())) < 2:
        return 0.0
    return float(silhouette_score(values, labels))


def _rand_index(one: NDArray[np.int32], other: NDArray[np.int32]) -> float:
    from sklearn.metrics import adjusted_rand_score

    return float(adjusted_rand_score(one, other))


def _say(progress: Callable[[float], bool] | None, share: float) -> None:
    if progress is not None and not progress(share):
        raise Cancelled


def profiles(by_region: pl.DataFrame, clustering: Clustering) -> pl.DataFrame:
    """Describe each cluster: region_number, region, side, cluster, n, n_with, mean_ml, share_pct.

    ``share_pct`` is the region's share of all that the cluster's people carry.
    """
    members = clustering.people.drop_nulls("cluster").select("scan_id", "protocol_id", "cluster")
    joined = by_region.join(members, on=["scan_id", "protocol_id"], how="inner")
    load = pl.col("load_ml")
    told = joined.group_by(["cluster", "region_number", "region", "side"]).agg(
        n=pl.len(), n_with=(load > 0).sum(), mean_ml=load.mean(), whole=load.sum()
    )
    return (
        told.with_columns(share_pct=100 * pl.col("whole") / pl.col("whole").sum().over("cluster"))
        .drop("whole")
        .sort("cluster", "region_number")
    )


def members_described(people: pl.DataFrame, clustering: Clustering) -> pl.DataFrame:
    """Describe the people of each cluster: n, n_ms, n_hc, n_women, age_mean (years), load_ml (mean WMH volume).

    Parameters
    ----------
    people : rows of the cohort frame
    """
    members = clustering.people.drop_nulls("cluster").select("scan_id", "protocol_id", "cluster")
    return (
        people.join(members, on=["scan_id", "protocol_id"], how="inner")
        .group_by("cluster")
        .agg(
            n=pl.len(),
            n_ms=(pl.col("group") == "MS").sum(),
            n_hc=(pl.col("group") == "HC").sum(),
            n_women=(pl.col("sex") == "F").sum(),
            age_mean=pl.col("age_years").mean(),
            load_ml=pl.col("wmh_volume_ml").mean(),
        )
        .sort("cluster")
    )
