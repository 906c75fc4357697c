"""Headers that contradict themselves: sizes and planes are refused, sides and places are said."""

import struct
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from pipeline.errors import GeometryError, ImageError
from pipeline.inputs.discovery import survey
from pipeline.inputs.modality import check_is_mri
from pipeline.inputs.nifti import read_scan
from tests.pipeline.small_scans import AFFINE, small_volume

VOLUME = np.round(small_volume(1)).astype(np.int16)


def _file(
    path: Path, q_form: np.ndarray, s_form: np.ndarray, codes: tuple[int, int] = (1, 1), **header: object
) -> Path:
    image = nib.Nifti1Image(VOLUME, s_form)
    image.set_qform(q_form, codes[0], update_affine=False)
    image.set_sform(s_form, codes[1], update_affine=False)
    for key, value in header.items():
        image.header[key] = value
    nib.save(image, path)
    return path


def _turned(flip: int | None = None, moved: float = 0.0, scale: float = 1.0) -> np.ndarray:
    affine = AFFINE.copy()
    if flip is not None:
        affine[:3, flip] *= -1
    affine[:3, :3] *= scale
    affine[:3, 3] += moved
    return affine


def test_agreement_is_no_doubt(tmp_path: Path) -> None:
    assert read_scan(_file(tmp_path / "P1.nii", AFFINE, AFFINE)).doubts == ()


def test_two_sizes_are_refused(tmp_path: Path) -> None:
    path = _file(tmp_path / "P1.nii", _turned(scale=1.1), AFFINE)
    with pytest.raises(
        GeometryError, match=r"two voxel sizes, 0\.99 x 0\.99 x 7\.7 mm \(pixdim\) and 0\.9 x 0\.9 x 7 mm"
    ):
        read_scan(path)
    assert "two voxel sizes" in survey([path]).refused[0].reason


def test_two_planes_are_refused(tmp_path: Path) -> None:
    swapped = AFFINE.copy()
    swapped[:3, :3] = AFFINE[[0, 2, 1], :3]
    with pytest.raises(GeometryError, match="two orientations, LAS"):
        read_scan(_file(tmp_path / "P1.nii", AFFINE, swapped))


@pytest.mark.parametrize(
    ("q_form", "codes", "said"),
    [
        (_turned(flip=0), (1, 1), "its qform says RAS and its sform LAS: which side is which is not certain"),
        (_turned(moved=30), (1, 1), "place it 30 mm apart; the sform is used"),
        (_turned(moved=30), (1, 4), "place it 30 mm apart, as after registration to another space"),
    ],
)
def test_sides_and_places_are_said(tmp_path: Path, q_form: np.ndarray, codes: tuple[int, int], said: str) -> None:
    [doubt] = read_scan(_file(tmp_path / "P1.nii", q_form, AFFINE, codes)).doubts
    assert said in doubt


def test_a_header_without_orientation_is_said(tmp_path: Path) -> None:
    content = bytearray(_file(tmp_path / "P1.nii", AFFINE, AFFINE).read_bytes())
    content[252:256] = bytes(4)
    (tmp_path / "P1.nii").write_bytes(bytes(content))
    [doubt] = read_scan(tmp_path / "P1.nii").doubts
    assert "neither qform nor sform says how the image lies" in doubt


def test_units_and_bytes_left_over_are_said(tmp_path: Path) -> None:
    path = _file(tmp_path / "P1.nii", AFFINE, AFFINE, xyzt_units=3)
    path.write_bytes(path.read_bytes() + bytes(60 * 72 * 2))
    assert [doubt[:40] for doubt in read_scan(path).doubts] == [
        "sizes are said to be in micrometres and ",
        "the file holds 8,640 bytes more than its",
    ]


@pytest.mark.parametrize(("intent", "what"), [(1002, "labels"), (3, "statistics")])
def test_what_the_header_calls_labels_is_refused(tmp_path: Path, intent: int, what: str) -> None:
    with pytest.raises(ImageError, match=f"says it holds {what}"):
        read_scan(_file(tmp_path / "P1.nii", AFFINE, AFFINE, intent_code=intent))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda random: random.normal(0, 100, VOLUME.shape).astype(np.int16), "looks like noise"),
        (lambda random: random.random(VOLUME.shape).astype(np.float32), "looks like noise"),
        (lambda random: np.where(VOLUME > 500, random.random(VOLUME.shape), 0).astype(np.float32), "map of lesions"),
    ],
)
def test_what_no_head_is_is_refused_before_a_network_sees_it(tmp_path: Path, make, said: str) -> None:  # type: ignore[no-untyped-def]
    nib.save(nib.Nifti1Image(make(np.random.default_rng(0)), AFFINE), tmp_path / "P1.nii")
    with pytest.raises(ImageError, match=said):
        check_is_mri(read_scan(tmp_path / "P1.nii"))


def fuzzed(seed: int, path: Path) -> Path:
    """Write a small scan whose header has one to six fields of random bytes, or that is cut."""
    random = np.random.default_rng(seed)
    content = bytearray(nib.Nifti1Image(VOLUME, AFFINE).to_bytes())
    for _ in range(random.integers(1, 7)):
        at = int(random.integers(0, 348))
        width = int(random.choice([1, 2, 4, 8]))
        kind = random.integers(0, 4)
        wild = random.choice([0.0, -1.0, 1e-30, 1e30, np.nan, np.inf, 32767.0])
        value = {
            0: random.bytes(width),
            1: bytes(width),
            2: b"\xff" * width,
            3: struct.pack("<f", wild),
        }[int(kind)]
        content[at : at + len(value)] = value
    if random.random() < 0.1:
        content = content[: int(random.integers(0, len(content)))]
    path.write_bytes(bytes(content))
    return path


def check_fuzzed(seed: int, folder: Path) -> str:
    """Give one fuzzed file to the whole door; return what became of it. Anything but a refusal in one line fails."""
    path = fuzzed(seed, folder / f"P{seed}_FLAIR.nii")
    try:
        found = survey([path])
        for refusal in found.refused:
            assert refusal.reason.isprintable(), seed
            assert 3 < len(refusal.reason) < 500, seed
            return "refused"
        try:
            check_is_mri(read_scan(path))
        except (ImageError, GeometryError) as error:
            assert "\n" not in str(error), seed
            return "refused when read"
        return "read"
    finally:
        path.unlink()


def test_fuzzed_headers_are_read_or_refused_in_one_line(tmp_path: Path) -> None:
    outcomes = {check_fuzzed(seed, tmp_path) for seed in range(50)}
    assert outcomes >= {"refused", "read"}


if __name__ == "__main__":  # the long run: python -m tests.pipeline.inputs.test_header_check [N]
    import sys
    import tempfile
    from collections import Counter

    with tempfile.TemporaryDirectory() as place:
        print(Counter(check_fuzzed(number, Path(place)) for number in range(int((sys.argv[1:] or ["1000"])[0]))))
