"""A network that learns the regions of registered scans and tells them without a registration.

The study's second step: a template is registered to the patients a network learns from, and no more to the next one.
What it learns is the registration's answer, its errors as well. TensorFlow is imported with this file.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import keras
import numpy as np
from numpy.typing import NDArray

from pipeline.errors import TrainingError
from pipeline.regions.network_slices import CHANNELS, SHAPE, RegionSlices, Stack, slices_of_labels
from pipeline.regions.parcellation import Parcellation, Region
from pipeline.regions.region_loss import region_loss, skeletons
from pipeline.regions.region_variation import looking_otherwise, moved
from pipeline.segmentation.networks.registry import build_network, find_preset

_FLIP_CHANCE = 0.5
_MOMENTUM = 0.9
"""Of the running means of batch normalisation: after some hundred batches nothing of their first values is left."""
Labels = NDArray[np.uint8]


@dataclass(frozen=True)
class RegionTraining:
    """How long and how wide; the default costs some minutes of one processor core.

    Attributes
    ----------
    width : channels of the first level
    steps, batch : batches, and slices in each
    heads : how many heads are made of all scans together, turned and stretched otherwise, before the training
    rate : of AdamW at its highest, falling to 0 by a cosine
    skeleton_weight : see ``region_loss``
    """

    width: int = 8
    steps: int = 700
    batch: int = 16
    heads: int = 120
    rate: float = 1e-2
    skeleton_weight: float = 1.0


@dataclass(frozen=True)
class RegisteredScan:
    """A scan to learn from.

    Attributes
    ----------
    patient : whose it is; a split is by these
    slices : what the network sees
    labels : (Z, 64, 80) uint8, 1-based places in the list of regions, 0 none
    """

    patient: str
    slices: RegionSlices
    labels: NDArray[np.uint8]


def registered_scan(patient: str, slices: RegionSlices, parcellation: Parcellation) -> RegisteredScan:
    """Return a scan with its registered regions as what is to be learned; errors as of ``slices_of_labels``."""
    place = np.zeros(max(region.number for region in parcellation.regions) + 1, np.uint8)
    place[[region.number for region in parcellation.regions]] = np.arange(1, len(parcellation.regions) + 1)
    return RegisteredScan(patient, slices, place[slices_of_labels(parcellation.image, slices)])


def mirrored(regions: Sequence[Region]) -> NDArray[np.uint8]:
    """Return for each class, background first, the class it becomes in a mirror.

    Raises
    ------
    TrainingError : a region on one side has no other of its name on the other side, so scans cannot be mirrored.
    """
    place = {(region.name, region.side): index for index, region in enumerate(regions, 1)}
    other = {"left": "right", "right": "left", "both": "both"}
    turned = [0]
    for region in regions:
        partner = place.get((region.name, other[region.side]))  # type: ignore[arg-type]
        if partner is None:
            raise TrainingError(f"region '{region.name}', {region.side}, has no partner on the other side")
        turned.append(partner)
    return np.array(turned, np.uint8)


def build_region_network(architecture: str, regions: int, width: int) -> keras.Model:
    """Return a fresh network from slices to probabilities of ``regions`` regions and background.

    Raises
    ------
    RecipeError : no such architecture.
    """
    preset = find_preset(architecture)
    model = build_network(
        replace(preset, channels=len(CHANNELS), classes=regions + 1, settings=preset.settings | {"width": width}), SHAPE
    )
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = _MOMENTUM
    return model


def train_regions(
    architecture: str,
    scans: Sequence[RegisteredScan],
    regions: Sequence[Region],
    how: RegionTraining | None = None,
    *,
    mirror: bool = True,
    seed: int = 0,
    progress: Callable[[int, int, float], None] | None = None,
) -> keras.Model:
    """Train a network on registered scans.

    Parameters
    ----------
    architecture : a preset of ``pipeline.segmentation.networks.registry``
    scans : to learn from; slices are drawn evenly among scans
    regions : what the targets' classes are
    mirror : show scans mirrored as well; the atlas must have every one-sided region on both sides
    seed : decides initial weights and every batch
    progress : called with step, steps and loss

    Raises
    ------
    TrainingError : no scan, or regions that cannot be mirrored.
    RecipeError : no such architecture.
    """
    if not scans:
        raise TrainingError("no registered scan to learn from")
    how = how or RegionTraining()
    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    model = build_region_network(architecture, len(regions), how.width)
    rate = keras.optimizers.schedules.CosineDecay(
        how.rate / 20, max(how.steps - how.steps // 20, 1), warmup_target=how.rate, warmup_steps=max(how.steps // 20, 1)
    )
    optimizer = keras.optimizers.AdamW(rate, weight_decay=1e-3, clipnorm=1.0)
    model.compile(optimizer, region_loss(len(regions) + 1, how.skeleton_weight), jit_compile=False)
    turned = mirrored(regions) if mirror else None
    pool = _pool(scans, how.heads, rng)
    for step in range(how.steps):
        drawn = [_drawn(pool[int(rng.integers(len(pool)))], turned, rng) for _ in range(how.batch)]
        images, targets = (np.stack(part) for part in zip(*drawn, strict=True))
        loss = float(model.train_on_batch(images, targets))
        if progress is not None:
            progress(step + 1, how.steps, loss)
    return model


def _pool(scans: Sequence[RegisteredScan], heads: int, rng: np.random.Generator) -> list[tuple[Stack, Labels]]:
    """Return the scans and heads made of them in turn: slices, and (Z, 64, 80, 2) labels and labels on skeletons."""
    pool = [(scan.slices.image, scan.labels) for scan in scans]
    for index in range(heads):
        scan = scans[index % len(scans)]
        pool.append(moved(rng, scan.slices.image, scan.labels, scan.slices.slice_mm))
    return [(image, np.stack([labels, skeletons(labels)], axis=-1)) for image, labels in pool]


def _drawn(head: tuple[Stack, Labels], turned: Labels | None, rng: np.random.Generator) -> tuple[Stack, Labels]:
    """Return one slice of a head as another scanner might give it, and its target."""
    z = int(rng.integers(len(head[0])))
    image, target = head[0][z], head[1][z]
    if turned is not None and rng.random() < _FLIP_CHANCE:
        image, target = image[::-1].copy(), turned[target[::-1]]
        image[..., CHANNELS.index("to the right")] *= -1
    return looking_otherwise(rng, image), target
