"""Small cohorts built by hand, as the tests of the statistics use them."""

from tests.analysis.conftest import people

__all__ = ["people"]
