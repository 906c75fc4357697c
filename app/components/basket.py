"""The basket of slides: every figure can be put in, the head of every page shows what it holds and makes the deck."""

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from importlib.metadata import version
from urllib.parse import urlsplit

import plotly.graph_objects as go
import streamlit as st

from app.access.current import may
from app.address import link
from app.commands.filters import filter_words
from app.components.download import download
from app.components.language import language, words
from app.export import can_draw_images
from app.sentences.typography import typeset
from app.slides.basket import Basket, Item, KeptBaskets, moved, with_item, without
from app.slides.charts import Picture
from app.slides.colophon import Colophon
from app.slides.findings import Finding, findings
from app.slides.methods_paragraph import methods_paragraph
from app.state import Selection
from vocabulary.measures import RESEARCH_ONLY, SYNTHETIC_NOTICE
from vocabulary.messages import counted

PARAMETER = "slides"
_BASKET, _BEFORE, _PROBLEM = "basket", "basket-before", "basket-problem"
_MOST_UNDONE = 50
NATIVE = {
    ("compare", "raincloud"): "compare",
    ("age-and-sex", "trend"): "trend",
    ("age-and-sex", "strata"): "age-sex",
}
"""Page and figure -> the slide with a chart of PowerPoint's own that says what they say, unless asked otherwise."""
PLAIN_COMMANDS = {"compare": "compare", "trend": "strata", "age-sex": "strata"}
"""Kind of slide -> the command whose answer it gives, with the measure and no further choices."""


@st.cache_resource(show_spinner=False)
def _kept() -> KeptBaskets:
    return KeptBaskets()


def basket() -> Basket:
    """Return what this visit has gathered."""
    held: Basket = st.session_state.get(_BASKET, ())
    return held


def page_address() -> str:
    """Return the address of the page that is drawn; the first page has none of its own."""
    path = urlsplit(st.context.url or "").path.rstrip("/").rpartition("/")[2]
    return path or "overview"


def arrive() -> None:
    """Take up the basket that the address names, where this visit has none yet, and keep the address true."""
    given = [name for name in link.asked(PARAMETER) or () if name]
    if given and _BASKET not in st.session_state:
        found = _kept().find(given[-1])
        if found is None:
            link.note(
                "The slides of this link were gathered on a server that has been started anew since, or too long ago; "
                "the basket is empty."
            )
        else:
            st.session_state[_BASKET] = found
    link.write(PARAMETER, [name] if (name := _kept().keep(basket())) else [])


def add_button(name: str, key: str, make: Callable[[], Finding]) -> None:
    """Draw the button that puts a figure into the basket, or takes it out again.

    Parameters
    ----------
    name : of the figure, unique on the page
    key : what tells this figure with its choices from every other
    make : makes the slide, once the button is pressed
    """
    place = hashlib.sha256(f"{page_address()}/{name}/{key}".encode()).hexdigest()
    held = any(item.key == place for item in basket())
    st.button(
        "Take out of the slides" if held else "Add to slides",
        key=f"tool-{'unslide' if held else 'slide'}-{name}",
        help="In the slides; take it out again" if held else "Add this figure with its answer to the slides",
        on_click=(lambda: _change(without(basket(), place))) if held else (lambda: _add(place, make)),
    )


def finding_of(
    selection: Selection, figure: go.Figure, name: str, title: str, method: str, said: Sequence[str]
) -> Finding:
    """Return the slide of a figure, with what it says: PowerPoint's own chart where there is one, or its image."""
    dataset = selection.dataset
    warnings = (RESEARCH_ONLY, *((SYNTHETIC_NOTICE,) if dataset.synthetic else ()))
    made = (
        f"mscohort {version('mscohort')}, store version {dataset.version}, protocol {dataset.protocol_id}, "
        f"cohort {dataset.content_sha256[:16]}"
    )
    origin = Colophon(selection.who, selection.who, made, warnings, filter_words(selection.filter))
    kind = NATIVE.get((page_address(), name), "")
    if kind and selection.names is None and selection.command[::2] == [PLAIN_COMMANDS[kind]]:
        found = next(findings(selection.frame, [kind], selection.command[1:], selection.filter))
    else:
        found = Finding(
            kind="figure",
            title=title,
            answer=" ".join(said) or title,
            detail="",
            chart=Picture(figure, dataset.synthetic),
            method=method,
            command=" ".join(selection.command),
        )
    return Finding(**{**vars(found), "origin": origin})


def finding_without_cohort(figure: go.Figure, title: str, caption: str, synthetic: bool) -> Finding:
    """Return the slide of a figure about models or one person, whose caption says where it is from."""
    first, *rest = [line for line in caption.split("<br>") if line]
    warnings = (RESEARCH_ONLY, *((SYNTHETIC_NOTICE,) if synthetic else ()))
    origin = Colophon(first, first, f"mscohort {version('mscohort')}", warnings, "")
    method = " ".join(line for line in rest if RESEARCH_ONLY not in line)
    return Finding("figure", title, typeset(title), "", Picture(figure, synthetic), method or first, "", origin)


def basket_panel() -> None:
    """Draw the basket in the head of a page, where it holds something or did a moment ago."""
    arrive()
    held, before = basket(), st.session_state.get(_BEFORE, [])
    if not may("export") or not (held or before):
        return
    with (
        st.container(key="slides", width="content"),
        st.popover(
            f"Slides ({len(held)})", width="content", key="slides-panel", help="The figures put into the slides"
        ),
        st.container(key="slides-list"),
    ):
        if problem := st.session_state.pop(_PROBLEM, ""):
            st.warning(problem)
        about = _deck(held) if held else None
        for number, item in enumerate(held, start=1):
            _row(number, item, len(held))
        with st.container(horizontal=True, gap="small"):
            st.button("Undo", key="slides-undo", on_click=_undo, disabled=not before)
            st.button("Clear", key="slides-clear", on_click=lambda: _change(()), disabled=not held)
        if about is not None:
            st.caption("Methods paragraph for exactly these answers")
            paragraph = methods_paragraph([item.finding for item in held], about, language())
            st.code(paragraph, language=None, wrap_lines=True, height=150)


def _row(number: int, item: Item, of: int) -> None:
    finding = item.finding
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", key=f"slides-row-{number}"):
        with st.container(width="stretch", gap=None):
            st.text(f"{number}. {finding.title}")
            st.caption(finding.origin.source if finding.origin else "")
        for label, step, possible in (("↑", -1, number > 1), ("↓", 1, number < of)):
            st.button(
                label,
                key=f"slides-{'up' if step < 0 else 'down'}-{number}",
                help="Earlier" if step < 0 else "Later",
                on_click=lambda step=step: _change(moved(basket(), item.key, step)),
                disabled=not possible,
            )
        st.button(
            "✕",
            key=f"slides-out-{number}",
            help="Take it out",
            on_click=lambda: _change(without(basket(), item.key)),
        )


def _deck(held: Basket) -> Colophon:
    """Draw what makes the deck; return what its title slide says."""
    from app.slides.deck import SIZES, THEMES

    found = [item.finding for item in held]
    title = st.text_input("Title of the deck", key="slides-title", persist_state="session")
    with st.container(horizontal=True):
        size = str(st.selectbox("Size", list(SIZES), key="slides-size", persist_state="session", width=110))
        theme = str(
            st.selectbox(
                "Theme", list(THEMES), format_func=words, key="slides-theme", persist_state="session", width=110
            )
        )
    drawable = can_draw_images() or not any(isinstance(finding.chart, Picture) for finding in found)
    about = _about(found, title)
    download(
        f"Download {counted(len(found), 'finding')} as slides",
        partial(_pptx, held, about, size, theme, language()),
        file_name="slides.pptx",
        mime="application/vnd.openxmlformats-officedocument.presentationml.presentation",
        key="slides-download",
        width="stretch",
        disabled=not drawable,
    )
    if not drawable:
        st.caption("Some of these figures need Chrome, Chromium or Edge on this machine to be drawn.")
    return about


def _about(found: list[Finding], title: str) -> Colophon:
    """Return what title slide and methods slide say: the one source of all findings, or how many there are."""
    origins = [finding.origin for finding in found if finding.origin is not None]
    sources = list(dict.fromkeys(origin.source for origin in origins))
    versions = list(dict.fromkeys(origin.version for origin in origins))
    source = sources[0] if len(sources) == 1 else f"{counted(len(found), 'finding')}, each with its own people below it"
    warnings = tuple(dict.fromkeys(warning for origin in origins for warning in origin.warnings))
    return Colophon(
        title.strip() or (sources[0].partition(": ")[0] if len(sources) == 1 else "MS Cohort Explorer"), source,
        "; ".join(versions) if len(versions) < 3 else f"mscohort {version('mscohort')}", warnings, "",
    )  # fmt: skip


def _pptx(held: Basket, about: Colophon, size: str, theme: str, lang: str) -> bytes:
    from app.slides.deck import deck_bytes

    return deck_bytes([item.finding for item in held], about, size, theme, lang)


def _add(place: str, make: Callable[[], Finding]) -> None:
    try:
        _change(with_item(basket(), Item(place, make())))
    except ValueError as error:
        words = str(error)
        st.session_state[_PROBLEM] = f"{words[:1].upper()}{words[1:]}."


def _change(to: Basket) -> None:
    """Put another basket in the place of this visit's, so that it can be undone."""
    if to == basket():
        return
    st.session_state[_BEFORE] = [*st.session_state.get(_BEFORE, []), basket()][-_MOST_UNDONE:]
    st.session_state[_BASKET] = to


def _undo() -> None:
    before: list[Basket] = st.session_state.get(_BEFORE, [])
    if before:
        st.session_state[_BASKET] = before[-1]
        st.session_state[_BEFORE] = before[:-1]
