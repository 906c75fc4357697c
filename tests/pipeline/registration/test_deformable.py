"""A bent template: places that no affine reaches, and reasons where it cannot be bent."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.errors import RegistrationError
from pipeline.registration.affine import Registration, judged, register
from pipeline.registration.deformable import _local_volume, judged_again, refine
from pipeline.registration.even_grid import STEP_MM, even_grid
from pipeline.registration.icbm152 import icbm152
from pipeline.registration.template import Template
from pipeline.synthetic.anatomy import anatomy
from pipeline.synthetic.flair import person_of, scanned, true_places
from pipeline.synthetic.lesions import put_lesions
from tests.pipeline.registration.head import AFFINE, head

SHAPE = (12, 10, 8)


def made(space: str = "ICBM152") -> Registration:
    brain = np.zeros(SHAPE, bool)
    brain[3:9, 3:8, 2:6] = True
    ventricle = np.zeros(SHAPE, bool)
    ventricle[5:7, 4:6, 3:5] = True
    template = Template(space, brain.astype(np.float32), np.eye(4), brain, ventricle)
    return Registration(template, np.eye(4), np.eye(4), SHAPE, 1.0, 1.0)


def test_places_decide_labels_and_overlaps() -> None:
    found = made()
    assert found.coordinates()[3, 4, 5].tolist() == [3.0, 4.0, 5.0]
    one_left = (found.coordinates() + np.array([1.0, 0.0, 0.0])).astype(np.float32)
    bent = replace(found, places=one_left)
    moved = bent.labels(found.template.brain.astype(np.uint8)) > 0
    assert np.array_equal(moved[2:8], found.template.brain[3:9])
    again = judged_again(bent, found.template.brain, found.template.ventricle)
    assert again.brain_overlap == pytest.approx(5 / 6)
    assert again.ventricle_overlap == pytest.approx(1 / 2)


def test_another_template_is_not_bent() -> None:
    nothing = np.zeros(SHAPE)
    with pytest.raises(RegistrationError, match="tissue maps of ICBM152"):
        refine(made("JHU"), nothing, nothing > 0, nothing.astype(np.uint8))


def test_a_template_that_folds_is_refused() -> None:
    brain = np.zeros((30, 30, 8), bool)
    brain[6:24, 6:24, 2:6] = True
    grid = even_grid(brain, np.diag([1.5, 1.5, 6.0, 1.0]))
    x = np.indices(grid.shape)[0] * STEP_MM
    shift = [0.2 * x, np.zeros(grid.shape), np.zeros(grid.shape)]
    assert _local_volume(shift, grid, brain) == pytest.approx((1.2, 1.2))
    shift[0] = -1.1 * x
    with pytest.raises(RegistrationError, match="folds where it is bent"):
        _local_volume(shift, grid, brain)


def test_the_same_scan_is_bent_the_same_way() -> None:
    pytest.importorskip("picsl_greedy", reason="needs the registration program")
    average = head()
    labels = average.ventricle.astype(np.uint8)
    placed = judged(average.to_template, average.brain, AFFINE, icbm152(), average.ventricle)
    once, again = (refine(placed, average.image, average.brain, labels) for _ in range(2))
    assert np.array_equal(once.coordinates(), again.coordinates())
    assert once.local_volume == again.local_volume


def test_bending_brings_thick_slices_nearer_to_their_places_in_every_direction() -> None:
    """Slices are 6.9 mm apart: a bending that cannot change from slice to slice leaves the third direction behind."""
    pytest.importorskip("picsl_greedy", reason="needs the registration program")
    rng = np.random.default_rng(77)
    owner, zones = put_lesions(rng, anatomy(), {"periventricular": 6, "juxtacortical": 4})
    person = person_of(rng, "MS", "F", 45.0)
    scan = scanned(rng, owner, zones, person)
    found = register(scan.data, scan.brain, scan.affine, icbm152(), ventricle=scan.labels == 1)
    bent = refine(found, scan.data, scan.brain, scan.labels)
    truth = true_places(person)

    def off_mm(registration: Registration) -> np.ndarray:
        return np.sqrt(((registration.coordinates() - truth)[scan.brain] ** 2).mean(0))

    assert (off_mm(bent) < 0.85 * off_mm(found)).all()
    assert bent.ventricle_overlap is not None
    assert found.ventricle_overlap is not None
    assert bent.ventricle_overlap > found.ventricle_overlap + 0.05
    assert bent.brain_overlap > found.brain_overlap - 0.01
    assert bent.local_volume is not None
    assert 0 < bent.local_volume[0] < 1 < bent.local_volume[1]
