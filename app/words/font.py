"""The letters of a language inside its pages, so that no request leaves for them."""

import base64
from functools import cache
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"


@cache
def font_faces() -> str:
    """Return style rules with the letters of Persian, regular and bold; Latin ones are those of the page."""
    return "\n".join(
        f"@font-face {{font-family: Vazirmatn; font-weight: {weight}; font-display: block; src: {_inside(name)};}}"
        for weight, name in ((400, "Persian-Regular.woff"), (700, "Persian-Bold.woff"))
    )


@cache
def table_faces() -> str:
    """Return the style rule that gives Persian letters to the font of tables that are drawn on a canvas."""
    return (
        '@font-face {font-family: "Source Sans"; font-weight: 200 900; font-display: block; '
        f"unicode-range: U+600-6FF, U+200C-200F, U+2066-2069; src: {_inside('Persian-Regular.woff')};}}"
    )


@cache
def digit_faces() -> str:
    """Return the style rule of a font with Persian digits in the places of Latin ones.

    It is for what writes its own numbers, such as the axes of figures.
    """
    return (
        '@font-face {font-family: "Persian digits"; font-display: block; unicode-range: U+30-39; '
        f"src: {_inside('Persian-Digits.woff')};}}"
    )


@cache
def decimal_faces() -> str:
    """Return the style rule of a font with the Persian sign of decimals in the place of a full stop, for sliders."""
    return (
        '@font-face {font-family: "Persian decimal"; font-display: block; unicode-range: U+2E; '
        f"src: {_inside('Persian-Decimal.woff')};}}"
    )


def _inside(name: str) -> str:
    data = base64.b64encode((FONTS / name).read_bytes()).decode()
    return f"url(data:font/woff;base64,{data}) format('woff')"
