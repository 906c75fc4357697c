"""The template is brought back to where it was laid; what cannot be registered is said."""

import numpy as np
import pytest
from nibabel.affines import apply_affine

from pipeline.errors import GeometryError, RegistrationError
from pipeline.registration import affine as module
from pipeline.registration.affine import judged, register
from pipeline.registration.icbm152 import icbm152
from pipeline.registration.placement import first_placement
from tests.pipeline.registration.head import AFFINE, SHAPE, head


def farthest_mm(found: np.ndarray, brain: np.ndarray) -> float:
    points = apply_affine(AFFINE, np.argwhere(brain)[::500])
    apart = apply_affine(found, points) - apply_affine(head().to_template, points)
    return float(np.percentile(np.linalg.norm(apart, axis=1), 95))


def test_masks_alone_place_the_template_within_a_centimetre() -> None:
    placed = first_placement(head().brain, AFFINE, icbm152())
    assert farthest_mm(placed, head().brain) < 10
    assert np.linalg.det(placed[:3, :3]) == pytest.approx(np.linalg.det(head().to_template[:3, :3]), rel=0.15)


def test_registration_finds_the_transform_and_says_how_well_it_fits() -> None:
    found = register(head().image, head().brain, AFFINE, icbm152(), ventricle=head().ventricle)
    assert farthest_mm(found.to_template, head().brain) < 4
    assert found.brain_overlap > 0.96
    assert found.ventricle_overlap is not None
    assert found.ventricle_overlap > 0.7
    found.check()


def test_the_same_scan_gives_the_same_transform() -> None:
    first, second = (register(head().image, head().brain, AFFINE, icbm152()).to_template for _ in range(2))
    assert first.tobytes() == second.tobytes()


def test_a_template_beside_the_brain_reports_no_region() -> None:
    beside = head().to_template.copy()
    beside[0, 3] += 40
    found = judged(beside, head().brain, AFFINE, icbm152())
    with pytest.raises(RegistrationError, match=r"overlap of 0\.\d\d, expected at least 0\.90"):
        found.check()


def test_an_empty_mask_is_refused() -> None:
    with pytest.raises(GeometryError, match="mask is empty"):
        register(head().image, np.zeros(SHAPE, bool), AFFINE, icbm152())


def test_without_the_program_the_way_to_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda _: None)
    with pytest.raises(RegistrationError, match=r"requirements/regions\.txt"):
        register(head().image, head().brain, AFFINE, icbm152())


def test_a_program_that_dies_is_a_failed_registration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_GREEDY", "import sys; sys.exit('out of memory')")
    with pytest.raises(RegistrationError, match="ended with code 1: out of memory"):
        register(head().image, head().brain, AFFINE, icbm152())
    monkeypatch.setattr(module, "_GREEDY", "pass")
    with pytest.raises(RegistrationError, match="gave no transform"):
        register(head().image, head().brain, AFFINE, icbm152())
