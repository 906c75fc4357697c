"""Sizes of letters, in points, at which words fit their place on a slide; widths in inches."""

import math


def detail_size(words: str, width: float) -> tuple[int, int]:
    """Return size and lines of the sentences under a title."""
    points = 14 if len(words) < 20 * width else 12
    letters = width * 122 / points
    return points, math.ceil(len(words) / letters)


def title_points(words: str, width: float) -> int:
    """Return a size at which a sentence fits three lines."""
    room = 0.82 if width > 11 else 0.62
    for points, letters in ((28, 105), (24, 165), (20, 260), (17, 360)):
        if len(words) <= letters * room:
            return points
    return 14


def methods_points(words: str, width: float) -> int:
    """Return a size at which the methods fit their slide."""
    room = len(words) / width
    return next((points for points, most in ((14, 115), (11, 190), (9, 280)) if room < most), 8)


def table_points(rows: int, columns: int, width: float) -> int:
    """Return a size at which a table fits its slide, no word of its first row broken."""
    crowded = (rows > 7) + (columns > 6)
    return (15, 12, 12)[crowded] if width > 11 else (11, 10 if rows > 7 else 9, 9)[crowded]
