"""The built-in atlas: lobes by planes in ICBM152 coordinates, in four shells from the ventricles to the cortex.

It needs nothing that may not be given away: the lobes are planes, drawn by us through landmarks of the ICBM152 average
head, and the shells follow the person's own ventricles and cortex, so that enlarged ventricles do not push lesions
around them into the deep white matter. The layout is that of Sudre et al. 2018 (doi:10.1016/j.neurad.2017.10.001).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.regions.parcellation import Parcellation, Region, Side
from pipeline.registration.affine import Registration
from pipeline.registration.icbm152 import AFFINE, SHAPE, SPACE, template_map

NAME = "bullseye"
LOBES = ("frontal", "parietal", "temporal", "occipital", "basal ganglia and insula")
SHELLS = ("periventricular", "inner deep", "outer deep", "subcortical")
N_SHELLS = len(SHELLS)
_BRAIN_STEM, _CEREBELLUM, _CALLOSUM = "brain stem", "cerebellum", "corpus callosum"

Mask = NDArray[np.bool_]
Coordinates = NDArray[np.float64]


def _regions() -> tuple[Region, ...]:
    sides: tuple[Side, Side] = ("left", "right")
    names = [(f"{lobe}, {shell}", side) for side in sides for lobe in LOBES for shell in SHELLS]
    names += [(_CEREBELLUM, side) for side in sides]
    middle: Side = "both"
    names += [(_BRAIN_STEM, middle), (_CALLOSUM, middle)]
    return tuple(Region(number, name, side) for number, (name, side) in enumerate(names, 1))


REGIONS = _regions()


def lobe_of(x: Coordinates, y: Coordinates, z: Coordinates) -> NDArray[np.uint8]:
    """Return the part of the brain that a place belongs to, by planes.

    - Brain stem: within 20 mm of the midline, from the midbrain's top (z = -8) down, in front of y = -45. Cerebellum:
      below the tentorium, a roof that is highest in the midline (z = 0) and falls by 0.45 mm per mm to the sides and
      by 0.5 per mm behind y = -60.
    - Occipital: behind the parieto-occipital sulcus (y = -62 at z = 8, 0.53 mm further back per mm upward).
    - Basal ganglia and insula: z from -8 to 18, y from -32 to 24, within 42 mm of the midline.
    - Temporal: below the Sylvian fissure (z = -6 at y = 8, rising 0.58 mm per mm backward to z = 8), more than 15 mm
      from the midline.
    - Frontal from parietal: the central sulcus, the plane y = -17.3 + 0.30 |x| - 0.29 z through the vertex, the hand
      knob and the sulcus' lower end.

    Parameters
    ----------
    x, y, z : arrays of one shape, ICBM152 coordinates, mm, RAS+

    Returns
    -------
    uint8 array: 0 to 4 as of ``LOBES``, 5 cerebellum, 6 brain stem
    """
    side = np.abs(x)
    stem = (side <= 20) & (y > -45) & (y < 0) & (z < -8)
    roof = -0.45 * side - 0.5 * np.maximum(-60 - y, 0)
    below_tentorium = (y < -38) & (z < roof)
    fissure = np.minimum(-6 - np.where(y > 8, 1.4, 0.58) * (y - 8), 8)
    return np.select(
        [
            stem & (side <= 20),
            below_tentorium,
            (z >= -8) & (z <= 18) & (y >= -32) & (y <= 24) & (side <= 42),
            y < -62 - 0.53 * np.maximum(z - 8, 0),
            (z < fissure) & (side > 15),
            y < -17.3 + 0.30 * side - 0.29 * z,
        ],
        [6, 5, 4, 3, 2, 1],
        0,
    ).astype(np.uint8)


def corpus_callosum() -> Mask:
    """Return the corpus callosum of ICBM152, (X, Y, Z) bool on its grid.

    White matter within 7 mm of the midline, above the level of the commissures and below the cingulate white matter
    (z = 32), in one piece.
    """
    white = template_map("wm") > 0.5
    x, y, z = (np.arange(size) + AFFINE[axis, 3] for axis, size in enumerate(SHAPE))
    near = (
        (np.abs(x) <= 7)[:, None, None] & ((y > -48) & (y < 38))[None, :, None] & ((z > -2) & (z < 32))[None, None, :]
    )
    pieces, _ = ndimage.label(white & near)
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    return np.asarray(pieces == sizes.argmax())


def part_at(place_mm: tuple[float, float, float]) -> tuple[str, Side]:
    """Return the part of the brain, of ``PARTS``, to which a place of ICBM152 belongs, and its side.

    Examples
    --------
    >>> part_at((-40.0, 20.0, 40.0)), part_at((2.0, -30.0, -30.0)), part_at((0.0, 0.0, 26.0))
    (('frontal', 'left'), ('brain stem', 'both'), ('corpus callosum', 'both'))
    """
    x, y, z = (np.array([mm]) for mm in place_mm)
    if abs(place_mm[0]) <= 7 and -48 < place_mm[1] < 38 and -2 < place_mm[2] < 32:
        step = tuple(round(mm - origin) for mm, origin in zip(place_mm, AFFINE[:3, 3], strict=True))
        if corpus_callosum()[step]:
            return _CALLOSUM, "both"
    name = (*LOBES, _CEREBELLUM, _BRAIN_STEM)[int(lobe_of(x, y, z)[0])]
    return name, "both" if name == _BRAIN_STEM or not place_mm[0] else "left" if place_mm[0] < 0 else "right"


def shells(brain: Mask, ventricle: Mask, cortex: Mask, spacing_mm: Sequence[float]) -> NDArray[np.uint8]:
    """Return how far out a voxel lies between the ventricles and the cortex, in ``N_SHELLS`` equal steps.

    Parameters
    ----------
    brain, ventricle : (X, Y, Z) bool, intracranial mask and ventricles
    cortex : (X, Y, Z) bool, fluid on the cortex, from ``pipeline.measures.cortex``; the mask's outside counts as well
    spacing_mm : voxel size, mm

    Returns
    -------
    (X, Y, Z) uint8, 0 (at the ventricle) to ``N_SHELLS - 1``; without any ventricle all of it is the outermost
    """
    if not ventricle.any():
        return np.full(brain.shape, N_SHELLS - 1, np.uint8)
    inward = ndimage.distance_transform_edt(~ventricle, sampling=tuple(spacing_mm))
    # Slices above and below the scan are no border: only what is seen to be outside is.
    outward = ndimage.distance_transform_edt(brain & ~cortex, sampling=tuple(spacing_mm))
    share = inward / np.maximum(inward + outward, 1e-6)
    return np.minimum(share * N_SHELLS, N_SHELLS - 1).astype(np.uint8)


def _parts() -> tuple[Region, ...]:
    sides: tuple[Side, Side] = ("left", "right")
    names: list[tuple[str, Side]] = [(lobe, side) for side in sides for lobe in LOBES]
    names += [(_CEREBELLUM, side) for side in sides]
    names += [(_BRAIN_STEM, "both"), (_CALLOSUM, "both")]
    return tuple(Region(number, name, side) for number, (name, side) in enumerate(names, 1))


PARTS = _parts()
"""The bullseye without its shells: what a place in the template decides. The shells are the person's own."""
N_LOBE_PARTS = 2 * len(LOBES)


def parts_of(registration: Registration, brain: Mask) -> Parcellation:
    """Return the parts of a scan's brain, ``PARTS``, by a registration.

    Parameters
    ----------
    registration : of ICBM152 to the scan
    brain : (X, Y, Z) bool, intracranial mask

    Raises
    ------
    ValueError : another template was registered.
    """
    if registration.template.space != SPACE:
        raise ValueError(f"the bullseye is defined in {SPACE}; a template in {registration.template.space} was given")
    x, y, z = np.moveaxis(registration.coordinates(), -1, 0)
    lobe, left, n_lobes = lobe_of(x, y, z), x < 0, len(LOBES)
    part = {(region.name, region.side): region.number for region in PARTS}
    numbers = np.where(left, 0, n_lobes) + np.minimum(lobe, n_lobes - 1) + 1
    numbers = np.where(lobe == n_lobes, np.where(left, part[_CEREBELLUM, "left"], part[_CEREBELLUM, "right"]), numbers)
    numbers = np.where(lobe == n_lobes + 1, part[_BRAIN_STEM, "both"], numbers)
    callosum = registration.labels(corpus_callosum().astype(np.uint8)) > 0
    numbers = np.where(callosum, part[_CALLOSUM, "both"], numbers)
    return Parcellation(NAME, PARTS, np.where(brain, numbers, 0).astype(np.uint16), left)


def in_shells(
    parts: Parcellation, brain: Mask, ventricle: Mask, cortex: Mask, spacing_mm: Sequence[float]
) -> Parcellation:
    """Return the bullseye regions of a scan: its parts, the lobes among them in shells.

    Parameters
    ----------
    parts : of ``PARTS``, from a registration or a network
    brain, ventricle, cortex, spacing_mm : as of ``shells``
    """
    shell = shells(brain, ventricle, cortex, spacing_mm)
    lobe = (parts.image > 0) & (parts.image <= N_LOBE_PARTS)
    within = (parts.image.astype(np.intp) - 1) * N_SHELLS + shell + 1
    beyond = parts.image.astype(np.intp) + N_LOBE_PARTS * (N_SHELLS - 1)
    numbers = np.where(lobe, within, np.where(parts.image > 0, beyond, 0))
    return Parcellation(NAME, REGIONS, np.where(brain, numbers, 0).astype(np.uint16), parts.left)


def bullseye(
    registration: Registration, brain: Mask, ventricle: Mask, cortex: Mask, spacing_mm: Sequence[float]
) -> Parcellation:
    """Return the bullseye regions of a scan.

    Parameters
    ----------
    registration : of ICBM152 to the scan
    brain, ventricle, cortex, spacing_mm : as of ``shells``

    Raises
    ------
    ValueError : another template was registered.
    """
    return in_shells(parts_of(registration, brain), brain, ventricle, cortex, spacing_mm)
