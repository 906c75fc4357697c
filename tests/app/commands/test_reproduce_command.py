"""`mscohort reproduce`: counts, rows, and what it says when the released table is not there."""

import json
from pathlib import Path

import pytest

from app import cli


@pytest.mark.reference
def test_released_table_gives_every_output_cell(tabriz_store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert cli.main(["reproduce", "--json", "--store", str(tabriz_store)]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["is_released_table"] is True
    assert (result["n_numbers"], result["n_exact"], result["n_rounding"], result["n_not_reproduced"]) == (
        2301,
        2260,
        3,
        38,
    )
    files = [row for row in result["rows"] if row["source"].startswith("seed:")]
    assert len(files) == sum(row["verdict"] == "exact" for row in files) == 2128
    assert {
        "source": "Output files",
        "n_numbers": 2128,
        "n_exact": 2128,
        "n_rounding": 0,
        "n_not_reproduced": 0,
    } in result["by_source"]
    assert len(result["rows"]) == 2301
    assert len(result["flaws"]) == 13
    assert result["abstract"]["rows"]


@pytest.mark.reference
def test_summary_names_every_number_that_differs(tabriz_store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert cli.main(["reproduce", "--store", str(tabriz_store)]) == 0
    text = capsys.readouterr().out
    assert "2,260 of 2,301 exact" in text
    assert text.count(" recomputed\n") == 41
    assert "do not agree with the released table" in text


def test_without_the_released_table_it_says_where_to_get_it(
    demo_store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert cli.main(["reproduce", "--json", "--store", str(demo_store)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "github.com/Mahdi-Bashiri/MRI_MS_Insights" in captured.err
    assert "mscohort import FILE --protocol tabriz-2026-published" in captured.err


def test_without_a_store_it_says_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["reproduce", "--store", str(tmp_path / "none")]) == 1
    error = capsys.readouterr().err
    assert "no cohort store" in error
    assert "github.com/Mahdi-Bashiri/MRI_MS_Insights" in error


def test_another_table_is_recomputed_when_asked_for(demo_store: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from db.store import Store

    with Store(demo_store).read() as snapshot:
        name = snapshot.datasets()["dataset_id"][0]
    capsys.readouterr()
    assert cli.main(["reproduce", "--json", "--dataset", name, "--store", str(demo_store)]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["is_released_table"] is False
    assert result["n_exact"] < result["n_not_reproduced"]
    assert cli.main(["reproduce", "--dataset", name, "--store", str(demo_store)]) == 0
    assert "not the study's released table" in capsys.readouterr().out
