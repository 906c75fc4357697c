"""Which patch of which slice of which patient, varied: pure arrays, so that processes without Keras can draw them."""

from collections.abc import Sequence

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from pipeline.errors import TrainingError
from pipeline.segmentation.preprocessing import neighbour_indices
from pipeline.segmentation.tissues import Tissue, allowed_code
from pipeline.training.augmentation import Variation, read_patch, sampling_grid, vary_intensity
from pipeline.training.labelled_scans import LabelledScan
from pipeline.training.lesion_paste import PastableLesion, collect_lesions, paste_lesions
from pipeline.training.lesion_removal import quiet_copy

_AIR_BELOW = -1.0
"""Head units; darker pixels are air or CSF and make dull patch centres."""
_PAINTED = (0.4, 2.0)
"""Contrast of painted lesions, interquartile ranges of the head: from barely visible to plain."""
_NEIGHBOUR_MM = (4.0, 9.0)
"""How far away a template scan's neighbours are taken, as far as its slices allow."""


class PatchSource:
    """Draws batches of patches.

    Batch ``i`` of epoch ``e`` depends on (seed, e, i) only, whichever process draws it.

    Parameters
    ----------
    scans : training patients
    channels : odd number of slices per sample
    size : patch height and width, pixels; 256 is the whole slice
    batch : patches per batch
    variation : how strongly to augment
    paste_chance : chance that lesions of other patients are pasted into a patch
    strip_chance : chance that a patch is shown without skull and scalp, where the patient's brain mask is known
    lesion_share, ventricle_share : share of patches centred on a lesion, on a ventricle; the rest on any brain pixel
    template, template_share : scans of nobody, and the share of patches taken from them
    shapes, shape_chance : lesions of unit brightness, and the chance that some are painted into a patient's patch
    quiet_chance : chance that a patient is shown with most lesions painted over
    seed : int
    """

    def __init__(
        self,
        scans: Sequence[LabelledScan],
        channels: int,
        *,
        size: int = 128,
        batch: int = 8,
        variation: Variation | None = None,
        paste_chance: float = 0.0,
        strip_chance: float = 0.0,
        lesion_share: float = 0.5,
        ventricle_share: float = 0.25,
        template: Sequence[LabelledScan] = (),
        template_share: float = 0.0,
        shapes: Sequence[PastableLesion] = (),
        shape_chance: float = 0.0,
        quiet_chance: float = 0.0,
        seed: int = 0,
    ):
        if not scans and not template:
            raise TrainingError("no patient to train on")
        self.channels, self.size, self.batch = channels, size, batch
        self.variation = variation or Variation()
        self.paste_chance, self.strip_chance = paste_chance, strip_chance
        self.lesion_share, self.ventricle_share = lesion_share, ventricle_share
        self.template_share = template_share if scans else 1.0
        self.shapes, self.shape_chance = list(shapes), shape_chance
        self.quiet_chance = quiet_chance
        self.seed = seed
        self.scans = [_Shown(scan) for scan in scans]
        self.template = [_Shown(scan) for scan in template]
        self.quiet = {
            number: _Shown(quiet_copy(np.random.default_rng((seed, number)), scan))
            for number, scan in enumerate(scans)
            if quiet_chance and scan.stacked
        }
        self.lesions = collect_lesions(scans, channels) if paste_chance else []

    def draw(self, epoch: int, index: int) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """Return images (batch, size, size, channels) and allowed sets (batch, size, size) of one batch."""
        rng = np.random.default_rng((self.seed, epoch, index))
        samples = [self.sample(rng) for _ in range(self.batch)]
        return np.stack([image for image, _ in samples]), np.stack([code for _, code in samples])

    def sample(self, rng: Generator) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """Draw one varied patch and its codes."""
        is_template = bool(self.template) and rng.random() < self.template_share
        if is_template:
            shown = self.template[int(rng.integers(len(self.template)))]
            scan = shown.scan
            step = max(1, round(rng.uniform(*_NEIGHBOUR_MM) / scan.spacing_mm[2]))
        else:
            number = int(rng.integers(len(self.scans)))
            shown = self.scans[number]
            step = int(shown.scan.stacked)
            if self.quiet_chance and rng.random() < self.quiet_chance:
                shown = self.quiet.get(number, shown)
            scan = shown.scan
        volume = scan.images[int(rng.integers(len(scan.images)))]
        if scan.stripped is not None and rng.random() < self.strip_chance:
            volume = scan.stripped
        index, centre = self._centre(rng, shown)
        depth = scan.codes.shape[2]
        image = volume[:, :, neighbour_indices(index, depth, self.channels, step=step)]
        codes = scan.codes[:, :, index]
        if self.lesions and not is_template and rng.random() < self.paste_chance:
            image, codes = paste_lesions(rng, image, codes, height=index / depth, lesions=self.lesions)
        if self.shapes and not is_template and rng.random() < self.shape_chance:
            image, codes = paste_lesions(
                rng, image, codes, height=index / depth, lesions=self.shapes, most=12, strength=_PAINTED
            )
        grid = sampling_grid(rng, centre, self.size, self.variation)
        image, codes = read_patch(image, codes, grid)
        return vary_intensity(rng, image, self.variation), codes

    def _centre(self, rng: Generator, shown: "_Shown") -> tuple[int, tuple[float, float]]:
        """Draw a slice and a position: slices are equally likely, so small lesions and low slices are not drowned."""
        scan, draw = shown.scan, rng.random()
        tissue = Tissue.BRAIN
        if draw < self.lesion_share:
            tissue = Tissue.WMH
        elif draw < self.lesion_share + self.ventricle_share:
            tissue = Tissue.VENTRICLE
        index = int(rng.integers(scan.codes.shape[2]))
        inside: NDArray[np.intp] = np.zeros((0, 2), np.intp)
        if tissue is not Tissue.BRAIN and (levels := shown.levels[tissue]).size:
            index = int(rng.choice(levels))
            inside = np.argwhere(scan.codes[:, :, index] == allowed_code([tissue]))
        if not len(inside):
            may_be_brain = (scan.codes[:, :, index] & (1 << Tissue.BRAIN)).astype(bool)
            inside = np.argwhere(may_be_brain & (scan.images[0][:, :, index] > _AIR_BELOW))
        side = scan.codes.shape[0]
        if self.size >= side or not len(inside):
            return index, tuple((side - 1) / 2 + rng.uniform(-8, 8, 2))
        centre = inside[int(rng.integers(len(inside)))] + rng.uniform(-0.3, 0.3, 2) * self.size
        return index, tuple(np.clip(centre, 0.4 * self.size, side - 0.4 * self.size))


class _Shown:
    """A scan and the slices that hold a tissue, found once."""

    def __init__(self, scan: LabelledScan):
        self.scan = scan
        self.levels = {tissue: scan.slices_with(tissue) for tissue in (Tissue.WMH, Tissue.VENTRICLE)}
