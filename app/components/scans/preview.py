"""What would be measured, before it is: who each scan shows and what said so, what is left out, how the table fits."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import streamlit as st

from app import state
from app.components.tables import numbers_table
from app.previewing import answer, counts, people, scans_held
from app.sentences.as_written import as_written
from pipeline.errors import PipelineError
from pipeline.inputs.clashes import DEFAULT_CHOICE
from pipeline.inputs.discovery import Choices, survey
from pipeline.inputs.identity import WAY_OUT
from pipeline.inputs.subject_from import subject_from
from vocabulary.messages import counted

WAYS = {
    "layout": "As names and folders say it; in doubt, refuse",
    "folder": "The folder's name is the code",
    "name": "The file's name is the code",
    "dicom": "The PatientID of the DICOM header is the code",
    "pattern": "A pattern in the path",
}
SHOWN = 200
_GRAVE = ("scans without", "codes that may not")
_NAMES = "'Where names do not say who it is'"
_PAGE_WORDS = {
    WAY_OUT: f"say who it is in a table of people with a column 'path', or choose under {_NAMES}",
    "--prefer WORD (a word of its path)": f"a word of its path under {_NAMES}",
    "--prefer WORD chooses by a word of the path": f"a word of the path under {_NAMES} chooses",
    "with --replace": "by ticking the box that lets it",
    " (--extra COLUMN keeps one)": "; choose below which to keep",
}


@dataclass(frozen=True)
class Naming:
    """What names alone do not say.

    Attributes
    ----------
    subject_from : as for ``mscohort ingest --subject-from``; empty where the layout says it
    prefer : words that choose between several FLAIRs of one visit
    replace : another image may take the place of one measured before
    """

    subject_from: str = ""
    prefer: tuple[str, ...] = ()
    replace: bool = False


def naming() -> Naming:
    """Ask for what names alone do not say."""
    with st.expander("Where names do not say who it is"):
        left, right = st.columns(2, gap="large")
        way = left.selectbox(
            "Whose scan it is", list(WAYS), format_func=lambda name: WAYS[name], key="add-subject-from"
        )
        told = "" if way == "layout" else str(way)
        if way == "pattern":
            told = left.text_input(
                "Pattern", key="add-pattern", max_chars=300, placeholder=r"(?P<subject>P\d+)_(?P<session>V\d)",
                help="A regular expression searched in the path. Groups named subject and session, or all joined.",
            ).strip()  # fmt: skip
        words = right.text_input(
            "Of several FLAIRs of one visit, prefer", key="add-prefer", max_chars=200, placeholder="acq-3D",
            help=f"A word of the path; several, with blanks between. Without one: {DEFAULT_CHOICE}.",
        )  # fmt: skip
        replace = right.checkbox("Another image may replace one measured before", key="add-replace")
    return Naming(told, tuple(words.split()), replace)


def preview(path: str, table: str | None, dataset: str, told: Naming, *, ready: bool) -> dict[str, Any] | None:
    """Draw the button that looks, and what was found; return it where it is still about what is asked for.

    Parameters
    ----------
    path : full path of a folder or file
    table : full path of a table of people, or None
    dataset : where the scans are to go
    told : Naming
    ready : there is something to look at
    """
    asked = (path, table, dataset, told, state.store().current())
    if st.button("Look what is there", disabled=not ready, key="add-look", type="secondary"):
        with st.spinner("Every file is read once ..."):
            st.session_state["add-preview"] = (asked, _look(path, table, dataset, told))
    before = st.session_state.get("add-preview")
    if before is None or before[0] != asked:
        if ready:
            st.markdown("Look first: it says who each scan shows before anything is measured.")
        return None
    found = before[1]
    if isinstance(found, str):
        st.error(as_written(found))
        return None
    _show(found, path)
    return dict(found)


def _look(path: str, table: str | None, dataset: str, told: Naming) -> dict[str, Any] | str:
    store = state.store()
    try:
        rule = subject_from(told.subject_from) if told.subject_from else None
        choices = Choices(Path(table) if table else None, rule, told.prefer, told.replace)
        held = scans_held(store, dataset, store.root / "derivatives" / dataset)
        return answer(survey([Path(path)], choices, known=held))
    except (PipelineError, OSError) as error:
        return str(error)


def _show(found: dict[str, Any], path: str) -> None:
    scans, refused, passed = found["scans"], found["refused"], found["passed_over"]
    many = f"{counted(len(scans), 'scan')} of {counted(people(scans), 'person')}"
    st.markdown(f"## {many} would be measured, {len(refused):,} refused, {len(passed):,} passed over")
    for line in counts(found)[1:]:
        said = as_written(in_folder(in_page_words(f"{line[0].upper()}{line[1:]}"), path))
        (st.warning if "NOBODY" in line or line.startswith(_GRAVE) else st.markdown)(said)
    if scans:
        rows = [_row(scan, path) for scan in scans[:SHOWN]]
        numbers_table(pl.DataFrame(rows), left=tuple(rows[0]))
        if len(scans) > SHOWN:
            st.caption(f"The first {SHOWN} of {len(scans):,}; `mscohort ingest --dry-run --json` lists all.")
    for title, items, opened in (("Refused", refused, True), ("Passed over", passed, False)):
        if items:
            with st.expander(f"{title}: {len(items):,}", expanded=opened):
                rows = [
                    {"File": in_folder(item["path"], path), "Why": in_folder(in_page_words(item["reason"]), path)}
                    for item in items[:SHOWN]
                ]
                numbers_table(pl.DataFrame(rows), left=("File", "Why"))


def in_page_words(reason: str) -> str:
    """Return a reason with what the page calls things in the place of the command line's options.

    Examples
    --------
    >>> in_page_words("let it take that one's place with --replace")
    "let it take that one's place by ticking the box that lets it"
    """
    for option, words in _PAGE_WORDS.items():
        reason = reason.replace(option, words)
    return reason


def in_folder(text: str, folder: str) -> str:
    """Return a text with paths as they are seen from the folder that was named.

    Examples
    --------
    >>> in_folder("/data/in/P7/FLAIR.nii, /data/in/P8.nii", "/data/in")
    'P7/FLAIR.nii, P8.nii'
    """
    return text.replace(f"{folder.rstrip('/')}/", "")


def _row(scan: dict[str, Any], path: str) -> dict[str, str]:
    age = scan["age_years"]
    return {
        "Person": scan["subject_id"],
        "Visit": scan["session"] or "",
        "Group": scan["group"] or "unknown",
        "Sex": scan["sex"] or "unknown",
        "Age": "unknown" if age is None else f"{age:g}",
        "What said so": scan["identity_from"],
        "File": in_folder(scan["path"], path) + (f" ({'; '.join(scan['changed'])})" if scan["changed"] else ""),
    }
