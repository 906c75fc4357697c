"""A scan's files are read back and drawn the right way round."""

import io

import numpy as np
import polars as pl
import pytest
from PIL import Image

from app.figures.palette import VENTRICLE_COLOUR, ZONE_COLOURS
from app.scan_images import ScanFilesMissing, encoded, read_images, rgb, slice_picture, thumbnail
from tests.app.scan_files import LESION_SLICE, SHAPE, write_files

HEIGHT = 280
"""Four pixels to a voxel."""


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


def test_only_the_head_is_shown(images):
    # The disc reaches from y 13 to 67, the lowest lesion to y 10; 6 mm around them.
    assert images.head == (slice(0, 60), slice(4, 74))


def test_right_is_on_the_left_and_the_front_on_top(images):
    picture = slice_picture(images, LESION_SLICE, height=HEIGHT, opacity=1.0)
    assert picture.shape == (280, 240, 3)
    rows, columns = _where(picture, VENTRICLE_COLOUR).T
    # x 30-59 is the person's right: columns 0-119; y 20-49 from behind: rows 96-215 from the front, at y 73.
    assert (columns.min(), columns.max(), rows.min(), rows.max()) == (0, 119, 96, 215)
    rows, columns = _where(picture, ZONE_COLOURS["periventricular"]).T
    assert (columns.min(), columns.max(), rows.min(), rows.max()) == (216, 223, 236, 255)


def test_wide_pixels_make_a_wide_picture(tmp_path):
    write_files(tmp_path, "sub-1", np.diag([2.0, 1.0, 6.0, 1.0]))
    assert slice_picture(read_images(tmp_path, "sub-1"), LESION_SLICE, height=HEIGHT).shape == (280, 480, 3)


def test_borders_leave_the_middle_free(images):
    filled, borders = (slice_picture(images, LESION_SLICE, height=HEIGHT, opacity=o) for o in (1.0, 0.0))
    assert 0 < len(_where(borders, VENTRICLE_COLOUR)) < len(_where(filled, VENTRICLE_COLOUR)) / 4


def test_borders_have_their_full_colour_whatever_the_filling(images):
    for opacity in (0.0, 0.3, 1.0):
        picture = slice_picture(images, LESION_SLICE, height=HEIGHT, opacity=opacity)
        assert tuple(picture[96, 60]) == rgb(VENTRICLE_COLOUR)


def test_unsure_lesions_are_outlines(images):
    rows = pl.DataFrame({"lesion_number": [2, 1], "sure": [False, True]})
    numbers = images.lesion_numbers
    assert numbers.max() == 2, "two lesions in the slice"
    unsure = images.unsure_by(rows)
    assert (unsure == (numbers == 2)).all()
    assert images.unsure_by(rows.with_columns(sure=pl.lit(value=True))) is None
    assert images.unsure_by(rows.with_columns(sure=pl.lit(None, pl.Boolean))) is None, "nothing is known"
    filled, hollow = (
        slice_picture(images, LESION_SLICE, height=HEIGHT, opacity=1.0, hollow=mask)
        for mask in (None, unsure[..., LESION_SLICE])
    )
    of = [ZONE_COLOURS[zone] for zone in ZONE_COLOURS]
    areas = {colour: (len(_where(filled, colour)), len(_where(hollow, colour))) for colour in of}
    changed = {colour for colour, (before, after) in areas.items() if before != after}
    assert len(changed) == 1
    [(before, after)] = [areas[colour] for colour in changed]
    assert 0 < after < before / 2
    assert len(_where(filled, VENTRICLE_COLOUR)) == len(_where(hollow, VENTRICLE_COLOUR))


def test_the_scan_can_be_shown_alone(images):
    picture = slice_picture(images, LESION_SLICE, opacity=None)
    assert (np.ptp(picture.astype(int), axis=-1) == 0).all()


def test_a_picked_lesion_is_ringed(images):
    assert sorted(np.unique(images.lesion_numbers)) == [0, 1, 2]
    marked = images.lesion_numbers[..., LESION_SLICE] == 1
    plain, ringed = (slice_picture(images, LESION_SLICE, height=HEIGHT, marked=mask) for mask in (None, marked))
    changed = np.argwhere((plain != ringed).any(-1))
    assert changed.min(0) == pytest.approx([236 - 7, 216 - 7], abs=1)


def test_lesions_are_those_of_the_store(images):
    lesions = pl.DataFrame({"lesion_number": [2, 1], "area_mm2": [4.0, 10.0], "zone": [None, "juxtacortical"]})
    assert images.agree_with(lesions)
    zones = images.zones_by(lesions)
    assert (zones[4, 10, LESION_SLICE], (zones == 3).sum(), (zones > 0).sum()) == (3, 10, 10)
    assert not images.agree_with(lesions.head(1))
    assert not images.agree_with(lesions.with_columns(area_mm2=pl.Series([5.0, 10.0])))


def test_other_zones_can_be_shown(images):
    moved = np.where(images.zones == 1, 3, images.zones).astype(np.uint8)
    picture = slice_picture(images, LESION_SLICE, height=HEIGHT, opacity=1.0, zones=moved)
    assert not len(_where(picture, ZONE_COLOURS["periventricular"]))
    assert len(_where(picture, ZONE_COLOURS["juxtacortical"])) == 10 * 16


def test_thumbnails_have_one_size_and_say_synthetic(images):
    assert thumbnail(images).shape == (290, 240, 3)
    assert (thumbnail(images, synthetic=True) != thumbnail(images)).any()


def test_a_picture_is_sent_as_jpeg_of_its_size(images):
    picture = slice_picture(images, LESION_SLICE)
    sent = np.asarray(Image.open(io.BytesIO(encoded(picture))))
    assert sent.shape == picture.shape
    assert np.abs(sent.astype(int) - picture).mean() < 2


def test_missing_cut_and_foreign_files_are_told(tmp_path):
    with pytest.raises(ScanFilesMissing, match="missing"):
        read_images(tmp_path, "sub-1")
    write_files(tmp_path, "sub-1")
    path = tmp_path / "sub-1_desc-zones_dseg.nii.gz"
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(ScanFilesMissing):
        read_images(tmp_path, "sub-1")


def test_borders_of_regions_are_drawn_and_the_chosen_one_more_strongly(images):
    regions = np.zeros(SHAPE[:2], np.uint16)
    regions[20:30, 30:50] = 4
    regions[30:40, 30:50] = 5
    plain, lined, chosen = (
        slice_picture(images, LESION_SLICE, height=HEIGHT, opacity=None, regions=r, region=n)
        for r, n in ((None, None), (regions, None), (regions, 5))
    )
    changed = (plain != lined).any(-1)
    assert 0 < changed.mean() < 0.05
    # x 30-39 is the person's right, columns 80-119; regions end at y 30 and 49.
    _, columns = _where(chosen, "#FFFFFF").T
    inside = (columns >= 80) & (columns < 120)
    assert inside.sum() > 200
    assert (plain[5:, 120:] == chosen[5:, 120:]).all(-1).mean() > 0.9
    assert not (_where(lined, "#FFFFFF")[:, 1] > 60).any()
