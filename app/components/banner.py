"""What every page shares: its name, the synthetic banner, the answer line, research use only, the present toggle."""

from html import escape

import streamlit as st

from app.components import language, linked
from app.components.basket import basket_panel
from app.components.page_style import PRESENT_STYLE, SCRIPT, STYLE
from app.sentences.among import stated
from app.sentences.terms import explained, spelled_out
from app.sentences.typography import typeset, with_dashes
from app.state import OpenedStore, Selection
from vocabulary.measures import RESEARCH_ONLY, SYNTHETIC_NOTICE

NAME = "MS Cohort Explorer"


def style() -> None:
    """Apply the page style."""
    st.html(STYLE + SCRIPT, unsafe_allow_javascript=True)


def product() -> None:
    """Turn the page round where its language asks for it; show name and mark of the product above the list of pages."""
    language.style()
    with st.sidebar, st.container(key="product"):
        st.html(f'<div class="product">{NAME}</div>')


def heading(title: str, *, synthetic: bool) -> None:
    """Draw the page's name, the synthetic banner and the Present toggle, which hides all but answer and figures."""
    with st.container(key="page-head", horizontal=True, vertical_alignment="center", gap="small"):
        st.html(f"<h1>{escape(title)}</h1>", width="content")
        place = st.container()
        basket_panel()
        language.switch()
        # Asked first and styled then: a link, too, may ask for it, and only the toggle knows.
        if linked.toggle("Present", key="present", help="Answer and figures alone; arrow keys turn the pages"):
            st.html(PRESENT_STYLE)
    if synthetic:
        with place:
            synthetic_banner()


def all_synthetic(opened: OpenedStore | None) -> bool:
    """Tell whether the store holds nobody but synthetic people."""
    shown = opened.datasets() if opened else []
    return bool(shown) and all(d.synthetic for d in shown)


def synthetic_banner() -> None:
    """Say that the data are synthetic."""
    st.html(f'<div class="synthetic-banner" role="note">{SYNTHETIC_NOTICE}</div>')


def answer(sentence: str, selection: Selection | None = None, *, in_full: bool = True) -> None:
    """Open a page with its answer in one sentence, which says among whom it holds; exported figures repeat it.

    Parameters
    ----------
    selection : whom the sentence speaks of; None where no filter chose anybody
    in_full : write out what WMH are; where there is no room the page says it elsewhere
    """
    if selection is not None:
        # Only sentences about cohorts are typeset: a person's code may look like a range.
        sentence = typeset(stated(selection.filter, sentence))
        selection.said[:] = [sentence]
        while selection.uncited:
            selection.uncited.pop()()
    st.html(f'<p class="answer">{_with_terms(spelled(sentence) if in_full else sentence)}</p>')


def spelled(sentence: str) -> str:
    """Return a sentence that says in full what WMH are; other languages spell them out by themselves."""
    return spelled_out(sentence) if language.language() == "en" else sentence


def further(sentence: str) -> None:
    """Add to the answer, in the size of everything else."""
    st.html(f'<p class="further">{_with_terms(sentence)}</p>')


def _with_terms(sentence: str) -> str:
    """Return a sentence as HTML in the language of the page, whose terms explain themselves."""
    return explained(with_dashes(language.words(sentence)), language.language())


def research_only() -> None:
    """Close every page with its limits of use."""
    st.html(f'<div class="research-only" role="note">{RESEARCH_ONLY}</div>')
