"""What makes a scan's numbers doubtful: named flags, each with what was found and what was expected.

A flag rejects nothing. It says why a person should look at the scan before believing its numbers. The limits are wide:
they are meant for failures of the image or the segmentation, not for unusual people. What no FLAIR of a head can be is
refused: see ``refuse_what_no_head_is``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.errors import ImageError
from pipeline.inputs.nifti import Scan
from pipeline.measures.quantification import Quantities
from pipeline.segmentation.inference import Segmentation
from pipeline.segmentation.tissues import Tissue

FLAGS = MappingProxyType(
    {
        "not_flair": "The image does not look like FLAIR",
        "noisy": "The image is very noisy",
        "no_brain": "No brain was found",
        "no_ventricle": "No ventricle was found",
        "ventricle_volume": "The ventricle volume is implausible",
        "intracranial_volume": "The intracranial volume is implausible",
        "wmh_load": "The lesion load is implausible",
        "few_slices": "The scan covers little of the head",
        "slice_spacing": "Slices are not spaced like the training scans",
        "coarse_plane": "Axial planes are coarse: the scan was acquired in another plane",
        "tilted": "Slices are strongly tilted against the axial plane",
        "lost_voxels": "Some voxels are not numbers",
        "header": "The header contradicts itself",
        "changed": "The image was changed before it came here",
        "converter": "The converter from DICOM warned",
        "no_regions": "The lesions could not be put into regions",
    }
)
"""Every flag there is, and what it means."""

INTRACRANIAL_ML = (850.0, 2000.0)
"""4 SD below the mean of women, 5 above that of men: 1289 +- 111 and 1469 +- 102 mL (Matsumae et al. 1996,
doi:10.3171/jns.1996.84.6.0982)."""
LARGEST_HEAD_ML = 3000.0
"""No human brain on record fills so much; random noise gave 7,085 mL."""
BACKGROUND_SHARE, EXTRACTED_SHARE = 0.3, 0.85
"""Of a head, the intracranial space is about half. Where it is more than this of all that is not background, and the
background one value over so much of the image, the brain was extracted."""
VENTRICLE_ML = (3.0, 150.0)
"""A judgement: the ten reference patients have 20 to 80 mL, healthy young adults may have 4."""
WMH_PCT = 10.0
"""Most of the intracranial area lesions may fill; a judgement: the ten reference patients stay below 3 %."""
COVERAGE_MM = 90.0
"""Least height of brain shown, from the top of a head at least to beneath the ventricles."""
SLICE_MM = (5.0, 10.0)
PLANE_MM = 2.0
TILT_DEGREES = 25.0

INWARD_CORRELATION = 0.2
"""T1: white matter is the brighter. Nine T1 images of the reference have 0.33 to 0.40, 24 FLAIR at most 0.08."""
BRIGHT_TO_DARK = 1.4
"""T2: fluid is the brighter. Nine T2 images of the reference have 2.2 to 3.9, 24 FLAIR at most 0.87."""

ROUGHNESS = 0.2
"""Typical difference between neighbouring pixels, relative to how far fluid lies below tissue. 18 images of the
reference have 0.06 to 0.14; with Gaussian noise of a fifth of the tissue's signal the nine raw ones have 0.23 to 0.24,
noise alone 0.47 to 0.63."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Flag:
    """One reason to look at a scan.

    Attributes
    ----------
    name : one of ``FLAGS``
    detail : what was found in this scan and what was expected, one sentence
    """

    name: str
    detail: str


def no_regions(reason: str) -> Flag:
    """Return the flag of a scan on which the template of the regions does not lie."""
    return Flag("no_regions", reason)


def quality_flags(scan: Scan, segmentation: Segmentation, quantities: Quantities) -> tuple[Flag, ...]:
    """Return every reason to look at this scan, gravest first, in the order of ``FLAGS``.

    Parameters
    ----------
    scan, segmentation, quantities : one scan, its labels and its measures
    """
    found = {
        **_modality(scan, segmentation),
        **_noise(scan, segmentation),
        **_sizes(scan, segmentation, quantities.values),
        **_geometry(scan, segmentation),
    }
    return tuple(Flag(name, found[name]) for name in FLAGS if name in found)


def refuse_what_no_head_is(
    path: Path, flags: Sequence[Flag], segmentation: Segmentation, spacing_mm: tuple[float, float, float]
) -> None:
    """Refuse what no FLAIR image of a head can be, whatever door it came through.

    Parameters
    ----------
    path : of the image, for the message
    flags : from ``quality_flags``
    segmentation : of the image
    spacing_mm : voxel size, mm

    Raises
    ------
    ImageError : the contrast is that of T1 or T2, or the head is larger than any.
    """
    contrast_said = next((flag.detail for flag in flags if flag.name == "not_flair"), None)
    if contrast_said:
        raise ImageError(f"{path}: {contrast_said}")
    if segmentation.intracranial is not None:
        volume = float(segmentation.intracranial.sum()) * float(np.prod(spacing_mm)) / 1000
        if volume > LARGEST_HEAD_ML:
            raise ImageError(
                f"{path}: shows a head of {volume:,.0f} mL; expected at most {LARGEST_HEAD_ML:,.0f} mL: it shows no "
                "head, or its voxel sizes are wrong"
            )


def _modality(scan: Scan, segmentation: Segmentation) -> dict[str, str]:
    brain = segmentation.intracranial
    if brain is None or not brain.any():
        return {}
    inward, balance = contrast(scan.data, segmentation.labels, brain, scan.spacing_mm)
    if balance > BRIGHT_TO_DARK:
        return {"not_flair": "the image looks like T2, not FLAIR: the fluid is brighter than the brain"}
    if inward > INWARD_CORRELATION:
        return {"not_flair": "the image looks like T1, not FLAIR: white matter is brighter than the cortex"}
    return {}


def _noise(scan: Scan, segmentation: Segmentation) -> dict[str, str]:
    brain = segmentation.intracranial
    rough = float("nan") if brain is None else roughness(scan.data, brain)
    if not rough > ROUGHNESS:
        return {}
    return {
        "noisy": f"neighbouring pixels typically differ by {rough:.2f} of the step from tissue to fluid; expected at "
        f"most {ROUGHNESS:g}: small lesions drown in noise"
    }


def roughness(data: NDArray[np.floating], brain: Mask) -> float:
    """Return the median difference of neighbouring pixels in a slice, relative to the step from tissue to fluid.

    The step is that from the median inside the skull to the 2nd percentile.

    Parameters
    ----------
    data : (X, Y, Z) image
    brain : (X, Y, Z) bool, intracranial mask

    Returns
    -------
    float; NaN where there are too few pixels, or all are alike
    """
    inside = data[brain]
    if inside.size < 100:
        return float("nan")
    low, high = np.percentile(inside, (2, 50))
    if not high > low:
        return float("nan")
    along_x = np.abs(data[1:] - data[:-1])[brain[1:] & brain[:-1]]
    along_y = np.abs(data[:, 1:] - data[:, :-1])[brain[:, 1:] & brain[:, :-1]]
    steps = [float(np.median(differences)) for differences in (along_x, along_y) if differences.size]
    return float(np.mean(steps) / (high - low))


def contrast(
    data: NDArray[np.floating], labels: NDArray[np.uint8], brain: Mask, spacing_mm: tuple[float, float, float]
) -> tuple[float, float]:
    """Return two numbers that tell FLAIR from T1 and T2, from the upper two thirds of the brain.

    Parameters
    ----------
    data : (X, Y, Z) image, RAS+
    labels : (X, Y, Z), 0 background, 1 ventricle, 2 WMH
    brain : (X, Y, Z) bool, intracranial mask, not empty
    spacing_mm : voxel size, mm

    Returns
    -------
    The correlation of a tissue pixel's brightness with its depth under the brain's edge: positive on T1, where white
    matter is brighter than cortex. And how far the brain's 98th percentile lies above its median, relative to how far
    the 2nd lies below: above 1 on T2, where fluid is bright. NaN where there is too little to tell.
    """
    area = brain.sum((0, 1))
    large = np.flatnonzero(area > 0.5 * area.max())
    chosen = large[len(large) // 3 :]
    inside = np.concatenate([data[:, :, z][brain[:, :, z]] for z in chosen])
    low, middle, high = np.percentile(inside, (2, 50, 98))
    balance = float((high - middle) / (middle - low)) if middle > low else np.nan
    value, depth = np.concatenate(
        [_tissue(data[:, :, z], labels[:, :, z], brain[:, :, z], spacing_mm[:2]) for z in chosen], axis=1
    )
    if not (depth > 15).any():
        return np.nan, balance
    # Fluid in the sulci and lesions would say more than the tissue does.
    usual = float(np.median(value[depth > 15]))
    counted = (abs(value - usual) < 0.4 * abs(usual)) & (depth > 2) & (depth < 25)
    value, depth = value[counted], depth[counted]
    if len(value) < 100 or value.std() == 0:
        return np.nan, balance
    return float(np.corrcoef(depth, value)[0, 1]), balance


def _tissue(
    data: NDArray[np.floating], labels: NDArray[np.uint8], brain: Mask, pixel_mm: tuple[float, float]
) -> NDArray[np.float32]:
    """Return brightness and depth under the brain's edge, mm, of a slice's brain pixels that have no label."""
    depth = ndimage.distance_transform_edt(np.pad(brain, 1), pixel_mm)[1:-1, 1:-1]
    around = ndimage.binary_dilation(labels == Tissue.VENTRICLE, np.ones((5, 5), bool))
    tissue = brain & ~around & (labels != Tissue.WMH)
    return np.stack([data[tissue], depth[tissue]]).astype(np.float32)


def _sizes(scan: Scan, segmentation: Segmentation, values: dict[str, float | None]) -> dict[str, str]:
    found = {}
    brain = segmentation.intracranial
    if brain is None or not brain.any():
        found["no_brain"] = "no brain was found, so head size, coverage and contrast could not be checked"
    else:
        volume = float(brain.sum()) * float(np.prod(scan.spacing_mm)) / 1000
        if not INTRACRANIAL_ML[0] <= volume <= INTRACRANIAL_ML[1]:
            found["intracranial_volume"] = (
                f"the intracranial volume is {volume:,.0f} mL; expected {_between(INTRACRANIAL_ML)}"
            )
        height = float(np.count_nonzero(brain.any((0, 1)))) * scan.spacing_mm[2]
        if height < COVERAGE_MM:
            found["few_slices"] = f"the slices show {height:.0f} mm of brain; expected {COVERAGE_MM:.0f} or more"
    ventricle, wmh, head = (values[name] for name in ("ventricle_volume_ml", "wmh_area_mm2", "intracranial_area_mm2"))
    if ventricle is None:
        found["no_ventricle"] = "no ventricle was found, so lesions have no zone"
    elif not VENTRICLE_ML[0] <= ventricle <= VENTRICLE_ML[1]:
        found["ventricle_volume"] = f"the ventricles measure {ventricle:.1f} mL; expected {_between(VENTRICLE_ML)}"
    if wmh and head and 100 * wmh / head > WMH_PCT:
        found["wmh_load"] = f"lesions fill {100 * wmh / head:.0f} % of the brain; expected at most {WMH_PCT:.0f} %"
    return found


def _geometry(scan: Scan, segmentation: Segmentation) -> dict[str, str]:
    found = {}
    along_x, along_y, between = scan.spacing_mm
    if not SLICE_MM[0] <= between <= SLICE_MM[1]:
        found["slice_spacing"] = (
            f"slices are {between:.3g} mm apart, not {_between(SLICE_MM, 'mm')}: areas summed over slices cannot be "
            "compared with those of other spacings; volumes and ratios can"
        )
    if max(along_x, along_y) > PLANE_MM:
        found["coarse_plane"] = (
            f"pixels of the axial planes measure {along_x:.3g} x {along_y:.3g} mm, expected {PLANE_MM:g} mm or less; "
            "a scan acquired in axial slices is needed"
        )
    normal = np.cross(scan.affine[:3, 0], scan.affine[:3, 1])
    tilt = float(np.degrees(np.arccos(np.clip(abs(normal[2]) / np.linalg.norm(normal), 0, 1))))
    if tilt > TILT_DEGREES:
        found["tilted"] = f"slices are tilted by {tilt:.0f} degrees; expected at most {TILT_DEGREES:.0f}"
    if scan.n_not_finite:
        found["lost_voxels"] = f"{scan.n_not_finite:,} voxels are not numbers and were read as 0"
    if _is_extracted(scan.data, segmentation.intracranial):
        found["changed"] = (
            "nothing lies outside the brain: it was extracted before, while the model learned whole heads"
        )
    if scan.doubts:
        found["header"] = "; ".join(scan.doubts)
    return found


def _is_extracted(data: NDArray[np.floating], brain: Mask | None) -> bool:
    """Tell whether the background is one value and hardly more than the brain differs from it."""
    if brain is None or not brain.any():
        return False
    filled = data != data.min()
    return bool(filled.mean() < 1 - BACKGROUND_SHARE and brain.sum() > EXTRACTED_SHARE * filled.sum())


def _between(limits: tuple[float, float], unit: str = "mL") -> str:
    return f"{limits[0]:g} to {limits[1]:g} {unit}"
