"""Where the template lies on a scan: its brain and ventricles as outlines on the slices, beside the segmented ones."""

import numpy as np
import scipy
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

TEMPLATE_COLOUR, SEGMENTED_COLOUR = (255, 200, 60), (86, 180, 233)
_PER_ROW, _HEIGHT = 7, 200


def registration_picture(
    grey: NDArray[np.uint8],
    template_brain: NDArray[np.bool_],
    template_ventricle: NDArray[np.bool_] | None,
    ventricle: NDArray[np.bool_],
    spacing_mm: tuple[float, float, float],
    *,
    synthetic: bool = False,
) -> NDArray[np.uint8]:
    """Draw every slice that holds brain, seen from below, the person's right on the left.

    Parameters
    ----------
    grey : (X, Y, Z) grey levels of the scan, RAS+
    template_brain, template_ventricle : of the template, brought onto the scan
    ventricle : as segmented
    spacing_mm : voxel size

    Returns
    -------
    (rows, columns, 3) uint8: the template in yellow, the segmented ventricles in blue; one black tile without brain
    """
    slices = np.flatnonzero(template_brain.any((0, 1)) | ventricle.any((0, 1)))
    tiles = [
        _tile(
            grey[:, :, z],
            [(template_brain[:, :, z], TEMPLATE_COLOUR), (ventricle[:, :, z], SEGMENTED_COLOUR)]
            + ([] if template_ventricle is None else [(template_ventricle[:, :, z], TEMPLATE_COLOUR)]),
            spacing_mm, f"{z + 1}", synthetic,
        )
        for z in slices
    ]  # fmt: skip
    if not tiles:
        return np.zeros((_HEIGHT, _HEIGHT, 3), np.uint8)
    blank = np.zeros_like(tiles[0])
    tiles += [blank] * (-len(tiles) % _PER_ROW)
    rows = [np.concatenate(tiles[i : i + _PER_ROW], axis=1) for i in range(0, len(tiles), _PER_ROW)]
    return np.concatenate(rows, axis=0)


def _tile(
    plane: NDArray[np.uint8],
    layers: list[tuple[NDArray[np.bool_], tuple[int, int, int]]],
    spacing_mm: tuple[float, float, float],
    text: str,
    synthetic: bool,
) -> NDArray[np.uint8]:
    upright = np.ascontiguousarray(plane[::-1, ::-1].T)
    width = max(round(_HEIGHT * upright.shape[1] * spacing_mm[0] / (upright.shape[0] * spacing_mm[1])), 1)
    canvas = np.repeat(np.asarray(Image.fromarray(upright).resize((width, _HEIGHT)))[..., None], 3, axis=2).copy()
    for mask, colour in layers:
        drawn = Image.fromarray(np.ascontiguousarray(mask[::-1, ::-1].T).astype(np.uint8) * 255)
        area = np.asarray(drawn.resize((width, _HEIGHT), Image.Resampling.NEAREST)) > 0
        canvas[area & ~scipy.ndimage.binary_erosion(area, border_value=1)] = colour
    picture = Image.fromarray(canvas)
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(size=12)
    draw.text((4, 3), "R", (255, 255, 255), font)
    draw.text((width - 4, 3), text, (255, 255, 255), font, anchor="ra")
    if synthetic:
        draw.text((4, _HEIGHT - 4), "SYNTHETIC", (255, 217, 112), font, anchor="ld")
    return np.asarray(picture)
