"""Pictures of outlines on a phantom."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from pipeline.evaluation.overlays import COLOURS, overlay_png
from pipeline.segmentation.tissues import Tissue


def _pixels(png):
    return np.asarray(Image.open(BytesIO(png)).convert("RGB"))


def _count(pixels, colour):
    return int((pixels == np.array(colour)).all(-1).sum())


def test_both_outlines_are_drawn_and_only_where_there_are_any(head_phantom):
    nothing = np.zeros_like(head_phantom.truth)
    both = _pixels(overlay_png(head_phantom.volume, head_phantom.truth, head_phantom.truth))
    one = _pixels(overlay_png(head_phantom.volume, head_phantom.truth, nothing))
    for tissue in (Tissue.VENTRICLE, Tissue.WMH):
        drawn = _count(one, COLOURS[tissue])
        assert drawn > 20
        assert _count(both, COLOURS[tissue]) == 2 * drawn
        assert _count(one[one.shape[0] // 2 :], COLOURS[tissue]) == 0


def test_the_front_of_the_head_is_on_top(head_phantom):
    truth = np.zeros_like(head_phantom.truth)
    truth[30, 60:63, 2] = Tissue.WMH  # near the front
    truth[10:50, 15, 2] = Tissue.VENTRICLE  # near the back
    picture = _pixels(overlay_png(head_phantom.volume, truth, np.zeros_like(truth)))
    front = np.argwhere((picture == np.array(COLOURS[Tissue.WMH])).all(-1))[:, 0].mean()
    back = np.argwhere((picture == np.array(COLOURS[Tissue.VENTRICLE])).all(-1))[:, 0].mean()
    assert front < back


@pytest.mark.parametrize("level", [0.0, 5.0])
def test_an_empty_or_constant_scan_still_gives_a_picture(level):
    volume = np.full((20, 24, 5), level, np.float32)
    nothing = np.zeros(volume.shape, np.uint8)
    assert _pixels(overlay_png(volume, nothing, nothing)).ndim == 3


def test_the_same_input_gives_the_same_bytes(head_phantom):
    arguments = (head_phantom.volume, head_phantom.truth, head_phantom.truth)
    assert overlay_png(*arguments) == overlay_png(*arguments)
