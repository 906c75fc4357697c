"""DICOM series made at random, seeded: each is found, refused in one line or converted; none crashes, none hangs.

``python -m tests.pipeline.inputs.test_fuzzed_dicom 1000`` is the long run.
"""

import random
import shutil
import time
import warnings
from collections import Counter
from pathlib import Path

import pytest

from pipeline.errors import PipelineError
from pipeline.inputs.dicom import converted, converter_problem
from pipeline.inputs.discovery import survey
from pipeline.inputs.modality import check_is_mri
from pipeline.inputs.nifti import read_scan
from tests.pipeline.dicom_series import Element, write_series

SEED = 20261126
SLOWEST_SECONDS = 20.0
"""Of processor time of this process; the converter has a limit of its own."""

DESCRIPTIONS = ("AX T2 FLAIR", "t2_tirm_tra_dark-fluid", "FLAIR", "T1 FLAIR", "localizer", "", "x" * 300, "Fläir")
TAGS = (
    *((8, 0x8, b"CS"), (8, 0x60, b"CS"), (8, 0x70, b"LO"), (0x10, 0x20, b"LO"), (0x10, 0x40, b"CS")),
    *((0x10, 0x1010, b"AS"), (0x18, 0x20, b"CS"), (0x18, 0x50, b"DS"), (0x18, 0x81, b"DS"), (0x18, 0x82, b"DS")),
    *((0x18, 0x87, b"DS"), (0x18, 0x23, b"CS"), (0x18, 0x88, b"DS"), (0x20, 0xE, b"UI"), (0x20, 0x13, b"IS")),
    *((0x20, 0x32, b"DS"), (0x20, 0x37, b"DS"), (0x28, 0x8, b"IS"), (0x28, 0x30, b"DS"), (0x28, 0x1052, b"DS")),
    *((0x28, 0x10, b"US"), (0x28, 0x11, b"US"), (0x28, 0x100, b"US"), (0x28, 0x101, b"US"), (0x28, 0x103, b"US")),
)
VALUES = (
    *(b"", b"0", b"-1", b"1e400", b"nan", b"inf", b"1\\2", b"1\\0\\0\\0\\1\\0", b"0\\0\\0", b"1\\1\\1\\1\\1\\1"),
    *(b"MR", b"CT", b"EP\\GR", b"ORIGINAL\\PRIMARY\\ADC", b"044Y", b"999Y", b"F", b"3", b"30000", b"7", b"abc"),
    *(b"\0\0", b"\xff\xff", b"\x01\x00", b"\x00\x10", b"1.2.3.9", b"\xe4\xf6", b"9" * 60, b"\x1b[2J"),
)


def made(seed: int, folder: Path) -> Path:
    """Write a series whose headers have a few odd values, and now and then a damaged, missing or foreign file."""
    rng = random.Random(seed)
    more: list[Element] = []
    for _ in range(rng.randint(0, 4)):
        group, element, kind = rng.choice(TAGS)
        more.append((group, element, kind, rng.choice(VALUES)))
    write_series(folder, rng.choice(DESCRIPTIONS[:3] * 3 + DESCRIPTIONS), 1, seed, more=more)
    files = sorted(folder.iterdir())
    for path in rng.sample(files, rng.choice((0, 0, 1, 2, len(files)))):
        content = bytearray(path.read_bytes())
        match rng.choice(("cut", "bytes", "gone", "text", "twice")):
            case "cut":
                path.write_bytes(content[: rng.randrange(len(content))])
            case "bytes":
                for _ in range(rng.randint(1, 12)):
                    content[rng.randrange(132, min(len(content), 1200))] = rng.randrange(256)
                path.write_bytes(content)
            case "gone":
                path.unlink()
            case "text":
                path.write_text("no image")
            case "twice":
                shutil.copyfile(path, path.with_name(f"{path.name}b"))
    return folder


def check(seed: int, place: Path) -> str:
    """Give one series to the whole door; return what became of it. Anything but a refusal in one line fails."""
    folder = made(seed, place / f"P{seed}" / "FLAIR")
    began = time.process_time()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found = survey([folder])
        for item in (*found.refused, *found.passed_over):
            assert item.reason.isprintable(), seed
            assert 3 < len(item.reason) < 500, seed
        if not found.scans:
            return "refused" if found.refused else "passed over"
        [scan] = found.scans
        try:
            with converted(scan.path, scan.files) as image:
                check_is_mri(read_scan(image.path))
        except PipelineError as error:
            assert "\n" not in str(error), seed
            assert str(error).isprintable(), (seed, str(error))
            return "refused when converted"
        return "read"
    finally:
        assert time.process_time() - began < SLOWEST_SECONDS, seed
        shutil.rmtree(place / f"P{seed}")


@pytest.mark.skipif(converter_problem() is not None, reason="needs the extra dicom")
def test_fuzzed_series_are_read_or_refused_in_one_line(tmp_path: Path) -> None:
    outcomes = {check(SEED + number, tmp_path) for number in range(24)}
    assert outcomes >= {"refused", "read"}


if __name__ == "__main__":
    import sys
    import tempfile

    with tempfile.TemporaryDirectory() as where:
        n = int((sys.argv[1:] or ["1000"])[0])
        print(Counter(check(SEED + number, Path(where)) for number in range(n)))
