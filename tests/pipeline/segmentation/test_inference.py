"""Sliding over a scan with a stand-in for a network whose answer is known."""

import time
from itertools import count
from threading import Barrier

import numpy as np
import pytest

from pipeline.errors import ModelError
from pipeline.segmentation.inference import (
    BRAIN,
    HEAD,
    Decision,
    brain_window,
    context_step,
    decide,
    head_window,
    predict,
    predict_slices,
    segment,
)
from pipeline.segmentation.preprocessing import Placement, Recipe
from pipeline.segmentation.tissues import Tissue

AS_IS = Recipe("as is", (), pixel_mm=0.9)
SPACING = (0.9, 0.9, 7.0)


class Thresholds:
    """Calls dark brain ventricle, bright brain WMH, the rest of the head brain; looks at the middle slice only."""

    def predict_on_batch(self, stack):
        middle = stack[..., stack.shape[-1] // 2]
        planes = [middle < 50, (middle >= 50) & (middle < 150), (middle > 450) & (middle < 600)]
        return np.stack([*planes, ~np.any(planes, axis=0)], -1).astype(np.float32)


def test_labels_return_to_the_grid_of_the_scan(head_phantom):
    result = segment(head_phantom.volume, SPACING, [Thresholds()], AS_IS, channels=3)
    np.testing.assert_array_equal(result.labels, head_phantom.truth)
    np.testing.assert_array_equal(result.wmh_probability > 0.5, head_phantom.truth == Tissue.WMH)
    assert result.intracranial[head_phantom.brain].all()
    assert not result.intracranial[0].any()


def test_another_pixel_size_gives_the_same_tissue(head_phantom):
    fine = head_phantom.volume.repeat(2, 0).repeat(2, 1)
    result = segment(fine, (0.45, 0.45, 7.0), [Thresholds()], AS_IS, channels=3)
    truth = head_phantom.truth.repeat(2, 0).repeat(2, 1)
    for tissue in (Tissue.VENTRICLE, Tissue.WMH):
        drawn, found = truth == tissue, result.labels == tissue
        assert 2 * (drawn & found).sum() / (drawn.sum() + found.sum()) > 0.8


class LeftIsVentricle:
    """Puts all probability on ventricle in the first half of the first image axis, whatever it sees."""

    def predict_on_batch(self, stack):
        out = np.zeros((*stack.shape[:3], 3), np.float32)
        out[:, : stack.shape[1] // 2, :, 1] = 1
        out[:, stack.shape[1] // 2 :, :, 0] = 1
        return out


def test_flips_are_undone_before_averaging():
    slices = np.zeros((8, 6, 2), np.float32)
    plain = predict_slices([LeftIsVentricle()], slices, 3, flips=False)
    assert plain[:4, :, :, 1].min() == 1
    assert plain[4:, :, :, 1].max() == 0
    np.testing.assert_array_equal(predict_slices([LeftIsVentricle()], slices, 3)[..., 1], 0.5)


class SeesChannel:
    """Returns one input channel as the ventricle probability."""

    def __init__(self, channel):
        self.channel = channel

    def predict_on_batch(self, stack):
        value = stack[..., self.channel]
        return np.stack([1 - value, value, np.zeros_like(value)], -1)


@pytest.mark.parametrize(
    ("channel", "step", "expected"), [(0, 1, [0, 0, 1, 2]), (1, 1, [0, 1, 2, 3]), (2, 2, [2, 3, 3, 3])]
)
def test_neighbours_are_those_of_each_slice(channel, step, expected):
    slices = np.broadcast_to(np.arange(4, dtype=np.float32) / 10, (4, 4, 4))
    out = predict_slices([SeesChannel(channel)], slices, 3, step=step)
    np.testing.assert_allclose(out[0, 0, :, 1] * 10, expected, atol=1e-6)


def test_models_are_averaged():
    slices = np.full((4, 4, 1), 0.2, np.float32)
    out = predict_slices([SeesChannel(1), LeftIsVentricle()], slices, 3, flips=False)
    assert out[0, 0, 0, 1] == pytest.approx(0.6)


def test_thresholds_and_smallest_lesion():
    probabilities = np.zeros((2, 5, 4, 1), np.float32)
    probabilities[:, 0, 0, 0] = 0.35, 0.45
    probabilities[:, 2, 2, 0] = 0.0, 0.7
    probabilities[:, 3, 2, 0] = 0.0, 0.7
    assert decide(probabilities, SPACING).nonzero()[0].tolist() == [2, 3]
    low = decide(probabilities, SPACING, Decision(wmh_threshold=0.4, ventricle_threshold=0.3))
    assert low[0, 0, 0] == Tissue.WMH
    kept = decide(probabilities, SPACING, Decision(wmh_threshold=0.4, smallest_lesion_mm2=1.5))
    assert kept[0, 0, 0] == 0
    assert kept[2, 2, 0] == kept[3, 2, 0] == Tissue.WMH


def test_neighbours_lie_about_seven_millimetres_away():
    assert [context_step(mm) for mm in (8.1, 6.4, 3.3, 1.0)] == [1, 1, 2, 7]


def test_a_scan_with_little_lesion_is_called_more_cautiously(monkeypatch):
    probabilities = np.zeros((64, 64, 4, 5), np.float32)
    probabilities[..., Tissue.BRAIN] = 1.0
    probabilities[10:20, 10:20, 1, :] = (0, 0, 0.6, 0.4, 0)
    monkeypatch.setattr(
        "pipeline.segmentation.inference._predicted", lambda *_: [(slice(0, 4), probabilities, 0.0, 1.0)]
    )
    volume = np.random.default_rng(0).normal(100, 20, (64, 64, 4)).astype(np.float32)
    place = Recipe("plain", (), 1.0)
    monkeypatch.setattr(Recipe, "prepare", lambda *_: (volume, Placement((64, 64), (1.0, 1.0), 64)))

    def area(usual):
        found = segment(volume, (1, 1, 5), [], place, channels=3, decision=Decision(0.5, usual_wmh_ml=usual))
        return int((found.labels == Tissue.WMH).sum())

    # 100 voxels of 5 uL at 0.6 are 0.3 mL: with that as usual nothing changes, with ten times it odds fall to 0.19.
    assert (area(0.0), area(0.3), area(3.0)) == (100, 100, 0)


def test_thin_slices_are_not_adjusted_to_a_load():
    given = (np.zeros((4, 4, 2), np.float32), np.full((4, 4, 2), 0.6, np.float32))
    rule = Decision(usual_wmh_ml=50.0, adjusted_from_mm=5.0)
    assert rule.adjusted(given, (1, 1, 3)) is given
    assert (rule.adjusted(given, (1, 1, 4.9999999))[1] < 0.3).all()  # 5 mm, as an affine may say it


def test_nothing_is_found_outside_the_skull():
    volume = np.random.default_rng(0).normal(100, 1, (64, 64, 5)).astype(np.float32)
    brain = np.zeros((64, 64), bool)
    brain[12:40, 12:40] = True
    ventricle, sky = np.zeros_like(brain), np.zeros_like(brain)
    ventricle[22:30, 22:30], sky[50:60, 20:40] = True, True

    class Network:
        def predict_on_batch(self, stack):
            chosen = np.select([ventricle | sky, brain], [Tissue.VENTRICLE, Tissue.BRAIN], Tissue.BACKGROUND)
            return np.repeat(np.eye(5, dtype=np.float32)[chosen][None], len(stack), axis=0)

    place = Recipe("as it is", (), pixel_mm=1.0)
    placement = Placement((64, 64), (1.0, 1.0), 64)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Recipe, "prepare", lambda *_: (volume, placement))
        found = segment(volume, (1.0, 1.0, 7.0), [Network()], place, channels=3, flips=False)
    np.testing.assert_array_equal(found.labels == Tissue.VENTRICLE, np.repeat(ventricle[..., None], 5, axis=2))
    assert not found.intracranial[sky].any()
    assert found.intracranial[ventricle].all()


def test_the_window_lies_on_the_raster_holds_the_head_and_mirrors():
    slices = np.full((256, 256, 3), -3.0, np.float32)
    slices[61:180, 40:230] = 1.0
    slices[5, 5, 0] = 1.0  # a speck in the air
    window = head_window(slices)
    assert window == (slice(48, 192), slice(32, 240))
    mirrored = head_window(slices[::-1])
    assert (mirrored[0].start, mirrored[0].stop) == (256 - 192, 256 - 48)
    assert head_window(np.zeros((256, 256, 3), np.float32)) == (slice(None), slice(None))


def test_a_window_changes_no_label_of_a_network_that_looks_at_pixels(head_phantom):
    # Air is what lies beyond the window.
    whole = segment(head_phantom.volume, SPACING, [Thresholds()], AS_IS, channels=3)
    windowed = segment(head_phantom.volume, SPACING, [Thresholds()], AS_IS, channels=3, window=HEAD)
    np.testing.assert_array_equal(whole.labels, windowed.labels)
    np.testing.assert_array_equal(whole.intracranial, windowed.intracranial)


class CountsImages(SeesChannel):
    """Remembers how many images it was shown at once."""

    def __init__(self):
        super().__init__(1)
        self.sizes = []

    def predict_on_batch(self, stack):
        self.sizes.append(len(stack))
        return super().predict_on_batch(stack)


def test_slices_are_shown_in_batches_of_one_size():
    network = CountsImages()
    slices = np.arange(9, dtype=np.float32) / 10 * np.ones((8, 8, 1), np.float32)
    out = predict_slices([network], slices, 3, flips=False)
    assert len(set(network.sizes)) == 1
    assert len(network.sizes) > 1
    np.testing.assert_allclose(out[0, 0, :, 1], slices[0, 0])


class SideBySide(SeesChannel):
    """Answers its first two questions only once both were asked, and the later of two the sooner."""

    def __init__(self, lanes):
        super().__init__(1)
        self.lanes, self.asked, self.both = lanes, count(), Barrier(2, timeout=30)

    def predict_on_batch(self, stack):
        number = next(self.asked)
        if number < 2:
            self.both.wait()
        time.sleep(0.02 * (number % 2 == 0))
        return super().predict_on_batch(stack)


@pytest.mark.parametrize("lanes", [2, 3, 4])
@pytest.mark.parametrize("flips", [False, True])
def test_what_is_seen_side_by_side_comes_in_order(lanes, flips):
    slices = np.random.default_rng(0).random((6, 8, 19)).astype(np.float32)
    expected = predict_slices([SeesChannel(1)], slices, 3, flips=flips)
    np.testing.assert_array_equal(predict_slices([SideBySide(lanes)], slices, 3, flips=flips), expected)


def test_a_network_that_fails_beside_others_is_heard():
    class Fails(SeesChannel):
        lanes = 2

        def predict_on_batch(self, stack):
            raise ModelError("no answer")

    with pytest.raises(ModelError, match="no answer"):
        predict_slices([Fails(1)], np.zeros((4, 4, 20), np.float32), 3)


def test_disagreement_is_how_far_the_passes_lie_from_their_mean() -> None:
    class Sides:
        """Says ventricle in the left half of what it is shown, so its mirror image says the right half."""

        def predict_on_batch(self, stack: np.ndarray) -> np.ndarray:
            found = np.zeros((*stack.shape[:3], 5), np.float32)
            found[..., Tissue.BRAIN] = 1.0
            found[:, : stack.shape[1] // 2, 8:24] = (0, 0.8, 0, 0.2, 0)
            return found

    volume = np.random.default_rng(1).normal(100, 20, (32, 32, 3)).astype(np.float32)
    place = Recipe("plain", (), 1.0)
    both, one = (
        predict(volume, (1, 1, 5), [Sides()], place, channels=3, flips=flips)  # type: ignore[list-item]
        for flips in (True, False)
    )
    # Everywhere one pass says 0.8 and the other 0: the mean is 0.4, and both lie 0.4 away.
    assert both.disagreement == pytest.approx(1.0)
    assert one.disagreement is None


class Inside:
    """Calls what is as bright as tissue brain; keeps the shapes it was shown."""

    def __init__(self) -> None:
        self.shown: list[tuple[int, ...]] = []

    def predict_on_batch(self, stack: np.ndarray) -> np.ndarray:
        self.shown.append(stack.shape)
        middle = stack[..., stack.shape[-1] // 2]
        brain = (middle > 200) & (middle < 400)
        found = np.zeros((*middle.shape, 5), np.float32)
        found[..., Tissue.BRAIN], found[..., Tissue.BACKGROUND] = brain, ~brain
        return found


def _head_of_known_size(shape: tuple[int, int, int] = (256, 256, 20)) -> np.ndarray:
    """Return air, a scalp, and a brain at 80 to 160 by 70 to 190, smaller in the outer slices."""
    volume = np.zeros(shape, np.float32)
    volume[50:190, 40:220] = 800
    for index in range(shape[2]):
        shrink = abs(index - 10)
        volume[80 + shrink : 160 - shrink, 70 + shrink : 190 - shrink, index] = 300
    return volume


def test_the_networks_are_shown_the_space_inside_the_skull_and_some_around_it() -> None:
    volume, place = _head_of_known_size(), Recipe("plain", (), 1.0)
    network = Inside()
    found = predict(volume, (1, 1, 7), [network], place, channels=3, window=BRAIN)  # type: ignore[list-item]
    coarse, *full = network.shown
    assert coarse[1] * coarse[2] < 256 * 256 / 4
    assert set(full) == {(4, 112, 144, 3)}  # 64 to 176 by 64 to 208: some pixels more, on the raster of 16
    assert found.intracranial is not None
    brain = (volume > 200) & (volume < 400)
    assert not (found.intracranial & ~brain).any()
    assert found.intracranial.sum() > 0.99 * brain.sum(), "only the corners are rounded"


@pytest.mark.parametrize("window", [HEAD, BRAIN])
def test_without_a_brain_the_head_is_shown(window: str) -> None:
    volume, network = np.where(_head_of_known_size() > 0, 800, 0).astype(np.float32), Inside()
    predict(volume, (1, 1, 7), [network], Recipe("plain", (), 1.0), channels=3, window=window)  # type: ignore[list-item]
    assert network.shown[-1] == (4, 176, 208, 3)


def test_a_window_lies_on_the_raster_of_the_networks_wherever_the_head_is() -> None:
    for shift in (0, 5, 11):
        volume = np.roll(_head_of_known_size(), shift, (0, 1))
        head = head_window(volume)
        rows, columns = brain_window([Inside()], volume, head, 3)  # type: ignore[list-item]
        for span, least, most in ((rows, 80, 160), (columns, 70, 190)):
            assert span.start % 16 == span.stop % 16 == 0
            assert span.start <= least + shift - 4
            assert span.stop >= most + shift + 4
