"""The slice that can be zoomed: every lesion's mark lies on the lesion in the picture."""

import numpy as np

from app.figures.slice import LesionMark, slice_figure
from app.scan_images import ScanImages, encoded, lesion_places, slice_picture

SHAPE = (60, 80, 3)


def scan() -> ScanImages:
    """Return a head with one lesion of 6 x 4 voxels, at the person's right and front."""
    image, tissue, zones = (np.zeros(SHAPE, np.uint8) for _ in range(3))
    image[5:55, 5:75] = 120
    tissue[40:46, 60:64, 1] = 2
    zones[40:46, 60:64, 1] = 1
    return ScanImages(image, tissue, zones, (1.0, 1.0, 5.0), (0.0, 5.0, 10.0))


def test_the_mark_lies_on_the_lesion() -> None:
    images = scan()
    [(number, (x, y, radius))] = lesion_places(images, 1, height=720).items()
    plain, coloured = (slice_picture(images, 1, opacity=opacity).astype(int) for opacity in (None, 1.0))
    rows, columns = np.nonzero(np.abs(coloured - plain).sum(2) > 60)
    assert number == 1
    assert abs(x - (columns.min() + columns.max() + 1) / 2) < 3
    assert abs(y - (rows.min() + rows.max() + 1) / 2) < 3
    assert abs(np.pi * radius**2 / rows.size - 1) < 0.1
    assert lesion_places(images, 0) == {}


def test_grey_levels_are_stretched_between_black_and_white() -> None:
    images = scan()
    shown = slice_picture(images, 0, opacity=None, window=(100.0, 140.0))
    assert abs(int(np.median(shown[300:400, 300:350])) - 127) < 4
    assert slice_picture(images, 0, opacity=None, window=(130.0, 255.0))[360, 300].max() == 0


def test_the_figure_shows_the_whole_picture_and_names_lesions() -> None:
    picture = slice_picture(scan(), 1)
    size = picture.shape[1], picture.shape[0]
    figure = slice_figure(encoded(picture), size, [LesionMark(10, 20, 5, "Lesion 1")])
    assert list(figure.layout.xaxis.range) == [0, size[0]]
    assert list(figure.layout.yaxis.range) == [size[1], 0]
    assert figure.data[0].hovertext == ("Lesion 1",)
    assert figure.layout.images[0].source.startswith("data:image/jpeg;base64,")
