"""A page of the dashboard as PDF: its answer, its figures as they are drawn, the filter, where its numbers are from."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from app.export import image_bytes
from app.figures.printed import PrintedFigure
from app.figures.theme import Look, dress
from app.words.tables import RIGHT_TO_LEFT
from app.words.translating import translated
from vocabulary.measures import RESEARCH_ONLY, SYNTHETIC_NOTICE

TEMPLATE = Path(__file__).parent / "page.typ"
FIGURE_PIXELS = 900
"""Width a figure is drawn at; on paper its letters are then as large as those around it."""


def page_pdf(
    *,
    title: str,
    answers: Sequence[str],
    foot: str,
    figures: Sequence[PrintedFigure],
    synthetic: bool,
    lang: str = "en",
) -> bytes:
    """Return a PDF, A4, as many pages as the figures need.

    Parameters
    ----------
    title : of the page
    answers : its opening sentences
    foot : at the foot of every page: dataset, versions, hash
    figures : drawn in the light theme
    synthetic : say so above everything, and in every figure
    lang : code of the language

    Raises
    ------
    ExportError : no browser on this machine to draw the figures with.
    """
    import typst

    from app.report.render import FONTS, TIMESTAMP

    def said(text: str) -> str:
        return translated(text, lang)

    with tempfile.TemporaryDirectory(prefix="mscohort-page-") as folder:
        root = Path(folder)
        (root / "page.typ").write_bytes(TEMPLATE.read_bytes())
        placed = []
        for number, drawn in enumerate(figures):
            name = f"figure-{number}.pdf"
            dressed = dress(drawn.make(), Look(lang=lang), synthetic=synthetic)
            (root / name).write_bytes(image_bytes(dressed, "pdf", width=FIGURE_PIXELS))
            placed.append({"file": name, "title": said(drawn.title), "method": said(drawn.method)})
        data = {
            "lang": lang,
            "rtl": lang in RIGHT_TO_LEFT,
            "title": said(title),
            "answers": [said(answer) for answer in answers if answer],
            "who": list(dict.fromkeys(said(drawn.who) for drawn in figures)),
            "foot": said(foot),
            "warnings": said(RESEARCH_ONLY),
            "synthetic": said(SYNTHETIC_NOTICE) if synthetic else "",
            "figures": placed,
        }
        (root / "data.json").write_text(json.dumps(data), encoding="utf-8")
        made = typst.compile(
            root / "page.typ",
            root=root,
            format="pdf",
            font_paths=[FONTS],
            ignore_system_fonts=True,
            timestamp=TIMESTAMP,
        )
    if not isinstance(made, bytes):
        raise ValueError("the page could not be laid out")
    return made
