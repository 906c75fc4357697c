"""Pictures of a measured scan: its files read back, and slices drawn with ventricles and lesion zones in their colours.

Slices are shown as radiologists hang them: seen from below, the person's right on the left of the picture.
"""

import io
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import nibabel
import numpy as np
import polars as pl
import scipy
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont, ImageOps

from app.figures.palette import VENTRICLE_COLOUR, ZONE_COLOURS
from vocabulary.measures import ZONES

VENTRICLE, WMH = 1, 2
NO_ZONE_COLOUR = "#CC79A7"
"""Lesions that could not be given a zone."""
_MARK_COLOUR = "#FFFFFF"
_REGION_COLOUR = "#9FD8C6"
_HEAD_GREY, _HEAD_SHARE, _HEAD_MARGIN_MM = 40, 0.2, 6.0
"""The head is where this share of the slices is brighter than air."""
_ENDINGS = ("desc-display_FLAIR.nii.gz", "desc-tissue_dseg.nii.gz", "desc-zones_dseg.nii.gz")
_IN_PLANE = np.zeros((3, 3, 3), bool)
_IN_PLANE[:, :, 1] = True

Labels = NDArray[np.uint8]


class ScanFilesMissing(FileNotFoundError):
    """The folder of a scan's files was moved or changed."""


@dataclass(frozen=True)
class ScanImages:
    """A scan's grey levels and labels on one grid, axes to the right, anterior and superior.

    Attributes
    ----------
    image : (X, Y, Z) uint8
    tissue : (X, Y, Z) uint8; 0 background, 1 ventricle, 2 WMH
    zones : (X, Y, Z) uint8; 0 no lesion, then the zones in the order of ``vocabulary.measures.ZONES``
    spacing_mm : voxel size
    heights_mm : height of each slice in scanner coordinates
    """

    image: NDArray[np.uint8]
    tissue: Labels
    zones: Labels
    spacing_mm: tuple[float, float, float]
    heights_mm: tuple[float, ...]

    @property
    def depth(self) -> int:
        """Number of slices."""
        return int(self.image.shape[2])

    @cached_property
    def widest_slice(self) -> int:
        """The slice with most ventricle, else with most lesion, else the middle one."""
        for label in (VENTRICLE, WMH):
            counts = (self.tissue == label).sum((0, 1))
            if counts.any():
                return int(counts.argmax())
        return self.depth // 2

    @cached_property
    def head(self) -> tuple[slice, slice]:
        """The part of every slice that holds the head and all labels; the whole slice where no head is seen."""
        shown = ((self.image > _HEAD_GREY).mean(2) > _HEAD_SHARE) | (self.tissue > 0).any(2)
        sides = []
        for axis in (0, 1):
            places = np.flatnonzero(shown.any(1 - axis))
            margin = round(_HEAD_MARGIN_MM / self.spacing_mm[axis])
            first, last = (int(places[0]), int(places[-1])) if places.size else (0, shown.shape[axis] - 1)
            sides.append(slice(max(first - margin, 0), min(last + 1 + margin, shown.shape[axis])))
        return sides[0], sides[1]

    @cached_property
    def lesion_numbers(self) -> NDArray[np.int32]:
        """(X, Y, Z) numbers of lesions slice by slice, as the store's ``lesion_number`` counts them; 0 is none."""
        numbers, _ = scipy.ndimage.label(self.tissue == WMH, _IN_PLANE)
        return np.asarray(numbers, np.int32)

    @cached_property
    def has_undecided(self) -> bool:
        """Whether any lesion has no zone."""
        return bool(((self.tissue == WMH) & (self.zones == 0)).any())

    def agree_with(self, lesions: pl.DataFrame) -> bool:
        """Tell whether the files show the lesions of the store, or come from another measurement.

        Parameters
        ----------
        lesions : rows of this scan from ``db.snapshot.Snapshot.lesions``
        """
        areas = np.bincount(self.lesion_numbers.ravel())[1:] * self.spacing_mm[0] * self.spacing_mm[1]
        stored = lesions.sort("lesion_number")["area_mm2"].to_numpy()
        return areas.shape == stored.shape and bool(np.allclose(areas, stored, rtol=0.01))

    def unsure_by(self, lesions: pl.DataFrame) -> NDArray[np.bool_] | None:
        """Return (X, Y, Z), true in lesions that are not sure; None where there are none, or nothing is known.

        Parameters
        ----------
        lesions : rows of this scan, which must agree with the files
        """
        unsure = (~lesions.sort("lesion_number")["sure"].fill_null(value=True)).to_list()
        return np.array([False, *unsure])[self.lesion_numbers] if any(unsure) else None

    def zones_by(self, lesions: pl.DataFrame) -> Labels:
        """Return (X, Y, Z) zones as the column ``zone`` of ``lesions`` tells; the rows must agree with the files."""
        numbers = [ZONES.index(zone) + 1 if zone else 0 for zone in lesions.sort("lesion_number")["zone"]]
        return np.array([0, *numbers], np.uint8)[self.lesion_numbers]


def read_images(folder: Path, stem: str) -> ScanImages:
    """Read the files of one measured scan.

    Raises
    ------
    ScanFilesMissing : a file is absent, cannot be read, or lies on another grid.
    """
    volumes = []
    for ending in _ENDINGS:
        path = folder / f"{stem}_{ending}"
        try:
            volumes.append(nibabel.as_closest_canonical(nibabel.load(path)))
        except (OSError, nibabel.filebasedimages.ImageFileError) as error:
            raise ScanFilesMissing(f"{path} is missing or cannot be read") from error
    try:
        image, tissue, zones = (np.asarray(volume.dataobj).astype(np.uint8) for volume in volumes)
    except (OSError, EOFError, ValueError) as error:
        raise ScanFilesMissing(f"a file of {stem} in {folder} is cut short") from error
    if not image.shape == tissue.shape == zones.shape:
        raise ScanFilesMissing(f"the files of {stem} in {folder} do not belong together: their grids differ")
    affine = volumes[0].affine
    middle = (np.array(image.shape[:2]) - 1) / 2
    heights = tuple(float(affine[2] @ (*middle, index, 1.0)) for index in range(image.shape[2]))
    x, y, z = (float(np.linalg.norm(affine[:3, axis])) for axis in range(3))
    return ScanImages(image, tissue, zones, (x, y, z), heights)


def last_changed(folder: Path) -> float:
    """Return when a folder last changed, for caches; 0 where it is gone."""
    return folder.stat().st_mtime if folder.is_dir() else 0.0


def rgb(colour: str) -> tuple[int, int, int]:
    """Return a colour '#RRGGBB' as three bytes."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def slice_picture(
    scan: ScanImages,
    index: int,
    *,
    height: int = 720,
    opacity: float | None = 0.45,
    zones: Labels | None = None,
    marked: NDArray[np.bool_] | None = None,
    regions: NDArray[np.uint16] | None = None,
    region: int | None = None,
    synthetic: bool = False,
    window: tuple[float, float] | None = None,
    hollow: NDArray[np.bool_] | None = None,
) -> NDArray[np.uint8]:
    """Draw one slice as far as the head reaches, areas filled and bordered in their colours.

    Parameters
    ----------
    scan : ScanImages
    index : slice, from the feet
    height : of the picture, pixels; its width follows from the pixel size
    opacity : of the filling, 0 to 1; 0 leaves the borders, None shows the scan alone
    zones : (X, Y, Z) zones to show instead of the recorded ones
    marked : (X, Y) lesion to ring in white
    regions : (X, Y) region numbers whose borders are drawn as fine lines; 0 belongs to none
    region : number of the one among them that is bordered more strongly
    synthetic : write across the picture that nobody was scanned
    window : grey levels, 0 to 255, that are shown as black and as white; None: as stored
    hollow : (X, Y) lesions of which only the border is drawn

    Returns
    -------
    (height, width, 3) uint8
    """
    tissue, shown = scan.tissue[..., index], (scan.zones if zones is None else zones)[..., index]
    layers = [(tissue == VENTRICLE, VENTRICLE_COLOUR)]
    layers += [(shown == number, ZONE_COLOURS[zone]) for number, zone in enumerate(ZONES, 1)]
    layers.append(((tissue == WMH) & (shown == 0), NO_ZONE_COLOUR))
    canvas = _grey(scan, index, height).astype(np.float32)
    if window is not None:
        low, high = window
        canvas = np.clip((canvas - low) * (255.0 / max(high - low, 1.0)), 0.0, 255.0)
    size = canvas.shape[1], canvas.shape[0]
    thickness = max(round(height / 480), 1)
    if regions is not None:
        _draw_regions(canvas, scan, regions, region)
    for mask, colour in layers:
        if opacity is not None and mask.any():
            area = _enlarged(mask[scan.head], size)
            border = area & ~scipy.ndimage.binary_erosion(area, iterations=thickness, border_value=1)
            filled = area if hollow is None else area & ~_enlarged((mask & hollow)[scan.head], size)
            canvas[filled] += opacity * (np.array(rgb(colour), np.float32) - canvas[filled])
            # Full colour at the border: half-transparent on bright lesions, vermilion and orange look alike.
            canvas[border] = rgb(colour)
    if marked is not None and marked.any():
        area = _enlarged(marked[scan.head], size)
        ring = scipy.ndimage.binary_dilation(area, iterations=7) & ~scipy.ndimage.binary_dilation(area, iterations=4)
        canvas[ring] = rgb(_MARK_COLOUR)
    return _lettered(canvas.astype(np.uint8), synthetic)


def _draw_regions(
    canvas: NDArray[np.float32], scan: ScanImages, regions: NDArray[np.uint16], region: int | None
) -> None:
    """Draw the borders between regions, under the colours of lesions, and one region's own border more strongly."""
    plane = Image.fromarray(_upright(regions[scan.head]).astype(np.int32))
    numbers = np.asarray(plane.resize((canvas.shape[1], canvas.shape[0]), Image.Resampling.NEAREST))
    edge = np.zeros(numbers.shape, bool)
    edge[1:] |= numbers[1:] != numbers[:-1]
    edge[:, 1:] |= numbers[:, 1:] != numbers[:, :-1]
    canvas[edge] += 0.85 * (np.array(rgb(_REGION_COLOUR), np.float32) - canvas[edge])
    if region is not None:
        area = numbers == region
        canvas[area & ~scipy.ndimage.binary_erosion(area, iterations=3)] = rgb(_MARK_COLOUR)


def lesion_places(scan: ScanImages, index: int, *, height: int = 720) -> dict[int, tuple[float, float, float]]:
    """Return where the lesions of a slice lie in its picture: number -> x and y of the middle, radius, pixels.

    Parameters
    ----------
    height : of the picture, as for ``slice_picture``
    """
    numbers = np.asarray(_upright(scan.lesion_numbers[..., index][scan.head]), np.int32)
    vertical = height / numbers.shape[0]
    horizontal = vertical * scan.spacing_mm[0] / scan.spacing_mm[1]
    places = {}
    for number in np.unique(numbers[numbers > 0]):
        rows, columns = np.nonzero(numbers == number)
        radius = float(np.sqrt(rows.size * horizontal * vertical / np.pi))
        x, y = (float(columns.mean()) + 0.5) * horizontal, (float(rows.mean()) + 0.5) * vertical
        places[int(number)] = (x, y, radius)
    return places


def png(picture: NDArray[np.uint8]) -> bytes:
    """Return a picture without loss, to keep."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


def _grey(scan: ScanImages, index: int, height: int) -> NDArray[np.uint8]:
    plane = _upright(scan.image[..., index][scan.head])
    width = round(height * plane.shape[1] * scan.spacing_mm[0] / (plane.shape[0] * scan.spacing_mm[1]))
    grey = Image.fromarray(plane).resize((max(width, 1), height), Image.Resampling.BICUBIC)
    return np.repeat(np.asarray(grey)[..., None], 3, axis=2)


def encoded(picture: NDArray[np.uint8]) -> bytes:
    """Return a picture as JPEG of full colour resolution: 2 ms instead of 100 for PNG, which a slider feels."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "JPEG", quality=92, subsampling=0)
    return file.getvalue()


def encoded_png(picture: NDArray[np.uint8]) -> bytes:
    """Return a picture as PNG, without loss."""
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


def thumbnail(scan: ScanImages, *, size: tuple[int, int] = (240, 290), synthetic: bool = False) -> NDArray[np.uint8]:
    """Draw the slice with most ventricle in a frame that all heads share.

    Parameters
    ----------
    size : width and height of the frame, pixels

    Returns
    -------
    (height, width, 3) uint8
    """
    picture = Image.fromarray(slice_picture(scan, scan.widest_slice, height=size[1], opacity=0.6, synthetic=synthetic))
    return np.asarray(ImageOps.pad(picture, size, Image.Resampling.BICUBIC))


def _upright(plane: NDArray[np.generic]) -> NDArray[np.generic]:
    """Turn (X, Y) to rows from the front and columns from the person's right."""
    return np.ascontiguousarray(plane[::-1, ::-1].T)


def _enlarged(mask: NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.bool_]:
    picture = Image.fromarray(_upright(mask).astype(np.uint8) * 255)
    return np.asarray(picture.resize(size, Image.Resampling.NEAREST)) > 0


def _lettered(canvas: NDArray[np.uint8], synthetic: bool) -> NDArray[np.uint8]:
    picture = Image.fromarray(canvas)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=max(picture.height // 28, 11))
    # In the corners, where there is air.
    for text, place, anchor in (("R", (8, 6), "la"), ("L", (picture.width - 8, 6), "ra")):
        draw.text(place, text, (255, 255, 255), font, anchor=anchor, stroke_width=2, stroke_fill=(0, 0, 0))
    if synthetic:
        place = (8, picture.height - 6)
        draw.text(place, "SYNTHETIC", (255, 217, 112), font, anchor="ld", stroke_width=2, stroke_fill=(0, 0, 0))
    return np.asarray(picture)
