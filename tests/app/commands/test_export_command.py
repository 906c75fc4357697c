"""`mscohort export`: every table with its dictionary, spreadsheet-safe, read by R, and back into a store unchanged."""

import json
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from app import cli
from app.exports.files import FORMATS
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.review_scan import review_scan
from db.store import Store
from tests.db.fake_run import patients, write_run

HEADER = "subject_id,age,sex,group,intracranial_area_mm2,ventricle_area_mm2,wmh_area_mm2,EDSS,Dose (mg),Scanner"


def run(capsys: pytest.CaptureFixture[str], *words: object) -> dict[str, Any]:
    assert cli.main([*map(str, words), "--json"]) == 0
    return dict(json.loads(capsys.readouterr().out))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store of thirty people with further columns, one of them with words a spreadsheet would run."""
    folder = tmp_path_factory.mktemp("export")
    rows = [
        f"P{i:02d},{20 + i / 3:.17g},{'FM'[i % 2]},{'MS' if i % 3 else 'HC'},{116000 + i / 7:.17g},{400 + i},"
        f"{i % 4 * 30},{i % 9 / 2 if i % 3 else ''},{i / 3:.17g},{('=A', '-B', 'Größe')[i % 3]}"
        for i in range(30)
    ]
    (folder / "t.csv").write_text("\n".join([HEADER, *rows]) + "\nP99,,F,,116000,500,0,,,\n", encoding="utf-8")
    words = ["import", str(folder / "t.csv"), "--protocol", "own-1", "--store", str(folder / "store"), "--extra", "*"]
    assert cli.main([*words, "--citation", "Mine 2026"]) == 0
    return folder / "store"


@pytest.mark.parametrize("kind", FORMATS)
def test_there_and_back_is_the_same_content(
    kind: str, store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Store(store).read() as snapshot:
        [content] = snapshot.datasets()["content_sha256"]
        expected = snapshot.cohort("t")
    done = run(capsys, "export", tmp_path / "out", "--format", kind, "--store", store)
    assert (done["content_sha256"], done["n_rows"], done["n"]) == (content, 31, {"HC": 10, "MS": 20})
    back = run(capsys, "import", tmp_path / "out", "--store", tmp_path / "other")
    assert (back["dataset"], back["protocol"]) == ("t", "own-1")
    with Store(tmp_path / "other").read() as snapshot:
        assert snapshot.datasets()["citation"].to_list() == ["Mine 2026"]
        assert [e.axis_title for e in snapshot.extra_columns("t")] == ["EDSS", "Dose (mg)", "Scanner"]
        found = snapshot.cohort("t")
    assert back["content_sha256"] == content
    assert found.drop("run_id").equals(expected.drop("run_id")), "to the last bit"


def test_a_filter_chooses_who_goes(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("export", tmp_path / "out", "--group", "MS", "--where", "scanner=-B", "--store", store)
    done = run(capsys, *words)
    assert done["n"] == {"HC": 0, "MS": 10}
    assert done["filter_text"] == "multiple sclerosis, scanner -B"
    assert done["content_sha256"] != done["dataset_content_sha256"]
    cohort = pl.read_csv(tmp_path / "out" / "cohort.csv")
    assert cohort["scanner"].unique().to_list() == ["'-B"], "a spreadsheet runs no formula"
    assert run(capsys, *words[:2], "--store", store)["n_rows"] == 31, "an earlier export is replaced"
    assert (tmp_path / "out" / "missing.csv").is_file()


def test_the_dictionary_describes_every_column(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "export", tmp_path / "out", "--format", "parquet", "--store", store)
    dictionary = pl.read_parquet(tmp_path / "out" / "dictionary.parquet")
    described = set(dictionary.select("table", "column").iter_rows())
    for path in set((tmp_path / "out").glob("*.parquet")) - {tmp_path / "out" / "dictionary.parquet"}:
        assert {(path.stem, column) for column in pl.read_parquet(path).columns} <= described
    of = {(row["table"], row["column"]): row for row in dictionary.iter_rows(named=True)}
    assert of["cohort", "wmh_area_mm2"]["unit"] == "mm²"
    assert of["cohort", "wmh_area_mm2"]["protocol"] == "own-1"
    assert (of["cohort", "dose_mg"]["label"], of["cohort", "dose_mg"]["unit"]) == ("Dose", "mg")
    assert not dictionary.filter((pl.col("definition") == "") & (pl.col("table") == "cohort")).height


def test_synthetic_people_stay_synthetic(demo_store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = run(capsys, "export", tmp_path / "out", "--age", "60:", "--store", demo_store)
    assert "data_note" in pl.read_csv(tmp_path / "out" / "cohort.csv").columns
    back = run(capsys, "import", tmp_path / "out" / "cohort.csv", "--store", tmp_path / "other")
    assert back["content_sha256"] == done["content_sha256"]
    with Store(tmp_path / "other").read() as snapshot:
        assert snapshot.datasets()["synthetic"].to_list() == [True]


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="needs R")
def test_r_reads_every_table(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    done = run(capsys, "export", tmp_path / "out", "--store", store)
    script = tmp_path / "out" / "read_cohort.R"
    read = subprocess.run(
        ["Rscript", str(script), str(tmp_path / "out")], capture_output=True, text=True, check=True, encoding="utf-8"
    )
    rows = {line.split()[0]: int(line.split()[1]) for line in read.stdout.splitlines()}
    assert rows == done["rows"]


def test_what_cannot_take_an_export_is_refused(store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.doc").write_text("mine")
    (tmp_path / "file").write_text("x")
    for name, said in (("mine", "is not empty and holds no earlier export"), ("file", "is a file")):
        assert cli.main(["export", str(tmp_path / name), "--store", str(store)]) == 1
        assert said in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.doc"]
    run(capsys, "export", tmp_path / "out", "--store", store)
    (tmp_path / "out" / "notes.txt").write_text("mine")
    assert cli.main(["export", str(tmp_path / "out"), "--store", str(store)]) == 1
    assert (tmp_path / "out" / "notes.txt").read_text() == "mine"


def test_a_changed_export_is_a_table_like_any_other(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "export", tmp_path / "out", "--store", store)
    table = tmp_path / "out" / "cohort.csv"
    table.write_text(table.read_text(encoding="utf-8").replace("P01", "X01"), encoding="utf-8")
    with pytest.raises(SystemExit) as stopped:
        cli.main(["import", str(table), "--store", str(tmp_path / "other")])
    assert stopped.value.code == 2
    assert "--protocol" in capsys.readouterr().err


def test_verdicts_of_readers_go_along(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = Store(tmp_path / "store")
    publish_scans(
        store,
        write_run(tmp_path / "run", patients(2), derivatives=store.root / "derivatives"),
        DatasetCard("scans", "Scans"),
    )
    for scan, verdict, reason in (("00", "doubt", "moved"), ("00", "fail", "=moved a lot"), ("01", "pass", "")):
        review_scan(
            store, f"scans/sub-{scan}", "mscohort-1", verdict=verdict, reason=reason, initials="AB",
            reviewed_at=datetime(2026, 1, 2),
        )  # fmt: skip
    run(capsys, "export", tmp_path / "out", "--sex", "F", "--store", store.root)
    reviews = pl.read_csv(tmp_path / "out" / "reviews.csv")
    told = reviews.sort("review_number").select("scan_id", "verdict", "reason", "initials", "current").rows()
    assert told == [
        ("scans/sub-00", "doubt", "moved", "AB", False),
        ("scans/sub-00", "fail", "'=moved a lot", "AB", True),
    ]
    assert pl.read_csv(tmp_path / "out" / "cohort.csv")["reader_verdict"].to_list() == ["fail"]
    dictionary = pl.read_csv(tmp_path / "out" / "dictionary.csv").filter(pl.col("table") == "reviews")
    assert dictionary.filter(pl.col("definition").is_null() | (pl.col("definition") == "")).is_empty()


@pytest.mark.parametrize("kind", FORMATS)
def test_measured_scans_there_and_back(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    store = Store(tmp_path / "store")
    people = [
        *patients(3, session="1"),
        *patients(1, session="2", age_years=31.5),
        {"subject_id": "09", "session": "1", "sex": "F"},
        *patients(5, session="b")[4:],
    ]
    run_folder = write_run(tmp_path / "run", people, derivatives=store.root / "derivatives", rejected=["broken.nii"])
    publish_scans(store, run_folder, DatasetCard("scans", "Scans"))
    for verdict, reason in (("doubt", "moved"), ("pass", "")):
        review_scan(
            store, "scans/sub-00_ses-1", "mscohort-1", verdict=verdict, reason=reason, initials="AB",
            reviewed_at=datetime(2026, 1, 2),
        )  # fmt: skip
    with store.read() as snapshot:
        [content] = snapshot.datasets()["content_sha256"]
        extras = snapshot.extra_columns("scans")
        ages = snapshot.cohort("scans")["age_years"].to_list()
    assert ages[:2] == [30.0, 31.5]
    done = run(capsys, "export", tmp_path / "out", "--format", kind, "--store", store.root)
    assert (done["content_sha256"], done["n_rows"]) == (content, 6)
    assert (done["rows"]["lesions"], done["rows"]["flags"], done["rows"]["rejections"]) == (12, 1, 1)
    assert done["rows"]["reviews"] == 2
    back = run(capsys, "import", tmp_path / "out", "--store", tmp_path / "other")
    assert back["content_sha256"] == content
    assert back["n_subjects"] == 5
    with Store(tmp_path / "other").read() as snapshot:
        assert snapshot.cohort("scans")["age_years"].to_list() == ages
        assert sorted(e.name for e in snapshot.extra_columns("scans")) == sorted(e.name for e in extras)
        assert not any(snapshot.audit().values())
