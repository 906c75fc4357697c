"""Pictures with the normal periventricular rim become labelled scans."""

import numpy as np
import pytest
from PIL import Image

from pipeline.errors import ImageError
from pipeline.segmentation.preprocessing import find_recipe
from pipeline.segmentation.tissues import Tissue, allowed_code
from pipeline.training.rim_slices import load_rim_scans

RIM, WMH = allowed_code([Tissue.RIM]), allowed_code([Tissue.WMH])


def _picture(seed):
    """A bright disc left; right a white square at columns 60-79, rows 40-49, a grey one at 160-179, 200-209."""
    picture = np.zeros((256, 512), np.uint8)
    rows, columns = np.mgrid[:256, :256]
    head = (rows - 128) ** 2 + (columns - 128) ** 2 < 110**2
    picture[:, :256][head] = 100 + np.random.default_rng(seed).integers(0, 100, head.sum())
    picture[40:50, 256 + 60 : 256 + 80] = 255
    picture[200:210, 256 + 160 : 256 + 180] = 128
    return picture


@pytest.fixture
def folder(tmp_path):
    for patient in ("7", "8"):
        for index in (1, 2, 10):
            Image.fromarray(_picture(index)).save(tmp_path / f"{patient}_{index}.png")
    return tmp_path


def test_squares_land_where_they_were_drawn(folder):
    scan = load_rim_scans(folder, find_recipe("head"))[0]
    assert (scan.patient, scan.stacked, scan.codes.shape) == ("7", False, (256, 256, 3))
    lesion, rim = (np.argwhere(scan.codes[:, :, 0] == code) for code in (WMH, RIM))
    # X is the picture's column, Y counts from its last row; both shrink by 216/256 about the middle.
    scale = 216 / 256
    assert lesion.mean(0) == pytest.approx([127.5 + (69.5 - 127.5) * scale, 127.5 + (210.5 - 127.5) * scale], abs=0.5)
    assert rim.mean(0) == pytest.approx([127.5 + (169.5 - 127.5) * scale, 127.5 + (50.5 - 127.5) * scale], abs=0.5)
    assert len(lesion) == pytest.approx(200 * scale**2, rel=0.15)


def test_grey_beside_white_says_nothing(tmp_path):
    picture = _picture(0)
    picture[50, 256 + 60 : 256 + 80] = 128
    Image.fromarray(picture).save(tmp_path / "7_1.png")
    codes = load_rim_scans(tmp_path, find_recipe("head"))[0].codes
    assert (codes == allowed_code(list(Tissue))).sum() >= 10


def test_patients_held_out_are_left_out(folder):
    assert [scan.patient for scan in load_rim_scans(folder, find_recipe("head"), without=["7"])] == ["8"]


def test_a_picture_of_another_size_is_refused(folder):
    Image.fromarray(np.zeros((256, 256), np.uint8)).save(folder / "7_3.png")
    with pytest.raises(ImageError, match=r"7_3\.png"):
        load_rim_scans(folder, find_recipe("head"))


def test_the_published_pictures(reference):
    scans = load_rim_scans(reference / "mri" / "normal_wmh_slices", find_recipe("head"))
    assert [(scan.patient, scan.images[0].shape) for scan in scans] == [
        ("101228", (256, 256, 20)),
        ("110497", (256, 256, 20)),
    ]
    assert all((scan.codes == RIM).sum() > 800 < (scan.codes == WMH).sum() + 300 for scan in scans)
