"""Numbers as people read them."""

import math

import pytest

from app.sentences.formatting import (
    MISSING,
    format_interval,
    format_number,
    format_p,
    format_percent,
    format_r,
    format_ratio,
    format_ratio_interval,
    format_table,
    p_equals,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (314758, "314,758"),
        (1234.5, "1,234"),
        (99.96, "100"),
        (9.996, "10.0"),
        (0.05, "0.0500"),
        (0.000123, "0.000123"),
        (0.00000123, "1.23e-06"),
        (-0.0952317, "−0.0952"),
        (-3, "−3"),
        (0.0, "0"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (math.nan, MISSING),
        (None, MISSING),
    ],
)
def test_number(value: float | None, text: str) -> None:
    assert format_number(value) == text


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (4.868302e-79, "< .001"),
        (0.00099, "< .001"),
        (0.001, ".001"),
        (0.0061760, ".006"),
        (0.04996, ".0500"),
        (0.0136, ".014"),
        (0.375759, ".38"),
        (0.9951, "> .99"),
        (math.nan, MISSING),
    ],
)
def test_p(p: float, text: str) -> None:
    assert format_p(p) == text


def test_p_in_a_sentence_is_never_zero() -> None:
    assert p_equals(0.0) == "p < .001"
    assert p_equals(0.011) == "p = .011"


def test_every_limit_of_a_ratio_has_its_own_digits() -> None:
    assert format_ratio_interval(15.0507, 12.5812, 18.0051) == "15.1 (95 % CI 12.6-18.0)"
    assert format_ratio_interval(618.18, 374.0, 1021.8) == "618 (95 % CI 374-1,020)"
    assert format_ratio(0.0123) == "0.012"


def test_a_rounded_zero_has_no_sign() -> None:
    assert format_r(-0.001) == "0.00"
    assert format_r(-0.006) == "−0.01"
    assert format_percent(0.04) == "0 %"


def test_interval_with_a_negative_limit_is_spelled_out() -> None:
    assert format_interval(-0.161, -0.0285) == "−0.161 to −0.0285"
    assert format_interval(0.189, 0.309, format_r) == "0.19-0.31"


def test_table_puts_numbers_to_the_right() -> None:
    assert format_table(("who", "r"), [("HC", "0.25"), ("MS", "−0.3"), ("?", MISSING)]) == (
        "who     r\nHC   0.25\nMS   −0.3\n?       –"
    )
    assert format_table(("who",), []) == "who"
