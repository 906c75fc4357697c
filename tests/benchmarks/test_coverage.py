"""The coverage bench: it counts what it should, and no interval of the product misses the truth too often."""

from collections import defaultdict

import pytest

from benchmarks.coverage import Count, coverage, population, table

TRIALS = 120


def test_a_count_knows_held_missed_and_withheld() -> None:
    count = Count()
    for low, high in ((0.0, 2.0), (1.0, 1.5), (2.0, 3.0), (-3.0, 0.5), (None, 2.0), (0.0, float("inf"))):
        count.add(1.0, low, high)
    assert (count.trials, count.given, count.held, count.below, count.above) == (6, 4, 2, 1, 1)
    assert count.coverage == 50
    assert Count().coverage is None


def test_the_table_says_what_was_withheld() -> None:
    held, none = Count(), Count()
    for _ in range(3):
        held.add(1.0, 0.0, 2.0)
        none.add(1.0, None, None)
    held.add(1.0, None, None)
    text = table({("mean", "load"): {"40/104": held, "5/13": none}})
    assert "100.0 (25 % none)" in text
    assert text.rstrip().endswith("–")


@pytest.mark.slow
def test_intervals_hold() -> None:
    counts = coverage(population(60_000, 1), ((40, 104),), TRIALS, seed=2)
    kinds: dict[str, list[Count]] = defaultdict(list)
    for (kind, _what), row in counts.items():
        kinds[kind].append(row["40/104"])
    held = {kind: sum(c.held for c in given) / max(sum(c.given for c in given), 1) for kind, given in kinds.items()}
    given = {kind: sum(c.given for c in given) for kind, given in kinds.items()}
    # Each kind rests on 120 intervals or more: .95 less four standard errors of 120.
    assert {kind: share for kind, share in held.items() if given[kind] >= TRIALS and share < 0.87} == {}
    assert given["hodges_lehmann"] == 5 * TRIALS
    assert given["adjusted_log_ratio"] > 2 * TRIALS
