"""Against R's p.adjust (tests/reference/correlation.R, R 4.2.2): a missing p value is no test."""

import numpy as np
import pytest

from analysis.statistics.multiplicity import benjamini_hochberg, holm

P = [0.0001, 0.03, None, 0.02, 0.5, 0.02, 0.9]


def test_holm_is_that_of_r() -> None:
    adjusted, family = holm(P)
    assert adjusted == pytest.approx([0.0006, 0.1, np.nan, 0.1, 1, 0.1, 1], nan_ok=True)
    assert family == 6


def test_benjamini_hochberg_is_that_of_r() -> None:
    adjusted, family = benjamini_hochberg(P)
    assert adjusted == pytest.approx([0.0006, 0.045, np.nan, 0.04, 0.6, 0.04, 0.9], nan_ok=True)
    assert family == 6


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
def test_nothing_to_adjust(adjust) -> None:
    assert adjust([])[1] == 0
    adjusted, family = adjust([None, float("nan")])
    assert np.isnan(adjusted).all()
    assert family == 0
    with pytest.raises(ValueError, match="between 0 and 1"):
        adjust([1.2])
