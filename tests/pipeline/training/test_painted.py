"""Heads of nobody and painted lesions: deterministic, labelled as they look, and never a patient."""

import nibabel as nib
import numpy as np
import pytest

from pipeline.errors import GeometryError, TrainingError
from pipeline.segmentation.preprocessing import find_recipe
from pipeline.segmentation.tissues import Tissue, allowed_code
from pipeline.training.lesion_shapes import load_lesion_shapes, paintable
from pipeline.training.patches import PatchBatches
from pipeline.training.template_scans import template_scans


@pytest.fixture(scope="module")
def masks(tmp_path_factory):
    """One person with a lesion of 6 x 6 x 8 mm in each hemisphere's white matter and a speck that is too small."""
    folder = tmp_path_factory.mktemp("masks")
    mask = np.zeros((182, 218, 182), np.uint8)
    affine = np.diag([1.0, 1.0, 1.0, 1.0])
    affine[:3, 3] = (-91, -126, -72)
    for x in (63, 112):
        mask[x : x + 6, 110:116, 96:104] = 1
    mask[91, 126, 20] = 1
    nib.save(nib.Nifti1Image(mask, affine), folder / "person.nii.gz")
    return folder


def test_shapes_keep_their_place_and_specks_are_left_out(masks):
    shapes = load_lesion_shapes(masks)
    assert [shape.corner_mm for shape in shapes] == [(-28.0, -16.0, 24.0), (21.0, -16.0, 24.0)]
    assert {int(shape.mask.sum()) for shape in shapes} == {6 * 6 * 8}


def test_a_folder_without_masks_and_a_coarse_mask_are_refused(tmp_path):
    with pytest.raises(TrainingError, match="no lesion mask"):
        load_lesion_shapes(tmp_path)
    nib.save(nib.Nifti1Image(np.zeros((4, 4, 4), np.uint8), np.diag([2.0, 2.0, 2.0, 1.0])), tmp_path / "a.nii.gz")
    with pytest.raises(GeometryError, match="expected a mask at 1 mm"):
        load_lesion_shapes(tmp_path)


def test_painted_lesions_lie_where_the_shapes_do(masks):
    lesions = paintable(np.random.default_rng(0), load_lesion_shapes(masks), 3, wanted=20)
    for lesion in lesions:
        middle = lesion.corner[0] + lesion.mask.shape[0] / 2
        # 25 mm from the midline at 0.89 of the template's size are 25 pixels of 0.9 mm.
        assert abs(abs(middle - 128) - 25) < 4
        assert 0.4 < lesion.height < 0.65
        assert 0 < lesion.added.max() <= 1.0


@pytest.mark.slow
def test_heads_of_nobody_are_the_same_for_the_same_seed_and_hold_what_their_labels_say(masks):
    shapes, recipe = load_lesion_shapes(masks), find_recipe("head")
    [scan] = template_scans(4, shapes, recipe, count=1, contrasts=1)
    [again] = template_scans(4, shapes, recipe, count=1, contrasts=1)
    np.testing.assert_array_equal(scan.images[0], again.images[0])
    image = scan.images[0]
    ventricle = scan.codes == allowed_code([Tissue.VENTRICLE])
    brain = scan.codes == allowed_code([Tissue.BRAIN])
    assert 3 < ventricle.sum() * np.prod(scan.spacing_mm) / 1000 < 120
    assert np.median(image[ventricle]) < np.median(image[brain])
    batches = PatchBatches([], 3, 5, size=64, batch=2, steps=1, template=[scan], template_share=0.5)
    x, y = batches[0]
    assert x.shape == (2, 64, 64, 3)
    assert y.shape == (2, 64, 64, 5)
    assert np.isfinite(x).all()
