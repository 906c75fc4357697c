"""DICOM series written by hand: what a scanner's export holds, as far as a converter needs it."""

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tests.pipeline.small_scans import small_volume

Element = tuple[int, int, bytes, bytes]
_LONG = (b"OB", b"OW", b"SQ", b"UN", b"UT")


def _element(group: int, element: int, kind: bytes, value: bytes) -> bytes:
    pad = b"\0" if kind in (b"UI", b"OW") else b" "
    value += pad * (len(value) % 2)
    size = b"\0\0" + struct.pack("<I", len(value)) if kind in _LONG else struct.pack("<H", len(value))
    return struct.pack("<HH", group, element) + kind + size + value


def _slice(pixels: np.ndarray, number: int, description: str, series: int, more: Sequence[Element] = ()) -> bytes:
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
    body = sorted({item[:2]: item for item in (*body, *more)}.values(), key=lambda item: item[:2])
    head = bytes(128) + b"DICM" + _element(2, 0, b"UL", struct.pack("<I", len(meta))) + meta
    return head + b"".join(_element(*item) for item in body)


def write_series(folder: Path, description="AX T2 FLAIR", series=1, seed=0, more: Sequence[Element] = ()) -> Path:
    """Write a small head as one series, one file per slice, into a folder that is made.

    ``more``: elements (group, element, kind, value) beside those of a plain series, or in the place of one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    volume = np.round(small_volume(seed))
    for number in range(volume.shape[2]):
        content = _slice(volume[:, ::-1, number], number + 1, description, series, more)
        (folder / f"IM{series}{number:03d}").write_bytes(content)
    return folder
