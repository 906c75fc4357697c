"""Slices with the normal periventricular rim labelled: two patients, published as pictures rather than volumes.

The layout is that of the rim study's repository: ``<patient>_<slice>.png``, 256x512, FLAIR on the left and on the right
a mask of grey (normal rim), white (WMH) and black (neither). The ventricles are not labelled. The pictures were scaled
one by one, so neighbouring slices do not lie exactly on each other and are not shown together.
"""

from collections.abc import Collection
from pathlib import Path

import numpy as np
from scipy import ndimage

from pipeline.errors import ImageError
from pipeline.segmentation.preprocessing import Recipe
from pipeline.segmentation.tissues import Tissue, allowed_code
from pipeline.training.labelled_scans import LabelledScan

_SIDE = 256
_PIXEL_MM = 0.9 * 216 / 256
"""The slices were 216 pixels of 0.9 mm wide before they became pictures."""
_IN_PLANE = np.ones((3, 3, 1), bool)
_NEITHER = allowed_code([Tissue.BACKGROUND, Tissue.BRAIN, Tissue.VENTRICLE])


def load_rim_scans(folder: Path, recipe: Recipe, without: Collection[str] = ()) -> list[LabelledScan]:
    """Return one scan per patient of the folder.

    Parameters
    ----------
    folder : Path of the pictures
    recipe : Recipe
    without : patients held out for testing, whose pictures must not be learned from

    Returns
    -------
    Scans with ``stacked`` False. WMH and rim are known, everything else may be background, brain or ventricle;
    ``truth`` holds the WMH alone.

    Raises
    ------
    ImageError : a picture is not 256x512.
    """
    patients = sorted({path.stem.rsplit("_", 1)[0] for path in folder.glob("*_*.png")} - set(without))
    return [_load(folder, patient, recipe) for patient in patients]


def _load(folder: Path, patient: str, recipe: Recipe) -> LabelledScan:
    from PIL import Image

    paths = sorted(folder.glob(f"{patient}_*.png"), key=lambda path: int(path.stem.rsplit("_", 1)[1]))
    pictures = [np.asarray(Image.open(path), np.float32) for path in paths]
    for path, picture in zip(paths, pictures, strict=True):
        if picture.shape != (_SIDE, 2 * _SIDE):
            raise ImageError(f"{path}: a picture of {picture.shape}; expected one grey channel of {(_SIDE, 2 * _SIDE)}")
    # Rows run from anterior to posterior and columns from right to left of the image: turned to X, Y as in a volume.
    stack = np.stack(pictures).transpose(2, 1, 0)[:, ::-1]
    volume, mask = stack[:_SIDE], stack[_SIDE:] / max(stack[_SIDE:].max(), 1.0)
    codes = np.full(mask.shape, _NEITHER, np.uint8)
    lesion = mask >= 2 / 3
    codes[(mask > 1 / 3) & ~lesion] = allowed_code([Tissue.RIM])
    # Scaling blurred white into grey at a lesion's edge: there grey says nothing.
    edge = ndimage.binary_dilation(lesion, _IN_PLANE) & (mask > 1 / 3)
    codes[edge] = allowed_code(list(Tissue))
    codes[lesion] = allowed_code([Tissue.WMH])
    image, placement = recipe.prepare(volume, (_PIXEL_MM, _PIXEL_MM))
    placed = placement.apply(codes, order=0, fill=allowed_code([Tissue.BACKGROUND])).astype(np.uint8)
    truth = (lesion * np.uint8(Tissue.WMH)).astype(np.uint8)
    return LabelledScan(patient, (image,), placed, truth, volume, (_PIXEL_MM, _PIXEL_MM, 7.0), stacked=False)
