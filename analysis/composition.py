"""How lesions are split between the zones, by log-ratios, with the zero rates beside it."""

from itertools import product
from typing import Any, Literal

import numpy as np
import polars as pl
import scipy
from numpy.typing import NDArray

from analysis.age_bands import Bands, band_label, with_age_band
from analysis.statistics.means import mean_interval
from vocabulary.measures import AGE_BANDS, GROUPS, SEXES, ZONES

FloatArray = NDArray[np.float64]

AREAS = tuple(f"{zone}_area_mm2" for zone in ZONES)
DETECTION_LIMIT_MM2 = 1.0
"""The smallest area a mask can show: one pixel of 1 mm2."""
ZERO_REPLACEMENT = 0.65 * DETECTION_LIMIT_MM2
LARGEST_ZERO_RATE = 0.5
LEAST_FOR_CENTRE = 5
FEW = 10

# Balances: periventricular against the other two, then paraventricular against juxtacortical.
BALANCES = np.array([[np.sqrt(2 / 3), -np.sqrt(1 / 6), -np.sqrt(1 / 6)], [0, np.sqrt(1 / 2), -np.sqrt(1 / 2)]])

SCHEMA = {
    "group": pl.String,
    "sex": pl.String,
    "age_band": pl.String,
    "zone": pl.String,
    "n": pl.Int64,
    "n_lesion_free": pl.Int64,
    "n_missing": pl.Int64,
    "centre_pct": pl.Float64,
    "ci_low": pl.Float64,
    "ci_high": pl.Float64,
    "mean_share_pct": pl.Float64,
    "mean_low": pl.Float64,
    "mean_high": pl.Float64,
    "pooled_share_pct": pl.Float64,
    "n_zero": pl.Int64,
    "zero_rate": pl.Float64,
    "note": pl.String,
}


def measured_by(frame: pl.DataFrame) -> Literal["area", "volume"] | None:
    """Tell what a cohort knows of its zones: areas, else volumes, else nothing."""
    for what, ending in (("area", "area_mm2"), ("volume", "volume_ml")):
        names = [f"{zone}_{ending}" for zone in ZONES]
        if set(names) <= set(frame.columns) and all(frame[name].null_count() < frame.height for name in names):
            return "area" if what == "area" else "volume"
    return None


def by_volume(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a cohort frame whose zone volumes stand where areas would, so that their split can be described.

    Volumes become mm3, so that a zone without lesions counts as 0.65 of the smallest voxel, 1 mm3; shares are those of
    the volume. A volume of all lesions that is not known is the sum of the zones.

    Examples
    --------
    >>> known = {f"{zone}_volume_ml": [ml] for zone, ml in zip(ZONES, (3.0, 1.0, 0.0), strict=True)}
    >>> by_volume(pl.DataFrame(known)).select("wmh_area_mm2", "paraventricular_share_pct").row(0)
    (4000.0, 25.0)
    """
    zones = [pl.col(f"{zone}_volume_ml") for zone in ZONES]
    total = pl.sum_horizontal(zones, ignore_nulls=False)
    if "wmh_volume_ml" in frame.columns:
        total = pl.coalesce(pl.col("wmh_volume_ml"), total)
    parts = [(1000 * volume).alias(name) for volume, name in zip(zones, AREAS, strict=True)]
    return frame.with_columns(*parts, (1000 * total).alias("wmh_area_mm2")).with_columns(
        pl.when(pl.col("wmh_area_mm2") > 0).then(100 * pl.col(area) / pl.col("wmh_area_mm2")).alias(f"{zone}_share_pct")
        for zone, area in zip(ZONES, AREAS, strict=True)
    )


def composition(frame: pl.DataFrame, by: tuple[str, ...] = ("group",), bands: Bands = AGE_BANDS) -> pl.DataFrame:
    """Typical split of the lesion area between the zones, among people with lesions.

    The centre is the closed geometric mean: the split of a typical person, whose parts add up to 100 and
    which does not depend on which zone is looked at. A zone without lesions in a person with lesions is
    replaced by 0.65 of one pixel (1 mm2) before taking logarithms; how many there are is told (n_zero).
    Where more than half of a stratum have no lesion in some zone, the replacement would decide the centre:
    it is null then, and the mean share is what is left to say.

    Parameters
    ----------
    frame : cohort frame
    by : any of "group", "sex", "age_band"
    bands : inclusive age bands in years, used with "age_band"

    Returns
    -------
    polars.DataFrame, one row per stratum and zone: group, sex, age_band (null unless asked for), zone, n (lesion-
    positive people), n_lesion_free, n_missing (areas unknown), centre_pct, ci_low, ci_high (95 %, Student's on the
    part's log odds; none below 5 people), mean_share_pct (mean of the people's shares) with mean_low, mean_high (95 %,
    see ``analysis.statistics.means``), pooled_share_pct (of all lesion area together),
    n_zero, zero_rate (0-1, of the lesion-positive), note.

    Raises
    ------
    ValueError : a stratum other than the three.

    References
    ----------
    Aitchison 1986, doi:10.1007/978-94-009-4109-0; Martin-Fernandez, Barcelo-Vidal and Pawlowsky-Glahn 2003
    (replacement of zeros), doi:10.1023/A:1023866030544
    """
    levels = {"group": GROUPS, "sex": SEXES, "age_band": tuple(map(band_label, bands))}
    if unknown := set(by) - set(levels):
        raise ValueError(f"unknown stratum '{sorted(unknown)[0]}'; expected group, sex or age_band")
    # No other column is carried along: of a million people every copy of them all takes a tenth of a second.
    needed = [c for c in ("group", "sex", "age_years", "wmh_area_mm2", *AREAS) if c in frame.columns]
    banded = with_age_band(frame.select(needed), bands) if "age_band" in by else frame.select(needed)
    rows: list[dict[str, Any]] = []
    for keys in product(*(levels[column] for column in by)):
        stratum = dict(zip(by, keys, strict=True))
        members = banded.filter(pl.all_horizontal(pl.col(c) == v for c, v in stratum.items())) if by else banded
        rows += [stratum | row for row in _zones(members)]
    return pl.DataFrame(rows, schema=SCHEMA).with_columns(pl.selectors.float().fill_nan(None))


def composition_tests(frame: pl.DataFrame) -> pl.DataFrame:
    """Test whether the split depends on group, sex or age, each at fixed values of the others.

    A multivariate linear model of the two log-ratio balances on group, sex and age among the lesion-positive of known
    age; each term is tested by Pillai's trace, which is exact for one degree of freedom.

    Returns
    -------
    polars.DataFrame, one row per term ("group", "sex", "age_years"): term, n, n_missing, pillai, statistic (F), df1,
    df2, p_value, note

    References
    ----------
    Pillai 1955, doi:10.1214/aoms/1177728599; Egozcue et al. 2003 (balances), doi:10.1023/A:1023818214614
    """
    positive = frame.select("wmh_area_mm2", *AREAS, "group", "sex", "age_years").filter(pl.col("wmh_area_mm2") > 0)
    used = positive.select(
        *AREAS,
        pl.col("group").eq("MS").cast(pl.Float64),
        pl.col("sex").eq("M").cast(pl.Float64),
        pl.col("age_years").cast(pl.Float64),
    ).drop_nulls()
    terms = ("group", "sex", "age_years")
    outcome = log_ratios(used.select(AREAS).to_numpy()) @ BALANCES.T if used.height else np.empty((0, 2))
    rows = []
    for term in terms:
        row = {"term": term, "n": used.height, "n_missing": positive.height - used.height}
        others = [used[t].to_numpy() for t in terms if t != term and used[t].n_unique() > 1]
        rows.append(row | _pillai(outcome, used[term].to_numpy(), others))
    floats = dict.fromkeys(("pillai", "statistic", "df1", "df2", "p_value"), pl.Float64)
    schema = {"term": pl.String, "n": pl.Int64, "n_missing": pl.Int64, **floats, "note": pl.String}
    return pl.DataFrame(rows, schema=schema)


def log_ratios(areas: FloatArray) -> FloatArray:
    """Centred log-ratios of zone areas, zeros replaced by 0.65 mm2.

    Parameters
    ----------
    areas : (N, 3) float array, mm2, each row with a positive sum

    Returns
    -------
    (N, 3) float array; every row sums to zero
    """
    shares = areas / areas.sum(axis=1, keepdims=True)
    replaced = np.minimum(ZERO_REPLACEMENT / areas.sum(axis=1, keepdims=True), 1 / 3)
    # Multiplicative replacement: what the zeros receive is taken from the other parts in proportion.
    zero = areas == 0
    shares = np.where(zero, replaced, shares * (1 - (replaced * zero).sum(axis=1, keepdims=True)))
    logs = np.log(shares)
    centred: FloatArray = logs - logs.mean(axis=1, keepdims=True)
    return centred


def _zones(members: pl.DataFrame) -> list[dict[str, Any]]:
    known = members.select("wmh_area_mm2", *AREAS).drop_nulls()
    positive = known.filter(pl.col("wmh_area_mm2") > 0).select(AREAS).to_numpy()
    head = {
        "n": len(positive),
        "n_lesion_free": known.height - len(positive),
        "n_missing": members.height - known.height,
    }
    if not len(positive):
        return [head | {"zone": zone, "n_zero": 0, "note": "nobody with lesions"} for zone in ZONES]
    logs = log_ratios(positive)
    shares = 100 * positive / positive.sum(axis=1, keepdims=True)
    zero_rates = (positive == 0).mean(axis=0)
    centre, note = _closed(logs.mean(axis=0)), None
    low, high = _centre_interval(logs, centre)
    if zero_rates.max() > LARGEST_ZERO_RATE:
        centre, low, high = (np.full(len(ZONES), np.nan) for _ in range(3))
        zone = ZONES[zero_rates.argmax()]
        note = f"{100 * zero_rates.max():.0f} % have no {zone} lesion: a typical split is undefined"
    elif len(positive) < LEAST_FOR_CENTRE:
        note = f"fewer than {LEAST_FOR_CENTRE} people with lesions: no interval"
    elif len(positive) < FEW:
        note = f"only {len(positive)} people with lesions"
    rows = []
    for i, zone in enumerate(ZONES):
        mean_low, mean_high = mean_interval(shares[:, i], "share")
        rows.append(
            head
            | {
                "zone": zone,
                "centre_pct": centre[i],
                "ci_low": low[i],
                "ci_high": high[i],
                "mean_share_pct": shares[:, i].mean(),
                "mean_low": mean_low,
                "mean_high": mean_high,
                "pooled_share_pct": 100 * positive[:, i].sum() / positive.sum(),
                "n_zero": int((positive[:, i] == 0).sum()),
                "zero_rate": zero_rates[i],
                "note": note,
            }
        )
    return rows


def _centre_interval(logs: FloatArray, centre: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Student's interval of each part on its log odds, where the mean of log-ratios is nearly normal at any n."""
    n, width = logs.shape
    if n < LEAST_FOR_CENTRE:
        return np.full(width, np.nan), np.full(width, np.nan)
    parts = centre / 100
    # What one person's log-ratios add to the log odds of a part: its own against the weighted rest.
    rest = (logs @ parts)[:, None] - logs * parts
    influence = logs - rest / (1 - parts)
    half = scipy.special.stdtrit(n - 1, 0.975) * influence.std(axis=0, ddof=1) / np.sqrt(n)
    return 100 * scipy.special.expit(scipy.special.logit(parts) - half), 100 * scipy.special.expit(
        scipy.special.logit(parts) + half
    )


def _closed(logs: FloatArray) -> FloatArray:
    """Log-ratios back to parts of 100."""
    parts: FloatArray = 100 * scipy.special.softmax(logs, axis=-1)
    return parts


def _pillai(outcome: FloatArray, term: FloatArray, others: list[FloatArray]) -> dict[str, Any]:
    n, dimensions = outcome.shape
    df2 = n - len(others) - 1 - dimensions
    if df2 < 1:
        return {"note": f"too few lesion-positive people ({n})"}
    q, _ = np.linalg.qr(np.column_stack([np.ones(n), *(o - o.mean() for o in others)]))
    left = term - q @ (q.T @ term)
    size = np.linalg.norm(left)
    if size <= 1e-9 * max(float(np.linalg.norm(term)), 1.0):
        return {"note": "everybody is alike in this term"}
    residual = outcome - q @ (q.T @ outcome)
    slope = left @ residual / size
    total = residual.T @ residual
    if np.linalg.matrix_rank(total) < dimensions:
        return {"note": "the split does not vary"}
    pillai = float(slope @ np.linalg.solve(total, slope))
    if pillai > 1 - 1e-12:
        return {"note": "the split is determined exactly: no test"}
    f = pillai / (1 - pillai) * df2 / dimensions
    return {
        "pillai": pillai,
        "statistic": f,
        "df1": float(dimensions),
        "df2": float(df2),
        "p_value": float(scipy.special.fdtrc(dimensions, df2, f)),
    }
