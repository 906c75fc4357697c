"""What makes a scan's numbers doubtful: named flags, each with what was found and what was expected.

A flag rejects nothing. It says why a person should look at the scan before believing its numbers. The limits are wide:
they are meant for failures of the image or the segmentation, not for unusual people. What no FLAIR of a head can be is
refused: see ``refuse_what_no_head_is``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import ImageError
from pipeline.inputs.nifti import Scan
from pipeline.measures.quantification import Quantities
from pipeline.registration.within_skull import within_skull
from pipeline.segmentation.familiarity import Familiarity
from pipeline.segmentation.image_properties import BALANCE, INWARD, NOISE
from pipeline.segmentation.image_properties import SLICE_MM as BETWEEN_SLICES
from pipeline.segmentation.inference import Segmentation

FLAGS = MappingProxyType(
    {
        "not_flair": "The image does not look like FLAIR",
        "noisy": "The image is very noisy",
        "unfamiliar": "The image is unlike those the model learned from",
        "no_brain": "No brain was found",
        "no_ventricle": "No ventricle was found",
        "ventricle_volume": "The ventricle volume is implausible",
        "intracranial_volume": "The intracranial volume is implausible",
        "beyond_skull": "The intracranial mask runs into skull and scalp",
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
BEYOND_SKULL_PCT = 5.0
"""Most of the intracranial mask that marrow, fat, scalp and neck may be. Of ten patients of the reference one has 9.2,
the others at most 1.2 %; five scans of another scanner have 0.1 to 4.6 %, twelve synthetic heads at most 1.4 %."""
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


def quality_flags(
    scan: Scan,
    segmentation: Segmentation,
    quantities: Quantities,
    properties: Mapping[str, float],
    beyond_pct: float,
    familiarity: Familiarity | None = None,
) -> tuple[Flag, ...]:
    """Return every reason to look at this scan, gravest first, in the order of ``FLAGS``.

    Parameters
    ----------
    scan, segmentation, quantities : one scan, its labels and its measures
    properties : of the image, from ``pipeline.segmentation.image_properties``
    beyond_pct : from ``beyond_skull_pct``
    familiarity : what scans like those of the model's training are like, where that is known
    """
    found = {
        **_modality(properties),
        **_noise(properties),
        **_sizes(scan, segmentation, quantities.values, beyond_pct),
        **_geometry(scan, segmentation),
    }
    if familiarity is not None:
        found |= _unfamiliar(properties, familiarity, found)
    return tuple(Flag(name, found[name]) for name in FLAGS if name in found)


def beyond_skull_pct(scan: Scan, segmentation: Segmentation) -> float:
    """Return how much of the intracranial mask looks like marrow, fat, scalp or neck, %; 0 where there is no mask."""
    brain = segmentation.intracranial
    if brain is None or not brain.any():
        return 0.0
    return 100 * (1 - float(within_skull(scan.data, brain, scan.spacing_mm).sum()) / float(brain.sum()))


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


def _modality(properties: Mapping[str, float]) -> dict[str, str]:
    if properties.get(BALANCE, 0.0) > BRIGHT_TO_DARK:
        return {"not_flair": "the image looks like T2, not FLAIR: the fluid is brighter than the brain"}
    if properties.get(INWARD, 0.0) > INWARD_CORRELATION:
        return {"not_flair": "the image looks like T1, not FLAIR: white matter is brighter than the cortex"}
    return {}


def _noise(properties: Mapping[str, float]) -> dict[str, str]:
    rough = properties.get(NOISE, 0.0)
    if not rough > ROUGHNESS:
        return {}
    return {
        "noisy": f"neighbouring pixels typically differ by {rough:.2f} of the step from tissue to fluid; expected at "
        f"most {ROUGHNESS:g}: small lesions drown in noise"
    }


def _unfamiliar(properties: Mapping[str, float], familiarity: Familiarity, raised: Mapping[str, str]) -> dict[str, str]:
    """Return a flag naming every property outside its limits that no other flag speaks of."""
    said = {BETWEEN_SLICES: "slice_spacing", NOISE: "noisy"}
    beyond = [one for one in familiarity.each(properties) if one.score > 1 and said.get(one.name) not in raised]
    return {"unfamiliar": "; ".join(one.sentence() for one in beyond)} if beyond else {}


def _sizes(
    scan: Scan, segmentation: Segmentation, values: dict[str, float | None], beyond_pct: float
) -> dict[str, str]:
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
        if beyond_pct > BEYOND_SKULL_PCT:
            found["beyond_skull"] = (
                f"{beyond_pct:.0f} % of the intracranial mask look like marrow, fat, scalp or neck; expected at most "
                f"{BEYOND_SKULL_PCT:.0f} %: head size is too large and ratios to it are too small"
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
    if not SLICE_MM[0] <= round(between, 3) <= SLICE_MM[1]:  # an affine in float32 says 4.999999
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
