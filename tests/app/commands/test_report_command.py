"""`mscohort report`: a file in the language asked for, and one line where there is no such person."""

from pathlib import Path

import pytest

from tests.app.commands.test_statistics_commands import ask, refused


@pytest.mark.reference
@pytest.mark.parametrize("lang", ["en", "fa"])
@pytest.mark.parametrize("ending", ["pdf", "html"])
def test_a_person_gets_a_page(tabriz_store: Path, tmp_path: Path, capsys, lang: str, ending: str) -> None:
    out = tmp_path / f"report.{ending}"
    answer = ask(capsys, tabriz_store, "report", "107130", "--lang", lang, "--out", str(out))
    assert answer["lang"] == lang and len(answer["answer"]) == 3
    assert out.read_bytes()[:9] == (b"%PDF-1.7\n" if ending == "pdf" else b"<!doctype")
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


def test_a_synthetic_person_is_labelled(demo_store: Path, tmp_path: Path, capsys) -> None:
    answer = ask(capsys, demo_store, "report", "DEMO-0001", "--out", str(tmp_path / "r.html"))
    assert answer["synthetic"] is True
    assert "Synthetic demonstration data" in (tmp_path / "r.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nobody", "--out", "r.pdf"], 1, "holds no person 'nobody'"),
        (["nobody", "--out", "r.pdf", "--dataset", "berlin"], 1, "in dataset 'berlin'"),
        (["nobody", "--out", "r.docx"], 2, "must end in .pdf or .html"),
        (["nobody", "--out", "r.pdf", "--lang", "de"], 2, "invalid choice: 'de'"),
        (["nobody"], 2, "--out"),
    ],
)
def test_what_cannot_be_written_is_one_line(demo_store: Path, tmp_path: Path, capsys, words, code, said) -> None:
    words = [str(tmp_path / word) if word.startswith("r.") else word for word in words]
    found, line = refused(capsys, "report", *words, "--store", str(demo_store))
    assert (found, said in line) == (code, True), line
    assert list(tmp_path.iterdir()) == []
