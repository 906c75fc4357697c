"""Pictures of lesion maps: axial planes of the average head with a map over them in colour.

Planes are shown as radiologists hang them: seen from below, the person's right on the left of the picture.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from app.figures.palette import DIVERGING, GROUP_COLOURS
from vocabulary.lesion_grid import AFFINE, SPACING_MM, image_of

HEIGHTS_MM = tuple(range(-28, 68, 8))
"""Planes drawn, mm above the anterior commissure."""
_PER_ROW, _ENLARGED = 6, 2
Scale = list[tuple[float, str]]
SCALES: dict[str, Scale] = {
    "MS": [(0.0, "#5B2251"), (0.5, GROUP_COLOURS["MS"]), (1.0, "#FFE3FA")],
    "HC": [(0.0, "#00503A"), (0.5, GROUP_COLOURS["HC"]), (1.0, "#D6FFF1")],
    "difference": DIVERGING,
    "seen": [(0.0, "#1F2A44"), (1.0, "#CBD6E8")],
}


@dataclass(frozen=True)
class ShownMap:
    """A map to be drawn.

    Attributes
    ----------
    values : (N_VOXELS,) what is shown; NaN is transparent, and so is 0 but in ``seen``
    kind : key of ``SCALES``
    most : value at the end of the scale
    """

    values: NDArray[np.float32]
    kind: str
    most: float

    @property
    def least(self) -> float:
        """Return the value at the beginning of the scale."""
        return -self.most if self.kind == "difference" else 0.0


def head() -> NDArray[np.uint8]:
    """Return the average head on the common grid as grey levels, (X, Y, Z)."""
    from pipeline.registration.icbm152 import template_map

    return np.round(template_map("t1")[::2, ::2, ::2] * 200).astype(np.uint8)


def map_picture(shown: ShownMap, *, opacity: float = 0.85, synthetic: bool = False) -> NDArray[np.uint8]:
    """Draw the planes of ``HEIGHTS_MM``, (rows, columns, 3) uint8."""
    grey, values = head(), image_of(shown.values)
    tiles = []
    for height in HEIGHTS_MM:
        index = round((height - float(AFFINE[2, 3])) / SPACING_MM)
        plane = np.repeat(_upright(grey[:, :, index])[..., None], 3, axis=2).astype(np.float32)
        over = _upright(values[:, :, index])
        drawn = np.isfinite(over) & ((over != 0) | (shown.kind == "seen"))
        if drawn.any():
            colours = _colours(np.asarray(over[drawn], np.float64), shown)
            plane[drawn] += opacity * (colours - plane[drawn])
        tile = Image.fromarray(plane.astype(np.uint8))
        tiles.append(_lettered(tile.resize((tile.width * _ENLARGED, tile.height * _ENLARGED)), height, synthetic))
    rows = [np.concatenate(tiles[i : i + _PER_ROW], axis=1) for i in range(0, len(tiles), _PER_ROW)]
    return np.concatenate(rows, axis=0)


def colour_ramp(kind: str) -> str:
    """Return a scale as CSS colours, from its beginning to its end."""
    return ", ".join(f"{colour} {100 * place:.0f}%" for place, colour in SCALES[kind])


def _colours(values: NDArray[np.float64], shown: ShownMap) -> NDArray[np.float32]:
    shares = np.clip((values - shown.least) / (shown.most - shown.least), 0, 1)
    places = [place for place, _ in SCALES[shown.kind]]
    channels = [[int(colour[i : i + 2], 16) for _, colour in SCALES[shown.kind]] for i in (1, 3, 5)]
    return np.stack([np.interp(shares, places, channel) for channel in channels], axis=1).astype(np.float32)


def _upright(plane: NDArray[np.generic]) -> NDArray[np.generic]:
    """Turn (X, Y) to rows from the front and columns from the person's right."""
    return np.ascontiguousarray(plane[::-1, ::-1].T)


def _lettered(tile: Image.Image, height: int, synthetic: bool) -> NDArray[np.uint8]:
    draw = ImageDraw.Draw(tile)
    font = ImageFont.load_default(size=13)
    lower = tile.height - 4
    for text, place, anchor in (
        ("R", (4, 3), "la"), ("L", (tile.width - 4, 3), "ra"), (f"{height:+d} mm", (tile.width - 4, lower), "rd"),
    ):  # fmt: skip
        draw.text(place, text, (255, 255, 255), font, anchor=anchor)
    if synthetic:
        draw.text((4, tile.height - 4), "SYNTHETIC", (255, 217, 112), font, anchor="ld")
    return np.asarray(tile)
