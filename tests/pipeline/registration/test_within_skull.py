"""A mask that runs into the scalp neither moves the template nor lowers its overlap; a good one stays as it is."""

import numpy as np
import pytest
from scipy import ndimage

from pipeline.registration import affine
from pipeline.registration.affine import register
from pipeline.registration.icbm152 import icbm152
from pipeline.registration.within_skull import FLUID_MM, LEAST_TISSUE_MM2, _near_tissue, within_skull
from pipeline.synthetic.flair import SPACING_MM, SyntheticScan, synthetic_scan


@pytest.fixture(scope="module")
def scan() -> SyntheticScan:
    return synthetic_scan(41)


def into_the_scalp(scan: SyntheticScan) -> np.ndarray:
    """The mask of the five highest slices of brain grown by 16 mm, through skull and fat."""
    rough = scan.brain.copy()
    for z in np.flatnonzero(scan.brain.any((0, 1)))[-5:]:
        rough[:, :, z] = ndimage.distance_transform_edt(~scan.brain[:, :, z], sampling=SPACING_MM[:2]) <= 16
    return rough


def test_what_is_near_tissue_is_told_without_distances_where_all_is() -> None:
    rng = np.random.default_rng(5)
    shortened = 0
    for _ in range(60):
        inside = ndimage.gaussian_filter(rng.random((60, 70)), 6) > 0.49
        tissue = ndimage.gaussian_filter(rng.random((60, 70)), rng.choice([1, 2, 4])) > 0.48
        pieces, count = ndimage.label(inside & tissue)
        large = np.bincount(pieces.ravel(), minlength=count + 1) * 0.8 >= LEAST_TISSUE_MM2
        large[0] = False
        near = ndimage.distance_transform_edt(~large[pieces], sampling=(0.8, 1.0)) <= FLUID_MM
        expected = ndimage.binary_fill_holes(near & inside) & inside if large.any() else np.zeros_like(inside)
        np.testing.assert_array_equal(_near_tissue(inside, tissue, (0.8, 1.0)), expected)
        shortened += bool(large.any() and (expected == inside).all())
    assert 5 < shortened < 55


def test_a_mask_without_skull_loses_nothing_but_fluid_far_from_brain(scan: SyntheticScan) -> None:
    lost = scan.brain & ~within_skull(scan.data, scan.brain, SPACING_MM)
    assert lost.sum() < 0.01 * scan.brain.sum()
    assert np.median(scan.data[lost]) < 0.4 * np.median(scan.data[scan.brain])
    assert not (lost & (scan.labels > 0)).any()
    assert not within_skull(scan.data, np.zeros_like(scan.brain), SPACING_MM).any()


def test_neck_and_scalp_without_fat_are_left_out() -> None:
    """Where fat is suppressed the neck around the cord is dark, and so is the scalp above the highest brain."""
    x, y = np.indices((120, 120)) - 60
    brain, cord, neck = np.hypot(x, y) < 40, np.hypot(x, y - 10) < 8, np.hypot(x, y) < 50
    image = np.stack([np.where(cord, 1.0, 0.2 * neck), *[1.0 * brain] * 6, 0.35 * neck], axis=-1)
    mask = np.stack([neck, *[brain] * 7], axis=-1)
    kept = within_skull(image, mask, (1, 1, 5))
    assert (kept[..., 1:7] == mask[..., 1:7]).all()
    assert kept[..., 0][cord].all()
    assert not kept[..., 0][np.hypot(x, y - 10) > 18].any()
    assert not kept[..., 7].any()


def test_an_image_around_zero_keeps_its_mask() -> None:
    """Of a negative median no multiple means brighter or darker."""
    image = np.random.default_rng(0).normal(-1, 1, (60, 60, 3))
    mask = np.zeros(image.shape, bool)
    mask[10:50, 10:50] = True
    assert (within_skull(image, mask, (1, 1, 5)) == mask).all()


def test_wide_sulci_and_ventricles_stay() -> None:
    """Fluid beside a shrunken brain, 7 mm of it, and within: however wide."""
    x, y = np.indices((120, 120)) - 60
    radius = np.hypot(x, y)
    image = np.where((radius < 20) | (radius > 43), 0.1, 1.0)[..., None]
    mask = (radius < 50)[..., None]
    assert (within_skull(image, mask, (1, 1, 5)) == mask).all()


def test_fat_and_what_lies_beyond_are_left_out_and_no_brain_is(scan: SyntheticScan) -> None:
    rough = into_the_scalp(scan)
    kept = within_skull(scan.data, rough, SPACING_MM)
    added, left = rough & ~scan.brain, kept & ~scan.brain
    tissue = scan.brain & (scan.data > 0.6 * np.median(scan.data[scan.brain]))
    assert (tissue & ~kept).sum() < 0.001 * tissue.sum()  # a pixel of noise in fluid, here and there
    assert left.sum() < 0.65 * added.sum()  # bone, which is as dark as fluid, may stay
    fat = added & (scan.data > 1.6 * np.median(scan.data[scan.brain]))
    assert fat.sum() > 5000
    assert (kept & fat).sum() < 0.3 * fat.sum()  # a pixel of its inner edge


def test_brain_behind_a_bridge_of_marrow_stays() -> None:
    """As the temporal poles do beside the clivus; a strip of scalp beyond the skull does not."""
    x, y = np.indices((120, 120)) - 60
    back, pole = np.hypot(x, y - 20) < 30, np.hypot(x + 25, y + 28) < 16
    marrow = (np.abs(x) < 50) & (y > -14) & (y < -6)
    strip = (np.abs(x) < 30) & (y > 51) & (y < 58)
    skull = (np.abs(x) < 45) & (y >= 44) & (y <= 51)
    mask = back | pole | marrow | strip | skull
    image = np.where(marrow | skull, 2.0, np.where(mask, 1.0, 0.0))[..., None]
    kept = within_skull(image, mask[..., None], (1, 1, 5))[..., 0]
    deep = ndimage.distance_transform_edt(pole & ~marrow) > 5
    assert kept[deep].all()
    assert not kept[strip & (y > 53)].any()


def test_the_template_covers_more_of_such_a_mask(scan: SyntheticScan, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("picsl_greedy", reason="needs the registration program")
    rough = into_the_scalp(scan)
    cut = register(scan.data, rough, scan.affine, icbm152())
    monkeypatch.setattr(affine, "within_skull", lambda image, brain, spacing_mm: brain)
    uncut = register(scan.data, rough, scan.affine, icbm152())
    assert cut.brain_overlap > uncut.brain_overlap + 0.02
