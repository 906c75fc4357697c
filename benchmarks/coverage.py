"""`python -m benchmarks.coverage`: how often each 95 % interval holds the truth, by interval and number of people.

People are drawn from the models of the demonstration cohort. The truth is what the product's own estimators say of a
million of them; each trial gives a small cohort of them to the very functions the pages call, and counts.
"""

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl

from analysis.comparison import compare, headline_model
from analysis.composition import composition
from analysis.correlation import correlate, difference_of
from analysis.overview import zero_rates
from analysis.statistics.regression import NotEstimable
from analysis.strata import strata
from analysis.synthetic.cohort import synthetic_cohort
from analysis.trend import age_slope, age_trend
from vocabulary.measures import MEASURES, ZONES

Key = tuple[str, str]
Interval = tuple[float | None, float | None, float | None]

SIZES = ((380, 991), (70, 183), (40, 104), (20, 52), (13, 30), (10, 26), (5, 13))
"""People of each trial: MS, HC. The first is the size of the published study."""

COMPARED = (
    "ventricle_ratio_pct",
    "wmh_ratio_pct",
    "paraventricular_area_mm2",
    "periventricular_share_pct",
    "juxtacortical_share_pct",
)
DESCRIBED = ("ventricle_ratio_pct", "wmh_ratio_pct", "periventricular_share_pct")
CORRELATED = ("age_years", "ventricle_ratio_pct", "wmh_ratio_pct", "periventricular_share_pct", "wmh_area_mm2")
EVERY_AGE = [(0, None)]
TREND_AGE = 40


@dataclass
class Count:
    """Trials of one interval: how many gave one, how many held the truth, how many missed it on either side."""

    trials: int = 0
    given: int = 0
    held: int = 0
    below: int = 0
    above: int = 0

    def add(self, truth: float, low: float | None, high: float | None) -> None:
        """Count one trial; an interval without a limit is withheld."""
        self.trials += 1
        if low is None or high is None or not np.isfinite([low, high]).all():
            return
        self.given += 1
        slack = 1e-9 * max(1.0, abs(truth))
        self.below += high < truth - slack
        self.above += low > truth + slack
        self.held = self.given - self.below - self.above

    @property
    def coverage(self) -> float | None:
        """Share of the intervals given that hold the truth, in percent."""
        return 100 * self.held / self.given if self.given else None


def population(n: int, seed: int) -> pl.DataFrame:
    """Return n people drawn from the demonstration's models, with the columns the store derives."""
    people = synthetic_cohort(seed, n)
    head, load = pl.col("intracranial_area_mm2"), pl.col("wmh_area_mm2")
    people = people.with_columns(
        pl.lit(None, dtype=pl.String).alias("session"),
        (100 * pl.col("ventricle_area_mm2") / head).alias("ventricle_ratio_pct"),
        (100 * load / head).alias("wmh_ratio_pct"),
        *(pl.when(load > 0).then(100 * pl.col(f"{z}_area_mm2") / load).alias(f"{z}_share_pct") for z in ZONES),
    )
    return people.with_columns(pl.lit(None, dtype=pl.Float64).alias(m) for m in MEASURES if m not in people.columns)


def intervals(frame: pl.DataFrame) -> Iterator[tuple[Key, Interval]]:
    """Yield (interval, of what), (estimate, low, high) of everything the pages show an interval of."""
    for name in COMPARED:
        for row in compare(frame, name).iter_rows(named=True):
            yield (row["name"], name), (row["effect_size"], row["ci_low"], row["ci_high"])
        yield from _varying(frame, name)
    for method in ("spearman", "pearson"):
        cells = correlate(frame, CORRELATED, method)  # type: ignore[arg-type]
        for row in cells.iter_rows(named=True):
            yield (method, f"{row['group']} {row['x']} ~ {row['y']}"), (row["r"], row["ci_low"], row["ci_high"])
        for row in difference_of(cells).iter_rows(named=True):
            pair = f"MS - HC {row['x']} ~ {row['y']}"
            yield (method, pair), (row["difference"], row["ci_low"], row["ci_high"])
    yield from _described(frame)


def _described(frame: pl.DataFrame) -> Iterator[tuple[Key, Interval]]:
    """Strata, zones, age and lesion-free people."""
    together = frame.with_columns(sex=pl.lit("F"))
    for name in DESCRIBED:
        for row in strata(together, name, EVERY_AGE).filter(pl.col("sex") == "F").iter_rows(named=True):
            for what in ("mean", "median"):
                key = f"stratum {what}", f"{row['group']} {name}"
                yield key, (row[what], row[f"{what}_low"], row[f"{what}_high"])
    for row in composition(frame).iter_rows(named=True):
        what = f"{row['group']} {row['zone']}"
        yield ("composition centre", what), (row["centre_pct"], row["ci_low"], row["ci_high"])
        yield ("mean zone share", what), (row["mean_share_pct"], row["mean_low"], row["mean_high"])
    for name in DESCRIBED:
        for row in age_slope(frame, name).iter_rows(named=True):
            yield ("age slope", f"{row['group']} {name}"), (row["effect_size"], row["ci_low"], row["ci_high"])
        for (group,), curve in age_trend(frame, name).drop_nulls("age").partition_by("group", as_dict=True).items():
            nearest = curve.row(int((curve["age"] - TREND_AGE).abs().arg_min() or 0), named=True)
            if abs(nearest["age"] - TREND_AGE) < 1:
                key = f"age trend at {TREND_AGE}", f"{group} {name}"
                yield key, (nearest["estimate"], nearest["ci_low"], nearest["ci_high"])
    for row in zero_rates(frame, ["wmh_area_mm2"]).iter_rows(named=True):
        yield ("zero rate", f"{row['group']} wmh_area_mm2"), (row["rate"], row["ci_low"], row["ci_high"])


def _varying(frame: pl.DataFrame, name: str) -> Iterator[tuple[Key, Interval]]:
    """The group effect at two ages and in each sex, on the scale of the model."""
    model = headline_model(frame, name)
    for modifier, values in (("age", (25.0, 50.0)), ("sex", (0.0, 1.0))):
        try:
            found = model.effect_at(modifier, np.array(values))  # type: ignore[arg-type]
        except NotEstimable:
            continue
        for i, value in enumerate(values):
            estimate, low, high = (float(part[i]) for part in found)
            yield (f"effect at {modifier} {value:.0f}", name), (estimate, low, high)


def cohorts(people: pl.DataFrame, n_ms: int, n_hc: int, trials: int, seed: int) -> Iterator[pl.DataFrame]:
    """Yield cohorts of n_ms and n_hc people drawn from the population."""
    rng = np.random.default_rng([seed, n_ms, n_hc])
    members = [np.flatnonzero((people["group"] == g).to_numpy()) for g in ("MS", "HC")]
    for _ in range(trials):
        drawn = [rng.choice(rows, n) for rows, n in zip(members, (n_ms, n_hc), strict=True)]
        yield people[np.concatenate(drawn)]


def coverage(
    people: pl.DataFrame, sizes: tuple[tuple[int, int], ...], trials: int, seed: int
) -> dict[Key, dict[str, Count]]:
    """Count, for every interval and size of cohort, how often the truth lies within."""
    truth = {key: estimate for key, (estimate, _low, _high) in intervals(people)}
    counts: dict[Key, dict[str, Count]] = defaultdict(lambda: defaultdict(Count))
    for n_ms, n_hc in sizes:
        started = time.perf_counter()
        for frame in cohorts(people, n_ms, n_hc, trials, seed):
            for key, (_estimate, low, high) in intervals(frame):
                if truth.get(key) is not None:
                    counts[key][f"{n_ms}/{n_hc}"].add(truth[key], low, high)
        _say(f"{n_ms} MS, {n_hc} HC: {trials} cohorts in {time.perf_counter() - started:.0f} s")
    return counts


def table(counts: dict[Key, dict[str, Count]]) -> str:
    """Return coverage in percent by interval and size; what share was withheld is in brackets, all of it: a dash."""
    sizes = list(dict.fromkeys(size for row in counts.values() for size in row))
    lines = [f"{'95 % interval of':<24}{'what':<62}" + "".join(f"{size:>16}" for size in sizes)]
    for (interval, what), row in sorted(counts.items()):
        lines.append(f"{interval:<24}{what:<62}" + "".join(f"{_cell(row[size]):>16}" for size in sizes))
    return "\n".join(lines) + "\n"


def _cell(count: Count) -> str:
    if count.coverage is None:
        return "–"
    withheld = 100 * (1 - count.given / count.trials)
    return f"{count.coverage:.1f}" + (f" ({withheld:.0f} % none)" if withheld >= 0.5 else "")


def main() -> None:
    """Parse, simulate, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.coverage", description=__doc__)
    parser.add_argument("--trials", type=int, default=400, metavar="N", help="cohorts of each size (default 400)")
    parser.add_argument("--people", type=int, default=1_000_000, metavar="N", help="people the truth is taken from")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout; progress goes to stderr")
    args = parser.parse_args()
    counts = coverage(population(args.people, args.seed), SIZES, args.trials, args.seed)
    if args.json:
        rows = [
            {"interval": i, "of": w, "n": s, "coverage": c.coverage} | vars(c)
            for (i, w), row in counts.items()
            for s, c in row.items()
        ]
        sys.stdout.write(json.dumps({"trials": args.trials, "seed": args.seed, "rows": rows}) + "\n")
    else:
        sys.stdout.write(table(counts))


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    main()
