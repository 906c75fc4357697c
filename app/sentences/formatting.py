"""Numbers as people read them: sensible digits, no false precision. Nothing is rounded before it gets here."""

import math
from collections.abc import Callable, Sequence

MISSING = "–"
MINUS = "−"
NUMBER_STARTS = f"0123456789<>.∞{MINUS}{MISSING}"


def format_number(value: float | None, digits: int = 3) -> str:
    """Return a number with about three significant digits, thousands separated; a dash for a missing one.

    Parameters
    ----------
    value : float or None
    digits : significant digits; whole parts are never cut

    Examples
    --------
    >>> [format_number(v) for v in (314758.0, 0.6539268, -0.88643, 15.0507, 0, None)]
    ['314,758', '0.654', '−0.886', '15.1', '0', '–']
    """
    if value is None or math.isnan(value):
        return MISSING
    size = abs(value)
    if math.isinf(size):
        return _signed("∞", value)
    if value == int(value) and size < 1e9:
        return _signed(f"{size:,.0f}", value)
    if size < 1e-4 or size >= 1e9:
        return _signed(f"{size:.{digits - 1}e}", value)
    decimals = max(0, digits - len(f"{size:.0f}")) if size >= 1 else digits - 1 - _exponent(size)
    return _signed(f"{size:,.{decimals}f}", value)


def format_p(p: float | None) -> str:
    """Return a p value for a table cell.

    Examples
    --------
    >>> [format_p(p) for p in (4.9e-79, 0.006176, 0.04961, 0.3758, 1.0, None)]
    ['< .001', '.006', '.0496', '.38', '> .99', '–']
    """
    if p is None or math.isnan(p):
        return MISSING
    if p < 0.001:
        return "< .001"
    if p > 0.99:
        return "> .99"
    if p >= 0.1:
        return f"{p:.2f}".removeprefix("0")
    # Close to .05 a third digit alone would hide on which side p lies.
    return (f"{p:.4f}" if 0.045 <= p < 0.055 else f"{p:.3f}").removeprefix("0")


def p_equals(p: float | None) -> str:
    """Return a p value for running text.

    Examples
    --------
    >>> p_equals(0.0161), p_equals(1e-9), p_equals(None)
    ('p = .016', 'p < .001', 'p not computed')
    """
    text = format_p(p)
    if text == MISSING:
        return "p not computed"
    return f"p {text}" if text[0] in "<>" else f"p = {text}"


def format_ratio(ratio: float) -> str:
    """Return a ratio: two decimals below 2, one below 100, none above, and no more than three digits from 1,000 on.

    Examples
    --------
    >>> [format_ratio(r) for r in (0.0123, 0.9405, 7.66, 15.05, 618.2, 25009.3)]
    ['0.012', '0.94', '7.7', '15.1', '618', '25,000']
    """
    if math.isinf(ratio):
        return "∞"
    if ratio >= 1000:
        return f"{float(f'{ratio:.2e}'):,.0f}"
    return f"{ratio:,.{_ratio_decimals(ratio)}f}"


def format_ratio_range(low: float, high: float) -> str:
    """Return the limits of a ratio, each with its own digits; "to" where they are far apart.

    Examples
    --------
    >>> format_ratio_range(12.55, 18.05), format_ratio_range(0.71, 25009.3)
    ('12.6-18.1', '0.71 to 25,000')
    """
    between = " to " if high >= 100 * low else "-"
    return f"{format_ratio(low)}{between}{format_ratio(high)}"


def format_ratio_interval(ratio: float, low: float, high: float) -> str:
    """Return a ratio with its 95 % interval, each number with its own digits.

    Examples
    --------
    >>> format_ratio_interval(1.79, 1.223, 2.601)
    '1.79 (95 % CI 1.22-2.6)'
    """
    return f"{format_ratio(ratio)} (95 % CI {format_ratio_range(low, high)})"


def format_r(r: float) -> str:
    """Return a correlation with two decimals.

    Examples
    --------
    >>> format_r(-0.0725)
    '−0.07'
    """
    return _signed(f"{abs(r):.2f}", r if round(r, 2) else 0.0)


def format_percent(value: float) -> str:
    """Return a percentage without its sign: whole from 1 up to any size, one digit below.

    Examples
    --------
    >>> [format_percent(v) for v in (6.02, 11.4, 0.42, 0.0)]
    ['6 %', '11 %', '0.4 %', '0 %']
    """
    size = abs(value)
    return f"{size:.0f} %" if size >= 0.95 or size < 0.05 else f"{size:.1f} %"


def format_interval(low: float, high: float, how: Callable[[float], str] = format_number) -> str:
    """Return an interval; "to" instead of a hyphen where a limit is negative.

    Examples
    --------
    >>> format_interval(12.58, 18.0, format_ratio), format_interval(-0.177, 0.059)
    ('12.6-18.0', '−0.177 to 0.0590')
    """
    return f"{how(low)} to {how(high)}" if low < 0 else f"{how(low)}-{how(high)}"


def format_table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a plain text table, columns padded to their widest cell, numbers to the right.

    Examples
    --------
    >>> print(format_table(("group", "n"), [("HC", "999"), ("MS", "1")]))
    group    n
    HC     999
    MS       1
    """
    columns = list(zip(headers, *rows, strict=True))
    return "\n".join("  ".join(cells).rstrip() for cells in zip(*map(_padded, columns), strict=True))


def _padded(column: Sequence[str]) -> list[str]:
    width = max(map(len, column))
    numbers = len(column) > 1 and all(cell[:1] in NUMBER_STARTS for cell in column[1:])
    return [cell.rjust(width) if numbers else cell.ljust(width) for cell in column]


def _signed(text: str, value: float) -> str:
    return f"{MINUS}{text}" if value < 0 else text


def _ratio_decimals(ratio: float) -> int:
    if ratio >= 100:
        return 0
    return 1 if ratio >= 2 else (2 if ratio >= 0.1 else 3)


def _exponent(size: float) -> int:
    return int(f"{size:e}".split("e")[1])
