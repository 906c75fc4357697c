"""The measuring itself: percentiles, stages, promises kept or missed, and what the table says."""

import pytest

from benchmarks.__main__ import _table
from benchmarks.timing import Stopwatch, measure, summarise


def test_percentiles_and_promise():
    seconds = [i / 100 for i in range(1, 101)]
    kept = summarise("kept", seconds, target=0.96)
    # Linear interpolation between the order statistics of 0.01 ... 1.00.
    assert (kept.p50, kept.p95, kept.maximum) == pytest.approx((0.505, 0.9505, 1.0))
    assert kept.met is True
    assert summarise("missed", seconds, target=0.95).met is False
    assert summarise("nothing promised", seconds).met is None


def test_every_run_counts_but_the_warm_up_and_stages_are_medians():
    calls = []

    def run(watch: Stopwatch, i: int) -> None:
        calls.append(i)
        watch.stages["figure"] = [9.0, 1.0, 5.0][i]

    result = measure("figure", run, runs=3, warm_up=2)
    assert calls == [0, 1, 0, 1, 2]
    assert result.n_runs == 3
    assert result.stages == {"figure": 5.0}
    assert result.cpu is not None


def test_a_stage_entered_twice_adds_up(monkeypatch):
    moments = iter([0.0, 1.0, 10.0, 12.0])
    monkeypatch.setattr("benchmarks.timing.time.perf_counter", lambda: next(moments))
    watch = Stopwatch()
    for _ in range(2):
        with watch.stage("dress"):
            pass
    assert watch.stages == {"dress": 3.0}


def test_json_and_table_are_in_milliseconds_and_mark_what_was_missed():
    missed = summarise("strata", [0.25, 0.5], target=0.3, stages={"figure": [0.2, 0.2]}, cpu=0.1)
    row = missed.to_dict()
    assert (row["p50_ms"], row["max_ms"], row["cpu_ms"], row["target_ms"], row["met"]) == (375, 500, 100, 300, False)
    text = _table([missed, summarise("read", [0.1])], {"after start": 76.4, "later": None}, {"processors": 2})
    [line] = [line for line in text.splitlines() if line.startswith("strata")]
    assert line.endswith("figure 200 MISSED")
    assert text.count("MISSED") == 1
    assert "76" in text
    assert "unknown" in text
