"""A table about people who are there already: whose rows they are, which columns to keep, and the join itself."""

from collections.abc import Callable

import streamlit as st

from app import state
from app.commands.join_command import joined_lines
from app.components import choosing
from app.components.store.mapping_step import chosen_sheet, values_table, word_choices
from app.sentences.as_written import as_written
from app.uploads.tables import IncomingError, plain_errors, problem_lines, temporary_file
from db.join_table import JoinReport, join_table
from db.tables.apart import read_table_apart
from db.tables.choices import ExtraChoice, TableChoices
from db.tables.columns import recognised
from db.tables.files import Table
from db.tables.people_table import FACTS
from vocabulary.measures import MEASURES
from vocabulary.messages import counted

OWN = "A dataset of its own"
MORE = "More about people who are here"
NO_VISIT = "(rows are about people, not visits)"
_PAGE_WORDS = {
    "; name the columns to keep with --extra": "; choose columns to keep",
    "or --replace takes the table's": "or tick the box that lets the table's take their place",
    "say the same with --extra COLUMN:KIND:UNIT, ": "",
    ", or --accept-valid joins the other rows": "",
    "--map COLUMN=subject_id says where the codes stand": "choose the column of codes above",
}


def is_more(opened: state.OpenedStore | None) -> bool:
    """Ask what a dropped table is; in an empty store it can only be a dataset of its own."""
    if opened is None:
        return False
    said = choosing.segmented_control("What is this table?", (OWN, MORE), default=OWN, required=True, key="upload-kind")
    return bool(said == MORE)


def join_form(opened: state.OpenedStore, content: Callable[[], bytes], table: Table) -> None:
    """Draw the form of a join, from the columns to the button; what would change is said before."""
    left, right = st.columns(2, gap="large")
    names = list(dict.fromkeys(d.dataset_id for d in opened.datasets()))
    dataset = left.selectbox("Whose people they are", names, key="upload-join-dataset", format_func=choosing.named())
    known = {field: header for header in reversed(table.headers) if (field := recognised(header)) is not None}
    code = right.selectbox(
        "Column of their codes", table.headers, key="upload-join-code",
        index=table.headers.index(known["subject_id"]) if "subject_id" in known else None, placeholder="choose",
        format_func=choosing.named(),
    )  # fmt: skip
    visits = [NO_VISIT, *(header for header in table.headers if header != code)]
    session = known.get("session")
    visit = left.selectbox(
        "Column of the visit", visits, index=visits.index(session) if session in visits else 0,
        key="upload-join-visit", format_func=choosing.named(NO_VISIT),
    )  # fmt: skip
    if code is None:
        st.info("Choose the column that holds the pseudonyms of the people.")
        return
    columns = {str(code): "subject_id"} | ({} if visit == NO_VISIT else {str(visit): "session"})
    facts = {known[what]: what for what in FACTS if what in known and known[what] not in columns}
    values = {w: word_choices(table, h, w, released=False) for h, w in facts.items() if w in ("group", "sex")}
    free = [
        header
        for header in table.headers
        if header not in {*columns, *facts, *table.empty} and recognised(header) not in MEASURES
    ]
    extras = st.multiselect(
        "Columns to keep (EDSS, duration, treatment, a score)", free, key="upload-join-extras", placeholder="none",
        format_func=choosing.named(),
        help="Kept as numbers or as categories. Never names, birth dates or hospital numbers.",
    )  # fmt: skip
    if facts:
        st.markdown(f"Taken where they are unknown so far: {', '.join(as_written(header) for header in facts)}.")
    if not extras and not facts:
        st.info("Choose at least one column to keep.")
        return
    if extras:
        values_table(table, extras)
    choices = TableChoices(
        {**columns, **facts},
        {w: said for w, said in values.items() if said},
        {},
        tuple(map(ExtraChoice, extras)),
        chosen_sheet(),
    )
    _offer(content, table, str(dataset), choices)


def _offer(content: Callable[[], bytes], table: Table, dataset: str, choices: TableChoices) -> None:
    """Say what would change, then join."""
    replace = st.checkbox("Let the table's values take the place of others that are there", key="upload-join-replace")
    accept = st.checkbox("Leave out rows with problems", key="upload-join-accept")

    def run(*, dry_run: bool) -> JoinReport:
        with temporary_file(table.name, content()) as path, plain_errors(str(state.store().root)):
            return join_table(
                state.store(),
                path,
                dataset,
                choices=choices,
                accept_valid=accept,
                replace=replace,
                dry_run=dry_run,
                reader=read_table_apart,
            )

    try:
        expected = run(dry_run=True)
        for line in joined_lines(expected.to_dict()):
            st.markdown(f"- {as_written(_in_page_words(line.strip()))}")
        if not expected.changed:
            st.info(f"{as_written(dataset)} holds all of this already.")
        label = f"Join to {counted(expected.n_people_matched, 'person')} of {dataset}"
        if not st.button(label, type="primary", disabled=not expected.changed, key="upload-join"):
            return
        report = run(dry_run=False)
    except IncomingError as error:
        st.error(as_written(_in_page_words(str(error))))
        for line in problem_lines(error):
            st.markdown(f"- {as_written(line)}")
        return
    kept = ", ".join(extra.label for extra in report.extras) or "what was unknown"
    said = (
        f"Joined {kept} of {counted(report.n_people_matched, 'person')} to {dataset}: store version {report.version}."
    )
    st.session_state["imported"] = {"said": said, "version": report.version, "undo": report.before}
    st.session_state["upload_turn"] += 1
    st.rerun()


def _in_page_words(text: str) -> str:
    for option, words in _PAGE_WORDS.items():
        text = text.replace(option, words)
    return text.replace(" (--extra COLUMN keeps one)", "")
