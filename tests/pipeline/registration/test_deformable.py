"""A bent template: places that no affine reaches, and reasons where it cannot be bent."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.errors import RegistrationError
from pipeline.registration.affine import Registration
from pipeline.registration.deformable import judged_again, refine
from pipeline.registration.template import Template

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
    judged = judged_again(bent, found.template.brain, found.template.ventricle)
    assert judged.brain_overlap == pytest.approx(5 / 6)
    assert judged.ventricle_overlap == pytest.approx(1 / 2)


def test_another_template_is_not_bent() -> None:
    nothing = np.zeros(SHAPE)
    with pytest.raises(RegistrationError, match="tissue maps of ICBM152"):
        refine(made("JHU"), nothing, nothing > 0, nothing.astype(np.uint8))
