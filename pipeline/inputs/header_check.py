"""Where a NIfTI header contradicts itself or its file: two sizes, two places, two sides, more bytes than it speaks of.

A contradiction in size or plane decides every number, so it is refused; one in side or place is said and the scan goes
on.
"""

from pathlib import Path

import nibabel as nib
import numpy as np
from numpy.typing import NDArray

from pipeline.errors import GeometryError, ImageError

SAME_SIZE = 0.01
"""Voxel sizes that differ by more than this share are two sizes."""
SAME_AXIS_DEGREES = 20.0
SAME_PLACE_MM = 2.0
_LABEL_INTENT = 1002
_STATISTICS = range(2, 25)
_UNITS = {1: "metres", 3: "micrometres"}


def check_agreement(image: nib.Nifti1Image, name: str) -> list[str]:
    """Return what in a header disagrees and leaves the numbers as they are, one line each.

    Parameters
    ----------
    image : opened, its affine known to be sound
    name : what to call it in messages

    Raises
    ------
    GeometryError : two voxel sizes, or two planes.
    ImageError : the header itself says that the image holds labels or statistics.
    """
    header = image.header
    intent = int(header["intent_code"])
    if intent == _LABEL_INTENT or intent in _STATISTICS:
        what = "labels" if intent == _LABEL_INTENT else "statistics"
        raise ImageError(f"{name}: its header says it holds {what} (intent {intent}); expected a FLAIR image")
    doubts = []
    units = int(header["xyzt_units"]) & 7
    if units in _UNITS:
        doubts.append(f"sizes are said to be in {_UNITS[units]} and are read as millimetres")
    q_code, s_code = int(header["qform_code"]), int(header["sform_code"])
    if not q_code and not s_code:
        doubts.append("neither qform nor sform says how the image lies: sides and planes are a guess")
    _check_sizes(header, image.affine, name)
    if q_code and s_code:
        doubts += _compared(header.get_qform(), header.get_sform(), (q_code, s_code), name)
    return [*doubts, *_more_bytes(image)]


def _check_sizes(header: nib.Nifti1Header, affine: NDArray[np.float64], name: str) -> None:
    with np.errstate(invalid="ignore"):  # bytes that are no number; those are judged below
        written = np.abs(np.asarray(header["pixdim"][1:4], float))
    used = nib.affines.voxel_sizes(affine)
    if not np.isfinite(written).all() or not written.all():
        return  # left empty, which contradicts nothing
    if np.abs(written / used - 1).max() > SAME_SIZE:
        raise GeometryError(
            f"{name}: its header gives two voxel sizes, {_sizes(written)} mm (pixdim) and {_sizes(used)} mm (sform); "
            "convert the scan from DICOM again"
        )


def _compared(q_form: NDArray[np.float64], s_form: NDArray[np.float64], codes: tuple[int, int], name: str) -> list[str]:
    if not np.isfinite(q_form).all() or abs(np.linalg.det(q_form[:3, :3])) < 1e-6:
        return ["its qform makes no grid; its sform is used"]
    turned = _unit(q_form).T @ _unit(s_form)
    agreement = np.diag(turned)
    if np.degrees(np.arccos(np.clip(np.abs(agreement), 0, 1))).max() > SAME_AXIS_DEGREES:
        raise GeometryError(
            f"{name}: its header gives two orientations, {_axes(q_form)} (qform) and {_axes(s_form)} (sform); "
            "convert the scan from DICOM again"
        )
    if (agreement < 0).any():
        sides = f"its qform says {_axes(q_form)} and its sform {_axes(s_form)}"
        return [f"{sides}: which side is which is not certain; the sform is used"]
    apart = float(np.abs(q_form[:3, 3] - s_form[:3, 3]).max())
    if apart > SAME_PLACE_MM:
        other = ", as after registration to another space" if codes[0] != codes[1] else ""
        return [f"its qform and sform place it {apart:.0f} mm apart{other}; the sform is used"]
    return []


def _unit(affine: NDArray[np.float64]) -> NDArray[np.float64]:
    columns = np.asarray(affine, np.float64)[:3, :3]
    unit: NDArray[np.float64] = columns / np.linalg.norm(columns, axis=0)
    return unit


def _axes(affine: NDArray[np.float64]) -> str:
    return "".join(code or "?" for code in nib.aff2axcodes(affine))


def _sizes(values: NDArray[np.float64]) -> str:
    return " x ".join(f"{value:.3g}" for value in values)


def _more_bytes(image: nib.Nifti1Image) -> list[str]:
    name = image.get_filename()
    if name is None or not str(name).lower().endswith(".nii"):
        return []
    spoken_of = (
        int(getattr(image.dataobj, "offset", 0))
        + int(np.prod(image.shape, dtype=np.int64)) * image.get_data_dtype().itemsize
    )
    more = Path(name).stat().st_size - spoken_of
    return (
        [f"the file holds {more:,} bytes more than its header speaks of: slices may be left out"] if more > 16 else []
    )
