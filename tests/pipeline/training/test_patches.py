"""Training batches and pasted lesions on phantom patients."""

from dataclasses import replace

import numpy as np
import pytest

from pipeline.errors import TrainingError
from pipeline.segmentation.preprocessing import denoise, find_recipe
from pipeline.segmentation.tissues import Tissue, allowed_code
from pipeline.training.augmentation import NONE
from pipeline.training.labelled_scans import LabelledScan
from pipeline.training.lesion_paste import collect_lesions, paste_lesions

WMH, VENTRICLE, BRAIN = (allowed_code([tissue]) for tissue in (Tissue.WMH, Tissue.VENTRICLE, Tissue.BRAIN))


@pytest.fixture
def labelled(head_phantom):
    """Return the phantom as a labelled scan on the canvas."""
    # Without its noise: brain tissue is then as even as in a scan, and only the ventricle is dark.
    image, placement = find_recipe("head").prepare(denoise(head_phantom.volume), (0.9, 0.9))
    codes = np.where(head_phantom.brain, BRAIN, allowed_code([Tissue.BACKGROUND]))
    codes = np.select([head_phantom.truth == 1, head_phantom.truth == 2], [VENTRICLE, WMH], codes).astype(np.uint8)
    placed = placement.apply(codes, order=0, fill=1).astype(np.uint8)
    return LabelledScan("p", (image,), placed, head_phantom.truth, head_phantom.volume, (0.9, 0.9, 7.0))


def test_every_lesion_section_is_collected(labelled):
    lesions = collect_lesions([labelled], channels=3)
    assert [round(lesion.height * 6) for lesion in lesions] == [2, 3, 4]
    big = lesions[0]
    assert big.mask.sum() == (labelled.codes[:, :, 2] == WMH).sum()
    assert big.added[..., 1][big.mask].mean() > 1
    assert not big.added[..., 0].any()  # the neighbouring slices do not show this lesion
    assert not big.added[..., 2].any()


def test_pasted_lesions_are_bright_labelled_and_inside_brain(labelled):
    lesions = collect_lesions([labelled], channels=3)
    image, codes = labelled.images[0][:, :, [1, 2, 3]], labelled.codes[:, :, 2]
    landed = 0
    for seed in range(60):
        new_image, new_codes = paste_lesions(
            np.random.default_rng(seed), image, codes, height=2 / 6, lesions=lesions, most=2
        )
        added = (new_codes == WMH) & (codes != WMH)
        landed += added.any()
        assert set(np.unique(codes[added])) <= {BRAIN}
        if added.any():
            assert (new_image - image)[..., 1][added].mean() > 0.5
    assert landed > 5
    np.testing.assert_array_equal(codes, labelled.codes[:, :, 2])


def test_lesions_stay_near_their_height(labelled):
    lesions = collect_lesions([labelled], channels=3)
    image, codes = labelled.images[0][:, :, [4, 5, 5]], labelled.codes[:, :, 5]
    for seed in range(10):
        _, new_codes = paste_lesions(np.random.default_rng(seed), image, codes, height=0.95, lesions=lesions)
        np.testing.assert_array_equal(new_codes, codes)


class TestPatchBatches:
    """The Keras data set."""

    @pytest.fixture(autouse=True)
    def _keras(self):
        pytest.importorskip("keras", reason="needs Keras, which the extras cpu and gpu install")

    def _batches(self, scan, **settings):
        from pipeline.training.patches import PatchBatches

        return PatchBatches([scan], 3, 5, **({"size": 64, "batch": 6, "steps": 2} | settings))

    def test_shapes_and_allowed_planes(self, labelled):
        images, planes = self._batches(labelled)[0]
        assert images.shape == (6, 64, 64, 3)
        assert planes.shape == (6, 64, 64, 5)
        assert images.dtype == planes.dtype == np.float32
        assert planes.max(-1).min() == 1

    def test_batches_depend_on_seed_epoch_and_index_only(self, labelled):
        first, second = self._batches(labelled, paste_chance=0.5), self._batches(labelled, paste_chance=0.5)
        second[1]
        np.testing.assert_array_equal(first[0][0], second[0][0])
        second.epoch = 1
        assert np.abs(first[0][0] - second[0][0]).max() > 0
        assert np.abs(first[0][0] - self._batches(labelled, seed=9)[0][0]).max() > 0

    def test_lesion_centred_patches_hold_lesions(self, labelled):
        _, planes = self._batches(labelled, lesion_share=1.0, batch=20, variation=NONE)[0]
        assert planes[..., Tissue.WMH].any((1, 2)).all()

    def test_some_patches_come_without_skull(self, labelled):
        bare = replace(labelled, stripped=np.full_like(labelled.images[0], -3.0))
        settings = {"variation": NONE, "batch": 60}
        shown = self._batches(bare, strip_chance=0.25, **settings)[0][0]
        share = (shown == -3.0).all((1, 2, 3)).mean()
        assert 0.05 < share < 0.5
        unknown = self._batches(labelled, strip_chance=1.0, **settings)[0][0]
        assert not (unknown == -3.0).all((1, 2, 3)).any()

    def test_whole_slices(self, labelled):
        images, _ = self._batches(labelled, size=256, batch=2, variation=NONE)[0]
        assert images.shape == (2, 256, 256, 3)

    def test_processes_draw_the_same_batches(self, labelled):
        alone, ahead = (self._batches(labelled, paste_chance=0.5, workers=workers) for workers in (0, 2))
        try:
            for epoch in (0, 1):
                alone.epoch = ahead.epoch = epoch
                for index in range(2):
                    for one, other in zip(alone[index], ahead[index], strict=True):
                        np.testing.assert_array_equal(one, other)
        finally:
            ahead.close()

    def test_a_dead_process_is_named(self, labelled):
        batches = self._batches(labelled, workers=1)
        batches[0]
        for process in list(batches._pool._processes.values()):
            process.kill()
        with pytest.raises(TrainingError, match="has died; run the command again with fewer --workers"):
            for index in (1, 0, 1):
                batches[index]
        batches.close()

    def test_nobody_to_train_on(self):
        from pipeline.training.patches import PatchBatches

        with pytest.raises(TrainingError, match="no patient"):
            PatchBatches([], 3, 5)
