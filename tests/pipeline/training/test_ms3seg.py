"""The layout of the MS3SEG dataset, on made-up trees: what is read, and what is refused in one line."""

from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from pipeline.errors import PipelineError
from pipeline.segmentation.preprocessing import find_recipe
from pipeline.segmentation.tissues import Tissue, allowed_code
from pipeline.training.labelled_folders import find_patients, load_patients, what_it_is
from pipeline.training.ms3seg import find_ms3seg, is_ms3seg
from tests.pipeline.conftest import HeadPhantom
from tests.pipeline.training.ms3seg_tree import AFFINE, write_joint, write_separate

HEAD = find_recipe("head")
KINDS = ("Vent", "nWMH", "abWMH")


@pytest.fixture(params=["separate", "joint"])
def tree(request: pytest.FixtureRequest, tmp_path: Path, head_phantom: HeadPhantom) -> Path:
    """Return a dataset of three patients in one of the layouts."""
    write = write_separate if request.param == "separate" else write_joint
    for number in (1, 2, 17):
        write(tmp_path / "data", number, head_phantom)
    return tmp_path / "data"


@pytest.fixture
def separate(tmp_path: Path, head_phantom: HeadPhantom) -> Path:
    """Return two patients with a mask per tissue."""
    for number in (1, 2):
        write_separate(tmp_path / "data", number, head_phantom)
    return tmp_path / "data"


def test_both_layouts_give_the_same_patients(tree: Path, head_phantom: HeadPhantom) -> None:
    assert find_patients(tree) == ["ms3seg-001", "ms3seg-002", "ms3seg-017"]
    scans = load_patients(tree, HEAD)
    assert [scan.patient for scan in scans] == find_patients(tree)
    scan = scans[0]
    # What is scored holds ventricle and abnormal WMH alone; the network learns the normal one as a class of its own.
    assert (scan.truth == head_phantom.truth).all()
    rim, lesion = allowed_code([Tissue.RIM]), allowed_code([Tissue.WMH])
    assert (scan.codes == rim).sum() == 6
    assert (scan.codes == lesion).sum() == (head_phantom.truth == 2).sum()
    assert allowed_code([Tissue.BACKGROUND, Tissue.BRAIN, Tissue.RIM]) not in scan.codes
    assert scan.images[0][scan.codes == lesion].min() > 1
    assert scan.spacing_mm == pytest.approx((0.9, 0.9, 7.0))
    assert (scan.raw, scan.stripped) == (None, None)


def test_what_lies_outside_an_extracted_brain_is_known(tmp_path: Path, head_phantom: HeadPhantom) -> None:
    bare = np.where(head_phantom.brain, head_phantom.volume, 0)
    write_separate(tmp_path / "whole", 1, head_phantom)
    write_separate(tmp_path / "bare", 1, head_phantom, flair=bare)
    whole, extracted = (load_patients(tmp_path / name, HEAD)[0] for name in ("whole", "bare"))
    outside, either = allowed_code([Tissue.BACKGROUND]), allowed_code([Tissue.BACKGROUND, Tissue.BRAIN])
    brain = head_phantom.brain & (head_phantom.truth == 0)
    assert (extracted.codes == either).sum() == brain.sum() - 6
    assert (whole.codes == either).sum() == (head_phantom.truth == 0).sum() - 6
    assert (whole.codes == outside).sum() < (extracted.codes == outside).sum()


def test_a_hundred_are_expected_and_others_counted(separate: Path, tmp_path: Path) -> None:
    assert what_it_is(separate, ["ms3seg-001", "ms3seg-002"]).startswith("MS3SEG: 2 of 100 patients, ")
    assert what_it_is(separate, [str(n) for n in range(100)]).startswith("MS3SEG: 100 patients, ")
    assert what_it_is(tmp_path, ["101228"]) == ""
    assert not is_ms3seg(tmp_path)


def _mask(tree: Path, kind: str, number: str = "002") -> Path:
    return tree / "MS_100_patient_masks" / f"{kind}_Masks" / number / f"{number}_{kind}_Mask.nii.gz"


def _rewrite(path: Path, change: Callable[[np.ndarray], np.ndarray], affine: np.ndarray = AFFINE) -> None:
    values = np.asarray(nib.load(path).dataobj)
    nib.save(nib.Nifti1Image(change(values), affine), path)


def _lesions_everywhere(values: np.ndarray) -> np.ndarray:
    return np.ones_like(values) * (np.indices(values.shape).sum(0) % 5 > 0)


def _striped(values: np.ndarray) -> np.ndarray:
    return values + (values > 0) * np.uint8(np.indices(values.shape)[0] % 2)


def _shorten(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:60])


SPOILT: dict[str, tuple[Callable[[Path], object], str]] = {
    "no masks": (lambda t: (t / "MS_100_patient_masks").rename(t / "elsewhere"), "has no folder MS_100_patient_masks"),
    "no images": (
        lambda t: (t / "MS_100_patient_preprocessed").rename(t / "elsewhere"),
        "has no folder MS_100_patient_preprocessed",
    ),
    "a mask absent": (lambda t: _mask(t, "nWMH").unlink(), r"1 of 2 patients of MS3SEG lack a file .*002_nWMH_Mask"),
    "a mask twice": (
        lambda t: _mask(t, "nWMH").with_suffix("").write_bytes(b""),
        r"1 of 2 patients of MS3SEG lack a file or have it twice",
    ),
    "cut short": (lambda t: _shorten(_mask(t, "Vent")), "cannot be read as NIfTI"),
    "another grid": (lambda t: _rewrite(_mask(t, "Vent"), lambda v: v[:, :, 1:]), "has shape"),
    "another place": (
        lambda t: _rewrite(_mask(t, "Vent"), lambda v: v, AFFINE @ np.diag([-1, 1, 1, 1])),
        "their affines differ",
    ),
    "three values": (lambda t: _rewrite(_mask(t, "abWMH"), _striped), "expected 0 and one more"),
    "files mixed up": (lambda t: _rewrite(_mask(t, "abWMH"), _lesions_everywhere), "are files mixed up"),
    "no ventricle": (lambda t: _rewrite(_mask(t, "Vent"), np.zeros_like), "no ventricle is drawn"),
    "not numbers": (
        lambda t: _rewrite(
            t / "MS_100_patient_preprocessed/002/002_FLAIR.nii.gz", lambda v: np.where(v > 600, np.nan, v)
        ),
        "voxels are not numbers",
    ),
}  # fmt: skip


@pytest.mark.parametrize("fault", SPOILT)
def test_what_does_not_fit_is_one_line(fault: str, separate: Path) -> None:
    spoil, message = SPOILT[fault]
    spoil(separate)
    with pytest.raises(PipelineError, match=message) as caught:
        load_patients(separate, HEAD)
    assert "\n" not in str(caught.value)
    assert str(separate) in str(caught.value)


def test_masks_of_0_and_255_are_read(separate: Path) -> None:
    before = load_patients(separate, HEAD)[0]
    for kind in KINDS:
        _rewrite(_mask(separate, kind, "001"), lambda v: (v > 0).astype(np.uint8) * 255)
    assert (load_patients(separate, HEAD)[0].codes == before.codes).all()


def test_an_unknown_value_of_the_joint_mask_is_named(tmp_path: Path, head_phantom: HeadPhantom) -> None:
    write_joint(tmp_path, 3, head_phantom)
    _rewrite(tmp_path / "masks/patient_003/003_mask.nii.gz", lambda v: np.where(v == 3, 7, v).astype(np.uint8))
    with pytest.raises(PipelineError, match="holds the value 7; expected 0, 1, 2 and 3"):
        load_patients(tmp_path, HEAD)


def test_an_empty_dataset_is_one_line(tmp_path: Path) -> None:
    for name in ("MS_100_patient_preprocessed", "MS_100_patient_masks"):
        (tmp_path / name).mkdir()
    with pytest.raises(PipelineError, match="no patient; expected folders 001 to 100"):
        find_ms3seg(tmp_path)


def test_a_patient_who_is_not_there_is_named(separate: Path) -> None:
    with pytest.raises(PipelineError, match="has no patient ms3seg-099"):
        load_patients(separate, HEAD, ["ms3seg-099"])
