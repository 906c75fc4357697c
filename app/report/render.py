"""The report as PDF, by typst with a font of its own, and as one HTML file that needs nothing else."""

import base64
import tempfile
from html import escape
from pathlib import Path
from typing import Literal

import msgspec

from app.report.content import Content

HERE = Path(__file__).parent
FONTS = HERE / "fonts"
PAGE = HERE / "page.typ"
FONT_FILES = {"400": "Vazirmatn-Regular.ttf", "700": "Vazirmatn-Bold.ttf"}
# Writing time into the file would make two reports of the same numbers differ.
TIMESTAMP = 0

STYLE = (HERE / "page.css").read_text(encoding="utf-8")


class ReportError(ValueError):
    """The report could not be made; the message says why."""


def pdf(content: Content) -> bytes:
    """Return the report as a PDF, A4; the same content gives the same bytes.

    Raises
    ------
    ReportError : typst could not lay it out
    """
    pages = laid_out(content, "pdf")
    if len(pages) != 1:
        raise ReportError("the report could not be laid out")
    return pages[0]


def laid_out(content: Content, kind: Literal["pdf", "png"]) -> list[bytes]:
    """Return the report as one PDF, or as one PNG per page.

    Raises
    ------
    ReportError : typst could not lay it out
    """
    import typst

    picture = content.picture
    with tempfile.TemporaryDirectory(prefix="mscohort-report-") as folder:
        root = Path(folder)
        (root / "page.typ").write_bytes(PAGE.read_bytes())
        data = msgspec.to_builtins(content) | {"picture": "scan.jpg" if picture else ""}
        (root / "data.json").write_bytes(msgspec.json.encode(data))
        if picture:
            (root / "scan.jpg").write_bytes(picture)
        try:
            made = typst.compile(
                root / "page.typ",
                root=root,
                format=kind,
                font_paths=[FONTS],
                ignore_system_fonts=True,
                timestamp=TIMESTAMP,
            )
        except typst.TypstError as error:
            raise ReportError(f"the report could not be laid out: {error.message}") from error
    pages = made if isinstance(made, list) else [made]
    return [page for page in pages if page is not None]


def html(content: Content) -> bytes:
    """Return the report as one HTML file: font, charts and picture are inside it."""
    faces = "".join(
        f"@font-face{{font-family:Vazirmatn;font-weight:{weight};src:url(data:font/ttf;base64,"
        f"{base64.b64encode((FONTS / name).read_bytes()).decode()})}}"
        for weight, name in FONT_FILES.items()
    )
    head = content.headings
    body = [f'<p class="synthetic">{escape(content.synthetic)}</p>'] if content.synthetic else []
    body += [
        f"<h1>{escape(content.title)}</h1>",
        f'<p>{escape(content.who)} <span class="small">{escape(content.protocol)}</span></p>',
        '<div class="answer">',
        *(f"<div>{escape(line)}</div>" for line in content.answers),
        *(f"<small>{escape(line)}</small><br>" for line in content.notes),
        "</div>",
    ]
    body += _section(head["flags"], content.flags)
    if content.rows:
        cells = "".join(f"<th>{escape(h)}</th>" for h in content.headers)
        rows = "".join("<tr>" + "".join(f"<td>{escape(c)}</td>" for c in row) + "</tr>" for row in content.rows)
        table = f"<table><thead><tr>{cells}</tr></thead><tbody>{rows}</tbody></table>"
        body.append(f"<h2>{escape(head['numbers'])}</h2>{table}")
    if content.regions:
        body.append(f"<h2>{escape(head['regions'])}</h2><p>{escape(content.regions)}</p>")
    if content.charts or content.picture:
        body.append(f'<h2>{escape(head["charts"])}</h2><div class="charts">')
        body += [f"<div><b>{escape(chart.title)}</b>{chart.svg}</div>" for chart in content.charts]
        if content.picture:
            data = base64.b64encode(content.picture).decode()
            alt = escape(content.picture_note)
            body.append(
                f'<div><b>{escape(head["scan"])}</b><img alt="{alt}" src="data:image/jpeg;base64,{data}"></div>'
            )
        notes = " ".join(note for note in (content.chart_note, content.picture_note) if note)
        body.append(f'</div><p class="small">{escape(notes)}</p>')
    body += _section(head["impossible"], content.impossible)
    body.append(f"<h2>{escape(head['method'])}</h2>")
    body += [f'<p class="small">{escape(line)}</p>' for line in content.method]
    body.append(f"<footer>{escape(content.research_only)}</footer>")
    page = (
        f'<!doctype html><html lang="{content.lang}" dir="{content.direction}"><head><meta charset="utf-8">'
        f"<title>{escape(content.title)}</title><style>{faces}{STYLE}</style></head><body>{''.join(body)}</body></html>"
    )
    return page.encode()


def _section(title: str, lines: list[str]) -> list[str]:
    if not lines:
        return []
    return [f"<h2>{escape(title)}</h2><ul>", *(f"<li>{escape(line)}</li>" for line in lines), "</ul>"]
