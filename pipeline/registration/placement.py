"""The first placement of a template: scaled, turned and shifted so that its brain covers the person's.

Intensities are not asked. A registration that starts here cannot run off to another part of the head, which is what a
registration by mutual information does on thick slices when it starts from centres of gravity alone.
"""

from collections.abc import Sequence
from typing import Literal, TypeVar

import numpy as np
from nibabel.affines import apply_affine
from numpy.typing import NDArray
from scipy import ndimage
from scipy.optimize import minimize
from scipy.spatial.transform import Rotation

from pipeline.errors import GeometryError
from pipeline.registration.template import Template

SAMPLE_MM = 7.0
"""Distance between the points at which the two brains are compared."""
MARGIN_MM = 25.0
"""So far around the brain's box the two are compared; 2 % of the brain may lie outside the box."""
SOFT_MM = 3.0
"""Width of the brain's edge in the comparison, so that the overlap changes smoothly."""

Matrix = NDArray[np.float64]
Voxel = TypeVar("Voxel", np.uint8, np.uint16, np.float32)


def first_placement(brain: NDArray[np.bool_], affine: Matrix, template: Template) -> Matrix:
    """Return the affine that lays a person's brain on a template's, both by their masks.

    Shift, rotation and a scale along each axis are chosen so that Dice's overlap of the brain with the template's,
    asked only where the scan shows something, is largest (Powell's method from the boxes of the two masks).

    Parameters
    ----------
    brain : (X, Y, Z) bool, intracranial mask, RAS+
    affine : (4, 4) voxel to world, mm
    template : whose brain is laid on it

    Returns
    -------
    (4, 4) person's world to template coordinates, mm

    Raises
    ------
    GeometryError : the mask is empty or flat.
    """
    low, high, centre = _box(brain, affine)
    template_low, template_high, template_centre = _box(
        template.brain[::3, ::3, ::3], template.affine @ _steps(3, 3, 3)
    )
    if (high - low).min() <= 0:
        raise GeometryError("the intracranial mask is empty or flat; the template cannot be placed")
    steps = [max(1, round(SAMPLE_MM / float(mm))) for mm in np.linalg.norm(affine[:3, :3], axis=0)]
    sampled = brain[:: steps[0], :: steps[1], :: steps[2]]
    points = apply_affine(affine @ _steps(*steps), np.indices(sampled.shape).reshape(3, -1).T)
    near = ((points > low - MARGIN_MM) & (points < high + MARGIN_MM)).all(axis=1)
    points, inside = points[near], sampled.ravel()[near]
    depth, to_depth = _depth(template)

    def matrix(parameters: NDArray[np.float64]) -> Matrix:
        shift, log_scale, turn = parameters[:3], parameters[3:6], parameters[6:]
        placed = np.eye(4)
        placed[:3, :3] = np.diag(np.exp(log_scale)) @ Rotation.from_euler("xyz", turn).as_matrix()
        placed[:3, 3] = shift - placed[:3, :3] @ centre
        return placed

    def no_overlap(parameters: NDArray[np.float64]) -> float:
        where = apply_affine(to_depth @ matrix(parameters), points)
        covered = ndimage.map_coordinates(depth, where.T, order=1, mode="nearest")
        return 1.0 - 2.0 * float(covered[inside].sum()) / float(covered.sum() + inside.sum())

    scale = np.log(((template_high - template_low) / (high - low))[:2])
    # The lower end of the head is often not in the scan; its top is.
    upward = float(scale.mean())
    top = template_high[2] - np.exp(upward) * (high[2] - centre[2])
    start = np.array([template_centre[0], template_centre[1], top, *scale, upward, 0.0, 0.0, 0.0])
    return matrix(minimize(no_overlap, start, method="Powell", options={"xtol": 1e-2, "ftol": 1e-3, "maxiter": 4}).x)


def _box(brain: NDArray[np.bool_], affine: Matrix) -> tuple[NDArray[np.float64], ...]:
    """Return the lower and upper end of the mask along each axis, mm, but for 2 % of its voxels, and their middle."""
    if not brain.any():
        raise GeometryError("the intracranial mask is empty; the template cannot be placed")
    low, high = np.percentile(apply_affine(affine, np.argwhere(brain)), [2, 98], axis=0)
    return low, high, (low + high) / 2


def _depth(template: Template) -> tuple[NDArray[np.float32], Matrix]:
    """Return how surely a place is in the template's brain, 0 to 1, at every second voxel, and world to its voxels."""
    coarse = template.brain[::2, ::2, ::2]
    affine = template.affine @ _steps(2, 2, 2)
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    inward = ndimage.distance_transform_edt(coarse, sampling=spacing)
    outward = ndimage.distance_transform_edt(~coarse, sampling=spacing)
    sure = 1 / (1 + np.exp(-np.clip((inward - outward) / SOFT_MM, -30, 30)))
    return sure.astype(np.float32), np.asarray(np.linalg.inv(affine), np.float64)


def _steps(*steps: int) -> Matrix:
    return np.diag([*map(float, steps), 1.0])


def placed_on(
    volume: NDArray[Voxel],
    to_template: Matrix,
    affine: Matrix,
    shape: Sequence[int],
    template: Template,
    *,
    order: Literal[0, 1],
) -> NDArray[Voxel]:
    """Bring a volume of the template's grid onto a scan's grid.

    Parameters
    ----------
    volume : on the grid of ``template.image``
    to_template : (4, 4) person's world to template coordinates
    affine, shape : the scan's grid
    order : 0 for labels (nearest voxel), 1 for maps (linear)

    Returns
    -------
    (X, Y, Z) array of ``shape`` and the volume's type; 0 beyond the template
    """
    voxel = np.linalg.inv(template.affine) @ to_template @ affine
    placed = np.zeros(tuple(shape), volume.dtype)
    ndimage.affine_transform(volume, voxel[:3, :3], voxel[:3, 3], output_shape=placed.shape, output=placed, order=order)
    return placed
