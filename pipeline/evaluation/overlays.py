"""A picture of one patient's slices with what a rater drew and what a model found; it never leaves this machine."""

from collections.abc import Sequence
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.segmentation.tissues import Tissue

COLOURS = {Tissue.VENTRICLE: (86, 180, 233), Tissue.WMH: (213, 94, 0)}
"""Sky blue and vermilion of the Okabe-Ito palette: told apart by the colour-blind, and on grey."""
_ROWS = ("by hand", "model")
_GREY = (160, 160, 160)
_SCALE = 3
_MARGIN = 8
_LABEL = 26
_AROUND = 20
_LESIONS_COUNT = 4


def overlay_png(
    volume: NDArray[np.float32], truth: NDArray[np.uint8], found: NDArray[np.uint8], *, slices: int = 3
) -> bytes:
    """Draw the slices with most to see, the rater's outlines above and the model's below.

    Parameters
    ----------
    volume : (X, Y, Z) scan, X from left to right, Y from back to front
    truth, found : label arrays on its grid
    slices : int, how many at most: those with the most labels, no two of them neighbours

    Returns
    -------
    bytes of a PNG; byte-identical for the same input
    """
    from PIL import Image, ImageDraw, ImageFont

    levels = _levels(truth, found, slices)
    box = _box(truth, found)
    window = np.percentile(volume[volume > volume.min()], (1, 99.5)) if np.ptp(volume) else (0.0, 1.0)
    tiles = [[_tile(volume, labels, k, box, window) for k in levels] for labels in (truth, found)]
    height, width = tiles[0][0].shape[:2]
    across, down = width + _MARGIN, height + _LABEL + _MARGIN
    canvas = Image.new("RGB", (across * len(levels) + _MARGIN, down * 2 + _MARGIN))
    draw, font = ImageDraw.Draw(canvas), ImageFont.load_default(_LABEL - 8)
    for row, name in enumerate(_ROWS):
        for column, k in enumerate(levels):
            corner = (_MARGIN + column * across, _MARGIN + row * down)
            draw.text(corner, f"{name}, slice {k + 1}", fill=_GREY, font=font)
            canvas.paste(Image.fromarray(tiles[row][column]), (corner[0], corner[1] + _LABEL))
    file = BytesIO()
    canvas.save(file, "PNG", optimize=True)
    return file.getvalue()


def _levels(truth: NDArray[np.uint8], found: NDArray[np.uint8], wanted: int) -> list[int]:
    """Slices with the most labelled pixels, lesions first, neighbours passed over; middle ones where there are none."""
    both = np.stack([truth, found])
    marked = (both > 0).sum((0, 1, 2)) + _LESIONS_COUNT * (both == Tissue.WMH).sum((0, 1, 2))
    depth = marked.size
    order = np.argsort(-marked, kind="stable") if marked.any() else np.argsort(np.abs(np.arange(depth) - depth // 2))
    chosen: list[int] = []
    for k in map(int, order):
        if (marked[k] or not marked.any()) and len(chosen) < wanted and all(abs(k - other) > 1 for other in chosen):
            chosen.append(k)
    return sorted(chosen)


def _box(truth: NDArray[np.uint8], found: NDArray[np.uint8]) -> tuple[slice, slice]:
    """Everything labelled and a margin around it; the whole plane where nothing is."""
    marked: NDArray[np.bool_] = np.logical_or.reduce((truth > 0) | (found > 0), axis=2)
    if not marked.any():
        return slice(None), slice(None)
    sides = []
    for axis in (1, 0):
        places = np.flatnonzero(marked.any(axis))
        sides.append(slice(max(int(places[0]) - _AROUND, 0), int(places[-1]) + _AROUND + 1))
    return sides[0], sides[1]


def _tile(
    volume: NDArray[np.floating],
    labels: NDArray[np.uint8],
    k: int,
    box: tuple[slice, slice],
    window: Sequence[float] | NDArray[np.floating],
) -> NDArray[np.uint8]:
    """One slice, front of the head on top and its left on the left, with outlines drawn just outside each object."""
    plane = volume[:, :, k][box].T[::-1]
    marks = np.kron(labels[:, :, k][box].T[::-1], np.ones((_SCALE, _SCALE), np.uint8))
    low, high = window
    grey = np.clip((plane - low) / max(high - low, 1e-6), 0, 1) * 255
    grey = np.kron(grey.astype(np.uint8), np.ones((_SCALE, _SCALE), np.uint8))
    tile = np.repeat(grey[..., None], 3, axis=2)
    for tissue, colour in COLOURS.items():
        mask = marks == tissue
        tile[ndimage.binary_dilation(mask) & ~mask] = colour
    return tile
