"""The region network: what it sees, its loss, its mirror, and that it learns."""

import numpy as np
import pytest

from pipeline.errors import GeometryError, TrainingError
from pipeline.regions import network_slices
from pipeline.regions.bullseye import REGIONS
from pipeline.regions.network_slices import CHANNELS, PIXEL_MM, predicted_regions, region_slices, slices_of_labels
from pipeline.regions.parcellation import Parcellation, Region

# Keras 3.15 hands NumPy arrays over in the way of NumPy 1 when it builds a model.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

SPACING = (1.0, 0.9, 6.0)
SHAPE = (180, 220, 5)
GRID = network_slices.SHAPE
TWO = (Region(3, "half", "left"), Region(7, "half", "right"))


class Knowing:
    """A network that gives what it was told, as probabilities."""

    def __init__(self, labels: np.ndarray, classes: int):
        self.likely = np.eye(classes, dtype=np.float32)[labels]

    def predict_on_batch(self, image: np.ndarray) -> np.ndarray:
        return self.likely


def phantom() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """An ellipsoid of a brain off the middle of the grid, region 3 left of x = 95 and 7 right of it."""
    x, y, z = np.indices(SHAPE)
    brain = ((x - 95) / 70) ** 2 + ((y - 120) / 85) ** 2 + ((z - 2) / 3.5) ** 2 < 1
    image = np.random.default_rng(0).normal(300, 30, SHAPE).astype(np.float32) * brain
    labels = np.where(brain, np.where(x < 95, 3, 7), 0).astype(np.uint16)
    return image, brain, labels


def test_slices_show_the_brain_in_the_middle_and_regions_come_back_where_they_were() -> None:
    image, brain, labels = phantom()
    slices = region_slices(image, brain, np.zeros_like(brain), SPACING)
    assert slices.image.shape == (5, *GRID, len(CHANNELS))
    assert slices.step == (PIXEL_MM / 1.0, PIXEL_MM / 0.9)
    rows = np.flatnonzero(slices.image[2, ..., 1].max(1) > 0.5)
    assert abs(rows.mean() - (GRID[0] - 1) / 2) <= 0.5
    seen = slices_of_labels(labels, slices)
    told = np.select([seen == 3, seen == 7], [1, 2], 0)
    found = predicted_regions(Knowing(told, 3), slices, brain, TWO, "halves")
    assert (found.image[brain] == labels[brain]).mean() > 0.98
    assert not found.image[~brain].any()
    assert (found.left == (np.indices(SHAPE)[0] < 95))[brain].mean() > 0.98


def test_places_are_told_in_the_brains_own_box() -> None:
    image, brain, _ = phantom()
    whole = region_slices(image, brain, np.zeros_like(brain), SPACING)
    right, front, below, of_height = np.moveaxis(whole.image[..., 3:], -1, 0)
    inside = whole.image[..., 1] > 0.5
    for place in (right, front):
        assert np.percentile(place[inside], [2, 98]) == pytest.approx([-1, 1], abs=0.05)
    assert (np.diff(right[0, :, 0]) > 0).all() and (np.diff(front[0, 0]) > 0).all()
    assert of_height[:, 0, 0] == pytest.approx([1, 0.75, 0.5, 0.25, 0])
    sides = [np.ptp(np.percentile(np.nonzero(brain)[axis], [2, 98])) * SPACING[axis] for axis in (0, 1)]
    assert below[0, 0, 0] == pytest.approx(24 / np.mean(sides), rel=0.03)  # the lowest of five slices, 24 mm below
    moved = region_slices(np.roll(image, (9, -12), (0, 1)), np.roll(brain, (9, -12), (0, 1)), brain & False, SPACING)
    assert np.abs(moved.image - whole.image)[..., 3:].max() < 0.03


def test_a_moved_head_tells_its_places_anew_and_takes_its_labels_along() -> None:
    from pipeline.regions.region_variation import looking_otherwise, moved

    image, brain, labels = phantom()
    slices = region_slices(image, brain, np.zeros_like(brain), SPACING)
    told = slices_of_labels(labels, slices)
    rng = np.random.default_rng(3)
    for _ in range(5):
        other, other_labels = moved(rng, slices.image, told, slices.slice_mm)
        inside = other[..., 1] > 0.5
        assert other.shape[1:] == slices.image.shape[1:]
        assert np.percentile(other[..., 3][inside], [2, 98]) == pytest.approx([-1, 1], abs=0.05)
        assert (other_labels[inside] > 0).mean() > 0.95
        # Left is still left: the two halves lie on their sides of the middle.
        assert other[..., 3][other_labels == 3].mean() < -0.2 < 0.2 < other[..., 3][other_labels == 7].mean()
    shown = looking_otherwise(rng, slices.image[2])
    assert (shown[..., 1:3] == slices.image[2, ..., 1:3]).all()
    assert np.abs(shown[..., 3:] - slices.image[2, ..., 3:]).max() < 0.15
    assert (shown[..., 0][slices.image[2, ..., 1] <= 0.5] == -3).all()


def test_no_brain_and_other_grids_are_refused() -> None:
    image, brain, labels = phantom()
    with pytest.raises(GeometryError, match="mask is empty"):
        region_slices(image, np.zeros_like(brain), np.zeros_like(brain), SPACING)
    slices = region_slices(image, brain, np.zeros_like(brain), SPACING)
    with pytest.raises(GeometryError, match="expected"):
        slices_of_labels(labels[:-1], slices)


class TestTrained:
    """What needs Keras."""

    @pytest.fixture(autouse=True)
    def _keras(self) -> None:
        keras = pytest.importorskip("keras", reason="needs Keras, which the extras cpu and gpu install")
        keras.config.set_dtype_policy("float32")

    def test_the_loss_is_least_where_all_is_right_and_sees_a_gap_in_a_line(self) -> None:
        from pipeline.regions.region_loss import region_loss, skeletons

        labels = np.zeros((1, 32, 32), np.uint8)
        labels[0, 4:28, 8:13] = 1
        labels[0, 4:28, 16:30] = 2
        target = np.stack([labels, skeletons(labels)], axis=-1)

        def loss_of(shown: np.ndarray, weight: float) -> float:
            likely = np.eye(3, dtype=np.float32)[shown] * 0.97 + 0.01
            return float(region_loss(3, weight)(target, likely))

        gap, edge = labels.copy(), labels.copy()
        gap[0, 14:17, 8:13] = 0  # 15 pixels of the line are missing, its middle among them
        edge[0, 4:19, 12] = 0  # 15 pixels of its edge
        assert loss_of(labels, 1.0) < loss_of(edge, 1.0)
        assert loss_of(gap, 0.0) == pytest.approx(loss_of(edge, 0.0), abs=1e-5)
        assert loss_of(gap, 1.0) > loss_of(edge, 1.0) + 0.02

    def test_left_becomes_right_in_a_mirror(self) -> None:
        from pipeline.regions.region_network import mirrored

        turned = mirrored(REGIONS)
        assert turned[0] == 0 and (turned[turned] == np.arange(len(REGIONS) + 1)).all()
        other = REGIONS[turned[1] - 1]
        assert (other.name, other.side) == (REGIONS[0].name, "right")
        with pytest.raises(TrainingError, match="no partner"):
            mirrored(TWO[:1])

    @pytest.mark.slow
    def test_it_learns_two_halves(self) -> None:
        from pipeline.regions.region_network import RegionTraining, registered_scan, train_regions

        image, brain, labels = phantom()
        slices = region_slices(image, brain, np.zeros_like(brain), SPACING)
        scan = registered_scan("one", slices, Parcellation("halves", TWO, labels, labels == 3))
        losses: list[float] = []
        how = RegionTraining(width=4, steps=40, batch=2, heads=4)
        train_regions("unet", [scan], TWO, how, progress=lambda step, steps, loss: losses.append(loss))
        assert np.mean(losses[-5:]) < 0.6 * losses[0]
        with pytest.raises(TrainingError, match="no registered scan"):
            train_regions("unet", [], TWO, how)
