"""Flags: each raised by the fault it names, none by a sound scan, and T1 and T2 told from FLAIR."""

from dataclasses import replace
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from scipy import ndimage

from pipeline.errors import ImageError
from pipeline.ingest.measure_scan import with_notes
from pipeline.inputs.nifti import Scan, read_scan
from pipeline.measures.quality_flags import FLAGS, Flag, beyond_skull_pct, quality_flags, refuse_what_no_head_is
from pipeline.measures.quantification import Quantities
from pipeline.segmentation.familiarity import Familiarity
from pipeline.segmentation.image_properties import contrast, image_properties, roughness
from pipeline.segmentation.inference import Segmentation, solid

SPACING = (1.7, 1.7, 7.0)


def head(white: float, grey: float, fluid: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return an image, labels and brain: 120 x 160 mm of white matter, cortex and fluid around it."""
    rng = np.random.default_rng(2)
    x, y, _ = np.meshgrid(np.arange(100) - 49.5, np.arange(110) - 54.5, np.arange(18), indexing="ij")
    radius = np.hypot(x / 30, y / 40)
    brain = radius < 1
    labels = ((np.hypot(x / 7, y / 14) < 1) & brain).astype(np.uint8)
    image = np.where(radius < 0.9, white, grey) + rng.normal(0, 0.03 * white, radius.shape)
    image[(radius > 0.97) & brain] = fluid
    image[labels == 1] = fluid
    image[~brain] = rng.uniform(1, 5, int((~brain).sum()))
    return image.astype(np.float32), labels, brain


def flags_of(
    scan: Scan, found: Segmentation, values: dict[str, float | None], familiarity: Familiarity | None = None
) -> tuple[Flag, ...]:
    properties = image_properties(scan.data, found.labels, found.intracranial, scan.spacing_mm, found.disagreement)
    return quality_flags(scan, found, Quantities(values, {}), properties, beyond_skull_pct(scan, found), familiarity)


def judged(
    spacing: tuple[float, float, float] = SPACING, affine: np.ndarray | None = None, **changed: object
) -> list[str]:
    image, labels, brain = head(*changed.pop("signal", (100, 105, 30)))  # type: ignore[misc]
    image += changed.pop("noise", 0.0) * np.random.default_rng(4).standard_normal(image.shape).astype(np.float32)  # type: ignore[operator]
    affine = np.diag([*spacing, 1.0]) if affine is None else affine
    scan = Scan(Path("x.nii"), image, spacing, affine, nib.Nifti1Image(image, affine), int(changed.pop("lost", 0)))  # type: ignore[call-overload]
    if "slices" in changed:
        brain = brain & (np.arange(18) < changed.pop("slices"))
    values = {"ventricle_volume_ml": 25.0, "wmh_area_mm2": 900.0, "intracranial_area_mm2": 2e5, **changed}
    found = Segmentation(labels, np.zeros(labels.shape, np.float32), brain)
    return [flag.name for flag in flags_of(scan, found, values)]  # type: ignore[arg-type]


def test_a_sound_scan_has_no_flag() -> None:
    assert judged() == []
    assert "slice_spacing" not in judged((2.4, 2.4, 4.9999999))  # 5 mm, as an affine may say it


@pytest.mark.parametrize(
    ("changed", "flag"),
    [
        ({"signal": (100, 75, 30)}, "not_flair"),
        ({"signal": (100, 110, 300)}, "not_flair"),
        ({"ventricle_volume_ml": None}, "no_ventricle"),
        ({"ventricle_volume_ml": 1.5}, "ventricle_volume"),
        ({"ventricle_volume_ml": 400.0}, "ventricle_volume"),
        ({"wmh_area_mm2": 4e4}, "wmh_load"),
        ({"slices": 12}, "few_slices"),
        ({"spacing": (2.0, 2.0, 3.0)}, "slice_spacing"),
        ({"spacing": (4.0, 1.0, 7.0)}, "coarse_plane"),
        ({"spacing": (1.0, 1.0, 7.0)}, "intracranial_volume"),
        ({"lost": 12}, "lost_voxels"),
        ({"noise": 20.0}, "noisy"),
    ],
)
def test_each_fault_raises_its_flag(changed: dict[str, object], flag: str) -> None:
    assert flag in judged(**changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(("grown_mm", "names"), [(0, []), (14, ["beyond_skull"])])
def test_a_mask_that_runs_into_the_scalp_is_flagged(grown_mm: float, names: list[str]) -> None:
    image, labels, brain = head(100, 105, 30)
    outside = ndimage.distance_transform_edt(~brain, sampling=SPACING)
    image[(outside > 5) & (outside < 12)] = 250
    image[(outside >= 12) & (outside < 18)] = 80
    mask = brain.copy()
    mask[:, :, 11:] |= outside[:, :, 11:] <= grown_mm
    found = Segmentation(labels, np.zeros(labels.shape, np.float32), mask)
    scan = Scan(Path("x.nii"), image, SPACING, np.diag([*SPACING, 1.0]), nib.Nifti1Image(image, np.eye(4)))
    values = {"ventricle_volume_ml": 25.0, "wmh_area_mm2": 900.0, "intracranial_area_mm2": 2e5}
    raised = quality_flags(scan, found, Quantities(values, {}), {}, beyond_skull_pct(scan, found))
    assert [flag.name for flag in raised] == names
    if names:
        share = 100 * (1 - brain.sum() / mask.sum())
        assert 5 < float(raised[0].detail.split()[0]) < share  # bone is as dark as fluid and stays


def test_tilted_slices_are_flagged() -> None:
    turn = np.array([[1, 0, 0], [0, np.cos(0.6), -np.sin(0.6)], [0, np.sin(0.6), np.cos(0.6)]])
    assert judged(affine=nib.affines.from_matvec(turn @ np.diag(SPACING), [0, 0, 0])) == ["tilted"]


def test_a_scan_unlike_the_training_says_in_what_and_no_fault_is_told_twice() -> None:
    image, labels, brain = head(100, 105, 30)
    scan = Scan(Path("x.nii"), image, SPACING, np.diag([*SPACING, 1.0]), nib.Nifti1Image(image, np.eye(4)))
    found = Segmentation(labels, np.zeros(labels.shape, np.float32), brain, disagreement=0.3)
    values = {"ventricle_volume_ml": 25.0, "wmh_area_mm2": 900.0, "intracranial_area_mm2": 2e5}
    usual = Familiarity({"slice_mm": (6.0, 8.0), "fluid": (0.2, 0.4), "disagreement": (0.02, 0.4)}, 10)
    assert flags_of(scan, found, values, usual) == ()
    other = Familiarity({"slice_mm": (6.0, 8.0), "fluid": (0.5, 0.7), "disagreement": (0.02, 0.1)}, 10)
    [flag] = flags_of(scan, found, values, other)
    assert flag.name == "unfamiliar"
    assert "the brightness of the fluid is 0.29; scans like those of the training have 0.5 to 0.7" in flag.detail
    assert "the disagreement of the network with itself is 0.3" in flag.detail
    thin = replace(scan, spacing_mm=(1.7, 1.7, 3.0))
    names = [one.name for one in flags_of(thin, found, values, usual)]
    assert "slice_spacing" in names
    assert "unfamiliar" not in names


def test_no_brain_is_a_flag_and_not_an_error() -> None:
    image, labels, _ = head(100, 105, 30)
    scan = Scan(Path("x.nii"), image, SPACING, np.diag([*SPACING, 1.0]), nib.Nifti1Image(image, np.eye(4)))
    for brain in (None, np.zeros(labels.shape, bool)):
        found = Segmentation(labels, np.zeros(labels.shape, np.float32), brain)
        values = {"ventricle_volume_ml": 25.0, "wmh_area_mm2": 0.0, "intracranial_area_mm2": None}
        assert [flag.name for flag in flags_of(scan, found, values)] == ["no_brain"]


def test_too_little_brain_gives_no_number() -> None:
    image, labels, _ = head(100, 105, 30)
    small = np.zeros(labels.shape, bool)
    small[48:52, 54:58, 9] = True
    assert np.isnan(contrast(image, labels, small, SPACING)[0])


def test_every_flag_has_a_meaning() -> None:
    assert all(meaning and not meaning.endswith(".") for meaning in FLAGS.values())


@pytest.mark.reference
def test_t1_and_t2_of_the_reference_are_told_from_flair(reference: Path) -> None:
    # With the reference's own brain masks and no labels: nothing here depends on a network.
    seen = {"FLAIR": 0, "T1WI_reg": 0, "T2WI_reg": 0}
    for mask in sorted(reference.glob("mri/*/brain_mask.nii.gz")):
        found = read_scan(mask)
        brain = solid(found.data > 0, found.spacing_mm)
        for kind in seen:
            scan = read_scan(mask.with_name(f"{kind}.nii.gz"))
            nothing = np.zeros(brain.shape, np.uint8)
            values = dict.fromkeys(("ventricle_volume_ml", "wmh_area_mm2", "intracranial_area_mm2"))
            found = Segmentation(nothing, np.zeros(brain.shape, np.float32), brain)
            flags = flags_of(replace(scan), found, values)
            assert ("not_flair" in [flag.name for flag in flags]) == (kind != "FLAIR"), f"{mask.parent.name} {kind}"
            seen[kind] += 1
    assert min(seen.values()) == 9


@pytest.mark.parametrize(
    ("flags", "spacing", "said"),
    [
        ([Flag("not_flair", "the image looks like T1, not FLAIR")], SPACING, "looks like T1"),
        ([], (3.0, 3.0, 30.0), "shows a head of"),
        ([Flag("few_slices", "few")], SPACING, None),
    ],
)
def test_what_no_head_is_is_refused(flags: list[Flag], spacing: tuple[float, float, float], said: str | None) -> None:
    _, labels, brain = head(100, 105, 30)
    found = Segmentation(labels, np.zeros(labels.shape, np.float32), brain)
    if said is None:
        refuse_what_no_head_is(Path("x.nii"), flags, found, spacing)
        return
    with pytest.raises(ImageError, match=said):
        refuse_what_no_head_is(Path("x.nii"), flags, found, spacing)


def test_a_brain_extracted_before_is_said() -> None:
    image, labels, brain = head(100, 105, 30)
    image[~brain] = 0
    scan = Scan(Path("x.nii"), image, SPACING, np.diag([*SPACING, 1.0]), nib.Nifti1Image(image, np.eye(4)))
    found = Segmentation(labels, np.zeros(labels.shape, np.float32), brain)
    values = {"ventricle_volume_ml": 25.0, "wmh_area_mm2": 900.0, "intracranial_area_mm2": 2e5}
    [flag] = flags_of(scan, found, values)  # type: ignore[arg-type]
    assert flag.name == "changed"
    told = with_notes([flag], ["bias-corrected, says its name"], ["Warning: something"])
    assert [one.name for one in told] == ["changed", "converter"]
    assert told[0].detail.startswith("bias-corrected, says its name; nothing lies outside the brain")


def test_roughness_is_the_step_between_neighbours_over_that_from_tissue_to_fluid() -> None:
    image, brain = np.full((20, 20, 2), 100.0), np.ones((20, 20, 2), bool)
    image[1::2] = 104  # neighbours along x differ by 4, along y by 0; the median is 102
    image[0, :3] = 42  # 6 of 800 pixels and more: below the 2nd percentile lies fluid only where there are enough
    image[1, :9] = 42
    assert roughness(image, brain) == pytest.approx(((4 + 0) / 2) / (100 - 42), rel=0.1)
    assert np.isnan(roughness(np.ones((20, 20, 2)), brain))
    assert np.isnan(roughness(image, np.zeros_like(brain)))


@pytest.mark.reference
@pytest.mark.slow
def test_reference_scans_are_not_noisy_and_noise_of_a_fifth_of_the_tissue_is(reference: Path) -> None:
    for folder in sorted(path.parent for path in reference.glob("mri/*/brain_mask.nii.gz")):
        data, brain = (
            np.asarray(nib.load(folder / f"{name}.nii.gz").dataobj, float) for name in ("FLAIR", "brain_mask")
        )
        if data.shape != brain.shape:
            continue
        noise = 0.2 * np.median(data[brain > 0]) * np.random.default_rng(0).standard_normal(data.shape)
        assert roughness(data, brain > 0) < 0.15
        assert roughness(data + noise, brain > 0) > 0.2
