"""The published study computed again: its own analysis, and every number with its verdict and sound statement."""

import polars as pl

from analysis.published import study_rules
from analysis.published.recompute import output_numbers
from analysis.published.reproduce import reproduce
from benchmarks.timing import Result, Stopwatch, measure

TARGET = 0.2


def study(frame: pl.DataFrame, *, runs: int) -> list[Result]:
    """Measure the study's analysis (outlier rule, 2,128 numbers) and the whole of `mscohort reproduce`."""

    def analysis(watch: Stopwatch, _i: int) -> None:
        with watch.stage("outlier rule"):
            people = study_rules.sample(frame, study_rules.STUDY)
        with watch.stage("numbers"):
            output_numbers(people)

    def everything(_watch: Stopwatch, _i: int) -> None:
        reproduce(frame)

    return [
        measure(f"whole study analysis, {frame.height:,} people", analysis, runs=runs, target=TARGET),
        measure("reproduce: every number, verdict and sound statement", everything, runs=runs),
    ]
