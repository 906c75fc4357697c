"""A run folder is read whole or refused, with the file and the reason."""

import json
from pathlib import Path

import polars as pl
import pytest

from db.errors import RunFolderError
from db.read_run_folder import read_run
from pipeline.ingest.run_folder import _tables
from pipeline.inputs.discovery import Rejection
from tests.db.fake_run import patients, write_run
from vocabulary.run_contract import LATER_TABLES, MANIFEST, SCHEMAS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_run(tmp_path / "run", patients(3), derivatives=tmp_path, rejected=["a.nii"])


def test_a_folder_is_read(folder: Path) -> None:
    run = read_run(folder)
    assert {name: frame.schema for name, frame in run.tables.items()} == dict(SCHEMAS)
    assert run.settings == {
        "model": "fake-1",
        "weights_sha256": "a" * 64,
        "zone_rule": "study-code",
        "zone_rule_version": 2,
    }
    assert (run.finished - run.started).total_seconds() == 60


def test_the_pipeline_writes_these_tables(tmp_path: Path) -> None:
    tables = _tables(tmp_path, [], [Rejection("a.nii", "is empty")])
    assert {name: table.schema for name, table in tables.items()} == dict(SCHEMAS)
    assert tables["rejection"].rows() == [("a.nii", "is empty")]


def test_a_folder_of_an_earlier_version_is_read(folder: Path) -> None:
    (folder / "reliability.parquet").unlink()
    lesions = pl.read_parquet(folder / "lesion.parquet").drop("chance", "sure")
    lesions.write_parquet(folder / "lesion.parquet")
    tables = read_run(folder).tables
    assert tables["lesion"]["sure"].null_count() == tables["lesion"].height > 0
    assert tables["reliability"]["stem"].to_list() == tables["scan"]["stem"].to_list()
    assert set(tables["reliability"]["no_range_reason"]) == {"measured by a version that gave no range"}


def test_a_scan_without_a_row_of_reliability_is_named(folder: Path) -> None:
    pl.read_parquet(folder / "reliability.parquet")[1:].write_parquet(folder / "reliability.parquet")
    with pytest.raises(RunFolderError, match=r"reliability\.parquet lacks sub-00"):
        read_run(folder)


@pytest.mark.parametrize("name", [*(f"{name}.parquet" for name in SCHEMAS if name not in LATER_TABLES), MANIFEST])
def test_an_absent_file_is_named(name: str, folder: Path) -> None:
    (folder / name).unlink()
    with pytest.raises(RunFolderError, match=f"not the folder of a finished run, it has no {name}"):
        read_run(folder)


@pytest.mark.parametrize("name", ["scan.parquet", MANIFEST])
def test_a_damaged_file_is_named(name: str, folder: Path) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(RunFolderError, match=f"{name}: cannot be read"):
        read_run(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"model": None}, "'model' is absent, expected dict"),
        ({"model": {"model_id": "m"}}, "'model.architecture' is absent, expected str"),
        ({"zone_rule": {"name": "contact", "version": True}}, "'zone_rule.version' is True, expected int"),
        ({"n_accepted": 4}, "says n_accepted 4, scan.parquet has 3 rows"),
        ({"n_rejected": 0}, "says n_rejected 0, rejection.parquet has 1 rows"),
        ({"started_at": "yesterday"}, "'started_at' is 'yesterday', expected a time"),
        ({"kind": "import"}, "kind is 'import', expected 'ingest'"),
    ],
)
def test_a_wrong_manifest_is_explained(change: dict[str, object], message: str, folder: Path) -> None:
    said = json.loads((folder / MANIFEST).read_text()) | change
    (folder / MANIFEST).write_text(json.dumps(said))
    with pytest.raises(RunFolderError, match=message):
        read_run(folder)


def test_a_manifest_that_is_no_object_is_refused(folder: Path) -> None:
    (folder / MANIFEST).write_text("[]")
    with pytest.raises(RunFolderError, match="'run_id' is absent"):
        read_run(folder)


SUB_00 = pl.col("stem") == "sub-00"


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("scan", lambda f: f.drop("sex"), "scan.parquet: lacks the columns sex"),
        ("scan", lambda f: pl.concat([f, f]), "scan.parquet has several rows for sub-00"),
        ("scan", lambda f: f.filter(~SUB_00), "measure.parquet tells of sub-00, scan.parquet does not"),
        ("scan", lambda f: f.with_columns(age_years=pl.lit("old")), "a column is of another type"),
        ("scan", lambda f: f.with_columns(group=pl.lit("CIS")), "has group 'CIS', expected one of HC, MS"),
        ("scan", lambda f: f.with_columns(subject_id=pl.lit("00")), "gives 00 several sex"),
        ("scan", lambda f: f.with_columns(derivatives=pl.lit(None, pl.String)), "has no derivatives"),
        ("measure", lambda f: f.filter(~SUB_00), "measure.parquet lacks sub-00"),
        ("measure", lambda f: pl.concat([f, f]), "measure.parquet has several rows for sub-00"),
        ("lesion", lambda f: f.with_columns(stem=pl.lit("sub-77")).unique("lesion_number"), "tells of sub-77, "),
        ("lesion", lambda f: f.with_columns(zone=pl.lit("deep")), "has zone 'deep'"),
        ("flag", lambda f: pl.concat([f, f]), "flag.parquet has several rows for sub-00, few_slices"),
    ],
)
def test_contradicting_tables_are_explained(name: str, change, message: str, folder: Path) -> None:
    change(pl.read_parquet(folder / f"{name}.parquet")).write_parquet(folder / f"{name}.parquet")
    with pytest.raises(RunFolderError, match=message):
        read_run(folder)
