"""Sizes of letters, in points, at which words fit their place on a slide; widths in inches."""

import math


def detail_size(words: str, width: float, *, wide: bool = False) -> tuple[int, int]:
    """Return size and lines of the sentences under a title; ``wide`` letters are those of Persian."""
    points = 14 if len(words) < 20 * width else 12
    letters = width * (122 if wide else 144) / points
    return points, math.ceil(len(words) / letters)


def title_points(words: str, width: float, *, wide: bool = False) -> int:
    """Return a size at which a sentence fits three lines; ``wide`` letters are those of Persian."""
    room = (1.0 if width > 11 else 0.75) * (0.82 if wide else 1.0)
    for points, letters in ((28, 105), (24, 165), (20, 260), (17, 360)):
        if len(words) <= letters * room:
            return points
    return 14


def methods_points(words: str, width: float) -> int:
    """Return a size at which the methods fit their slide."""
    room = len(words) / width
    return next((points for points, most in ((14, 115), (11, 190), (9, 280)) if room < most), 8)
