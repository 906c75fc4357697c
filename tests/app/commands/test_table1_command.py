"""`mscohort table1`: files that open again, with their notes; refusals."""

import csv
import io
import re
from pathlib import Path

import pytest

from app import cli
from app.exports.table_one_files import table_bytes
from app.words import translating
from vocabulary.measures import RESEARCH_ONLY, SYNTHETIC_NOTICE

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("table1") / "store"
    assert cli.main(["demo", "--subjects", "60", "--scans", "0", "--store", str(folder)]) == 0
    return folder


def test_word_csv_and_latex_hold_the_same_cells(store: Path, tmp_path: Path, capsys: Capture) -> None:
    import docx

    for kind in ("docx", "csv", "tex"):
        out = tmp_path / f"t.{kind}"
        assert cli.main(["table1", "--sex", "F", "--out", str(out), "--store", str(store)]) == 0
    shown = capsys.readouterr().out
    document = docx.Document(str(tmp_path / "t.docx"))
    cells = [[cell.text for cell in row.cells] for row in document.tables[0].rows]
    assert cells[0][1:4] == ["Everybody", "HC", "MS"]
    read = list(csv.reader(io.StringIO((tmp_path / "t.csv").read_text(encoding="utf-8-sig"))))
    assert [row[:5] for row in read[1:]] == cells[1:]
    assert {row[5] for row in read[1:]} == {SYNTHETIC_NOTICE}
    tex = (tmp_path / "t.tex").read_text(encoding="utf-8")
    assert tex.count(r" \\") == len(cells)
    words = "\n".join(p.text for p in document.paragraphs)
    for note in (SYNTHETIC_NOTICE, RESEARCH_ONLY):
        assert note in words
        assert note in tex
    assert "women" in words
    assert all(row[0] in shown for row in cells[1:])


def test_a_persian_table_runs_from_right_to_left_with_no_english_word(store: Path, tmp_path: Path) -> None:
    import docx
    from docx.oxml.ns import qn

    translating.MISSING.clear()
    for kind in ("docx", "csv", "tex"):
        words = ["table1", "--sex", "F", "--lang", "fa", "--out", str(tmp_path / f"t.{kind}"), "--store", str(store)]
        assert cli.main(words) == 0
    assert not translating.MISSING
    document = docx.Document(str(tmp_path / "t.docx"))
    [table] = document.tables
    cells = [[cell.text for cell in row.cells] for row in table.rows]
    assert cells[0] == ["", "همه", "سالم", "ام‌اس", "تفاوت استانداردشده"]
    assert table._tbl.tblPr.find(qn("w:bidiVisual")) is not None
    for paragraph in (*document.paragraphs, *(p for row in table.rows for cell in row.cells for p in cell.paragraphs)):
        assert paragraph._p.pPr.find(qn("w:bidi")) is not None
        assert all(run.font.rtl for run in paragraph.runs)
    read = list(csv.reader(io.StringIO((tmp_path / "t.csv").read_text(encoding="utf-8-sig"))))
    unmarked = [[re.sub("[\u2066-\u2069]", "", cell) for cell in row] for row in cells]
    assert [row[:5] for row in read[1:]] == [row[:5] for row in unmarked[1:]]
    assert not any(re.search("[0-9]", cell) for row in unmarked for cell in row)
    assert "جدول ۱" in (tmp_path / "t.tex").read_text(encoding="utf-8")


def test_another_kind_of_file_is_refused_and_nothing_written(store: Path, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "t.pdf"
    with pytest.raises(SystemExit) as left:
        cli.main(["table1", "--out", str(out), "--store", str(store)])
    assert left.value.code == 2
    assert "does not end in .docx, .csv, .tex" in capsys.readouterr().err
    assert not out.exists()


def test_latex_is_not_run_by_what_a_table_holds() -> None:
    made = table_bytes("tex", ["", "a"], [[r"\input{x}", "5 % & $_#"]], title="t", notes=[], synthetic=False).decode()
    assert r"\textbackslash{}input\{x\} & 5 \% \& \$\_\# \\" in made


def test_words_of_a_further_column_are_counted(tmp_path: Path, capsys: Capture) -> None:
    table = tmp_path / "people.csv"
    lines = ["id,group,sex,age,intracranial_area_mm2,ventricle_area_mm2,wmh_area_mm2,scanner"]
    lines += [f"p{i},{'MS' if i % 2 else 'HC'},F,{30 + i},110000,400,{i},{'A' if i < 6 else 'B'}" for i in range(12)]
    table.write_text("\n".join(lines) + "\n")
    place = ["--store", str(tmp_path / "store")]
    assert cli.main(["import", str(table), "--protocol", "p-1", "--extra", "scanner:category", *place]) == 0
    capsys.readouterr()
    assert cli.main(["table1", *place]) == 0
    shown = capsys.readouterr().out
    assert "scanner: A, n (%)" in shown
    assert "scanner: B, n (%)" in shown
