"""DICOM series: written here by hand, converted by dcm2niix where it is installed, measured like any other scan."""

import nibabel as nib
import numpy as np
import pytest

from pipeline.errors import ImageError
from pipeline.ingest.ingest import ingest
from pipeline.inputs import dicom
from pipeline.inputs.dicom import as_nifti, convert_series, converter, flair_series, is_dicom, series_files
from pipeline.inputs.discovery import discover
from tests.pipeline.dicom_series import write_series
from tests.pipeline.small_scans import prepare_stand_in, small_volume

needs_dcm2niix = pytest.mark.skipif(converter() is None, reason="needs dcm2niix: install the extra 'dicom'")


def test_dicom_files_are_told_by_their_content(tmp_path):
    write_series(tmp_path / "a")
    (tmp_path / "a" / "DICOMDIR.txt").write_text("DICM")
    assert len(series_files(tmp_path / "a")) == 6
    assert not is_dicom(tmp_path / "absent")


def test_without_the_converter_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(dicom, "converter", lambda: None)
    with pytest.raises(ImageError, match="install the extra 'dicom'"):
        flair_series(tmp_path)


@needs_dcm2niix
def test_a_series_becomes_one_volume_in_its_place(tmp_path):
    (tmp_path / "out").mkdir()
    folder = write_series(tmp_path / "in")
    image = nib.load(convert_series(folder, tmp_path / "out", series_files(folder)).path)
    ordered = nib.as_closest_canonical(image)
    # Columns run to the left, rows to the back: both turn round on the way to RAS+.
    assert np.array_equal(np.asarray(ordered.dataobj), np.round(small_volume(0))[::-1])
    assert np.allclose(ordered.header.get_zooms(), (0.9, 0.9, 7))
    assert b"Secret" not in b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir() if path.is_file())


@needs_dcm2niix
def test_the_flair_series_is_chosen_by_its_description(tmp_path):
    folder = write_series(write_series(tmp_path / "in"), "T1 SE", 2, seed=2)
    with as_nifti(folder) as image:
        chosen = np.asarray(nib.load(image).dataobj)
    assert np.array_equal(np.unique(chosen), np.unique(np.round(small_volume(0))))


@needs_dcm2niix
def test_several_series_that_could_be_it_are_refused(tmp_path):
    folder = write_series(write_series(tmp_path / "in"), "Sag FLAIR", 2, seed=2)
    with pytest.raises(ImageError, match="holds 2 FLAIR series"):
        flair_series(folder)


def test_a_folder_without_series_is_refused(tmp_path):
    with pytest.raises(ImageError, match="without DICOM files"), as_nifti(tmp_path):
        pytest.fail("nothing to measure")


@needs_dcm2niix
def test_a_refusal_names_the_series_and_not_the_converted_file(tmp_path):
    folder = write_series(tmp_path / "P7")
    with pytest.raises(ImageError, match="no head") as refused, as_nifti(folder) as image:
        raise ImageError(f"{image}: no head")
    assert str(refused.value) == f"{folder}: no head"
    assert not image.exists()


@needs_dcm2niix
def test_a_series_is_measured_and_recognised_again(tmp_path, monkeypatch):
    monkeypatch.setattr("pipeline.ingest.ingest.prepare", prepare_stand_in)
    write_series(tmp_path / "in" / "P7" / "FLAIR")
    scans, rejections = discover([tmp_path / "in"])
    assert rejections == []
    run = ingest(scans, tmp_path / "out", workers=1)
    assert (run.n_measured, run.rejections) == (1, ())
    assert (tmp_path / "out" / "sub-P7" / "anat" / "sub-P7_desc-tissue_dseg.nii.gz").is_file()
    assert ingest(scans, tmp_path / "out").n_reused == 1
