"""What a second opinion by another program says, in words and digits."""

from typing import Any

from app.sentences.formatting import MISSING, format_number


def said(check: dict[str, Any]) -> str:
    """Say how far apart the two programs are, and what only one of them has."""
    largest = check["max_abs_difference"]
    apart = "nothing could be compared" if largest is None else f"largest difference {format_number(largest)}"
    without = f"; it has no counterpart of: {', '.join(check['untested'])}" if check["untested"] else ""
    return f"Checked with pingouin {check['version']}: {apart}{without}."


def exact(value: float | None) -> str:
    """Write a number with twelve digits, so that what differs is seen."""
    return MISSING if value is None else f"{value:.12g}"
