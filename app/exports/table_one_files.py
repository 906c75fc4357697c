"""Table 1 as a file: Word, CSV or LaTeX."""

import io
from collections.abc import Sequence

import polars as pl

from app.export import csv_bytes

KINDS = ("docx", "csv", "tex")
_TEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "²": r"\textsuperscript{2}", "−": r"$-$", "–": "--",
}  # fmt: skip


def table_bytes(
    kind: str,
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    title: str,
    notes: Sequence[str],
    synthetic: bool,
) -> bytes:
    """Return the table as a file.

    Parameters
    ----------
    kind : "docx", "csv" or "tex"
    headers, rows : text, the first column names the row
    title : above the table
    notes : below the table; a CSV file has neither title nor notes
    synthetic : of a CSV file; title and notes of the others are the caller's

    Raises
    ------
    ValueError : unknown kind.
    """
    if kind == "csv":
        return csv_bytes(
            pl.DataFrame(list(map(tuple, rows)), schema=list(_named(headers)), orient="row"), synthetic=synthetic
        )
    if kind == "tex":
        return _tex(headers, rows, title, notes).encode()
    if kind == "docx":
        return _docx(headers, rows, title, notes)
    raise ValueError(f"a table cannot be written as '{kind}'; name a file that ends in .{', .'.join(KINDS)}")


def _named(headers: Sequence[str]) -> list[str]:
    return [header or "characteristic" for header in headers]


def _tex(headers: Sequence[str], rows: Sequence[Sequence[str]], title: str, notes: Sequence[str]) -> str:
    def line(cells: Sequence[str]) -> str:
        return " & ".join(map(_escaped, cells)) + r" \\"

    return "\n".join(
        [
            r"\begin{table}",
            rf"\caption{{{_escaped(title)}}}",
            rf"\begin{{tabular}}{{l{'r' * (len(headers) - 1)}}}",
            r"\hline",
            line(headers),
            r"\hline",
            *map(line, rows),
            r"\hline",
            r"\end{tabular}",
            *(rf"\par\footnotesize {_escaped(note)}" for note in notes),
            r"\end{table}",
            "",
        ]
    )


def _escaped(text: str) -> str:
    return "".join(_TEX.get(letter, letter) for letter in text)


def _docx(headers: Sequence[str], rows: Sequence[Sequence[str]], title: str, notes: Sequence[str]) -> bytes:
    import docx
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    document = docx.Document()
    document.core_properties.title = title
    document.core_properties.author = ""
    document.add_paragraph(title).runs[0].bold = True
    table = document.add_table(rows=0, cols=len(headers), style="Light List")
    for place, cells in enumerate([headers, *rows]):
        for column, (cell, text) in enumerate(zip(table.add_row().cells, cells, strict=True)):
            paragraph = cell.paragraphs[0]
            run = paragraph.add_run(text)
            run.font.size = Pt(9)
            run.bold = place == 0
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if column else WD_ALIGN_PARAGRAPH.LEFT
    for note in notes:
        document.add_paragraph().add_run(note).font.size = Pt(8)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()
