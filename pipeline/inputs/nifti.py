"""Read one NIfTI FLAIR volume safely, hand it out in RAS+, and write results back in the file's own grid.

The header is judged before any pixel is read, so a file that claims to be enormous is refused without being
unpacked. Everything downstream sees axes ordered left-right, posterior-anterior, inferior-superior.
"""

import gzip
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import nibabel as nib
import numpy as np
from nibabel.filebasedimages import ImageFileError
from nibabel.spatialimages import HeaderDataError
from numpy.typing import NDArray

from pipeline.errors import GeometryError, ImageError, ImageMissing, writing
from pipeline.inputs.header_check import check_agreement
from pipeline.inputs.reader_words import collected_words
from vocabulary.files import write_whole
from vocabulary.messages import first_line

SMALLEST_SIDE, LARGEST_SIDE = 32, 1024
"""Accepted in-plane and slice-direction sizes lie between these (slices: from ``FEWEST_SLICES``), voxels."""
FEWEST_SLICES = 3
SMALLEST_VOXEL_MM, LARGEST_VOXEL_MM = 0.2, 20.0
LARGEST_BYTES = 1 << 30
"""Uncompressed pixel data beyond this, 1 GiB, is refused: a FLAIR volume has a few to a hundred MiB."""

Pixel = TypeVar("Pixel", bound=np.generic)

_SUFFIXES = (".nii", ".nii.gz")
_READ_ERRORS = (
    ImageFileError,
    HeaderDataError,
    OSError,
    EOFError,
    ValueError,
    OverflowError,
    zlib.error,
    gzip.BadGzipFile,
)


@dataclass(frozen=True)
class Scan:
    """One volume in RAS+ and what is needed to write beside it.

    Attributes
    ----------
    path : Path of the file
    data : (X, Y, Z) float32, axes to the right, anterior and superior
    spacing_mm : distance between voxel planes along X, Y, Z, mm, from the affine: gaps between slices count, and the
        product is the voxel's volume in a sheared grid too
    affine : (4, 4) voxel to world of ``data``
    source : the file's header and affine, before reordering
    n_not_finite : voxels that were NaN or infinite and are 0 in ``data``
    doubts : what in the header disagrees, and what the reader said, one line each
    """

    path: Path
    data: NDArray[np.float32]
    spacing_mm: tuple[float, float, float]
    affine: NDArray[np.float64]
    source: nib.Nifti1Image
    n_not_finite: int = 0
    doubts: tuple[str, ...] = ()


def _open(path: Path) -> tuple[nib.Nifti1Image, list[str]]:
    """Open the header, with one clear line for each thing that can be wrong with a file."""
    if not path.exists():
        raise ImageMissing(f"{path}: no such file")
    if not path.is_file():
        raise ImageError(f"{path}: is not a file; give the path of one NIfTI volume")
    if not path.name.lower().endswith(_SUFFIXES):
        raise ImageError(f"{path}: expected a NIfTI file ending in .nii or .nii.gz")
    try:
        path.open("rb").close()  # nibabel calls a file that may not be read a damaged one
        with collected_words(nib.imageglobals.logger) as said:
            image = nib.load(path)
    except PermissionError as error:
        raise ImageMissing(f"{path}: may not be read; check its permissions") from error
    except _READ_ERRORS as error:
        raise ImageError(f"{path}: not a readable NIfTI file ({first_line(error)}); export it again") from error
    if not isinstance(image, nib.Nifti1Image | nib.Nifti2Image):
        raise ImageError(f"{path}: holds {type(image).__name__}, expected a single-file NIfTI volume")
    return image, said


def check_header(image: nib.Nifti1Image, name: str) -> tuple[int, int, int]:
    """Judge dimensions, voxel size, affine and size without reading pixels.

    Parameters
    ----------
    image : opened but unread NIfTI image
    name : what to call it in messages

    Returns
    -------
    The three dimensions; trailing dimensions of length 1 are dropped.

    Raises
    ------
    ImageError : not one three-dimensional scalar volume of plausible size.
    GeometryError : the affine is not finite, not invertible, or gives implausible voxels.
    """
    shape = image.shape
    while len(shape) > 3 and shape[-1] == 1:
        shape = shape[:-1]
    if len(shape) != 3:
        raise ImageError(f"{name}: has {len(shape)} dimensions {shape}, expected one 3D volume")
    if image.get_data_dtype().kind not in "iuf":
        raise ImageError(f"{name}: stores {image.get_data_dtype()} voxels, expected integers or floats")
    needed = int(np.prod(shape, dtype=np.int64)) * image.get_data_dtype().itemsize
    if max(shape) > LARGEST_SIDE or needed > LARGEST_BYTES:
        raise ImageError(f"{name}: {shape} voxels, {needed / 2**20:.0f} MiB; expected at most {LARGEST_SIDE} per side")
    in_order = sorted(shape)
    if in_order[0] < FEWEST_SLICES or in_order[1] < SMALLEST_SIDE:
        raise ImageError(f"{name}: {shape} voxels; expected {FEWEST_SLICES} slices of {SMALLEST_SIDE} pixels or more")
    if not np.isfinite(image.affine).all():
        raise GeometryError(f"{name}: its affine is not finite; convert the scan from DICOM again")
    sizes = nib.affines.voxel_sizes(image.affine)
    if sizes.min() < SMALLEST_VOXEL_MM or sizes.max() > LARGEST_VOXEL_MM:
        raise GeometryError(
            f"{name}: voxels of {' x '.join(f'{size:.3g}' for size in sizes)} mm; "
            f"expected {SMALLEST_VOXEL_MM} to {LARGEST_VOXEL_MM} mm per side"
        )
    if abs(np.linalg.det(image.affine[:3, :3])) < 0.1 * sizes.prod():
        raise GeometryError(f"{name}: its affine is singular or strongly sheared; convert the scan from DICOM again")
    return shape


@dataclass(frozen=True)
class OpenedFile:
    """A file whose header was judged; no pixel was read.

    Attributes
    ----------
    image : as nibabel opened it
    shape : its three dimensions
    doubts : what in the header disagrees, and what the reader said
    """

    image: nib.Nifti1Image
    shape: tuple[int, int, int]
    doubts: tuple[str, ...]


def check_file(path: Path) -> OpenedFile:
    """Open a file and judge its header, without reading pixels; see ``check_header`` and ``read_scan`` for errors."""
    image, said = _open(path)
    shape = check_header(image, str(path))
    return OpenedFile(image, shape, (*check_agreement(image, str(path)), *said))


def _unpacked(path: Path, wanted: int) -> bytes:
    """Return the first bytes of a .gz file, which is read to its end, where its checksum lies; nibabel stops before."""
    with gzip.open(path) as stream:
        payload = stream.read(min(wanted, LARGEST_BYTES))
        total = len(payload)
        while chunk := stream.read(1 << 22):
            total += len(chunk)
            if total > LARGEST_BYTES:
                raise ImageError(f"{path}: unpacks to more than {LARGEST_BYTES / 2**20:.0f} MiB; export it again")
    return payload


def read_scan(path: Path) -> Scan:
    """Read a NIfTI volume, scaled by its slope and intercept, in RAS+.

    Voxels that are not finite become 0 and are counted, as long as they are fewer than 1 %.

    Parameters
    ----------
    path : Path to .nii or .nii.gz

    Raises
    ------
    ImageMissing : absent or unreadable.
    ImageError : damaged, not a 3D scalar volume, empty, or without contrast.
    GeometryError : impossible affine or voxel size.
    """
    opened = check_file(path)
    image, shape = opened.image, opened.shape
    try:
        stored = image
        if path.name.lower().endswith(".gz"):
            size = int(np.prod(image.shape, dtype=np.int64)) * image.get_data_dtype().itemsize
            begin: int = image.dataobj.offset  # type: ignore[attr-defined]  # the header forgets it once it was read
            stored = type(image).from_bytes(_unpacked(path, begin + size))
        with np.errstate(over="ignore", invalid="ignore"):  # a slope that makes values infinite: they are counted below
            data = stored.get_fdata(dtype=np.float32, caching="unchanged").reshape(shape)
    except ImageError:
        raise
    except _READ_ERRORS as error:
        raise ImageError(f"{path}: damaged pixel data ({first_line(error)}); copy or export it again") from error
    except MemoryError as error:
        raise ImageError(f"{path}: too large for the memory of this machine") from error
    finite = np.isfinite(data)
    if finite.mean() < 0.99:
        raise ImageError(f"{path}: {1 - finite.mean():.0%} of voxels are not numbers; export it again")
    if not finite.all():
        data = np.where(finite, data, np.float32(0))
    if data.min() == data.max():
        raise ImageError(f"{path}: every voxel is {data.flat[0]:g}; the image is empty")
    flat = nib.Nifti1Image(data, image.affine)
    ordered = nib.as_closest_canonical(flat)
    ordered_data = np.ascontiguousarray(ordered.get_fdata(dtype=np.float32))
    lost = int(finite.size - finite.sum())
    return Scan(path, ordered_data, plane_distances(ordered.affine), ordered.affine, image, lost, opened.doubts)


def plane_distances(affine: NDArray[np.floating]) -> tuple[float, float, float]:
    """Return distances, mm, whose product is the voxel volume: along X, between X lines, between XY planes.

    For perpendicular axes these are the voxel sizes. In a sheared grid (gantry tilt) the slices lie nearer to each
    other than the step from one voxel to the next is long.

    Parameters
    ----------
    affine : (4, 4) voxel to world

    Examples
    --------
    >>> tilted = np.array([[1, 0, 0, 0], [0, 1, 3, 0], [0, 0, 4, 0], [0, 0, 0, 1.0]])  # each slice 3 mm further back
    >>> plane_distances(tilted)
    (1.0, 1.0, 4.0)
    """
    along_x, along_y, _ = np.asarray(affine, float)[:3, :3].T
    length = float(np.linalg.norm(along_x))
    pixel = float(np.linalg.norm(np.cross(along_x, along_y)))
    volume = abs(float(np.linalg.det(np.asarray(affine, float)[:3, :3])))
    return length, pixel / length, volume / pixel


def to_source_grid(array: NDArray[Pixel], scan: Scan) -> NDArray[Pixel]:
    """Reorder an array of the RAS+ grid into the axis order and directions of the file.

    Parameters
    ----------
    array : (X, Y, Z) array, RAS+
    scan : the scan it belongs to

    Raises
    ------
    GeometryError : the shape is not that of the scan.
    """
    if array.shape != scan.data.shape:
        raise GeometryError(f"{scan.path}: result {array.shape} does not lie on the scan's grid {scan.data.shape}")
    there = nib.io_orientation(scan.source.affine)
    back = nib.orientations.ornt_transform(nib.orientations.axcodes2ornt("RAS"), there)
    reordered: NDArray[Pixel] = nib.orientations.apply_orientation(array, back)
    return reordered


_GEOMETRY = (
    *("pixdim", "qform_code", "sform_code", "quatern_b", "quatern_c", "quatern_d"),
    *("qoffset_x", "qoffset_y", "qoffset_z", "srow_x", "srow_y", "srow_z"),
)
"""Fields of a NIfTI header that say where voxels lie."""


def write_like(array: NDArray[Any], scan: Scan, path: Path, *, unit: float = 1.0) -> Path:
    """Write a label or probability volume in the scan's own grid, its geometry copied bit by bit and nothing else.

    Free text, codes and extensions of the source's header, which may name a person, stay behind. Integer arrays are
    written as uint8, others as float32. The bytes depend on the contents only, not on the time or the file's name. The
    file appears whole or not at all.

    Parameters
    ----------
    array : (X, Y, Z) array, RAS+
    scan : the scan it belongs to
    path : Path ending in .nii or .nii.gz; its folder must exist
    unit : what one stored step stands for, written as the file's slope: 1 / 255 for a probability stored as 0 to 255

    Raises
    ------
    OutputError : the file cannot be written.
    """
    stored = np.asarray(to_source_grid(array, scan))
    stored = np.ascontiguousarray(stored, np.uint8 if stored.dtype.kind in "iub" else np.float32)
    kind = type(scan.source)
    header = kind.header_class(endianness=scan.source.header.endianness)
    header.set_data_dtype(stored.dtype)
    header.set_data_shape(stored.shape)
    for field in _GEOMETRY:
        header[field] = scan.source.header[field]
    header["pixdim"][4:] = 0
    header.set_xyzt_units("mm")
    image = kind(stored, scan.source.affine, header)
    image.header.set_slope_inter(unit, 0)  # an image forgets the slope of the header it is made with
    payload = image.to_bytes()
    if path.name.endswith(".gz"):
        payload = gzip.compress(payload, compresslevel=4, mtime=0)
    with writing(path):
        return write_whole(payload, path)
