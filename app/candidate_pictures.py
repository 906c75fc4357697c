"""Pictures of a lesion that differs between two visits: the same place at both, side by side, and where it lies.

Slices are shown as radiologists hang them: seen from below, the person's right on the left of the picture.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from app.lesion_visits import ComparedVisits
from app.scan_images import rgb
from pipeline.measures.lesion_change import LesionCandidate
from pipeline.registration.visits import brought

CLOSE_MM = 56.0
"""Side of a close-up."""
OUTLINES = {"candidate": "#FFD92F", "lesion": "#66C2FF"}
"""The candidate, and other lesions of the visit shown; both stand out of grey for people who see no red or green."""
_GAP = 6
Picture = NDArray[np.uint8]


@dataclass(frozen=True)
class VisitPair:
    """Both visits on the later one's grid, grey levels and lesions: what every picture of a pair is drawn from.

    Attributes
    ----------
    images : (X, Y, Z) float32, earlier and later
    lesions : (X, Y, Z) bool, earlier and later
    spacing_mm : of the later scan
    """

    images: tuple[NDArray[np.float32], NDArray[np.float32]]
    lesions: tuple[NDArray[np.bool_], NDArray[np.bool_]]
    spacing_mm: tuple[float, float, float]


def pair_of(found: ComparedVisits) -> VisitPair:
    """Bring the earlier visit onto the later one's grid."""
    one, other, to_earlier = found.earlier, found.later, found.comparison.laid.to_earlier
    shape = other.brain.shape
    image = brought(one.image, one.affine, to_earlier, other.affine, shape, order=1)
    lesions = brought(one.lesions, one.affine, to_earlier, other.affine, shape, order=1) >= 0.5
    x, y, z = (float(mm) for mm in np.linalg.norm(other.affine[:3, :3], axis=0))
    return VisitPair((image, other.image), (lesions, other.lesions), (x, y, z))


def candidate_picture(
    pair: VisitPair,
    one: LesionCandidate,
    *,
    names: tuple[str, str],
    outlined: bool = True,
    height: int = 300,
    synthetic: bool = False,
) -> Picture:
    """Draw a candidate: a close-up of each visit at the same place, and the whole slice with the place marked.

    Parameters
    ----------
    names : what the visits are called, written into the close-ups
    outlined : draw the candidate and the other lesions as the program saw them; without, the scan alone
    height : of the picture, pixels
    synthetic : write across it that nobody was scanned

    Returns
    -------
    (height, width, 3) uint8
    """
    index = min(max(one.slice_index, 0), pair.images[1].shape[2] - 1)
    shape = pair.images[1].shape
    mask = np.zeros(shape, bool)
    voxels = one.voxels[((one.voxels >= 0) & (one.voxels < shape)).all(1)]
    mask[tuple(voxels.T)] = True
    inside = voxels[voxels[:, 2] == index]
    centre = (inside if len(inside) else one.voxels).mean(0)[:2]
    panels = []
    for visit, name in enumerate(names):
        plane = pair.images[visit][..., index]
        marked = mask[..., index] if (visit == 1) == (one.kind != "vanished") else np.zeros(shape[:2], bool)
        others = pair.lesions[visit][..., index] & ~marked
        box = _box(centre, pair.spacing_mm, shape)
        layers = [(others, OUTLINES["lesion"]), (marked, OUTLINES["candidate"])] if outlined else []
        panels.append(_lettered(_drawn(plane, box, layers, height, pair.spacing_mm), name, synthetic))
    whole = (slice(0, shape[0]), slice(0, shape[1]))
    slice_ = _drawn(pair.images[1][..., index], whole, [], height, pair.spacing_mm)
    panels.append(_lettered(_framed(slice_, centre, pair.spacing_mm, shape), f"slice {index + 1} of {shape[2]}", False))
    gap = np.full((height, _GAP, 3), 255, np.uint8)
    return np.concatenate([panels[0], gap, panels[1], gap, panels[2]], axis=1)


def _box(
    centre: NDArray[np.float64], spacing: tuple[float, float, float], shape: tuple[int, ...]
) -> tuple[slice, slice]:
    sides = []
    for axis in (0, 1):
        size = min(max(round(CLOSE_MM / spacing[axis]), 8), shape[axis])
        first = min(max(round(float(centre[axis]) - size / 2), 0), shape[axis] - size)
        sides.append(slice(first, first + size))
    return sides[0], sides[1]


def _upright(plane: NDArray[np.generic]) -> NDArray[np.generic]:
    return np.ascontiguousarray(plane[::-1, ::-1].T)


def _drawn(
    plane: NDArray[np.float32],
    box: tuple[slice, slice],
    layers: list[tuple[NDArray[np.bool_], str]],
    height: int,
    spacing: tuple[float, float, float],
) -> Picture:
    cut = _upright(plane[box])
    width = max(round(height * cut.shape[1] * spacing[0] / (cut.shape[0] * spacing[1])), 1)
    grey = Image.fromarray(np.clip(cut, 0, 255).astype(np.uint8)).resize((width, height), Image.Resampling.BICUBIC)
    canvas = np.repeat(np.asarray(grey)[..., None], 3, axis=2).copy()
    for mask, colour in layers:
        area = Image.fromarray(_upright(mask[box]).astype(np.uint8) * 255)
        large = np.asarray(area.resize((width, height), Image.Resampling.NEAREST)) > 0
        border = scipy.ndimage.binary_dilation(large, iterations=1) & ~scipy.ndimage.binary_erosion(large, iterations=1)
        canvas[border] = rgb(colour)
    return canvas


def _framed(
    picture: Picture, centre: NDArray[np.float64], spacing: tuple[float, float, float], shape: tuple[int, ...]
) -> Picture:
    """Draw the frame of the close-up into the whole slice."""
    image = Image.fromarray(picture)
    across, down = picture.shape[1] / shape[0], picture.shape[0] / shape[1]
    x, y = _box(centre, spacing, shape)
    corners = [(shape[0] - x.stop) * across, (shape[1] - y.stop) * down]
    corners += [(shape[0] - x.start) * across, (shape[1] - y.start) * down]
    ImageDraw.Draw(image).rectangle([round(c) for c in corners], outline=(255, 217, 47), width=2)
    return np.asarray(image)


def _lettered(picture: Picture, name: str, synthetic: bool) -> Picture:
    image = Image.fromarray(picture)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(size=max(image.height // 20, 12))
    draw.text((6, 4), name, (255, 255, 255), font, anchor="la", stroke_width=2, stroke_fill=(0, 0, 0))
    for letter, place, anchor in (("R", (6, image.height / 2), "lm"), ("L", (image.width - 6, image.height / 2), "rm")):
        draw.text(place, letter, (200, 200, 200), font, anchor=anchor, stroke_width=2, stroke_fill=(0, 0, 0))
    if synthetic:
        draw.text(
            (6, image.height - 4),
            "SYNTHETIC",
            (255, 217, 112),
            font,
            anchor="ld",
            stroke_width=2,
            stroke_fill=(0, 0, 0),
        )
    return np.asarray(image)
