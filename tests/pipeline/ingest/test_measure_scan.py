"""A phantom scan from file to measures and files, with a stand-in for a network whose answer is known."""

import json
import tracemalloc
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.errors import PipelineError
from pipeline.ingest.derivatives import FILES, windowed, write_derivatives
from pipeline.ingest.measure_scan import ScanResult, measure_scan
from pipeline.measures.zoning import find_rule
from pipeline.segmentation.bundled_models import LoadedModel, ModelCard
from pipeline.segmentation.inference import Decision
from tests.pipeline.conftest import HeadPhantom
from tests.pipeline.small_scans import Thresholds, small_volume
from vocabulary.acquisition import STUDY_HEAD

# Oblique, mirrored left-right, 0.9 x 0.9 mm pixels, slices 7 mm apart.
TURN = np.array([[np.cos(0.15), 0, np.sin(0.15)], [0, 1, 0], [-np.sin(0.15), 0, np.cos(0.15)]])
AFFINE = nib.affines.from_matvec(TURN @ np.diag([-0.9, 0.9, 7.0]), [25, -30, 12])


class Grades:
    """Reads the phantom's tissues off the head recipe's scale; blind to ventricles or to brain on demand."""

    def __init__(self, *, ventricle: bool = True, brain: bool = True) -> None:
        self.ventricle, self.brain = ventricle, brain

    def predict_on_batch(self, stack: NDArray[np.float32]) -> NDArray[np.float32]:
        middle = stack[..., 1]
        air = middle < -2.9
        dark = ~air & (middle < -2) & self.ventricle
        bright = (middle > 2) & (middle < 5.9)
        planes = [air, dark, bright, ~air & ~dark & ~bright]
        if not self.brain:
            planes = [air | planes[3], dark, bright]
        return np.stack(planes, -1).astype(np.float32)


def model(**known: bool) -> LoadedModel:
    card = ModelCard(
        model_id="stand-in",
        title="Stand-in",
        network="compact_unet",
        members=(),
        recipe="head",
        decision=Decision(),
        flips=True,
        n_parameters=0,
        licence="MIT",
        description="Thresholds",
        trained_on=(),
    )
    return LoadedModel(card, (Grades(**known),))  # type: ignore[arg-type]


@pytest.fixture
def flair(head_phantom: HeadPhantom, tmp_path: Path) -> Path:
    """Return the phantom as a file: on the head recipe's scale air is -3, ventricle -2.6, brain 0, lesions 4.4."""
    rng = np.random.default_rng(5)
    volume = np.where(head_phantom.brain, 300 + rng.uniform(-50, 50, head_phantom.brain.shape), 0.0)
    volume[head_phantom.truth == 1] = 170
    volume[head_phantom.truth == 2] = 520
    path = tmp_path / "sub-7_FLAIR.nii.gz"
    nib.save(nib.Nifti1Image(volume[::-1].astype(np.int16), AFFINE), path)
    return path


def measured(path: Path, rule: str = "study-code", **known: bool) -> ScanResult:
    return measure_scan(path, model(**known), find_rule(rule))


def test_measures_are_those_of_the_truth(flair: Path, head_phantom: HeadPhantom) -> None:
    result = measured(flair)
    np.testing.assert_array_equal(result.segmentation.labels, head_phantom.truth)
    pixels = [int((head_phantom.truth == tissue).sum()) for tissue in (0, 1, 2)]
    values = result.quantities.values
    assert values["ventricle_area_mm2"] == pytest.approx(pixels[1] * 0.81)
    assert values["wmh_volume_ml"] == pytest.approx(pixels[2] * 0.81 * 7 / 1000)
    assert values["intracranial_area_mm2"] == pytest.approx(head_phantom.brain.sum() * 0.81)
    assert values["lesion_count"] == 2
    assert result.lesions.height == len(result.zones) == 3
    assert set(result.seconds) == {"read", "segment", "zone", "quantify"}


def test_steps_are_told_as_they_begin(flair: Path) -> None:
    told: list[str] = []
    measure_scan(flair, model(), find_rule("contact"), step=told.append)
    assert told == ["read", "segment", "zone", "quantify"]


@pytest.mark.parametrize("axes", ["RAS", "LPS", "ASL", "SRP", "IPL"])
def test_a_reoriented_copy_has_the_same_measures(flair: Path, tmp_path: Path, axes: str) -> None:
    image = nib.load(flair)
    turn = nib.orientations.ornt_transform(nib.io_orientation(image.affine), nib.orientations.axcodes2ornt(axes))
    nib.save(image.as_reoriented(turn), tmp_path / "turned.nii.gz")
    assert measured(tmp_path / "turned.nii.gz").quantities.values == pytest.approx(measured(flair).quantities.values)


def test_a_mirrored_copy_has_the_same_measures(flair: Path, tmp_path: Path) -> None:
    image = nib.load(flair)
    nib.save(nib.Nifti1Image(np.asarray(image.dataobj), image.affine @ np.diag([-1, 1, 1, 1])), tmp_path / "m.nii.gz")
    assert measured(tmp_path / "m.nii.gz").quantities.values == pytest.approx(measured(flair).quantities.values)


def test_a_sheared_grid_has_the_volume_of_its_determinant(flair: Path, tmp_path: Path) -> None:
    sheared = np.array(AFFINE)
    sheared[:3, 2] += (
        0.4 * sheared[:3, 1]
    )  # gantry tilt: every slice starts a little further back, as far apart as ever
    image = nib.load(flair)
    nib.save(nib.Nifti1Image(np.asarray(image.dataobj), sheared), tmp_path / "tilted.nii.gz")
    values = measured(tmp_path / "tilted.nii.gz").quantities.values
    assert values["ventricle_volume_ml"] == pytest.approx(measured(flair).quantities.values["ventricle_volume_ml"])


def test_without_a_ventricle_lesions_have_no_zone_and_say_why(flair: Path) -> None:
    result = measured(flair, ventricle=False)
    assert set(result.zones) == {None}
    assert result.zone_image.max() == 0
    assert result.lesions["zone"].null_count() == result.lesions.height > 0
    assert result.quantities.values["wmh_area_mm2"]
    for name in ("periventricular_area_mm2", "juxtacortical_volume_ml", "ventricle_area_mm2"):
        assert result.quantities.values[name] is None
        assert "no ventricle" in result.quantities.reasons[name]
    assert "no_ventricle" in [flag.name for flag in result.flags]


def test_without_a_brain_class_head_size_and_zones_are_not_measured(flair: Path, tmp_path: Path) -> None:
    result = measured(flair, brain=False)
    assert result.quantities.values["intracranial_area_mm2"] is None
    assert "no brain class" in result.quantities.reasons["intracranial_area_mm2"]
    assert set(result.zones) == {None}
    assert result.quantities.values["ventricle_area_mm2"]
    assert "brain" not in write_derivatives(result, tmp_path / "out", "x")


def test_files_lie_in_the_grid_of_the_scan(flair: Path, head_phantom: HeadPhantom, tmp_path: Path) -> None:
    result = measured(flair)
    paths = write_derivatives(result, tmp_path / "out" / "deep", "sub-7", {"Run": "r1"})
    assert {key: path.name for key, path in paths.items()} == {key: f"sub-7_{end}" for key, end in FILES.items()}
    assert sorted(path.name for path in (tmp_path / "out" / "deep").iterdir()) == sorted(p.name for p in paths.values())
    labels = nib.load(paths["labels"])
    np.testing.assert_array_equal(np.asarray(labels.dataobj)[::-1], head_phantom.truth)
    for key in ("labels", "zones", "brain", "wmh_probability", "display"):
        image = nib.load(paths[key])
        np.testing.assert_array_equal(image.affine, nib.load(flair).affine)
        assert image.get_data_dtype() == np.uint8
    probability = nib.load(paths["wmh_probability"]).get_fdata()[::-1]
    np.testing.assert_allclose(probability, result.segmentation.wmh_probability, atol=0.5 / 255 + 1e-6)
    zones = np.asarray(nib.load(paths["zones"]).dataobj)
    np.testing.assert_array_equal(zones > 0, np.asarray(labels.dataobj) == 2)


def test_the_sidecar_says_how_the_labels_came_about(flair: Path, tmp_path: Path) -> None:
    result = measured(flair)
    said = json.loads(write_derivatives(result, tmp_path, "x", {"Run": "r1"})["sidecar"].read_text())
    assert said["Sources"] == ["sub-7_FLAIR.nii.gz"]
    assert said["SourceSHA256"] == result.source_sha256
    assert said["ZoneRule"]["name"] == "study-code"
    assert said["Run"] == "r1"
    assert said["Measures"]["wmh_ratio_pct"] == pytest.approx(
        100 * said["Measures"]["wmh_area_mm2"] / said["Measures"]["intracranial_area_mm2"]
    )
    assert said["AdditionalMeasures"][STUDY_HEAD.name] is None
    assert "6 slices" in said["NotMeasured"][STUDY_HEAD.name]


def test_the_same_scan_twice_gives_the_same_bytes(flair: Path, tmp_path: Path) -> None:
    first = write_derivatives(measured(flair), tmp_path / "a", "x")
    second = write_derivatives(measured(flair), tmp_path / "b", "x")
    for key in set(FILES) - {"sidecar"}:
        assert first[key].read_bytes() == second[key].read_bytes(), key


def test_a_large_scan_takes_the_memory_of_fewer_than_six_float32_copies(tmp_path: Path) -> None:
    fine = 20 * small_volume().repeat(5, 0).repeat(5, 1).repeat(6, 2)
    fine += np.random.default_rng(0).uniform(0, 20, fine.shape).astype(np.float32)
    path = tmp_path / "sub-8_FLAIR.nii.gz"
    nib.save(nib.Nifti1Image(fine.astype(np.int16), np.diag([-0.72, 0.72, 1.2, 1])), path)
    tracemalloc.start()
    try:
        result = measure_scan(path, LoadedModel(model().card, (Thresholds(),)), find_rule("study-code"))  # type: ignore[arg-type]
        write_derivatives(result, tmp_path, "sub-8")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert result.quantities.values["lesion_count"] == 2
    # Measured: 5.1 with one float32 image, two probabilities, three label images and what zoning needs beside them.
    assert peak < 5.7 * fine.nbytes


def test_a_folder_that_cannot_be_made_is_said(flair: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(PipelineError, match="the folder cannot be made"):
        write_derivatives(measured(flair), tmp_path / "taken", "x")


def test_the_display_copy_shows_the_brain_not_the_fat() -> None:
    data = np.zeros((10, 10, 3), np.float32)
    brain = np.zeros(data.shape, bool)
    brain[2:8, 2:8] = True
    data[brain] = np.linspace(100, 200, brain.sum())
    data[0] = 5000
    shown = windowed(data, brain)
    assert shown[0].min() == 255
    assert 100 < shown[brain].min() < shown[brain].max() < 240
    np.testing.assert_array_equal(windowed(data - 9000, brain), shown)
    one_voxel = np.zeros((50, 50, 3), np.float32)
    one_voxel[3, 4, 1] = 8
    assert windowed(one_voxel, None).max() == 255
