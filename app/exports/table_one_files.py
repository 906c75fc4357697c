"""Table 1 as a file: Word, CSV or LaTeX."""

import io
from collections.abc import Sequence
from typing import Any

import polars as pl

from app.export import csv_bytes
from app.words.numbers import APART, TOGETHER
from app.words.tables import RIGHT_TO_LEFT
from app.words.translating import translated

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
    lang: str = "en",
) -> bytes:
    """Return the table as a file, in one language: the words are translated here.

    Parameters
    ----------
    kind : "docx", "csv" or "tex"
    headers, rows : text, the first column names the row
    title : above the table
    notes : below the table; a CSV file has neither title nor notes
    synthetic : of a CSV file; title and notes of the others are the caller's
    lang : code of the language; one from right to left is set so, for LaTeX with the package bidi or XePersian

    Raises
    ------
    ValueError : unknown kind.
    """
    headers = [translated(header, lang) for header in headers]
    title = ". ".join(translated(part, lang) for part in title.split(". ", 1))
    rows = [[translated(cell, lang) for cell in row] for row in rows]
    notes = [translated(note, lang) for note in notes]
    if kind == "csv":
        plain = [[_unmarked(cell) for cell in row] for row in rows]
        named = [header or translated("characteristic", lang) for header in headers]
        return csv_bytes(pl.DataFrame(list(map(tuple, plain)), schema=named, orient="row"), synthetic=synthetic)
    if kind == "tex":
        return _tex(headers, rows, title, notes).encode()
    if kind == "docx":
        return _docx(headers, rows, title, notes, right_to_left=lang in RIGHT_TO_LEFT)
    raise ValueError(f"a table cannot be written as '{kind}'; name a file that ends in .{', .'.join(KINDS)}")


def _unmarked(text: str) -> str:
    """Return a cell without the signs of direction, which a spreadsheet would show as boxes or search for in vain."""
    return text.replace(APART, "").replace(TOGETHER, "")


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
    return "".join(_TEX.get(letter, letter) for letter in _unmarked(text))


def _docx(
    headers: Sequence[str], rows: Sequence[Sequence[str]], title: str, notes: Sequence[str], *, right_to_left: bool
) -> bytes:
    import docx
    from docx.enum.table import WD_TABLE_DIRECTION
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    document = docx.Document()
    document.core_properties.title = title
    document.core_properties.author = ""
    document.add_paragraph(title).runs[0].bold = True
    table = document.add_table(rows=0, cols=len(headers), style="Light List")
    if right_to_left:
        table.table_direction = WD_TABLE_DIRECTION.RTL
    for place, cells in enumerate([headers, *rows]):
        for column, (cell, text) in enumerate(zip(table.add_row().cells, cells, strict=True)):
            paragraph = cell.paragraphs[0]
            run = paragraph.add_run(text)
            run.font.size = Pt(9)
            run.bold = place == 0
            # In a paragraph from right to left, Word takes LEFT for the side where lines begin.
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if column else WD_ALIGN_PARAGRAPH.LEFT
    for note in notes:
        document.add_paragraph().add_run(note).font.size = Pt(8)
    if right_to_left:
        cells = [paragraph for row in table.rows for cell in row.cells for paragraph in cell.paragraphs]
        for paragraph in (*document.paragraphs, *cells):
            _turned(paragraph)
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def _turned(paragraph: Any) -> None:
    """Have a paragraph and its letters run from right to left, in sizes of their own as Word keeps them for these."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    properties = paragraph._p.get_or_add_pPr()
    properties.insert_element_before(OxmlElement("w:bidi"), "w:adjustRightInd", "w:spacing", "w:ind", "w:jc", "w:rPr")
    for run in paragraph.runs:
        run.font.rtl = True
        run.font.cs_bold = run.bold
        if run.font.size is not None:
            size = OxmlElement("w:szCs")
            size.set(qn("w:val"), str(int(run.font.size.pt * 2)))
            run._r.rPr.find(qn("w:sz")).addnext(size)
