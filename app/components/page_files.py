"""The page as a file: a PDF of its answer and figures, and slides of what it says."""

from importlib.metadata import version

import streamlit as st

from app.commands.filters import filter_words
from app.components.basket import page_address
from app.components.download import download
from app.components.file_names import file_part
from app.components.group_choice import HOW, MS_HC
from app.components.language import language
from app.export import can_draw_images
from app.exports.page_pdf import page_pdf
from app.state import Selection
from vocabulary.measures import RESEARCH_ONLY, SYNTHETIC_NOTICE

SLIDES_OF = {
    "overview": ("overview", "lesion-free"),
    "compare": ("compare",),
    "age-and-sex": ("trend", "age-sex"),
    "correlations": ("correlations",),
    "lesion-zones": ("zones", "lesion-free"),
}
"""Address of a page -> the slides that say what it says."""


def page_files(selection: Selection) -> None:
    """Draw the buttons; nothing is made before one is pressed."""
    address = page_address()
    stem = f"{address}-{file_part(selection)}"
    drawable = can_draw_images()
    lang = language()
    download(
        "This page as PDF",
        lambda: _pdf(selection, address, lang),
        file_name=f"{stem}.pdf",
        mime="application/pdf",
        key="page-pdf",
        width="stretch",
        disabled=not drawable,
    )
    if not drawable:
        st.caption("A PDF needs Chrome, Chromium or Edge on this machine to draw its figures.")
    if address in SLIDES_OF and st.session_state.get(HOW, MS_HC) == MS_HC and not selection.frame.is_empty():
        download(
            "This page as slides",
            lambda: _slides(selection, address, lang),
            file_name=f"{stem}.pptx",
            mime="application/vnd.openxmlformats-officedocument.presentationml.presentation",
            key="page-slides",
            width="stretch",
        )


def _foot(selection: Selection) -> str:
    dataset = selection.dataset
    return (
        f"mscohort {version('mscohort')}, store version {dataset.version}, protocol {dataset.protocol_id}, "
        f"cohort {dataset.content_sha256[:16]}"
    )


def _pdf(selection: Selection, address: str, lang: str) -> bytes:
    return page_pdf(
        title=address.replace("-", " ").capitalize(),
        answers=selection.said,
        foot=_foot(selection),
        figures=list(selection.figures.values()),
        synthetic=selection.dataset.synthetic,
        lang=lang,
    )


def _slides(selection: Selection, address: str, lang: str) -> bytes:
    from app.slides.colophon import Colophon
    from app.slides.deck import deck_bytes
    from app.slides.findings import DEFAULT_MEASURES, findings

    measures = [selection.chosen["measure"]] if "measure" in selection.chosen else DEFAULT_MEASURES
    warnings = (RESEARCH_ONLY, *((SYNTHETIC_NOTICE,) if selection.dataset.synthetic else ()))
    about = Colophon(selection.dataset.title, selection.who, _foot(selection), warnings, filter_words(selection.filter))
    return deck_bytes(list(findings(selection.frame, SLIDES_OF[address], measures, selection.filter)), about, lang=lang)
