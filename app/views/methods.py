"""Methods: every definition, test and threshold with its source, and what the open store was measured with."""

import re
import sys
from importlib.metadata import PackageNotFoundError, version

import polars as pl
import streamlit as st

from app.carried_files import carried_file
from app.components import banner
from app.components.language import language
from app.components.tables import numbers_table
from app.state import OpenedStore
from app.words.markup import in_english

DOCUMENT = carried_file("docs/methods.md")
SOFTWARE = ("mscohort", "polars", "duckdb", "numpy", "scipy", "plotly", "streamlit")
_STICKY = "<style>.st-key-contents {position: sticky; top: 4.5rem;} .st-key-contents p {margin-bottom: .35rem;}</style>"


def page(opened: OpenedStore | None) -> None:
    """Draw the page."""
    opening, sections = split_document(DOCUMENT.read_text(encoding="utf-8"))
    banner.answer(opening)
    if language() != "en":
        st.markdown("The text of the methods is in English only.")
    st.html(_STICKY)
    contents, text = st.columns([1, 4], gap="large")
    with contents, st.container(key="contents"):
        st.markdown("\n\n".join(f"[{title}](#{anchor(title)})" for title in sections))
    with text, st.container(key="methods"):
        for title, body in sections.items():
            st.header(title, anchor=anchor(title))
            with st.container(key=f"english-{anchor(title)}"):
                st.markdown(in_english(body))
            if title in FROM_THE_STORE:
                FROM_THE_STORE[title](opened)


def split_document(document: str) -> tuple[str, dict[str, str]]:
    r"""Split a Markdown document into the sentences under its title and its sections by heading.

    Links to other documents are kept as text: the page has no place for them to lead to.

    Examples
    --------
    >>> split_document("# Title\n\nWhat it is.\n\n## One\n\nSee [the guide](user-guide.md).")
    ('What it is.', {'One': 'See the guide.'})
    """
    document = re.sub(r"\[([^\]]+)\]\([\w./-]+\.md(?:#[\w-]*)?\)", r"\1", document)
    opening, *parts = re.split(r"^## ", document, flags=re.MULTILINE)
    sections = {}
    for part in parts:
        title, _, body = part.partition("\n")
        sections[title.strip()] = body.strip()
    first = re.sub(r"^# .*\n", "", opening).strip().split("\n\n")[0]
    return first, sections


def anchor(title: str) -> str:
    """Return the address of a section within the page.

    Examples
    --------
    >>> anchor("Strata and age trends")
    'strata-and-age-trends'
    """
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def _protocols(opened: OpenedStore | None) -> None:
    if opened is None:
        st.markdown("The store is empty, so no protocol is in use yet.")
        return
    shown = opened.snapshot.protocols().select(
        pl.col("protocol_id").alias("Protocol"),
        pl.concat_str(pl.col("title"), pl.lit(". "), pl.col("description")).alias("How its numbers were measured"),
        pl.col("zone_rule").fill_null("not recorded").alias("Zone rule"),
        pl.col("n_scans").map_elements("{:,}".format, return_dtype=pl.String).alias("Scans"),
    )
    st.markdown("In the open store:")
    numbers_table(shown, left=("Protocol", "How its numbers were measured", "Zone rule"))


def _store(opened: OpenedStore | None) -> None:
    st.markdown("Software in use: " + ", ".join(f"{name} {found}" for name, found in versions().items()) + ".")
    for dataset in opened.datasets() if opened else ():
        st.markdown(
            f"**{dataset.title}**: {dataset.n_subjects:,} people, protocol `{dataset.protocol_id}`, store version "
            f"{dataset.version}, content SHA-256 `{dataset.content_sha256}`."
        )


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that compute and draw, those installed."""
    found = {"Python": sys.version.split()[0]}
    for name in SOFTWARE:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _citations(opened: OpenedStore | None) -> None:
    cited = {d.title: d.citation for d in (opened.datasets() if opened else ()) if d.citation}
    if cited:
        st.markdown(
            "The data in the open store:\n\n" + "\n".join(f"- {title}. {text}" for title, text in cited.items())
        )


FROM_THE_STORE = {"Protocols": _protocols, "The store": _store, "Sources": _citations}
"""Sections under which the page adds what the open store holds."""
