"""Reading and writing NIfTI: any orientation in, RAS+ inside, the file's own grid out; damaged files refused."""

import gzip

import nibabel as nib
import numpy as np
import pytest

from pipeline.errors import GeometryError, ImageError, ImageMissing, OutputError, PipelineError
from pipeline.inputs.nifti import LARGEST_SIDE, read_scan, to_source_grid, write_like

AFFINE = np.array([[-0.9, 0, 0, 30], [0, 1.1, 0, -40], [0, 0, 6.5, 5], [0, 0, 0, 1.0]])


@pytest.fixture
def volume():
    """Return unequal axes and unequal values everywhere."""
    return np.random.default_rng(3).integers(0, 900, (34, 40, 5)).astype(np.int16)


def _save(path, array, affine=AFFINE, slope=None):
    image = nib.Nifti1Image(array, affine)
    if slope is not None:
        image.header.set_slope_inter(*slope)
    nib.save(image, path)
    return path


def test_axes_come_out_right_anterior_superior(tmp_path, volume):
    scan = read_scan(_save(tmp_path / "las.nii.gz", volume))
    np.testing.assert_array_equal(scan.data, volume[::-1])
    assert scan.spacing_mm == pytest.approx((0.9, 1.1, 6.5))
    np.testing.assert_allclose(nib.affines.apply_affine(scan.affine, [33, 0, 0]), [30, -40, 5], atol=1e-5)


@pytest.mark.parametrize("axes", ["LAS", "LPS", "RAS", "ASL", "SRP", "IPL"])
def test_every_orientation_of_a_scan_reads_the_same_and_writes_back(tmp_path, volume, axes):
    original = nib.Nifti1Image(volume, AFFINE)
    turn = nib.orientations.ornt_transform(nib.io_orientation(AFFINE), nib.orientations.axcodes2ornt(axes))
    turned = original.as_reoriented(turn)
    nib.save(turned, tmp_path / "turned.nii.gz")
    scan = read_scan(tmp_path / "turned.nii.gz")
    np.testing.assert_array_equal(scan.data, volume[::-1])
    labels = (scan.data > 450).astype(np.uint8)
    written = nib.load(write_like(labels, scan, tmp_path / "labels.nii.gz"))
    np.testing.assert_array_equal(np.asarray(written.dataobj), np.asarray(turned.dataobj) > 450)
    np.testing.assert_allclose(written.affine, turned.affine, atol=1e-6)
    assert written.get_data_dtype() == np.uint8


def test_slope_and_intercept_are_applied(tmp_path, volume):
    scan = read_scan(_save(tmp_path / "scaled.nii", volume, slope=(0.5, -20)))
    np.testing.assert_allclose(scan.data, 0.5 * volume[::-1] - 20)


def test_labels_of_a_scaled_scan_are_not_scaled(tmp_path, volume):
    scan = read_scan(_save(tmp_path / "scaled.nii", volume, slope=(0.5, -20)))
    written = nib.load(write_like(np.full(volume.shape, 2, np.uint8), scan, tmp_path / "labels.nii"))
    assert np.unique(written.get_fdata()).tolist() == [2]


def test_the_same_labels_give_the_same_bytes(tmp_path, volume):
    scan = read_scan(_save(tmp_path / "scan.nii.gz", volume))
    first = write_like(scan.data > 450, scan, tmp_path / "a.nii.gz").read_bytes()
    assert first == write_like(scan.data > 450, scan, tmp_path / "b.nii.gz").read_bytes()


def test_probabilities_keep_their_fractions(tmp_path, volume):
    scan = read_scan(_save(tmp_path / "scan.nii.gz", volume))
    written = nib.load(write_like(scan.data / 1000, scan, tmp_path / "p.nii.gz"))
    np.testing.assert_allclose(written.get_fdata()[::-1], scan.data / 1000, atol=1e-6)


def test_a_result_of_another_grid_is_refused(tmp_path, volume):
    scan = read_scan(_save(tmp_path / "scan.nii.gz", volume))
    with pytest.raises(GeometryError, match="does not lie on the scan's grid"):
        to_source_grid(np.zeros((40, 34, 5)), scan)


def test_a_fourth_dimension_of_one_is_dropped(tmp_path, volume):
    assert read_scan(_save(tmp_path / "one.nii.gz", volume[..., None])).data.shape == volume.shape


def test_a_few_broken_voxels_become_zero(tmp_path, volume):
    data = volume.astype(np.float32)
    data[3, 3, 3] = np.nan
    assert read_scan(_save(tmp_path / "nan.nii", data)).data[30, 3, 3] == 0


def _four_dimensions(path, volume):
    _save(path, np.stack([volume, volume], -1))


def _truncated(path, volume):
    _save(path, volume)
    path.write_bytes(path.read_bytes()[:2000])


def _bad_checksum(path, volume):
    _save(path, volume)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def _patched(offset, value):
    def make(path, volume):
        raw = bytearray(nib.Nifti1Image(volume, AFFINE).to_bytes())
        raw[offset : offset + len(value)] = value
        path.write_bytes(gzip.compress(bytes(raw)))

    return make


DAMAGED = {
    "four dimensions": (_four_dimensions, "expected one 3D volume"),
    "truncated": (_truncated, "damaged pixel data|not a readable"),
    "flipped bits": (_bad_checksum, "damaged pixel data|not a readable"),
    "wrong magic": (_patched(344, b"zzz\0"), "not a readable NIfTI"),
    "huge header": (_patched(42, np.array([5000, 5000, 400], "<i2").tobytes()), f"at most {LARGEST_SIDE} per side"),
    "NaN affine": (_patched(280, np.array([np.nan] * 4, "<f4").tobytes()), "affine is not finite"),
    "flat affine": (_patched(280, np.zeros(12, "<f4").tobytes()), "voxels of 0 x 0 x 0"),
    "text": (lambda path, _: path.write_text("not an image"), "not a readable NIfTI"),
    "nothing": (lambda path, _: path.write_bytes(b""), "not a readable NIfTI"),
    "zeros": (lambda path, volume: _save(path, np.zeros_like(volume)), "every voxel is 0"),
    "constant": (lambda path, volume: _save(path, np.full_like(volume, 7)), "every voxel is 7"),
    "one slice": (lambda path, volume: _save(path, volume[..., :1]), "expected 3 slices"),
    "all NaN": (lambda path, volume: _save(path, np.full(volume.shape, np.nan, np.float32)), "not numbers"),
    "complex": (lambda path, volume: _save(path, volume.astype(np.complex64)), "expected integers or floats"),
    "tiny voxels": (lambda path, volume: _save(path, volume, np.diag([0.01, 0.01, 0.01, 1])), "voxels of 0.01"),
    "folder": (lambda path, _: path.mkdir(), "is not a file"),
}


@pytest.mark.parametrize("damage", DAMAGED)
@pytest.mark.filterwarnings("ignore:.*(overflow|invalid value).*:RuntimeWarning")
def test_damaged_files_are_refused_with_one_clear_line(tmp_path, volume, damage):
    make, message = DAMAGED[damage]
    path = tmp_path / "scan.nii.gz"
    make(path, volume)
    with pytest.raises(PipelineError, match=message) as caught:
        read_scan(path)
    assert isinstance(caught.value, ImageError | GeometryError)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)


def test_absent_and_foreign_files(tmp_path):
    with pytest.raises(ImageMissing, match="no such file"):
        read_scan(tmp_path / "absent.nii.gz")
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8")
    with pytest.raises(ImageError, match="expected a NIfTI file"):
        read_scan(tmp_path / "photo.jpg")


def test_voxels_that_are_not_numbers_are_read_as_zero_and_counted(tmp_path, volume):
    damaged = volume.astype(np.float32)
    damaged[3, 4, 1], damaged[7, 9, 2] = np.nan, np.inf
    scan = read_scan(_save(tmp_path / "scan.nii.gz", damaged))
    assert scan.n_not_finite == 2
    assert np.isfinite(scan.data).all()
    assert scan.data[::-1][3, 4, 1] == scan.data[::-1][7, 9, 2] == 0


def test_stored_steps_stand_for_fractions(tmp_path, volume):
    scan = read_scan(_save(tmp_path / "scan.nii.gz", volume, slope=(0.5, -20)))
    steps = np.zeros(volume.shape, np.uint8)
    steps[4, 5, 1] = 51
    written = nib.load(write_like(steps, scan, tmp_path / "p.nii.gz", unit=1 / 255))
    assert written.get_fdata()[::-1][4, 5, 1] == pytest.approx(0.2)
    assert (written.dataobj.slope, written.dataobj.inter) == pytest.approx((1 / 255, 0))


def test_spacing_of_a_turned_and_sheared_grid_multiplies_to_its_determinant(tmp_path, volume):
    turn = nib.eulerangles.euler2mat(0.1, 0.2, 0.15)
    shear = np.array([[1, 0, 0], [0, 1, 0.3], [0, 0, 1]])
    affine = nib.affines.from_matvec(turn @ shear @ np.diag([0.9, 1.1, 6.5]), [1, 2, 3])
    scan = read_scan(_save(tmp_path / "tilted.nii.gz", volume, affine))
    assert scan.spacing_mm == pytest.approx((0.9, 1.1, 6.5), rel=1e-5)
    assert np.prod(scan.spacing_mm) == pytest.approx(abs(np.linalg.det(affine[:3, :3])), rel=1e-5)


def test_a_file_that_cannot_be_written_leaves_nothing_behind(tmp_path, volume):
    scan = read_scan(_save(tmp_path / "scan.nii.gz", volume))
    (tmp_path / "labels.nii.gz").mkdir()
    with pytest.raises(OutputError, match=r"labels\.nii\.gz: cannot be written"):
        write_like(scan.data > 450, scan, tmp_path / "labels.nii.gz")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["labels.nii.gz", "scan.nii.gz"]
