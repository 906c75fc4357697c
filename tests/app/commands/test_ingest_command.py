"""`mscohort ingest`: scans into the store, JSON on stdout, progress on stderr, one line for what goes wrong."""

import json
import os

import pytest

from app import cli
from app.commands import progress
from app.commands.ingest_command import _Line
from db.store import Store
from pipeline.ingest.ingest import Progress
from tests.pipeline.small_scans import prepare_stand_in, write_small_scan


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch):
    monkeypatch.setattr("pipeline.ingest.ingest.prepare", prepare_stand_in)


@pytest.fixture
def run(tmp_path, capsys):
    def ingest(*words):
        code = cli.main(["ingest", *map(os.fspath, words), "--store", os.fspath(tmp_path / "store"), "--workers", "1"])
        said = capsys.readouterr()
        return code, said.out, said.err

    return ingest


def test_scans_and_their_people_enter_the_store(tmp_path, run):
    for number in range(2):
        write_small_scan(tmp_path / "in" / f"P{number}" / "FLAIR.nii.gz", number)
    (tmp_path / "in" / "notes.nii").write_text("no scan")
    (tmp_path / "people.csv").write_text("id,group,sex,age\nP0,MS,F,44\nP1,HC,M,\n")
    words = (tmp_path / "in", tmp_path / "in" / "notes.nii", "--participants", tmp_path / "people.csv")
    code, out, err = run(*words, "--dataset", "mine", "--json")
    result = json.loads(out)
    assert (code, result["n_measured"], result["n_reused"], result["n_rejected"], result["version"]) == (0, 2, 0, 1, 1)
    assert result["rejections"][0]["input"].endswith("notes.nii")
    assert result["rejections"][0]["reason"].startswith("not a readable NIfTI file")
    assert "2 of 3, 1 rejected; sub-P0 measured\n3 of 3, 1 rejected, 0 s left; sub-P1 measured" in err
    assert result["participants"]["matched_rows"] == 2
    with Store(tmp_path / "store").read() as snapshot:
        rows = snapshot.cohort("mine").sort("subject_id")
        assert rows.select("subject_id", "group", "sex", "age_years").rows() == [
            ("P0", "MS", "F", 44.0),
            ("P1", "HC", "M", None),
        ]
        assert snapshot.rejections().height == 1
        folder = snapshot.scans("mine")["derivatives"][0]
    assert folder == os.fspath(tmp_path / "store" / "derivatives" / "mine" / "sub-P0" / "anat")

    code, out, _ = run(*words, "--dataset", "mine")
    assert code == 0
    assert "mine: 0 scans measured, 2 measured before and unchanged, 1 rejected" in out
    assert "nothing changed, already in version 1" in out


def test_another_zone_rule_is_refused_before_anything_is_measured(tmp_path, run, monkeypatch):
    first, second = (write_small_scan(tmp_path / f"P{number}_FLAIR.nii", number) for number in range(2))
    assert run(first)[0] == 0
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.ingest.ingest.run_jobs", lambda *_: pytest.fail("measured"))
        code, out, err = run(second, "--zone-rule", "contact")
        assert (code, out) == (1, "")
        [line] = err.splitlines()
        for words in (
            "1 other scan of 'scans' was measured with model mscohort-2",
            "zone rule contact",
            "--dataset",
            "nothing was measured",
        ):
            assert words in line
    assert run(second, "--zone-rule", "contact", "--dataset", "by-contact")[0] == 0
    # All of the dataset in the other way is no mixture.
    assert run(first, "--zone-rule", "contact")[0] == 0


def test_a_dry_run_says_everything_and_measures_nothing(tmp_path, run, monkeypatch):
    monkeypatch.setattr("pipeline.ingest.ingest.run_jobs", lambda *_: pytest.fail("measured"))
    write_small_scan(tmp_path / "in" / "sub-1" / "anat" / "sub-1_FLAIR.nii", 1)
    write_small_scan(tmp_path / "in" / "P7" / "V2" / "FLAIR.nii", 2)
    write_small_scan(tmp_path / "in" / "P7" / "V2" / "T1w.nii", 3)
    (tmp_path / "in" / "P8_FLAIR.nii").write_bytes(b"")
    (tmp_path / "in" / "participants.tsv").write_text("participant_id\tgroup\nsub-1\tMS\nsub-2\tHC\n")
    code, out, _ = run(tmp_path / "in", "--dry-run", "--json")
    said = json.loads(out)
    assert code == 0
    keys = ("path", "subject_id", "session", "group", "sex", "age_years", "identity_from")
    assert [[scan[key] for key in keys[1:]] for scan in said["scans"]] == [
        ["1", None, "MS", None, None, "subject from BIDS entity; group from row 2 of participants.tsv"],
        ["P7", "V2", None, None, None, "subject from folder 'P7'; visit from folder 'V2'"],
    ]
    assert [item["reason"] for item in said["passed_over"]] == ["its name says T1w, not FLAIR"]
    assert [item["reason"] for item in said["refused"]] == ["is empty"]
    assert {key: said["participants"][key] for key in ("rows", "matched_rows", "unmatched_rows")} == {
        "rows": 2,
        "matched_rows": 1,
        "unmatched_rows": ["2"],
    }
    assert [os.path.basename(path) for path in said["participants"]["unmatched_scans"]] == ["FLAIR.nii"]  # noqa: PTH119
    code, out, _ = run(tmp_path / "in", "--dry-run")
    assert code == 0
    assert out.splitlines()[-5:] == [
        "found: 2 scans of 2 people to measure, 1 passed over (1 its name says T1w), 1 refused",
        "table of people: 1 of 2 rows matched; 1 of 2 scans have a row",
        "rows without a scan: 2",
        f"scans without a row: {tmp_path / 'in' / 'P7' / 'V2' / 'FLAIR.nii'}",
        "nothing was measured: leave out --dry-run to measure",
    ]
    assert not (tmp_path / "store").exists()


def test_a_run_ends_with_the_same_counts(tmp_path, run):
    write_small_scan(tmp_path / "in" / "P7" / "FLAIR.nii", 2)
    write_small_scan(tmp_path / "in" / "P7" / "T1w.nii", 3)
    (tmp_path / "people.csv").write_text("id,group\nX1,MS\n")
    code, out, _ = run(tmp_path / "in", "--participants", tmp_path / "people.csv")
    assert code == 0
    counted = "found: 1 scan of 1 person to measure, 1 passed over (1 its name says T1w), 0 refused"
    assert out.splitlines()[-4].strip() == counted
    assert "NOBODY matches" in out.splitlines()[-3]


def test_how_a_scan_was_acquired_is_kept(tmp_path, run):
    for number, tesla in enumerate((1.5, 3)):
        path = write_small_scan(tmp_path / "in" / f"P{number}" / "FLAIR.nii", number)
        said = {"MagneticFieldStrength": tesla, "Manufacturer": "SIEMENS", "EchoTime": 0.12, "PatientName": "Secret"}
        path.with_name("FLAIR.json").write_text(json.dumps(said))
    assert run(tmp_path / "in")[0] == 0
    with Store(tmp_path / "store").read() as snapshot:
        frame = snapshot.cohort("scans")
        assert frame.select("field_strength_t", "manufacturer", "echo_time_ms", "slice_spacing_mm").rows() == [
            (1.5, "Siemens", 120.0, pytest.approx(7.0)),
            (3.0, "Siemens", 120.0, pytest.approx(7.0)),
        ]
        assert [column.axis_title for column in snapshot.extra_columns("scans")][:2] == [
            "Scanner's manufacturer",
            "Field strength (T)",
        ]


def test_another_image_of_a_visit_needs_replace(tmp_path, run):
    first, second = (write_small_scan(tmp_path / place / "P7_FLAIR.nii", n) for n, place in enumerate("ab"))
    assert run(first)[0] == 0
    code, _, err = run(second)
    assert code == 1
    assert f"{second}: is another image than {first}" in err
    assert run(second, "--replace")[0] == 0
    with Store(tmp_path / "store").read() as snapshot:
        assert snapshot.scans("scans").height == 1


def test_a_file_can_be_watched(tmp_path, run):
    write_small_scan(tmp_path / "P0_FLAIR.nii")
    (tmp_path / "bad.nii").write_bytes(b"")
    watched = tmp_path / "progress.jsonl"
    assert run(tmp_path / "P0_FLAIR.nii", tmp_path / "bad.nii", "--progress-file", watched)[0] == 0
    lines = [json.loads(line) for line in watched.read_text().splitlines()]
    assert [(line["done"], line["total"], line["n_rejected"], line["name"]) for line in lines] == [
        (1, 2, 1, ""),
        (2, 2, 1, "sub-P0"),
    ]


def test_scans_of_nobody_known_are_shown_and_not_compared(tmp_path, run):
    write_small_scan(tmp_path / "in" / "P0" / "FLAIR.nii.gz")
    assert run(tmp_path / "in")[0] == 0
    with Store(tmp_path / "store").read() as snapshot:
        assert snapshot.scans("scans").select("subject_id", "group", "sex", "age_years").rows() == [
            ("P0", None, None, None)
        ]


def test_nothing_measured_is_a_failure_with_its_reasons(tmp_path, run):
    (tmp_path / "a.nii").write_text("no scan")
    code, out, err = run(tmp_path / "a.nii", tmp_path / "absent")
    assert (code, out) == (1, "")
    assert "none of 2 inputs could be measured, and nothing was published:" in err
    assert f"  {tmp_path / 'absent'}: no such file or folder" in err
    assert not (tmp_path / "store" / "CURRENT").exists()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--workers", "0"), 2, "expected 1 or more"),
        (("--dataset", "a b"), 1, "dataset name"),
        (("--participants", "absent.tsv"), 1, "cannot be read"),
        (("--model", "absent"), 1, "model 'absent' is unknown"),
    ],
)
def test_wrong_words_are_refused_before_anything_is_measured(tmp_path, capsys, words, code, said):
    path = write_small_scan(tmp_path / "P0_FLAIR.nii")
    assert cli.main(["ingest", os.fspath(path), "--store", os.fspath(tmp_path / "store"), *words]) == code
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
    assert not (tmp_path / "store" / "CURRENT").exists()


def test_an_interrupted_run_says_how_to_go_on(tmp_path, run, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("pipeline.ingest.ingest.run_jobs", interrupt)
    code, _, err = run(write_small_scan(tmp_path / "P0_FLAIR.nii"))
    assert code == 1
    assert "run the same command again to go on" in err


def test_a_terminal_has_one_line_that_is_written_over(monkeypatch, capsys):
    monkeypatch.setattr(progress.sys.stderr, "isatty", lambda: True, raising=False)
    line = _Line()
    line.checking(1, 2)
    line.progress(Progress(1, 3, 1, 0, 0, "sub-1", "", 5.0, 90.0))
    line.progress(Progress(2, 3, 1, 0, 1, "sub-2", "is empty", 9.0, 4.0))
    line.clear()
    said = capsys.readouterr().err
    assert "\r\x1b[K1 of 3, 2 min left; sub-1" in said
    assert "2 of 3, 1 rejected, 4 s left; sub-2 rejected: is empty\n" in said
