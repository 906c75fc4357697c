"""A template registered to a person's FLAIR: twelve degrees of freedom, mutual information, by the program greedy.

Greedy (Yushkevich et al. 2016, doi:10.1016/j.jalz.2016.06.1545) runs in a process of its own: it writes to standard
output whatever it is asked, and what brings it down must not bring down the measurement of other scans.
"""

import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

import nibabel as nib
import numpy as np
from nibabel.affines import apply_affine
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.errors import RegistrationError
from pipeline.registration.placement import Matrix, Voxel, first_placement, placed_on
from pipeline.registration.template import Template
from pipeline.registration.within_skull import within_skull

BRIGHTEST_PERCENTILE = 99.0
"""Lesions are brighter than anything the template knows; they are cut to this percentile of the brain."""
PIXEL_MM = 2.0
"""Twelve numbers are found as well in pixels of this size as in the scanner's, in a quarter of the time."""
LEAST_OVERLAP = 0.90
"""Dice's overlap of the two brains below which no region is reported. The ten reference patients have .93 to .96."""
LARGEST_STRETCH, SMALLEST_STRETCH = 2.0, 0.5
"""A person's brain has at most half or twice the template's volume; a result beyond is no brain."""

_GREEDY = "import sys; from picsl_greedy import Greedy3D; [Greedy3D().execute(line.strip()) for line in sys.stdin]"
_AFFINE = (
    "-threads {threads} -a -dof 12 -m NMI -i fixed.nii moving.nii -ia first.mat -n 60x30 -jitter 0 -o affine.mat -V 0\n"
)


@dataclass(frozen=True)
class Registration:
    """Where a template lies in a person's scan.

    Attributes
    ----------
    template : what was registered
    to_template : (4, 4) person's world to template coordinates, mm
    affine, shape : the scan's grid, voxel to world
    brain_overlap : Dice of the intracranial mask, without what it holds of the skull, and the template's brain, on the
        scan's grid
    ventricle_overlap : Dice of the segmented ventricles and the template's; None without either
    places : (X, Y, Z, 3) template coordinates of every voxel, mm, where the template was bent; None for an affine one
    local_volume : smallest and largest volume that the bending gives a part of the brain, 1 where it only follows the
        affine; None for an affine one
    """

    template: Template
    to_template: Matrix
    affine: Matrix
    shape: tuple[int, ...]
    brain_overlap: float
    ventricle_overlap: float | None = field(default=None)
    places: NDArray[np.float32] | None = field(default=None, repr=False)
    local_volume: tuple[float, float] | None = field(default=None)

    def coordinates(self) -> NDArray[np.float64]:
        """Return the template coordinates of every voxel of the scan, (X, Y, Z, 3), mm."""
        if self.places is not None:
            return np.asarray(self.places, np.float64)
        voxels = np.indices(self.shape).reshape(len(self.shape), -1).T
        return np.asarray(apply_affine(self.to_template @ self.affine, voxels).reshape(*self.shape, 3), np.float64)

    def labels(self, volume: NDArray[Voxel]) -> NDArray[Voxel]:
        """Bring a label image of the template's grid onto the scan's grid, nearest voxel."""
        if self.places is not None:
            where = apply_affine(np.linalg.inv(self.template.affine), self.places.reshape(-1, 3)).T
            return np.asarray(ndimage.map_coordinates(volume, where, order=0), volume.dtype).reshape(self.shape)
        return placed_on(volume, self.to_template, self.affine, self.shape, self.template, order=0)

    def check(self) -> None:
        """Raise RegistrationError where the template does not lie on the brain."""
        if self.brain_overlap < LEAST_OVERLAP:
            raise RegistrationError(
                f"the template covers the brain with an overlap of {self.brain_overlap:.2f}, expected at least "
                f"{LEAST_OVERLAP:.2f}; look at the scan's intracranial mask"
            )
        stretch = abs(float(np.linalg.det(self.to_template[:3, :3])))
        if not SMALLEST_STRETCH <= stretch <= LARGEST_STRETCH:
            raise RegistrationError(
                f"the brain would have {1 / stretch:.2f} times the template's volume, expected {1 / LARGEST_STRETCH:g} "
                f"to {1 / SMALLEST_STRETCH:g} times; look at the scan's voxel sizes"
            )


def greedy_found() -> bool:
    """Tell whether the registration program is installed."""
    return find_spec("picsl_greedy") is not None


def require_greedy() -> None:
    """Raise RegistrationError, which says what to install, where the registration program is not."""
    if not greedy_found():
        raise RegistrationError("regions need the program greedy: pip install -r requirements/regions.txt")


def register(
    image: NDArray[np.floating],
    brain: NDArray[np.bool_],
    affine: Matrix,
    template: Template,
    *,
    ventricle: NDArray[np.bool_] | None = None,
    threads: int = 1,
) -> Registration:
    """Register a template to a scan.

    Both brains are shown without their surroundings, and what the mask holds of skull and scalp is left out
    (``registration.within_skull``). The first placement is by the masks alone (``registration.placement``); from there
    twelve degrees of freedom follow normalised mutual information. One thread gives the same transform every time.

    Parameters
    ----------
    image : (X, Y, Z) FLAIR, RAS+
    brain : (X, Y, Z) bool, intracranial mask
    affine : (4, 4) voxel to world of both, mm
    template : what is brought onto it
    ventricle : (X, Y, Z) bool, segmented ventricles, for judging the result; they do not guide it
    threads : for the registration program

    Raises
    ------
    RegistrationError : the program is not installed or gives no result. A poor result is returned: see
        ``Registration.check``.
    GeometryError : the mask is empty.
    """
    require_greedy()
    brain = within_skull(image, brain, np.linalg.norm(affine[:3, :3], axis=0))
    first = first_placement(brain, affine, template)
    limit = float(np.percentile(image[brain], BRIGHTEST_PERCENTILE))
    with tempfile.TemporaryDirectory(prefix="mscohort-registration-") as name:
        folder = Path(name)
        shown = np.where(brain, np.minimum(image, limit), 0).astype(np.float32)
        straight = write_straight(*reduced(shown, brain, affine), folder / "fixed.nii")
        template_straight = write_straight(
            *reduced(template.image, template.brain, template.affine), folder / "moving.nii"
        )
        np.savetxt(folder / "first.mat", template_straight @ first @ np.linalg.inv(straight))
        run_greedy(_AFFINE.format(threads=threads), folder)
        to_template = np.linalg.inv(template_straight) @ read_matrix(folder / "affine.mat") @ straight
    return judged(to_template, brain, affine, template, ventricle)


def judged(
    to_template: Matrix,
    brain: NDArray[np.bool_],
    affine: Matrix,
    template: Template,
    ventricle: NDArray[np.bool_] | None = None,
) -> Registration:
    """Return a transform with how well it fits; parameters as of ``register``."""
    covered = placed_on(template.brain.astype(np.float32), to_template, affine, brain.shape, template, order=1) > 0.5
    overlap = None
    if ventricle is not None and ventricle.any() and template.ventricle is not None:
        warped = placed_on(template.ventricle.astype(np.float32), to_template, affine, brain.shape, template, order=1)
        overlap = dice(warped > 0.5, ventricle)
    return Registration(template, to_template, affine, brain.shape, dice(covered, brain), overlap)


def dice(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Return Dice's overlap of two masks, NaN when both are empty.

    Examples
    --------
    >>> dice(np.array([True, True, False]), np.array([True, False, False]))
    0.6666666666666666
    """
    total = int(one.sum()) + int(other.sum())
    return 2.0 * int((one & other).sum()) / total if total else float("nan")


def reduced(image: NDArray[np.float32], brain: NDArray[np.bool_], affine: Matrix) -> tuple[NDArray[np.float32], Matrix]:
    """Return the box that holds the brain and a margin, averaged to pixels of about ``PIXEL_MM``, and its affine."""
    steps = [max(1, round(PIXEL_MM / float(mm))) for mm in np.linalg.norm(affine[:3, :3], axis=0)]
    box = []
    for axis, step in enumerate(steps):
        seen = np.flatnonzero(brain.any(tuple({0, 1, 2} - {axis})))
        first = max(int(seen[0]) - 5 * step, 0)
        end = min(int(seen[-1]) + 1 + 5 * step, brain.shape[axis])
        box.append(slice(first, first + max((end - first) // step, 1) * step))
    cut = image[tuple(box)]
    blocks = [length for size, step in zip(cut.shape, steps, strict=True) for length in (size // step, step)]
    start = np.array([part.start for part in box]) + (np.array(steps) - 1) / 2
    coarser = affine @ np.diag([*map(float, steps), 1.0])
    coarser[:3, 3] = affine[:3, :3] @ start + affine[:3, 3]
    return cut.reshape(blocks).mean(axis=(1, 3, 5)), coarser


def write_straight(volume: NDArray[np.float32], affine: Matrix, path: Path) -> Matrix:
    """Write a volume on a grid of perpendicular axes, and return its world to that grid's.

    The program knows no sheared grid, which a tilted gantry makes; an affine transform takes the shear with it.
    """
    perpendicular = np.diag([*np.linalg.norm(affine[:3, :3], axis=0), 1.0])
    nib.save(nib.Nifti1Image(volume, perpendicular), path)
    return np.asarray(perpendicular @ np.linalg.inv(affine), np.float64)


def run_greedy(lines: str, folder: Path) -> None:
    """Run the registration program on the files of a folder, one command a line; RegistrationError where it fails."""
    done = subprocess.run(
        [sys.executable, "-c", _GREEDY], input=lines, text=True, cwd=folder, capture_output=True, check=False
    )
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
        raise RegistrationError(f"the registration program ended with code {done.returncode}: {last}")


def read_matrix(path: Path) -> Matrix:
    """Read a transform the program wrote; RegistrationError where there is none or an impossible one."""
    try:
        found = np.loadtxt(path)
    except (OSError, ValueError) as error:
        raise RegistrationError("the registration program gave no transform; look at the scan") from error
    if found.shape != (4, 4) or not np.isfinite(found).all() or abs(np.linalg.det(found[:3, :3])) < 1e-3:
        raise RegistrationError("the registration program gave an impossible transform; look at the scan")
    return found
