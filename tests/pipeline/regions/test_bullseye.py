"""Lobes by planes at places everybody knows; shells between ventricle and cortex; left stays left."""

import nibabel as nib
import numpy as np
import pytest
from nibabel.affines import apply_affine

from pipeline.inputs.nifti import read_scan
from pipeline.regions.bullseye import (
    LOBES,
    N_SHELLS,
    PARTS,
    REGIONS,
    SHELLS,
    bullseye,
    corpus_callosum,
    in_shells,
    lobe_of,
    shells,
)
from pipeline.regions.parcellation import Parcellation
from pipeline.registration.affine import judged
from pipeline.registration.icbm152 import AFFINE as TEMPLATE_AFFINE
from pipeline.registration.icbm152 import icbm152
from tests.pipeline.registration.head import AFFINE, SHAPE, head

# Coordinates of ICBM152 (MNI), mm, as textbooks of functional anatomy give them.
PLACES = {
    "frontal": [(-40, 40, 20), (30, 20, 45), (-10, 55, 0), (35, -8, 50), (-5, 30, -18)],
    "parietal": [(-45, -40, 45), (10, -60, 50), (50, -50, 35), (-25, -45, 40)],
    "temporal": [(-55, -20, -15), (40, 10, -30), (-60, -35, 0), (28, -20, -20)],
    "occipital": [(-10, -85, 5), (30, -85, 10), (-40, -75, 0)],
    "basal ganglia and insula": [(-25, 5, 0), (12, -18, 8), (-38, 5, 0), (12, 12, 8)],
    "cerebellum": [(-30, -65, -40), (25, -60, -30), (0, -60, -30)],
    "brain stem": [(0, -25, -30), (4, -30, -15)],
}


@pytest.mark.parametrize("name", PLACES)
def test_known_places_lie_in_their_lobe(name: str) -> None:
    x, y, z = np.array(PLACES[name], float).T
    number = {**{lobe: index for index, lobe in enumerate(LOBES)}, "cerebellum": 5, "brain stem": 6}[name]
    assert lobe_of(x, y, z).tolist() == [number] * len(x)


def test_lobes_are_mirrored() -> None:
    places = np.random.default_rng(0).uniform((-70, -100, -50), (70, 70, 75), (2000, 3))
    assert (lobe_of(*places.T) == lobe_of(*(places * [-1, 1, 1]).T)).all()


def test_the_callosum_is_one_arch_across_the_midline() -> None:
    places = apply_affine(TEMPLATE_AFFINE, np.argwhere(corpus_callosum()))
    assert 5 < len(places) / 1000 < 25  # mL within 7 mm of the midline
    assert abs(places[:, 0].mean()) < 1
    front, back = places[:, 1].max(), places[:, 1].min()
    assert (front > 25, back < -35) == (True, True)  # genu and splenium


def test_shells_are_quarters_of_the_way_from_ventricle_to_cortex() -> None:
    brain = np.zeros((41, 41, 3), bool)
    brain[1:40, 1:40] = True
    ventricle = np.zeros_like(brain)
    ventricle[20, 20] = True
    found = shells(brain, ventricle, np.zeros_like(brain), (1, 1, 6))
    # Along the row from the ventricle at 20 to the edge at 40: 20 steps, five a shell.
    assert found[21:40, 20, 1].tolist() == [0] * 4 + [1] * 5 + [2] * 5 + [3] * 5
    assert (shells(brain, np.zeros_like(brain), np.zeros_like(brain), (1, 1, 6)) == N_SHELLS - 1).all()


@pytest.mark.parametrize("axes", ["RAS", "LAS", "LPS", "RPI", "SAR", "PIL"])
def test_a_lesion_on_the_left_is_on_the_left_in_every_orientation(axes: str, tmp_path) -> None:
    marked = head().image.copy()
    where = np.linalg.inv(head().to_template @ AFFINE) @ [-30, 20, 30, 1]  # left frontal white matter
    x, y, z = np.round(where[:3]).astype(int)
    marked[x, y, z] = 5000
    image = nib.Nifti1Image(marked, AFFINE)
    turn = nib.orientations.ornt_transform(nib.io_orientation(AFFINE), nib.orientations.axcodes2ornt(axes))
    nib.save(image.as_reoriented(turn), tmp_path / "scan.nii")
    scan = read_scan(tmp_path / "scan.nii")
    registration = judged(head().to_template, head().brain, scan.affine, icbm152())
    assert registration.brain_overlap > 0.99
    cortex = np.zeros(SHAPE, bool)
    found = bullseye(registration, head().brain, head().ventricle, cortex, scan.spacing_mm)
    region = REGIONS[found.image[scan.data == 5000].item() - 1]
    assert (region.name.partition(",")[0], region.side) == ("frontal", "left")


def test_every_voxel_of_the_brain_has_a_region() -> None:
    registration = judged(head().to_template, head().brain, AFFINE, icbm152())
    found = bullseye(registration, head().brain, head().ventricle, np.zeros(SHAPE, bool), (1.1, 1.1, 7))
    assert ((found.image > 0) == head().brain).all()
    absent = {region.name for region in REGIONS} - {
        REGIONS[number - 1].name for number in np.unique(found.image) if number
    }
    assert absent == {"basal ganglia and insula, subcortical"}  # which begins at the insula's fluid; none is given here


def test_parts_become_the_regions_of_their_name_and_side() -> None:
    """Whoever told the parts, registration or network: a lobe falls into shells, the others stay whole."""
    numbers = np.array([part.number for part in PARTS], np.uint16)
    image = np.broadcast_to(numbers[:, None, None], (len(PARTS), 41, 3)).copy()
    brain, ventricle, cortex = np.ones(image.shape, bool), np.zeros(image.shape, bool), np.zeros(image.shape, bool)
    ventricle[:, 0], cortex[:, -1] = True, True
    found = in_shells(Parcellation("bullseye", PARTS, image, image < 0), brain, ventricle, cortex, (1000, 1, 1000))
    names = {region.number: (region.name, region.side) for region in REGIONS}
    for part, told in zip(PARTS, found.image, strict=True):
        seen = {names[int(number)] for number in np.unique(told)}
        lobes = {(f"{part.name}, {shell}", part.side) for shell in SHELLS}
        assert seen == (lobes if part.name in LOBES else {(part.name, part.side)})
