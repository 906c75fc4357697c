"""Pictures of a measured scan: its files read back, and slices drawn with ventricles and lesion zones in their colours.

Slices are shown as radiologists hang them: seen from below, the person's right on the left of the picture.
"""

from dataclasses import dataclass
from pathlib import Path

import nibabel
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

from app.figures.palette import VENTRICLE_COLOUR, ZONE_COLOURS
from vocabulary import ZONES

VENTRICLE, WMH = 1, 2
NO_ZONE_COLOUR = "#CC79A7"
"""Lesions that could not be given a zone."""
PICTURE_KEY = (
    "Seen from below: R is the person's right. Ventricles blue; lesions vermilion periventricular, orange "
    "paraventricular, yellow juxtacortical, pink undecided."
)
_MARK_COLOUR = "#FFFFFF"
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
    zones : (X, Y, Z) uint8; 0 no lesion, then the zones in the order of ``vocabulary.ZONES``
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

    @property
    def widest_slice(self) -> int:
        """The slice with most ventricle, else with most lesion, else the middle one."""
        for label in (VENTRICLE, WMH):
            counts = (self.tissue == label).sum((0, 1))
            if counts.any():
                return int(counts.argmax())
        return self.depth // 2

    def lesion_numbers(self) -> NDArray[np.int32]:
        """Return (X, Y, Z) numbers of lesions slice by slice, as the store's ``lesion_number`` counts them."""
        numbers, _ = ndimage.label(self.tissue == WMH, _IN_PLANE, output=np.int32)
        return numbers


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
    height: int = 640,
    opacity: float = 0.55,
    outlines: bool = False,
    zones: Labels | None = None,
    marked: NDArray[np.bool_] | None = None,
    synthetic: bool = False,
) -> NDArray[np.uint8]:
    """Draw one slice.

    Parameters
    ----------
    scan : ScanImages
    index : slice, from the feet
    height : of the picture, pixels; its width follows from the pixel size
    opacity : of the colours, 0 to 1; 0 shows the scan alone
    outlines : draw borders instead of filled areas
    zones : (X, Y, Z) zones to show instead of the recorded ones
    marked : (X, Y) lesion to ring in white
    synthetic : write across the picture that nobody was scanned

    Returns
    -------
    (height, width, 3) uint8
    """
    size = _size(scan, height)
    grey = Image.fromarray(_upright(scan.image[..., index])).resize(size, Image.Resampling.BICUBIC)
    canvas = np.repeat(np.asarray(grey, np.float32)[..., None], 3, axis=2)
    shown = scan.zones if zones is None else zones
    lesion = scan.tissue[..., index] == WMH
    layers = [(scan.tissue[..., index] == VENTRICLE, VENTRICLE_COLOUR)]
    layers += [(shown[..., index] == number, ZONE_COLOURS[zone]) for number, zone in enumerate(ZONES, 1)]
    layers.append((lesion & (shown[..., index] == 0), NO_ZONE_COLOUR))
    for mask, colour in layers:
        if opacity > 0 and mask.any():
            area = _enlarged(mask, size)
            area = area & ~ndimage.binary_erosion(area, iterations=2) if outlines else area
            canvas[area] = (1 - opacity) * canvas[area] + opacity * np.array(rgb(colour), np.float32)
    if marked is not None and marked.any():
        area = _enlarged(marked, size)
        ring = ndimage.binary_dilation(area, iterations=6) & ~ndimage.binary_dilation(area, iterations=4)
        canvas[ring] = rgb(_MARK_COLOUR)
    return _lettered(canvas.astype(np.uint8), synthetic)


def thumbnail(scan: ScanImages, *, height: int = 220, synthetic: bool = False) -> NDArray[np.uint8]:
    """Draw the slice with most ventricle, small."""
    return slice_picture(scan, scan.widest_slice, height=height, opacity=0.7, synthetic=synthetic)


def _upright(plane: NDArray[np.generic]) -> NDArray[np.generic]:
    """Turn (X, Y) to rows from the front and columns from the person's right."""
    return np.ascontiguousarray(plane[::-1, ::-1].T)


def _size(scan: ScanImages, height: int) -> tuple[int, int]:
    columns, rows = scan.image.shape[:2]
    width = height * columns * scan.spacing_mm[0] / (rows * scan.spacing_mm[1])
    return max(round(width), 1), height


def _enlarged(mask: NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.bool_]:
    picture = Image.fromarray(_upright(mask).astype(np.uint8) * 255)
    return np.asarray(picture.resize(size, Image.Resampling.NEAREST)) > 0


def _lettered(canvas: NDArray[np.uint8], synthetic: bool) -> NDArray[np.uint8]:
    picture = Image.fromarray(canvas)
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size=max(picture.height // 28, 11))
    middle = picture.height // 2
    for text, place, anchor in (("R", (6, middle), "lm"), ("L", (picture.width - 6, middle), "rm")):
        draw.text(place, text, (255, 255, 255), font, anchor=anchor, stroke_width=2, stroke_fill=(0, 0, 0))
    if synthetic:
        place = (picture.width // 2, picture.height - 6)
        draw.text(place, "SYNTHETIC", (255, 217, 112), font, anchor="md", stroke_width=2, stroke_fill=(0, 0, 0))
    return np.asarray(picture)
