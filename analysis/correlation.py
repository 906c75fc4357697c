"""Correlations per group and how they differ between MS and HC."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any, Literal

import numpy as np
import polars as pl
import scipy
from numpy.typing import NDArray

from analysis.part_whole import part_whole
from analysis.statistics.means import few_differ
from analysis.statistics.multiplicity import ADJUSTMENTS, benjamini_hochberg
from vocabulary.extra_columns import extra_named
from vocabulary.measures import GROUPS, MEASURES, Nature, measure

FloatArray = NDArray[np.float64]
Method = Literal["spearman", "pearson"]

VARIABLES_THAT_ARE_NOT_MEASURES = ("age_years", "sex")
METHODS: tuple[Method, ...] = ("spearman", "pearson")
PEARSON_HOLDS: dict[str, tuple[Nature, ...]] = {"HC": ("size",), "MS": ()}
"""Natures of measures whose Pearson correlation with another one or age has an interval that held the truth, by group
(``python -m benchmarks.coverage``). It takes values to be normally distributed: with loads, shares and the ventricles
of patients, which have long tails, it held as rarely as one time in two."""
NO_PEARSON_START = "no interval by Pearson"
NO_PEARSON = NO_PEARSON_START + ": {} is not known to be normally distributed; use Spearman"
TIED = "no interval: nearly everybody has the same {}"
LEAST_FOR_INTERVAL = 10
BY_CONSTRUCTION = "no interval: correlated by construction"

MOST_CORRELATED = 100_000
"""Of more people than this a page correlates a random sample, so that it stays quick, and says so."""
SCHEMA = {
    "method": pl.String,
    "partial": pl.String,
    "group": pl.String,
    "x": pl.String,
    "y": pl.String,
    "r": pl.Float64,
    "ci_low": pl.Float64,
    "ci_high": pl.Float64,
    "p_value": pl.Float64,
    "p_adjusted": pl.Float64,
    "q_value": pl.Float64,
    "adjustment": pl.String,
    "family_size": pl.Int64,
    "n": pl.Int64,
    "n_missing": pl.Int64,
    "part_whole": pl.Boolean,
    "reason": pl.String,
    "note": pl.String,
}
DIFFERENCE_SCHEMA = {
    "method": pl.String,
    "partial": pl.String,
    "x": pl.String,
    "y": pl.String,
    "r_hc": pl.Float64,
    "r_ms": pl.Float64,
    "n_hc": pl.Int64,
    "n_ms": pl.Int64,
    "difference": pl.Float64,
    "ci_low": pl.Float64,
    "ci_high": pl.Float64,
    "z": pl.Float64,
    "p_value": pl.Float64,
    "p_adjusted": pl.Float64,
    "q_value": pl.Float64,
    "adjustment": pl.String,
    "family_size": pl.Int64,
    "part_whole": pl.Boolean,
    "reason": pl.String,
    "note": pl.String,
}


def sampled(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the frame, or of a very large one a seeded random sample of ``MOST_CORRELATED`` people."""
    return frame.sample(MOST_CORRELATED, seed=1) if frame.height > MOST_CORRELATED else frame


def correlate(
    frame: pl.DataFrame,
    variables: Sequence[str],
    method: Method = "spearman",
    partial: bool = False,
    adjustment: str = "holm",
) -> pl.DataFrame:
    """Correlate every pair of variables within each group.

    Parameters
    ----------
    frame : cohort frame
    variables : measures, further columns of numbers, "age_years" or "sex" (F = 0, M = 1); repeated names count once
    method : "spearman" (ranks, ties averaged) or "pearson"
    partial : hold age and sex fixed (linearly; Spearman: on the ranks), except where one of them is in the pair
    adjustment : of p_adjusted, a key of ``analysis.statistics.multiplicity.ADJUSTMENTS``

    Returns
    -------
    polars.DataFrame, one row per group and pair: method, partial (what is held fixed, empty when nothing), group,
    x, y, r, ci_low, ci_high (95 %), p_value (Student t), p_adjusted, q_value (Benjamini-Hochberg), adjustment,
    family_size (tests of this call with a p value), n (complete pairs), n_missing, part_whole and reason (the pair
    is a part and its whole, or parts of one whole, so a correlation is there by construction), note.

    Raises
    ------
    ValueError : unknown method or variable, or fewer than two variables.

    Notes
    -----
    Intervals use Fisher's z with variance 1 / (n - 3 - k), for Spearman (1 + r^2 / 2) / (n - 3 - k); k variables held
    fixed. There is none for pairs that correlate by construction, none where nearly everybody has one value, and none
    by Pearson for loads, counts, shares and anything measured in patients (``PEARSON_HOLDS``).

    References
    ----------
    Bonett and Wright 2000 (Spearman), Psychometrika 65:23-28, doi:10.1007/BF02294183
    """
    names = _checked(frame, variables, method)
    rows: list[dict[str, Any]] = []
    for group in GROUPS:
        members = frame.filter(pl.col("group") == group)
        data = _Columns(members, names, method)
        for x, y in combinations(names, 2):
            rows.append(_cell(data, group, x, y, method, partial))
    return _with_family(pl.DataFrame(rows, schema=SCHEMA), adjustment)


def difference(
    frame: pl.DataFrame, variables: Sequence[str], method: Method = "spearman", partial: bool = False
) -> pl.DataFrame:
    """Test whether correlations differ between MS and HC (Fisher z), pair by pair.

    Parameters
    ----------
    frame, variables, method, partial : as for ``correlate``

    Returns
    -------
    polars.DataFrame, one row per pair: method, partial, x, y, r_hc, r_ms, n_hc, n_ms, difference (r of MS - r of HC),
    ci_low, ci_high (95 % of the difference), z, p_value, p_adjusted (Holm), q_value (Benjamini-Hochberg), family_size,
    part_whole, reason, note.

    References
    ----------
    Fisher 1921, Metron 1:3-32; Zou 2007 (interval of the difference), doi:10.1037/1082-989X.12.4.399
    """
    return difference_of(correlate(frame, variables, method, partial))


def difference_of(cells: pl.DataFrame) -> pl.DataFrame:
    """Return ``difference`` from the frame ``correlate`` has already computed, adjusted in the same way."""
    found = {(row["group"], row["x"], row["y"]): row for row in cells.iter_rows(named=True)}
    rows = [_difference(hc, found["MS", x, y]) for (group, x, y), hc in found.items() if group == "HC"]
    return _with_family(pl.DataFrame(rows, schema=DIFFERENCE_SCHEMA), cells["adjustment"][0])


class _Columns:
    """The variables of one group, complete pair by complete pair; ranks are computed once per set of rows."""

    def __init__(self, members: pl.DataFrame, names: Sequence[str], method: Method) -> None:
        wanted = dict.fromkeys([*names, "age_years", "sex"])
        self.frame = members.select(
            (pl.col(n).eq("M") if n == "sex" else pl.col(n)).cast(pl.Float64).alias(n) for n in wanted
        )
        self.height = members.height
        self.method = method
        self.known = {n: self.frame[n].is_not_null().to_numpy() for n in wanted}
        self._cache: dict[tuple[str, bytes], FloatArray] = {}
        self._tied: dict[tuple[str, bytes], bool] = {}

    def complete(self, names: Sequence[str]) -> NDArray[np.bool_]:
        rows: NDArray[np.bool_] = np.logical_and.reduce([self.known[n] for n in names])
        return rows

    def values(self, name: str, rows: NDArray[np.bool_]) -> FloatArray:
        """Values, or their ranks among these rows, centred and scaled to length 1; all zero when constant."""
        key = (name, np.packbits(rows).tobytes())
        if key not in self._cache:
            series = self.frame[name].filter(pl.Series(rows))
            if self.method == "spearman":
                series = series.rank("average")
            centred = series.to_numpy() - (series.mean() or 0.0)
            size = np.linalg.norm(centred)
            tiny = size <= 1e-12 * np.abs(series.to_numpy()).max(initial=0.0) * np.sqrt(max(len(centred), 1))
            self._cache[key] = np.zeros(len(centred)) if tiny else centred / size
            self._tied[key] = few_differ(centred)
        return self._cache[key]

    def tied(self, names: Sequence[str], rows: NDArray[np.bool_]) -> str | None:
        """The first of these variables, whose values were asked for, that nearly everybody has the same of."""
        chosen = np.packbits(rows).tobytes()
        return next((name for name in names if self._tied[name, chosen]), None)


def _cell(data: _Columns, group: str, x: str, y: str, method: Method, partial: bool) -> dict[str, Any]:
    fixed = [n for n in VARIABLES_THAT_ARE_NOT_MEASURES if n not in (x, y)] if partial else []
    rows = data.complete([x, y, *fixed])
    n = int(rows.sum())
    cell: dict[str, Any] = {"method": method, "group": group, "x": x, "y": y, "n": n, "n_missing": data.height - n}
    cell |= _kin(x, y)
    a, b, others = data.values(x, rows), data.values(y, rows), [data.values(f, rows) for f in fixed]
    # A covariate that does not vary cannot be held fixed and costs nothing.
    others = [o for o in others if o.any()]
    cell["partial"] = ", ".join(f for f in fixed if data.values(f, rows).any())
    df = n - 2 - len(others)
    if df < 1:
        return cell | {"note": f"{n} people with both values; needs at least {3 + len(others)}"}
    if not a.any() or not b.any():
        return cell | {"note": f"everybody has the same {_name(x if not a.any() else y)}"}
    if others:
        a, b = _residual(a, others), _residual(b, others)
        if not a.any() or not b.any():
            return cell | {"note": "nothing is left of the pair once age and sex are held fixed"}
    r = float(np.clip(a @ b, -1, 1))
    if abs(r) > 1 - 1e-12:
        return cell | {"r": float(np.sign(r)), "note": "a perfect correlation has no test and no interval"}
    t = r * np.sqrt(df / (1 - r * r))
    low, high = np.nan, np.nan
    if df > 1:
        half = scipy.special.ndtri(0.975) * np.sqrt(_variance(method, r, df - 1))
        low, high = np.tanh(np.arctanh(r) - half), np.tanh(np.arctanh(r) + half)
    cell |= {"r": r, "p_value": 2 * scipy.special.stdtr(df, -abs(t)), "ci_low": low, "ci_high": high}
    return _without_interval(cell, data.tied((x, y), rows))


def _variance(method: str, r: float, df: int) -> float:
    """Variance of Fisher's z of a correlation; df is n - 3, less one for every variable held fixed."""
    return (1 + r * r / 2 if method == "spearman" else 1.0) / df


def _without_interval(cell: dict[str, Any], tied: str | None) -> dict[str, Any]:
    """Take the interval away where it would not hold, and say why."""
    holds = PEARSON_HOLDS[cell["group"]]
    known = [v for v in (cell["x"], cell["y"]) if v not in VARIABLES_THAT_ARE_NOT_MEASURES]
    far = [v for v in known if v not in MEASURES or MEASURES[v].nature not in holds]
    if cell["part_whole"]:
        note = BY_CONSTRUCTION
    elif cell["n"] < LEAST_FOR_INTERVAL:
        note = f"no interval below {LEAST_FOR_INTERVAL} people"
    elif tied:
        note = TIED.format(_name(tied))
    elif cell["method"] == "pearson" and far:
        note = NO_PEARSON.format(_name(far[0]))
    else:
        return cell
    return cell | {"ci_low": None, "ci_high": None, "note": note}


def _name(variable: str) -> str:
    """A variable as a sentence names it."""
    if variable in VARIABLES_THAT_ARE_NOT_MEASURES:
        return {"age_years": "age", "sex": "sex"}[variable]
    if variable not in MEASURES:
        return extra_named(variable).label
    label = MEASURES[variable].label
    return label if label.startswith("WMH") else label[0].lower() + label[1:]


def _residual(values: FloatArray, others: list[FloatArray]) -> FloatArray:
    """What is left of centred values after the others, scaled to length 1; all zero when nothing is."""
    q, _ = np.linalg.qr(np.column_stack(others))
    left: FloatArray = values - q @ (q.T @ values)
    size = np.linalg.norm(left)
    return np.zeros_like(left) if size < 1e-9 else left / size


def _difference(hc: dict[str, Any], ms: dict[str, Any]) -> dict[str, Any]:
    row = {k: hc[k] for k in ("method", "partial", "x", "y", "part_whole", "reason")}
    row |= {"r_hc": hc["r"], "r_ms": ms["r"], "n_hc": hc["n"], "n_ms": ms["n"]}
    if hc["r"] is None or ms["r"] is None:
        group = "HC" if hc["r"] is None else "MS"
        return row | {"note": f"{group}: {(hc if group == 'HC' else ms)['note']}"}
    gap = ms["r"] - hc["r"]
    row["difference"] = gap
    if hc["ci_low"] is None or ms["ci_low"] is None:
        return row | {"note": hc["note"] or ms["note"] or "no interval of one of the two correlations"}
    error = np.sqrt(sum(_variance(r["method"], r["r"], r["n"] - 3 - len(_fixed(r))) for r in (hc, ms)))
    z = (np.arctanh(ms["r"]) - np.arctanh(hc["r"])) / error
    return row | {
        "z": z,
        "p_value": 2 * scipy.special.ndtr(-abs(z)),
        "ci_low": gap - np.hypot(ms["r"] - ms["ci_low"], hc["ci_high"] - hc["r"]),
        "ci_high": gap + np.hypot(ms["ci_high"] - ms["r"], hc["r"] - hc["ci_low"]),
    }


def _fixed(row: dict[str, Any]) -> list[str]:
    return row["partial"].split(", ") if row["partial"] else []


def _with_family(rows: pl.DataFrame, adjustment: str) -> pl.DataFrame:
    p = rows["p_value"].to_list()
    adjusted, family = ADJUSTMENTS[adjustment](p)
    q, _ = benjamini_hochberg(p)
    return rows.with_columns(
        p_adjusted=pl.Series(adjusted, dtype=pl.Float64),
        q_value=pl.Series(q, dtype=pl.Float64),
        family_size=family,
        adjustment=pl.lit(adjustment),
    ).with_columns(pl.selectors.float().fill_nan(None), pl.col("family_size").cast(pl.Int64))


def _kin(x: str, y: str) -> dict[str, Any]:
    reason = part_whole(x, y)
    return {"part_whole": reason is not None, "reason": reason}


def _checked(frame: pl.DataFrame, variables: Sequence[str], method: str) -> list[str]:
    if method not in METHODS:
        raise ValueError(f"unknown method '{method}'; expected spearman or pearson")
    names = list(dict.fromkeys(variables))
    for name in names:
        if name not in frame.columns:
            if name not in VARIABLES_THAT_ARE_NOT_MEASURES:
                measure(name)
            raise ValueError(f"the cohort has no column '{name}'")
        if name != "sex" and not frame.schema[name].is_numeric():
            raise ValueError(f"'{name}' is no number, so it cannot be correlated")
    if len(names) < 2:
        raise ValueError("a correlation needs two different variables")
    return names
