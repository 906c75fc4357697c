"""The range of a load: given on scans without a flag, else with the reason."""

from dataclasses import replace

import pytest

from pipeline.measures.quality_flags import FLAGS, Flag
from pipeline.measures.reliability import NO_LOAD, NOT_LEARNED, reliability
from pipeline.segmentation.bundled_models import find_model
from pipeline.segmentation.expected_load import LoadError
from pipeline.segmentation.familiarity import Familiarity

CARD = replace(
    find_model("mscohort-2"),
    load_error=LoadError(1.0, 0.5, 1.0, 10),
    familiarity=Familiarity({"noise": (0.05, 0.2)}, 10),
)


def test_a_scan_without_a_flag_has_a_range() -> None:
    found = reliability(CARD, 10.0, (), {"noise": 0.2})
    assert (found.wmh_low_ml, found.wmh_high_ml) == pytest.approx((10 - 26**0.5, 10 + 26**0.5))
    assert (found.no_range_reason, found.unlikeness, found.unlike_in) == ("", pytest.approx(1.0), "noise")


@pytest.mark.parametrize("name", FLAGS)
def test_any_flag_takes_it_away_and_says_so(name: str) -> None:
    found = reliability(CARD, 10.0, (Flag(name, "something"),), {"noise": 0.1})
    assert found.wmh_low_ml is found.wmh_high_ml is None
    assert FLAGS[name][1:] in found.no_range_reason


def test_what_is_not_known_is_said() -> None:
    assert reliability(replace(CARD, load_error=None), 1.0, (), {}).no_range_reason == NOT_LEARNED
    assert reliability(CARD, None, (), {}).no_range_reason == NO_LOAD
    unknown = reliability(replace(CARD, familiarity=None), 1.0, (), {"noise": 9.0})
    assert (unknown.unlikeness, unknown.unlike_in) == (None, None)
