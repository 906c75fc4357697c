"""The ICBM152 average head: its T1 image, brain and ventricles, in the coordinates that atlases are drawn in.

The maps are those nilearn ships (ICBM 2009a nonlinear symmetric, 1 mm; Fonov et al. 2011,
doi:10.1016/j.neuroimage.2010.07.033; the notice stands in docs/methods.md); nothing is downloaded, and nilearn's own
code, slow to import, is not run.
"""

from functools import lru_cache
from importlib.resources import as_file, files
from typing import Literal

import nibabel
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.errors import ModelError
from pipeline.registration.template import Template

Map = NDArray[np.float32]
SPACE = "ICBM152"
SHAPE = (197, 233, 189)
ORIGIN = np.array([98.0, 134.0, 72.0])
"""Voxel of the anterior commissure, where template coordinates are 0; 1 mm voxels, RAS+."""
AFFINE = np.array([[1, 0, 0, -98.0], [0, 1, 0, -134.0], [0, 0, 1, -72.0], [0, 0, 0, 1]])
"""Voxel to template coordinates, mm."""


@lru_cache(maxsize=3)
def template_map(name: Literal["t1", "gm", "wm"]) -> Map:
    """Read one map, 0 to 1, on the grid of ``SHAPE``; not to be written to.

    Raises
    ------
    ModelError : nilearn, or its maps, are not installed.
    """
    try:
        source = files("nilearn") / "datasets" / "data" / f"mni_icbm152_{name}_tal_nlin_sym_09a_converted.nii.gz"
        with as_file(source) as path:
            steps = nibabel.nifti1.load(path).get_fdata(dtype=np.float32)
            values = np.asarray(steps / np.float32(255), np.float32)
    except (ImportError, OSError) as error:
        raise ModelError(f"the tissue maps of nilearn 0.14 are needed and were not found ({error})") from error
    values.flags.writeable = False
    return values


def ventricles(fluid: Map, depth: Map) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return all ventricles, and the lateral ones alone, from fluid deep in the brain.

    Parameters
    ----------
    fluid : map of ``SHAPE``, 0 to 1: what is neither grey nor white within the brain
    depth : distance to the brain's outside, mm
    """
    x, y, z = (np.arange(size) - origin for size, origin in zip(fluid.shape, ORIGIN, strict=True))
    x, y, z = np.abs(x)[:, None, None], y[None, :, None], z[None, None, :]
    # Cisterns and the fissure between the hemispheres lie nearer to the midline than the lateral ventricles there.
    back = y < -10
    places = [back & (z < 0), back & (z < 13), back & (z < 16), y < -36, back & (z < 19), z > 24, y > 24]
    least = np.select(places, [25, 13, 10, 8, 4, 5, 4], default=1)
    deep = (fluid > 0.35) & (depth > 15)
    pieces, count = ndimage.label(deep & (x >= least) & (x < 38) & (y > -60) & (y < 34) & (z > -8) & (z < 32))
    sizes = np.bincount(pieces.ravel(), minlength=count + 1)
    lateral = np.isin(pieces, [number for number in range(1, count + 1) if sizes[number] > 5000])
    third = (fluid > 0.4) & (x <= 3) & (y > np.maximum(-25, z - 29)) & (y < 4) & (z > -10) & (z < 14)
    fourth = (fluid > 0.4) & (x <= 9) & (y > -56) & (y < -38) & (z > -44) & (z < -26)
    return lateral | third | fourth, lateral


@lru_cache(maxsize=1)
def icbm152() -> Template:
    """Return the average head as a template, with its ventricles.

    Raises
    ------
    ModelError : nilearn, or its maps, are not installed.
    """
    t1, grey, white = template_map("t1"), template_map("gm"), template_map("wm")
    brain = ndimage.binary_fill_holes(t1 > 0)
    fluid = np.where(brain, np.clip(1 - grey - white, 0, 1), 0).astype(np.float32)
    ventricle, _ = ventricles(fluid, ndimage.distance_transform_edt(brain).astype(np.float32))
    return Template(SPACE, t1, AFFINE, brain, ventricle)
