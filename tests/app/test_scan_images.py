"""A scan's files are read back and drawn the right way round."""

import numpy as np
import pytest

from app.figures.palette import VENTRICLE_COLOUR, ZONE_COLOURS
from app.scan_images import ScanFilesMissing, read_images, rgb, slice_picture, thumbnail
from tests.app.scan_files import LESION_SLICE, SHAPE, write_files


@pytest.fixture
def images(tmp_path):
    write_files(tmp_path, "sub-1")
    return read_images(tmp_path, "sub-1")


def _where(picture, colour):
    return np.argwhere((picture == rgb(colour)).all(-1))


def test_files_are_read_with_their_size(images):
    assert (images.image.shape, images.spacing_mm, images.widest_slice) == (SHAPE, (1.0, 1.0, 6.0), LESION_SLICE)
    assert images.heights_mm[LESION_SLICE] == 48.0


@pytest.mark.parametrize("mirrored", [(-1, 1, 1), (1, -1, 1), (-1, -1, -1)])
def test_a_mirrored_grid_gives_the_same_picture(tmp_path, images, mirrored):
    write_files(tmp_path, "sub-2", np.diag([*mirrored, 1.0]) * np.diag([1.0, 1.0, 6.0, 1.0]))
    other = read_images(tmp_path, "sub-2")
    np.testing.assert_array_equal(slice_picture(other, LESION_SLICE), slice_picture(images, LESION_SLICE))


def test_right_is_on_the_left_and_the_front_on_top(images):
    picture = slice_picture(images, LESION_SLICE, height=SHAPE[1] * 4, opacity=1.0)
    assert picture.shape == (320, 240, 3)
    rows, columns = _where(picture, VENTRICLE_COLOUR).T
    # x 30-59 is the person's right: columns 0-119; y 20-49 from behind: rows 120-239 from the front.
    assert (columns.min() >= 0, columns.max(), rows.min(), rows.max()) == (True, 119, 120, 239)
    rows, columns = _where(picture, ZONE_COLOURS["periventricular"]).T
    assert (columns.min(), columns.max(), rows.min(), rows.max()) == (216, 223, 260, 279)


def test_outlines_leave_the_middle_free(images):
    filled, outlined = (
        slice_picture(images, LESION_SLICE, height=320, opacity=1.0, outlines=outlines) for outlines in (False, True)
    )
    assert 0 < len(_where(outlined, VENTRICLE_COLOUR)) < len(_where(filled, VENTRICLE_COLOUR)) / 4


def test_no_opacity_shows_the_scan_alone(images):
    picture = slice_picture(images, LESION_SLICE, opacity=0)
    assert (np.ptp(picture[:100].astype(int), axis=-1) == 0).all()


def test_a_picked_lesion_is_ringed(images):
    numbers = images.lesion_numbers()
    assert sorted(np.unique(numbers)) == [0, 1, 2]
    marked = numbers[..., LESION_SLICE] == 1
    plain, ringed = (slice_picture(images, LESION_SLICE, height=320, marked=mask) for mask in (None, marked))
    changed = np.argwhere((plain != ringed).any(-1))
    assert changed.min(0) == pytest.approx([260 - 6, 216 - 6], abs=1)


def test_other_zones_can_be_shown(images):
    moved = np.where(images.zones == 1, 3, images.zones).astype(np.uint8)
    picture = slice_picture(images, LESION_SLICE, height=320, opacity=1.0, zones=moved)
    assert not len(_where(picture, ZONE_COLOURS["periventricular"]))
    assert len(_where(picture, ZONE_COLOURS["juxtacortical"])) == 10 * 16


def test_synthetic_is_written_on_the_picture(images):
    assert (thumbnail(images, synthetic=True) != thumbnail(images)).any()


def test_missing_cut_and_foreign_files_are_told(tmp_path):
    with pytest.raises(ScanFilesMissing, match="missing"):
        read_images(tmp_path, "sub-1")
    write_files(tmp_path, "sub-1")
    path = tmp_path / "sub-1_desc-zones_dseg.nii.gz"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ScanFilesMissing):
        read_images(tmp_path, "sub-1")
