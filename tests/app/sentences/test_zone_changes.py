"""Moving the limits of a zone rule: which lesions change, and the shares before and after."""

from dataclasses import replace

import polars as pl
import pytest

from app.sentences.zone_changes import change_sentence, zone_shares_of, zones_under
from pipeline.measures.zoning import find_rule


@pytest.fixture
def lesions() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "scan_id": ["a", "a", "a", "b"],
            "zone": ["periventricular", "paraventricular", None, "juxtacortical"],
            "area_mm2": [30.0, 10.0, 99.0, 5.0],
            "distance_to_ventricle_mm": [2.0, 9.0, 1.0, 40.0],
            "centroid_to_ventricle_mm": [4.0, 20.0, 2.0, 42.0],
            "distance_to_cortex_mm": [20.0, 20.0, 20.0, 1.0],
            "touches_ventricle": [False] * 4,
            "touches_cortex": [False] * 4,
        }
    )


def test_a_rule_that_was_not_moved_changes_nothing(lesions: pl.DataFrame) -> None:
    assert zones_under(lesions, None).equals(lesions)
    assert zones_under(lesions, find_rule("study-code"))["zone"].to_list() == lesions["zone"].to_list()


def test_a_wider_limit_takes_more_lesions_but_none_that_was_undecided(lesions: pl.DataFrame) -> None:
    wider = replace(find_rule("study-code"), ventricle_mm=10.0)
    assert zones_under(lesions, wider)["zone"].to_list() == [
        "periventricular",
        "periventricular",
        None,
        "juxtacortical",
    ]


def test_shares_add_up_and_keep_empty_zones(lesions: pl.DataFrame) -> None:
    answer = zone_shares_of(lesions)
    assert answer["scan_id"].to_list() == ["a"] * 3 + ["b"] * 3
    assert answer["share_pct"].to_list() == [75.0, 25.0, 0.0, 0.0, 0.0, 100.0]


def test_no_lesions_have_no_shares(lesions: pl.DataFrame) -> None:
    assert zone_shares_of(lesions.clear()).is_empty()
    assert zone_shares_of(lesions.with_columns(zone=pl.lit(None, pl.String))).is_empty()


def test_the_sentence_counts_parts_and_scans(lesions: pl.DataFrame) -> None:
    wider = zones_under(lesions, replace(find_rule("study-code"), ventricle_mm=10.0))
    assert change_sentence(lesions, wider, "a") == (
        "The moved limits put 1 of 3 lesion parts of this scan into another zone, and 1 of 4 of all 2 scans with "
        "lesions. Periventricular share of this scan: 100 %, recorded 75 %; median of all: 50 %, recorded 38 %."
    )


def test_a_scan_without_lesions_has_no_share(lesions: pl.DataFrame) -> None:
    wider = zones_under(lesions, replace(find_rule("study-code"), ventricle_mm=10.0))
    assert "share of this scan: none, recorded none" in change_sentence(lesions, wider, "c")
