"""`mscohort join` as a person or a script meets it, and further columns of a table of people at `mscohort ingest`."""

import json
import os

import pytest

from app import cli
from db.store import Store
from tests.pipeline.small_scans import prepare_stand_in, write_small_scan


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch):
    monkeypatch.setattr("pipeline.ingest.ingest.prepare", prepare_stand_in)


@pytest.fixture
def run(tmp_path, capsys):
    def command(*words):
        capsys.readouterr()
        code = cli.main([*map(os.fspath, words), "--store", os.fspath(tmp_path / "store")])
        said = capsys.readouterr()
        return code, said.out, said.err

    return command


def people(store, *columns):
    with Store(store).read() as snapshot:
        assert not any(snapshot.audit().values())
        return snapshot.cohort("scans").select("scan_id", *columns).rows()


@pytest.fixture
def dataset(tmp_path):
    """Return a BIDS dataset of two people, one with two visits, and a table with more than who they are."""
    root = tmp_path / "ds"
    for number, stem in enumerate(("sub-01_ses-a", "sub-01_ses-b", "sub-02")):
        write_small_scan(root / stem.replace("_", "/") / "anat" / f"{stem}_FLAIR.nii.gz", number)
    rows = ["participant_id\tsession_id\tage\tsex\tgroup\tEDSS\tsite", "sub-01\tses-a\t40\tF\tMS\t2\tNorth"]
    rows += ["", "sub-01\tses-b\t42\tF\tMS\t3.5\tNorth", "sub-02\tn/a\t50\tM\tHC\tn/a\tSouth"]
    (root / "participants.tsv").write_text("\n".join(rows) + "\n")
    return root


def test_further_columns_of_participants_are_kept_with_their_visit(tmp_path, run, dataset):
    code, out, _ = run("ingest", dataset, "--dry-run")
    assert code == 0
    assert "further columns of the table: EDSS, site (--extra COLUMN keeps one)" in out
    code, out, err = run("ingest", dataset, "--workers", "1", "--extra", "EDSS:number", "--extra", "site", "--json")
    assert code == 0, err
    answer = json.loads(out)
    assert people(tmp_path / "store", "age_years", "edss", "site") == [
        ("scans/sub-01_ses-a", 40.0, 2.0, "North"),
        ("scans/sub-01_ses-b", 42.0, 3.5, "North"),
        ("scans/sub-02", 50.0, None, "South"),
    ]
    [joined] = answer["joined"]
    assert (joined["source"], joined["n_matched"], joined["n_values"]) == (
        "participants.tsv",
        3,
        {"edss": 1, "site": 2},
    )
    assert (answer["version"], answer["version_before"], answer["changed"]) == (2, 1, True)
    again = json.loads(run("ingest", dataset, "--workers", "1", "--extra", "EDSS", "--extra", "site", "--json")[1])
    assert (again["version"], again["changed"], again["n_reused"]) == (2, False, 3)


def test_measuring_anew_keeps_what_was_joined(tmp_path, run, dataset):
    assert run("ingest", dataset, "--workers", "1", "--extra", "*")[0] == 0
    write_small_scan(dataset / "sub-02" / "anat" / "sub-02_FLAIR.nii.gz", 9)
    code, _, err = run("ingest", dataset, "--workers", "1", "--replace")
    assert code == 0, err
    assert people(tmp_path / "store", "site")[2] == ("scans/sub-02", "South")


def test_rows_that_name_files_keep_their_columns(tmp_path, run):
    for number, name in enumerate("ab"):
        write_small_scan(tmp_path / "in" / name / "FLAIR.nii", number)
    (tmp_path / "people.csv").write_text("path,id,visit,EDSS\na/FLAIR.nii,K1,1,2\nb/FLAIR.nii,K1,2,4\n")
    table = ("--participants", tmp_path / "people.csv")
    assert run("ingest", tmp_path / "in", *table, "--workers", "1", "--extra", "EDSS")[0] == 0
    assert people(tmp_path / "store", "edss") == [("scans/sub-K1_ses-1", 2.0), ("scans/sub-K1_ses-2", 4.0)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--extra", "EDDS"), "--extra names the column 'EDDS'; participants.tsv has EDSS, site; nothing was measured"),
        (("--extra", ":number"), "expected COLUMN"),
    ],
)
def test_a_column_that_is_not_there_is_said_before_measuring(run, dataset, monkeypatch, words, said):
    monkeypatch.setattr("pipeline.ingest.ingest.run_jobs", lambda *_: pytest.fail("measured"))
    code, _, err = run("ingest", dataset, *words)
    assert code in (1, 2)
    assert said in err


def test_a_clinical_table_joins_scans_by_code(tmp_path, run, dataset):
    assert run("ingest", dataset, "--workers", "1")[0] == 0
    table = tmp_path / "clinic.csv"
    table.write_text("Patient;EDSS;Arzt\n1;2,5;Dr. X\n2;0,0;Dr. Y\n3;7,0;Dr. Z\n")
    words = ("join", table, "--dataset", "scans", "--map", "Patient=subject_id", "--extra", "EDSS:number")
    code, out, err = run(*words)
    assert code == 0, err
    assert out.splitlines()[:5] == [
        f"clinic.csv: joined to scans, store version 2 in {tmp_path / 'store'}",
        "  2 of 3 rows matched; 2 of 2 people have a row",
        "  EDSS (number): 2 people with a value, as edss",
        "  rows of nobody here: 3",
        "  not taken: Arzt (--extra COLUMN keeps one)",
    ]
    assert people(tmp_path / "store", "edss") == [
        ("scans/sub-01_ses-a", 2.5),
        ("scans/sub-01_ses-b", 2.5),
        ("scans/sub-02", 0.0),
    ]
    assert "clinic.csv: nothing changed: all of it is in scans" in run(*words)[1]


def test_a_column_of_the_scans_themselves_is_not_replaced(tmp_path, run, dataset):
    (dataset / "sub-02" / "anat" / "sub-02_FLAIR.json").write_text('{"MagneticFieldStrength": 3}')
    assert run("ingest", dataset, "--workers", "1")[0] == 0
    table = tmp_path / "clinic.csv"
    table.write_text("id,field_strength_t\n02,1.5\n")
    code, _, err = run("join", table, "--dataset", "scans", "--extra", "*", "--replace")
    assert code == 1
    assert "field_strength_t of 'scans' comes from the scans themselves" in err
