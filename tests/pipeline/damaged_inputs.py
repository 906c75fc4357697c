"""Files and folders that are no usable FLAIR scan, each with a word that its refusal must say.

Every entry is damaged in one way and otherwise sound, so that it is refused for that and for nothing else.
"""

import gzip
import json
import os
import struct
from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np

from tests.pipeline.small_scans import AFFINE, small_volume

Builder = Callable[[Path], Path]
LEVELS = (100, 270, 400)
"""Between background, ventricle, brain and lesion of the small head."""
DAMAGED: dict[str, tuple[Builder, str]] = {}


def _damaged(reason: str) -> Callable[[Builder], Builder]:
    def register(builder: Builder) -> Builder:
        DAMAGED[builder.__name__] = (builder, reason)
        return builder

    return register


def _image(data=None, affine=AFFINE) -> bytes:
    data = np.round(small_volume(99)).astype(np.int16) if data is None else data
    return nib.Nifti1Image(data, affine).to_bytes()


def _patched(at: int, form: str, *values) -> bytes:
    raw = bytearray(_image())
    struct.pack_into(f"<{form}", raw, at, *values)
    return bytes(raw)


def _placed(axes: np.ndarray) -> bytes:
    """Return an image whose header claims these axes, mm per voxel."""
    return _patched(280, "12f", *np.column_stack([axes, np.zeros(3)]).ravel())


def _file(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def _bytes(name: str, reason: str, content: Callable[[], bytes], suffix: str = ".nii") -> None:
    DAMAGED[name] = (lambda folder: _file(folder, f"{name}{suffix}", content()), reason)


def _array(name: str, reason: str, make: Callable[[], np.ndarray]) -> None:
    _bytes(name, reason, lambda: _image(make()))


def _named(key: str, name: str | bytes, reason: str) -> None:
    def build(folder: Path) -> Path:
        path = Path(os.fsdecode(os.path.join(os.fsencode(folder), os.fsencode(name))))  # noqa: PTH118
        path.write_bytes(_image(np.round(small_volume(len(DAMAGED) + len(key) + len(name))).astype(np.int16)))
        return path

    DAMAGED[key] = (build, reason)


def _speckled(share: float, value: float) -> np.ndarray:
    volume = small_volume(1)
    volume[np.random.default_rng(0).random(volume.shape) < share] = value
    return volume


def _atlas() -> np.ndarray:
    """Return 60 regions of one value each, on a background of 0."""
    blocks = np.kron(np.arange(1, 61).reshape(6, 5, 2), np.ones((8, 12, 3), int))
    return np.pad(blocks, ((6, 6), (6, 6), (0, 0))).astype(np.int16)


def _one_pixel(kind: type) -> np.ndarray:
    volume = np.zeros((60, 72, 6), kind)
    volume[31, 31, 3] = 1
    return volume


def _padded_tomography() -> np.ndarray:
    """Return CT as scanners store it: the round field of view in a square filled with less than any tissue has."""
    volume = (small_volume(1) * 3 - 1024).astype(np.int16)
    x, y = np.meshgrid(np.arange(60) - 30, np.arange(72) - 36, indexing="ij")
    volume[np.hypot(x / 30, y / 36) > 1] = -3024
    return volume


def _colour() -> bytes:
    pixels = np.zeros((60, 72, 6), np.dtype([("R", "u1"), ("G", "u1"), ("B", "u1")]))
    return nib.Nifti1Image(pixels, AFFINE).to_bytes()


def _one_bright_voxel() -> np.ndarray:
    volume = np.random.default_rng(0).random((60, 72, 6)).astype(np.float32) * 1e-3
    volume[30, 30, 3] = 1e9
    volume[31:33, 20:60, 1:5] = 9e8
    return volume


def _with_wrong_checksum() -> bytes:
    packed = bytearray(gzip.compress(_image()))
    packed[-6] ^= 0xFF
    return bytes(packed)


def _bomb() -> bytes:
    member = gzip.compress(bytes(1 << 24), 9)
    return gzip.compress(_image()) + member * 66


# The container: bytes that are no whole file.
_bytes("gzip_cut_in_half", "damaged|not a readable", lambda: gzip.compress(_image())[:9000], ".nii.gz")
_bytes("gzip_cut_in_header", "not a readable", lambda: gzip.compress(_image())[:10], ".nii.gz")
_bytes("gzip_wrong_checksum", "damaged", _with_wrong_checksum, ".nii.gz")
_bytes("gzip_bomb", "unpacks to more", _bomb, ".nii.gz")
_bytes("gzip_of_text", "not a readable", lambda: gzip.compress(b"hello " * 200), ".nii.gz")
_bytes("not_gzip_at_all", "not a readable", _image, ".nii.gz")
_bytes("gzip_named_nii", "not a readable", lambda: gzip.compress(_image()))
_bytes("empty", "is empty", lambda: b"")
_bytes("empty_gz", "is empty", lambda: b"", ".nii.gz")
_bytes("one_byte", "not a readable", lambda: b"n")
_bytes("header_only", "damaged", lambda: _image()[:352])
_bytes("pixels_cut", "damaged", lambda: _image()[:-5000])
_bytes("random_bytes", "not a readable", lambda: np.random.default_rng(3).bytes(20_000), ".nii.gz")
_bytes("text_named_nii", "not a readable", lambda: b"subject,age\n1,44\n" * 60)
_bytes("web_page", "not a readable", lambda: b"<!DOCTYPE html><title>404</title>" * 30, ".nii.gz")
_bytes("picture", "not a readable", lambda: b"\x89PNG\r\n\x1a\n" + bytes(2000), ".nii.gz")

# The header: fields that make no volume.
_bytes("wrong_magic", "not a readable", lambda: _patched(344, "4s", b"xyz\0"))
_bytes("offset_beyond_file", "damaged", lambda: _patched(108, "f", 1e7))
_bytes("unknown_datatype", "not a readable|damaged", lambda: _patched(70, "h", 12345))
_bytes("huge_claim", "expected at most", lambda: _patched(40, "4h", 3, 5000, 5000, 20))
_bytes("absurd_claim", "expected at most", lambda: _patched(40, "4h", 3, 32000, 32000, 32000))
_bytes("no_slices", "damaged|expected|not a readable", lambda: _patched(40, "4h", 3, 60, 72, 0))
_bytes("negative_dimension", "expected|not a readable|damaged", lambda: _patched(40, "4h", 3, 60, -72, 6))
_bytes("zero_dimensions", "dimensions|not a readable", lambda: _patched(40, "4h", 0, 60, 72, 6))
_bytes("colour", "expected integers or floats", _colour)
_array("four_dimensions", "4 dimensions", lambda: np.stack([small_volume(1), small_volume(2)], axis=3))
_array("five_dimensions", "5 dimensions", lambda: np.zeros((40, 40, 5, 2, 3), np.int16))
_array("flat_picture", "2 dimensions", lambda: np.ones((60, 72), np.int16))
_array("one_slice", "expected 3 slices", lambda: small_volume(1)[:, :, 2:3])
_array("two_slices", "expected 3 slices", lambda: small_volume(1)[:, :, 2:4])
_array("few_pixels", "expected 3 slices", lambda: small_volume(1)[:20, :20])
_array("complex_numbers", "expected integers or floats", lambda: small_volume(1).astype(np.complex64))
_bytes("zero_voxel_size", "mm per side", lambda: _placed(np.diag([0, 0.9, 7])))
_bytes("giant_voxels", "mm per side", lambda: _placed(np.diag([90, 90, 700])))
_bytes("tiny_voxels", "mm per side", lambda: _placed(np.diag([0.001, 0.001, 0.001])))
_bytes("nan_affine", "not finite", lambda: _placed(np.full((3, 3), np.nan)))
_bytes("infinite_affine", "not finite", lambda: _placed(np.diag([0.9, np.inf, 7])))
_bytes("singular_affine", "singular", lambda: _placed(np.array([[1, 1, 0], [1, 1, 0], [0, 0, 7]])))

# The pixels: images that show no head.
_array("all_zero", "every voxel is 0", lambda: np.zeros((60, 72, 6), np.int16))
_array("constant", "every voxel is 7", lambda: np.full((60, 72, 6), 7, np.int16))
_array("all_nan", "not numbers", lambda: np.full((60, 72, 6), np.nan, np.float32))
_array("tenth_nan", "not numbers", lambda: _speckled(0.1, np.nan))
_array("tenth_infinite", "not numbers", lambda: _speckled(0.1, np.inf))
_array("almost_empty", "no contrast", _one_bright_voxel)
_array("two_values", "label image: 2 distinct values", lambda: (small_volume(1) > 100).astype(np.uint8))
_array("four_values", "label image: 4 distinct values", lambda: np.digitize(small_volume(1), LEVELS).astype(np.uint8))
_array("four_large_values", "label image: 4", lambda: (np.digitize(small_volume(1), LEVELS) * 16_383).astype(np.uint16))
_array("four_real_values", "label image: 4", lambda: np.digitize(small_volume(1), LEVELS).astype(np.float32))
_array("atlas", "label image: 61 distinct values", _atlas)
_array("one_voxel", "label image: 2 distinct values", lambda: _one_pixel(np.uint8))
_array("computed_tomography", "looks like CT", lambda: (small_volume(1) * 3 - 1024).astype(np.int16))
_array("tomography_padded", "looks like CT", _padded_tomography)

# The name: another thing, or a person.
_named("t1_by_name", "P31_T1WI_reg.nii", "says T1WI")
_named("t2_by_name", "sub-32_T2w.nii", "says T2w")
_named("mask_by_name", "P33_FLAIR_mask.nii", "says mask")
_named("analyze", "P34.img", "expected a NIfTI")
_named("newline_in_name", "P35\nrm.nii", "pseudonymous")
_named("escape_in_name", "P36\x1b[31m.nii", "pseudonymous")
_named("dots_in_name", "P..37.nii", "pseudonymous")
_named("unicode_name", "بیمار۳۸.nii", "pseudonymous")
_named("not_utf8_name", b"P39\xff\xfe.nii", "pseudonymous")
_named("long_name", f"P40{'x' * 90}.nii", "longer than 64")
_named("leading_dash", "-41.nii", "pseudonymous")
_named("formula", "=42.nii", "pseudonymous")
_named("persons_name", "Anna Müller 43.nii", "pseudonymous")
_named("quote_in_name", "P44';DROP TABLE scan;--.nii", "pseudonymous")


@_damaged("no such file")
def absent(folder: Path) -> Path:
    return folder / "absent.nii.gz"


@_damaged("link to a file that is not there")
def dangling_link(folder: Path) -> Path:
    path = folder / "dangling.nii.gz"
    path.symlink_to(folder / "gone.nii.gz")
    return path


@_damaged("link to a file that is not there|cannot be opened")
def link_to_itself(folder: Path) -> Path:
    path = folder / "loop.nii.gz"
    path.symlink_to(path)
    return path


@_damaged("cannot be opened")
def name_too_long_for_any_file(folder: Path) -> Path:
    return folder / f"{'y' * 300}.nii.gz"


@_damaged("not a regular file")
def pipe(folder: Path) -> Path:
    path = folder / "pipe.nii"
    os.mkfifo(path)
    return path


@_damaged("holds no FLAIR")
def empty_folder(folder: Path) -> Path:
    path = folder / "nothing"
    path.mkdir()
    return path


@_damaged("holds no FLAIR")
def folder_named_like_a_scan(folder: Path) -> Path:
    path = folder / "P51.nii.gz"
    path.mkdir()
    return path


@_damaged("holds no FLAIR")
def folder_without_flair(folder: Path) -> Path:
    path = folder / "P52"
    path.mkdir()
    (path / "T1.nii").write_bytes(_image())
    return path


@_damaged("expected a NIfTI")
def text_file(folder: Path) -> Path:
    return _file(folder, "notes.txt", b"FLAIR of patient 53")


@_damaged("expected a NIfTI")
def archive(folder: Path) -> Path:
    return _file(folder, "P54.zip", b"PK\x03\x04" + bytes(100))


@_damaged("one DICOM file")
def single_dicom_file(folder: Path) -> Path:
    return _file(folder, "IM000001", bytes(128) + b"DICM" + bytes(500))


@_damaged("dcm2niix")
def damaged_dicom_series(folder: Path) -> Path:
    path = folder / "P56"
    path.mkdir()
    for number in range(3):
        _file(path, f"IM{number}", bytes(128) + b"DICM" + bytes([number]) * 500)
    return path


@_damaged("modality is 'CT'")
def sidecar_says_ct(folder: Path) -> Path:
    path = _file(folder, "P57.nii", _image())
    path.with_suffix(".json").write_text(json.dumps({"Modality": "CT"}))
    return path


@_damaged("claims to be subject 58")
def two_images_of_one_visit(folder: Path) -> Path:
    path = folder / "study58"
    for place in ("first", "second"):
        (path / place).mkdir(parents=True)
        volume = np.round(small_volume(580 + len(place))).astype(np.int16)
        _file(path / place, "sub-58_FLAIR.nii", _image(volume))
    return path


@_damaged("holds the same image as")
def one_image_of_two_people(folder: Path) -> Path:
    path = folder / "study59"
    for subject in ("P59", "P60"):
        (path / subject).mkdir(parents=True)
        _file(path / subject, "FLAIR.nii", _image(np.round(small_volume(590)).astype(np.int16)))
    return path
