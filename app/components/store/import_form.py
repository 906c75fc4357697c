"""Upload a table: what was read, every problem before anything is imported, and the import itself."""

from collections.abc import Callable
from typing import Any

import polars as pl
import streamlit as st

from app import state
from app.access.current import may, or_say_why_not
from app.components.download import download
from app.components.language import words
from app.components.store.import_choices import protocol_choice
from app.components.store.join_form import is_more, join_form
from app.components.store.mapping_step import chosen_sheet, follow_file, mapping_step, preview, sheet_choice
from app.components.tables import cells_in_words
from app.export import csv_bytes
from app.sentences.as_written import as_written
from app.uploads.tables import ENDINGS, IncomingError, default_dataset, plain_errors, problem_lines, temporary_file
from db.import_table import ImportReport, import_table
from db.tables.apart import read_table_apart
from db.tables.choices import TableChoices
from db.tables.columns import is_released, map_columns
from db.tables.files import Table
from db.tables.header_row import ROW_NUMBER
from db.tables.validation import Validated, validate
from vocabulary.measures import GROUPS
from vocabulary.messages import counted, was

PRIVACY = (
    "Nothing leaves this machine. The file is read here and its temporary copy is deleted at once; the store keeps the "
    "identifier, group, sex, age and measures of each row. Use pseudonyms: no names, birth dates or hospital numbers."
)
SHOWN_PROBLEMS = 200


@st.cache_resource(max_entries=2, show_spinner="Reading the table")
def _read(file_id: str, name: str, sheet: str | None, _content: Callable[[], bytes]) -> Table:
    with temporary_file(name, _content()) as path:
        return read_table_apart(path, sheet)


@st.cache_resource(max_entries=4, show_spinner="Checking every row")
def _check(file_id: str, said: str, _choices: TableChoices, _table: Table) -> Validated:
    with plain_errors():
        mapped = map_columns(_table.headers, _choices, _table.name, _table.empty)
        return validate(_table.columns, mapped, _choices, _table.name)


def upload_section(opened: state.OpenedStore | None) -> None:
    """Draw the upload, from the dropped file to the finished import."""
    st.markdown("## Import a table")
    if not or_say_why_not("write"):
        return
    turn = st.session_state.setdefault("upload_turn", 0)
    uploaded = st.file_uploader(
        "Drop a cohort table here: CSV, TSV, XLSX or Parquet, one row per person",
        type=list(ENDINGS),
        key=f"upload-{turn}",
    )
    st.markdown(PRIVACY)
    if uploaded is None:
        return
    try:
        follow_file(uploaded.file_id)
        table = _read(uploaded.file_id, uploaded.name, chosen_sheet(), uploaded.getvalue)
        _review(opened, uploaded.file_id, uploaded.getvalue, table)
    except IncomingError as error:
        st.error(as_written(str(error)))
        for line in problem_lines(error):
            st.markdown(f"- {as_written(line)}")


def _review(opened: state.OpenedStore | None, file_id: str, content: Callable[[], bytes], table: Table) -> None:
    st.markdown(
        f"**{as_written(table.name)}**: {counted(table.columns.height, 'row')}, "
        f"{counted(len(table.headers), 'column')}."
    )
    for note in table.notes:
        st.info(as_written(note))
    sheet_choice(table)
    preview(table)
    if is_more(opened) and opened is not None:
        join_form(opened, content, table)
        return
    choices = mapping_step(table)
    if choices is None:
        return
    with plain_errors():
        mapped = map_columns(table.headers, choices, table.name, table.empty)
    released = is_released(mapped.columns)
    protocol = protocol_choice(opened, released=released)
    try:
        validated = _check(file_id, repr(choices), choices, table)
    except IncomingError as error:
        st.error(as_written(str(error)))
        for line in problem_lines(error):
            st.markdown(f"- {as_written(line)}")
        return
    for note in validated.notes:
        # What to say on the command line is asked above.
        st.markdown(f"- {as_written(note.partition('; --value')[0])}")
    _findings(table, validated)
    if validated.rows.is_empty():
        st.error("No row can be imported. Correct the table and drop it again.")
        return
    _offer(opened, content, table, choices, validated, protocol, default_dataset(table.name, released=released))


def _findings(table: Table, validated: Validated) -> None:
    """Say what validation found, every problem with its row number."""
    rows, problems = validated.rows, validated.problems
    counts = {
        "Rows in the file": table.columns.height,
        "Sound rows": rows.height,
        **{f"of them {group}": int((rows["group"] == group).sum()) for group in GROUPS},
        "of unknown group or sex": rows.filter(pl.col("group").is_null() | pl.col("sex").is_null()).height,
        "of unknown age": rows["age_years"].null_count(),
        "Rows with problems": validated.n_rejected,
    }
    for place, (label, count) in zip(st.columns(len(counts)), counts.items(), strict=True):
        place.metric(label, f"{count:,}")
    if problems.is_empty():
        return
    many = counted(problems.height, "problem")
    first = f"; the first {SHOWN_PROBLEMS} are shown, the download has all" if problems.height > SHOWN_PROBLEMS else ""
    st.markdown(f"**{many}**, by row as a spreadsheet counts, the header being row 1{first}")
    shown = problems.head(SHOWN_PROBLEMS)
    st.dataframe(
        cells_in_words(shown, "reason").rename(
            {
                ROW_NUMBER: words("Row"),
                "column_name": words("Column"),
                "value": words("Value"),
                "reason": words("Reason"),
            }
        ),
        hide_index=True,
        height=min(40 + 35 * shown.height, 320),
        key="problems",
    )
    download(
        "Download all problems (CSV)",
        lambda: csv_bytes(problems),
        file_name="problems.csv",
        mime="text/csv",
        key="problems-csv",
    )


def _offer(
    opened: state.OpenedStore | None,
    content: Callable[[], bytes],
    table: Table,
    choices: TableChoices,
    validated: Validated,
    protocol: str,
    suggested: str,
) -> None:
    """Ask under which name to import, and whether rows with problems may be left behind; then import."""
    left, right = st.columns(2, gap="large")
    dataset = left.text_input(
        "Name of the dataset", value=suggested, key="upload-dataset", max_chars=64, help="Letters, digits and . _ -"
    )
    citation = right.text_input("How to cite it (optional)", key="upload-citation", max_chars=500)
    dataset, citation = (dataset or "").strip(), (citation or "").strip()
    held = opened is not None and any(d.dataset_id == dataset for d in opened.datasets())
    replace = held and st.checkbox(
        f"Replace the people the store holds as {as_written(dataset)}, if they are others", key="upload-replace"
    )
    flawed = not validated.problems.is_empty()
    accepted = not flawed or st.checkbox(
        f"Import only the {validated.rows.height:,} sound rows; record the {validated.n_rejected:,} others with their "
        "reasons",
        key="upload-accept",
    )
    if not protocol:
        st.info("Name the protocol above before importing.")
    ready = bool(accepted and protocol and dataset)
    label = f"Import {counted(validated.rows.height, 'person')}"
    if not st.button(label, type="primary", disabled=not ready, key="upload-import"):
        return
    with (
        st.status("Importing", expanded=True) as status,
        temporary_file(table.name, content()) as path,
        plain_errors(str(state.store().root)),
    ):
        report = import_table(
            state.store(),
            path,
            protocol,
            dataset=dataset,
            choices=choices,
            accept_valid=flawed,
            replace=bool(replace),
            citation=citation or None,
            progress=lambda line: status.write(as_written(line.capitalize())),
        )
    _read.clear()
    _check.clear()
    _remember(report)
    st.rerun()


def _remember(report: ImportReport) -> None:
    """Keep what the import did for the next run of the page, and empty the upload."""
    groups = " · ".join(f"{group} {count:,}" for group, count in report.n.items())
    people = f"{counted(report.n_subjects, 'person')} ({groups})"
    if report.changed:
        said = f"Imported {people} as {report.dataset_id}: store version {report.version}."
    else:
        said = f"Nothing changed: the store already holds exactly these rows, {people}."
    if report.n_rejected:
        left = f"{counted(report.n_rejected, 'row')} {was(report.n_rejected)}"
        said += f" {left} left out; the reasons are recorded."
    st.session_state["imported"] = {
        "said": said,
        "version": report.version,
        "undo": report.before,
        "dataset": report.dataset_id,
    }
    st.session_state["upload_turn"] += 1


def imported_section(
    opened: state.OpenedStore | None, overview: Any, undo: Callable[[str, int, int | None], None]
) -> None:
    """Say what the last import did, with the way to the cohort and the way back.

    Parameters
    ----------
    overview : the page to look at next
    undo : called with the dataset, the version that is to go and the one it was made of
    """
    done = st.session_state.get("imported")
    if not done or opened is None or opened.number < done["version"]:
        return
    st.success(as_written(done["said"]))
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("See the cohort", type="primary", key="see-cohort"):
            st.switch_page(overview)
        if (
            done["undo"] is not None
            and may("write")
            and st.button("Undo this import", key="undo-import", help="The dataset becomes what it was before")
        ):
            undo(done["dataset"], done["version"], done["undo"])
