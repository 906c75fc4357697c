"""DICOM series: written here by hand, converted by dcm2niix where it is installed, measured like any other scan."""

import struct

import nibabel as nib
import numpy as np
import pytest

from pipeline import dicom, ingesting
from pipeline.dicom import convert_series, converter, is_dicom, series_files
from pipeline.errors import ImageError
from pipeline.ingesting import ingest
from pipeline.inputs import discover
from tests.pipeline.small_scans import prepare_stand_in, small_volume

needs_dcm2niix = pytest.mark.skipif(converter() is None, reason="needs dcm2niix: install the extra 'dicom'")
_LONG = (b"OB", b"OW", b"SQ", b"UN", b"UT")


def _element(group: int, element: int, kind: bytes, value: bytes) -> bytes:
    pad = b"\0" if kind in (b"UI", b"OW") else b" "
    value += pad * (len(value) % 2)
    size = b"\0\0" + struct.pack("<I", len(value)) if kind in _LONG else struct.pack("<H", len(value))
    return struct.pack("<HH", group, element) + kind + size + value


def _slice(pixels: np.ndarray, number: int, description: str, series: int) -> bytes:
    """Return one MR slice as a DICOM file, explicit little endian; pixels (columns, rows) on an LPS grid."""
    columns, rows = pixels.shape
    uid = f"1.2.3.{series}".encode()
    meta = _element(2, 2, b"UI", b"1.2.840.10008.5.1.4.1.1.4") + _element(2, 3, b"UI", uid + f".{number}".encode())
    meta += _element(2, 0x10, b"UI", b"1.2.840.10008.1.2.1")
    short = [struct.pack("<H", value) for value in (1, rows, columns, 16, 16, 15, 0)]
    body = [
        (8, 0x16, b"UI", b"1.2.840.10008.5.1.4.1.1.4"),
        (8, 0x18, b"UI", uid + f".{number}".encode()),
        (8, 0x60, b"CS", b"MR"),
        (8, 0x70, b"LO", b"SIEMENS"),
        (8, 0x103E, b"LO", description.encode()),
        (0x10, 0x10, b"PN", b"Secret^Name"),
        (0x18, 0x50, b"DS", b"7"),
        (0x18, 0x88, b"DS", b"7"),
        (0x20, 0xD, b"UI", b"1.2.3"),
        (0x20, 0xE, b"UI", uid),
        (0x20, 0x11, b"IS", str(series).encode()),
        (0x20, 0x13, b"IS", str(number).encode()),
        (0x20, 0x32, b"DS", f"-27\\-32\\{7 * number}".encode()),
        (0x20, 0x37, b"DS", b"1\\0\\0\\0\\1\\0"),
        (0x20, 0x52, b"UI", b"1.2.4"),
        (0x28, 2, b"US", short[0]),
        (0x28, 4, b"CS", b"MONOCHROME2"),
        (0x28, 0x10, b"US", short[1]),
        (0x28, 0x11, b"US", short[2]),
        (0x28, 0x30, b"DS", b"0.9\\0.9"),
        (0x28, 0x100, b"US", short[3]),
        (0x28, 0x101, b"US", short[4]),
        (0x28, 0x102, b"US", short[5]),
        (0x28, 0x103, b"US", short[6]),
        (0x7FE0, 0x10, b"OW", np.ascontiguousarray(pixels.T).astype("<u2").tobytes()),
    ]
    head = bytes(128) + b"DICM" + _element(2, 0, b"UL", struct.pack("<I", len(meta))) + meta
    return head + b"".join(_element(*item) for item in body)


def _write_series(folder, description="AX T2 FLAIR", series=1, seed=0):
    folder.mkdir(parents=True, exist_ok=True)
    volume = np.round(small_volume(seed))
    for number in range(volume.shape[2]):
        content = _slice(volume[:, ::-1, number], number + 1, description, series)
        (folder / f"IM{series}{number:03d}").write_bytes(content)
    return folder


def test_dicom_files_are_told_by_their_content(tmp_path):
    _write_series(tmp_path / "a")
    (tmp_path / "a" / "DICOMDIR.txt").write_text("DICM")
    assert len(series_files(tmp_path / "a")) == 6
    assert not is_dicom(tmp_path / "absent")


def test_without_the_converter_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(dicom, "converter", lambda: None)
    with pytest.raises(ImageError, match="install the extra 'dicom'"):
        convert_series(tmp_path, tmp_path)


@needs_dcm2niix
def test_a_series_becomes_one_volume_in_its_place(tmp_path):
    (tmp_path / "out").mkdir()
    image = nib.load(convert_series(_write_series(tmp_path / "in"), tmp_path / "out"))
    ordered = nib.as_closest_canonical(image)
    # Columns run to the left, rows to the back: both turn round on the way to RAS+.
    assert np.array_equal(np.asarray(ordered.dataobj), np.round(small_volume(0))[::-1])
    assert np.allclose(ordered.header.get_zooms(), (0.9, 0.9, 7))
    assert b"Secret" not in b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir())


@needs_dcm2niix
def test_the_flair_series_is_chosen_by_its_description(tmp_path):
    folder = _write_series(_write_series(tmp_path / "in"), "T1 SE", 2, seed=2)
    (tmp_path / "out").mkdir()
    chosen = nib.load(convert_series(folder, tmp_path / "out"))
    assert np.array_equal(np.unique(chosen.dataobj), np.unique(np.round(small_volume(0))))


@needs_dcm2niix
def test_several_series_that_could_be_it_are_refused(tmp_path):
    folder = _write_series(_write_series(tmp_path / "in"), "Sag FLAIR", 2, seed=2)
    (tmp_path / "out").mkdir()
    with pytest.raises(ImageError, match="holds 2 FLAIR series"):
        convert_series(folder, tmp_path / "out")


@needs_dcm2niix
def test_a_series_is_measured_and_recognised_again(tmp_path, monkeypatch):
    monkeypatch.setattr(ingesting, "prepare", prepare_stand_in)
    _write_series(tmp_path / "in" / "P7" / "FLAIR")
    scans, rejections = discover([tmp_path / "in"])
    assert rejections == []
    run = ingest(scans, tmp_path / "out", workers=1)
    assert (run.n_measured, run.rejections) == (1, ())
    assert (tmp_path / "out" / "sub-P7" / "anat" / "sub-P7_desc-tissue_dseg.nii.gz").is_file()
    assert ingest(scans, tmp_path / "out").n_reused == 1
