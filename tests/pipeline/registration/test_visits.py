"""A second visit of the same head, turned and shifted: lesions come back to their place, planted changes are found."""

import numpy as np
import pytest
from nibabel.affines import apply_affine
from scipy import ndimage
from scipy.spatial.transform import Rotation

from pipeline.errors import RegistrationError
from pipeline.measures.visits_compared import compare_visits
from pipeline.registration.affine import dice, greedy_found
from pipeline.registration.visits import Visit, brought, lay
from tests.pipeline.registration.head import AFFINE, head

needs_greedy = pytest.mark.skipif(not greedy_found(), reason="needs requirements/regions.txt")
STAY = [(60, 90, 8), (88, 92, 8), (75, 118, 9), (75, 66, 9)]
TURN = np.eye(4)
"""The later visit's world to that of the earlier one."""
TURN[:3, :3] = Rotation.from_euler("xyz", [3, -2, 4], degrees=True).as_matrix().T
TURN[:3, 3] = -TURN[:3, :3] @ [4, -6, 2]
GOES, COMES = [(94, 112, 7)], [(52, 106, 10), (92, 68, 6)]


def lesions(places: list[tuple[int, int, int]], size: int = 8) -> np.ndarray:
    mask = np.zeros(head().brain.shape, bool)
    for x, y, z in places:
        mask[x : x + size, y : y + size, z] = True
    assert head().brain[mask].all()
    return mask


def moved(volume: np.ndarray, order: int) -> np.ndarray:
    """Return a volume of the head as it lies in the earlier visit: turned by up to 4 degrees, shifted by up to 6 mm."""
    voxels = np.linalg.inv(AFFINE) @ np.linalg.inv(TURN) @ AFFINE
    return ndimage.affine_transform(volume.astype(np.float32), voxels[:3, :3], voxels[:3, 3], order=order)


def visit(places: list[tuple[int, int, int]], *, earlier: bool) -> Visit:
    image, brain, mask = head().image, head().brain, lesions(places)
    if earlier:
        return Visit(moved(image, 1), moved(brain, 1) > 0.5, moved(mask, 0) > 0.5, AFFINE)
    return Visit(image, brain, mask, AFFINE)


@needs_greedy
def test_planted_changes_of_a_rescan_are_found() -> None:
    earlier, later = visit([*STAY, *GOES], earlier=True), visit([*STAY, *COMES], earlier=False)
    compared = compare_visits(earlier, later)
    to_earlier = compared.laid.to_earlier
    before = brought(earlier.lesions, AFFINE, to_earlier, AFFINE, later.brain.shape, order=0) > 0.5
    assert dice(before & lesions(STAY), lesions(STAY)) > 0.4
    points = apply_affine(AFFINE, np.argwhere(later.brain)[::997])
    assert np.linalg.norm(apply_affine(TURN, points) - apply_affine(to_earlier, points), axis=1).mean() < 1.5
    found = compared.candidates
    kinds = [one.kind for one in found]
    assert (kinds.count("new"), kinds.count("vanished"), kinds.count("enlarged")) == (2, 1, 0)
    places = [apply_affine(AFFINE, np.add(place, (3.5, 3.5, 0))) for place in (*COMES, *GOES)]
    nearest = [min(np.linalg.norm(np.subtract(one.centroid_mm, place)) for one in found) for place in places]
    assert max(nearest) < 8


@needs_greedy
def test_two_people_are_not_compared() -> None:
    one, other = visit(STAY, earlier=False), visit(STAY, earlier=False)
    half = Visit(other.image, other.brain & (np.indices(other.brain.shape)[0] < 84), other.lesions, AFFINE)
    with pytest.raises(RegistrationError, match="overlap by"):
        lay(half, one)
