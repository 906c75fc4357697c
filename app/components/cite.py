"""Everything a reader needs to quote a figure: filter, n, method, versions, content hash."""

import shlex
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from importlib.metadata import version

import streamlit as st

from app.commands.filters import filter_words
from app.components.language import language, words
from app.state import Selection
from app.words.translating import as_name
from vocabulary.measures import RESEARCH_ONLY, SYNTHETIC_NOTICE


def caption(selection: Selection, method: str, said: Sequence[str]) -> str:
    """Return the lines printed under an exported figure, separated by ``<br>``; first what it says."""
    return "<br>".join(
        [
            *(escape(sentence, quote=False) for sentence in said),
            f"{selection.who}.",
            method,
            f"mscohort {version('mscohort')}, store version {selection.dataset.version}, "
            f"cohort {selection.dataset.content_sha256[:16]}. {RESEARCH_ONLY}",
        ]
    )


def cite(selection: Selection, title: str, method: str, said: Sequence[str]) -> None:
    """Draw what a reader needs to quote a figure: at once, or as soon as the page has said its answer."""
    place = st.container()

    def write() -> None:
        with place:
            lines = citation(selection, title, method, said).split("\n")
            told = "\n".join(_in_words(line, selection.dataset.citation) for line in lines)
            st.code(told, language=None, wrap_lines=True)
            if selection.command:
                st.caption("The command that prints the same answer")
                st.code(command_line(selection), language=None, wrap_lines=True)
            st.caption("BibTeX of program and data")
            st.code(bibtex(selection), language=None, wrap_lines=True)

    if said:
        write()
    else:
        selection.uncited.append(write)


def citation(selection: Selection, title: str, method: str, said: Sequence[str]) -> str:
    """Return what a figure or its page says, of whom, by which test, and from where, to quote it in a paper."""
    dataset = selection.dataset
    lines = [
        *said,
        f"Method: {method}",
        f"Who: {selection.who}.",
        f"Figure: {title}. MS Cohort Explorer (mscohort {version('mscohort')}).",
        f"Data: {dataset.title}. {dataset.citation}".strip(),
        f"Protocol: {dataset.protocol_id}. Store version {dataset.version}. Cohort SHA-256 {dataset.content_sha256}.",
        RESEARCH_ONLY,
    ]
    if dataset.synthetic:
        lines.insert(0, SYNTHETIC_NOTICE)
    return "\n".join(lines)


def _in_words(line: str, cited: str) -> str:
    """Return a line in the language of the page; how somebody's data are cited is a name and stays as it is."""
    if not cited or not line.endswith(cited):
        return words(line)
    return f"{words(line.removesuffix(cited).strip())} {as_name(cited, language())}"


def command_line(selection: Selection) -> str:
    """Return the command that prints the answer of the page."""
    chosen = replace(selection.filter, dataset=selection.dataset.dataset_id)
    return f"mscohort {shlex.join(selection.command)} {filter_words(chosen)}".strip()


def bibtex(selection: Selection) -> str:
    """Return entries for the program and the data."""
    dataset = selection.dataset
    note = " ".join(filter(None, (dataset.citation, f"Cohort SHA-256 {dataset.content_sha256}")))
    return (
        "@software{mscohort,\n  author = {{The MS Cohort Explorer contributors}},\n  title = {{MS Cohort Explorer}},\n"
        f"  version = {{{version('mscohort')}}},\n  license = {{MIT}}\n}}\n"
        f"@misc{{{_entry_key(dataset.dataset_id)},\n  title = {{{{{_braced(dataset.title)}}}}},\n"
        f"  note = {{{_braced(note)}}}\n}}"
    )


def _entry_key(code: str) -> str:
    return "".join(letter if letter.isalnum() else "-" for letter in code)


def _braced(text: str) -> str:
    """Return text that cannot end its field: without braces, backslashes as words."""
    return text.replace("\\", "/").replace("{", "(").replace("}", ")")
