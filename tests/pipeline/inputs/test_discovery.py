"""Finding scans: files, folders, BIDS datasets, DICOM series, copies."""

import shutil

import pytest

from pipeline.inputs import dicom, discovery
from pipeline.inputs.discovery import discover
from pipeline.inputs.scan_names import Name, problem_of, says_flair
from tests.pipeline.dicom_series import write_series
from tests.pipeline.small_scans import write_small_scan


def test_plain_codes_pass_and_names_do_not():
    assert problem_of(Name("MS-0042.b", "ses1")) is None
    assert "pseudonymous" in (problem_of(Name("7", "visit of Anna")) or "")


@pytest.mark.parametrize("name", ["x_FLAIR.nii", "T2FLAIR.nii.gz", "flair_prepared.nii", "Ax T2 Flair fs.nii.gz"])
def test_names_that_say_flair(tmp_path, name):
    assert says_flair(tmp_path / name)


def test_a_folder_is_searched_for_flair_only(tmp_path):
    for place in ("A/FLAIR.nii.gz", "B/x/y/FLAIR.nii", "A/T1.nii", "A/FLAIR_mask.nii", ".trash/C/FLAIR.nii"):
        write_small_scan(tmp_path / place, len(place))
    write_small_scan(tmp_path / "derivatives" / "D" / "FLAIR.nii", 9)
    scans, rejections = discover([tmp_path])
    assert [(scan.subject_id, scan.stem) for scan in scans] == [("A", "sub-A"), ("y", "sub-y")]
    assert rejections == []


def test_a_bids_dataset_with_its_people(tmp_path):
    write_small_scan(tmp_path / "sub-01" / "anat" / "sub-01_FLAIR.nii.gz", 1)
    write_small_scan(tmp_path / "sub-01" / "anat" / "sub-01_T1w.nii.gz", 2)
    write_small_scan(tmp_path / "sub-02" / "ses-a" / "anat" / "sub-02_ses-a_FLAIR.nii.gz", 3)
    write_small_scan(tmp_path / "sub-03" / "anat" / "sub-03_FLAIR.nii.gz", 4)
    write_small_scan(tmp_path / "derivatives" / "x" / "sub-01" / "anat" / "sub-01_FLAIR.nii.gz", 5)
    (tmp_path / "participants.tsv").write_text(
        "participant_id\tage\tsex\tgroup\nsub-01\t44\tF\tMS\nsub-03\t1\tF\tCIS\n"
    )
    scans, rejections = discover([tmp_path])
    assert [(s.stem, s.session, s.group, s.sex, s.age_years) for s in scans] == [
        ("sub-01", None, "MS", "F", 44.0),
        ("sub-02_ses-a", "a", None, None, None),
        ("sub-03", None, None, "F", 1.0),
    ]
    assert rejections == [], "a word that is not understood refuses no scan"


def test_a_table_given_goes_before_the_datasets_own(tmp_path):
    write_small_scan(tmp_path / "d" / "sub-01" / "anat" / "sub-01_FLAIR.nii.gz")
    (tmp_path / "d" / "participants.tsv").write_text("participant_id\tage\n01\t44\n")
    (tmp_path / "people.csv").write_text("id,age\n01,45\n")
    [scan], _ = discover([tmp_path / "d"], tmp_path / "people.csv")
    assert scan.age_years == 45


def test_the_same_file_given_twice_is_one_scan(tmp_path):
    path = write_small_scan(tmp_path / "A" / "FLAIR.nii")
    (tmp_path / "link.nii").symlink_to(path)
    scans, rejections = discover([path, tmp_path, path])
    assert (len(scans), rejections) == (1, [])


def test_a_copy_for_the_same_person_is_refused_once(tmp_path):
    first = write_small_scan(tmp_path / "a" / "A_FLAIR.nii")
    shutil.copy(first, tmp_path / "a" / "A_t2_flair.nii")
    [scan], [rejection] = discover([first, tmp_path / "a" / "A_t2_flair.nii"])
    assert scan.path == first
    assert rejection.reason.startswith(f"is a copy of {first}")


def test_one_image_of_two_people_is_refused_for_both(tmp_path):
    first = write_small_scan(tmp_path / "A_FLAIR.nii")
    second = tmp_path / "B_FLAIR.nii"
    shutil.copy(first, second)
    scans, rejections = discover([first, second])
    assert scans == []
    assert [rejection.input for rejection in rejections] == [str(first), str(second)]
    assert f"{second} (subject B)" in rejections[0].reason
    assert f"{first} (subject A)" in rejections[1].reason


def test_two_images_of_one_visit_are_refused_both(tmp_path):
    paths = [write_small_scan(tmp_path / name / "A_FLAIR.nii", number) for number, name in enumerate("xy")]
    scans, rejections = discover(paths)
    assert scans == []
    assert [str(other) in rejection.reason for other, rejection in zip(paths[::-1], rejections, strict=True)] == [
        True
    ] * 2


def test_codes_that_differ_in_punctuation_only_would_share_files(tmp_path):
    paths = [write_small_scan(tmp_path / name, number) for number, name in enumerate(("A-1_FLAIR.nii", "A1_FLAIR.nii"))]
    assert len(discover(paths)[1]) == 2


def _dicom_series(folder):
    folder.mkdir(parents=True)
    for number in range(3):
        (folder / f"IM{number}").write_bytes(bytes(128) + b"DICM" + bytes([number]) * 300)
    return folder


def test_a_dicom_series_needs_the_converter(tmp_path, monkeypatch):
    _dicom_series(tmp_path / "P7" / "FLAIR")
    monkeypatch.setattr(dicom, "converter", lambda: None)
    scans, [rejection] = discover([tmp_path])
    assert scans == []
    assert "install the extra 'dicom'" in rejection.reason


def test_a_dicom_series_is_named_by_its_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(discovery, "converter_problem", lambda: None)
    folder = write_series(tmp_path / "P7" / "FLAIR")
    [scan], _ = discover([tmp_path])
    assert (scan.path, scan.subject_id, scan.is_dicom) == (folder, "P7", True)
    before = scan.source_sha256
    next(folder.iterdir()).rename(folder / "renamed")
    assert discover([tmp_path])[0][0].source_sha256 == before
