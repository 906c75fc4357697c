"""What every page shares: style, the synthetic banner, the answer line, research use only, the present toggle."""

from html import escape

import streamlit as st

from app.state import OpenedStore
from vocabulary.measures import RESEARCH_ONLY, SYNTHETIC_NOTICE

_STYLE = """
<style>
.block-container {padding-top: 3.6rem; padding-bottom: 3rem; max-width: 1600px;}
.synthetic-banner {
  padding: .45rem .9rem; border-radius: .4rem; font-weight: 600; color: #1D2733;
  background: repeating-linear-gradient(-45deg, #FFE9A8, #FFE9A8 14px, #FFD970 14px, #FFD970 28px);
}
.who {font-size: 1rem;}
.st-key-present {position: fixed; right: 0; bottom: 0; z-index: 99; width: auto; padding: .5rem 1rem;}
.answer {font-size: 1.35rem; line-height: 1.45; margin: 0; max-width: 62rem;}
.research-only {opacity: .85; font-size: .85rem; border-top: 1px solid #8886; padding-top: .6rem;}
/* Streamlit's faded and chosen texts, brought to contrast AA in light and dark. */
[data-testid="stCaptionContainer"] {opacity: .8;}
button kbd {opacity: .8 !important;}
[data-testid="stButtonGroup"] button[data-selected="true"] {
  background: #47708C !important; border-color: #47708C !important; color: #FFFFFF !important;
}
[data-testid="stTab"][aria-selected="true"], [data-testid="stSliderThumbValue"] {
  color: inherit !important; font-weight: 600;
}
*:focus-visible {outline: 3px solid #0072B2 !important; outline-offset: 1px;}
</style>
"""
_PRESENT_STYLE = """
<style>
[data-testid="stHeader"], .st-key-filter-bar, .st-key-measure, [class*="st-key-page-extras"],
[class*="st-key-controls"] {
  display: none;
}
.block-container {padding-top: 1.2rem;}
.answer {font-size: 2rem;}
</style>
"""


def style() -> None:
    """Draw the Present toggle and apply the page style; presenting hides all but the answer and the figures."""
    present = st.toggle(
        "Present", key="present", bind="query-params", persist_state="session", help="Larger type, no controls"
    )
    st.html(_STYLE + (_PRESENT_STYLE if present else ""))


def synthetic_banner_if_shown(opened: OpenedStore | None) -> None:
    """Say, unmissably, that the people shown do not exist, while the store holds nothing but synthetic people."""
    shown = opened.datasets() if opened else []
    if shown and all(d.synthetic for d in shown):
        synthetic_banner()


def synthetic_banner() -> None:
    """Say that the data are synthetic."""
    st.html(f'<div class="synthetic-banner" role="note">{SYNTHETIC_NOTICE}</div>')


def answer(sentence: str) -> None:
    """Open a page with its answer in one sentence."""
    st.html(f'<p class="answer">{escape(sentence, quote=False)}</p>')


def research_only() -> None:
    """Close every page with its limits of use."""
    st.html(f'<div class="research-only" role="note">{RESEARCH_ONLY}</div>')
