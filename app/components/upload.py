"""Upload a table: what was read, which column is what, every problem before anything is imported, and the import."""

from collections.abc import Callable

import polars as pl
import streamlit as st

from app import state
from app.components.tables import numbers_table
from app.export import csv_bytes
from app.incoming import (
    ENDINGS,
    IncomingError,
    default_dataset,
    guess_columns,
    plain_errors,
    problem_lines,
    safe_name,
    temporary_file,
)
from db.headers import OPTIONAL, RELEASED, REQUIRED, is_released, map_headers
from db.importing import ImportReport, import_table
from db.tables import ROW_NUMBER, Table, read_table
from db.validation import Validated, validate
from vocabulary import GROUPS, MEASURES, PUBLISHED_PROTOCOL, SYNTHETIC_PROTOCOL

PRIVACY = (
    "Nothing leaves this machine. The file is read here, kept only until it is imported, and deleted; the store keeps the "
    "pseudonymous identifier, group, sex, age and measures of each row. Do not upload names, birth dates or hospital numbers."
)
IDENTITY_LABELS = {
    "subject_id": "Subject identifier (pseudonym)",
    "age_years": "Age (years)",
    "sex": "Sex (F or M)",
    "group": "Group (MS or HC)",
}
NOT_GIVEN = "(choose a column)"
OWN = "own"
SHOWN_PROBLEMS = 200


@st.cache_resource(max_entries=2, show_spinner="Reading the table")
def _read(file_id: str, name: str, _content: Callable[[], bytes]) -> Table:
    with temporary_file(name, _content()) as path:
        return read_table(path)


@st.cache_resource(max_entries=2, show_spinner="Checking every row")
def _check(file_id: str, columns: tuple[tuple[str, str], ...], _table: Table, released: bool) -> Validated:
    with plain_errors():
        return validate(_table.columns, dict(columns), decimal_comma=_table.decimal_comma, released=released)


def upload_section() -> None:
    """Draw the upload, from the dropped file to the finished import."""
    st.markdown("#### Import a table")
    turn = st.session_state.setdefault("upload_turn", 0)
    uploaded = st.file_uploader(
        "Drop a cohort table here: CSV, TSV, XLSX or Parquet", type=list(ENDINGS), key=f"upload-{turn}", help=PRIVACY
    )
    st.markdown(PRIVACY)
    if uploaded is None:
        return
    try:
        table = _read(uploaded.file_id, uploaded.name, uploaded.getvalue)
        _review(uploaded.file_id, uploaded.getvalue, table)
    except IncomingError as error:
        st.error(_plain(str(error)))
        for line in problem_lines(error):
            st.markdown(f"- {_plain(line)}")


def _review(file_id: str, content: Callable[[], bytes], table: Table) -> None:
    headers = [name for name in table.columns.columns if name != ROW_NUMBER]
    st.markdown(f"**{_plain(table.name)}**: {table.columns.height:,} rows, {len(headers):,} columns.")
    for note in table.notes:
        st.info(_plain(note))
    released = is_released(headers)
    protocol = _protocol(released)
    column_map = _columns(headers)
    if column_map is None:
        return
    with plain_errors():
        mapped = map_headers(headers, column_map, table.name)
    validated = _check(file_id, tuple(sorted(mapped.items())), table, released)
    _findings(table, validated)
    if validated.rows.is_empty():
        st.error("No row can be imported. Correct the table and drop it again.")
        return
    _offer(content, table, column_map, validated, protocol)


def _protocol(released: bool) -> str:
    """Ask how the numbers were measured; numbers of different protocols are never pooled."""
    opened = state.snapshot()
    rows = opened.protocols().to_dicts() if opened else []
    titles = {PUBLISHED_PROTOCOL: "the study's released table"}
    titles |= {row["protocol_id"]: row["title"] for row in rows if row["protocol_id"] != SYNTHETIC_PROTOCOL}
    options = [*titles, OWN]
    chosen = st.selectbox(
        "Protocol: how were these numbers measured?",
        options,
        index=options.index(PUBLISHED_PROTOCOL) if released else len(options) - 1,
        format_func=lambda p: "Measured in another way (name it)" if p == OWN else f"{p}: {titles[p]}",
        key="upload-protocol",
        help="Slices, units, masks, zone rule and model together. Numbers of different protocols are never pooled or "
        "compared, so tables belong to one protocol only if they were measured in exactly the same way.",
    )
    if chosen != OWN:
        return str(chosen)
    return str(
        st.text_input(
            "Name of the protocol", key="upload-own-protocol", max_chars=64, placeholder="for example hospital-2026",
            help="Letters, digits and . _ -",
        )
        or ""
    ).strip()  # fmt: skip


def _columns(headers: list[str]) -> dict[str, str] | None:
    """Return what a person says about the columns; None while something is not said yet."""
    known = {h.casefold(): m for h, m in RELEASED.items()} | {m: m for m in (*REQUIRED, *OPTIONAL)}
    recognised = {known[h.casefold()]: h for h in headers if h.casefold() in known}
    if set(REQUIRED) <= set(recognised):
        with st.expander("All columns recognised"):
            st.markdown("\n".join(f"- {_label(m)}: `{_code(h)}`" for m, h in recognised.items()))
            ignored = [h for h in headers if h not in recognised.values()]
            st.markdown(f"Not imported: {', '.join(f'`{_code(h)}`' for h in ignored)}" if ignored else "")
        return {}
    st.markdown("**Which column is what?** Areas in mm², summed over slices. Ratios and shares are derived from them.")
    guessed = guess_columns(headers) | recognised
    options = [NOT_GIVEN, *headers]
    chosen: dict[str, str] = {}
    places = st.columns(2, gap="large")
    for i, name in enumerate(REQUIRED):
        with places[i * 2 // len(REQUIRED)]:
            guess = guessed.get(name)
            column = st.selectbox(
                _label(name), options, index=options.index(guess) if guess in options else 0, key=f"column-{name}"
            )
        if column != NOT_GIVEN:
            chosen[name] = column
    lacking = [_label(name) for name in REQUIRED if name not in chosen]
    twice = sorted({c for c in chosen.values() if list(chosen.values()).count(c) > 1})
    if lacking:
        st.info(f"Choose a column for: {', '.join(lacking)}.")
    if twice:
        st.error(f"The column {_plain(twice[0])} is chosen twice; every measure needs its own.")
    return None if lacking or twice else {column: name for name, column in chosen.items()}


def _findings(table: Table, validated: Validated) -> None:
    """Say what validation found, every problem with its row number."""
    rows, problems = validated.rows, validated.problems
    ages = rows["age_years"].null_count()
    groups = " · ".join(f"{g} {int((rows['group'] == g).sum()):,}" for g in GROUPS)
    places = st.columns(4)
    places[0].metric("Rows in the file", f"{table.columns.height:,}")
    places[1].metric("Sound rows", f"{rows.height:,}", help="Ready to be imported.")
    places[2].metric("Rows with problems", f"{validated.n_rejected:,}")
    places[3].metric("Of unknown age", f"{ages:,}", help="Allowed: the age stays empty.")
    st.markdown(f"Sound rows by group: {groups}")
    if problems.is_empty():
        return
    st.markdown(f"**{problems.height:,} problems**, by row of the file (the header is row 1)")
    shown = problems.head(SHOWN_PROBLEMS)
    st.dataframe(
        shown.rename({ROW_NUMBER: "Row", "column_name": "Column", "value": "Value", "reason": "Reason"}),
        hide_index=True,
        height=min(38 + 35 * shown.height, 320),
        key="problems",
    )
    if shown.height < problems.height:
        st.markdown(f"The first {shown.height:,} are shown; the download has all.")
    st.download_button(
        "Download all problems (CSV)", lambda: csv_bytes(problems), file_name="problems.csv", mime="text/csv",
        on_click="ignore", key="problems-csv",
    )  # fmt: skip


def _offer(
    content: Callable[[], bytes], table: Table, column_map: dict[str, str], validated: Validated, protocol: str
) -> None:
    """Ask under which name to import, and whether rows with problems may be left behind; then import."""
    left, right = st.columns(2, gap="large")
    dataset = left.text_input(
        "Name of the dataset", value=default_dataset(table), key="upload-dataset", max_chars=64,
        help="Letters, digits and . _ -",
    ).strip()  # fmt: skip
    citation = right.text_input("How to cite it (optional)", key="upload-citation", max_chars=500).strip()
    held = any(d.dataset_id == dataset for d in state.datasets())
    replace = held and st.checkbox(f"Replace what the store holds as {_plain(dataset)}", key="upload-replace")
    accepted = validated.problems.is_empty() or st.checkbox(
        f"Import the {validated.rows.height:,} sound rows and record the {validated.n_rejected:,} others with their reasons",
        key="upload-accept",
    )
    if not protocol:
        st.info("Name the protocol above before importing.")
    ready = bool(accepted and protocol and dataset)
    if not st.button(
        f"Import {validated.rows.height:,} people", type="primary", disabled=not ready, key="upload-import"
    ):
        return
    before = state.store().current()
    with st.status("Importing", expanded=True) as status, temporary_file(table.name, content()) as path:
        report = import_table(
            state.store(),
            path,
            protocol,
            dataset=dataset,
            column_map=column_map,
            accept_valid=not validated.problems.is_empty(),
            replace=bool(replace),
            citation=citation or None,
            progress=lambda line: status.write(line.capitalize()),
        )
        status.update(label="Imported", state="complete")
    _read.clear()
    _check.clear()
    _remember(report, before.number if before else None)
    st.rerun()


def _remember(report: ImportReport, before: int | None) -> None:
    """Keep what the import did for the next run of the page, and empty the upload."""
    groups = " · ".join(f"{group} {count:,}" for group, count in report.n.items())
    if report.changed:
        said = f"Imported {report.n_subjects:,} people ({groups}) as {report.dataset_id}, store version {report.version}."
    else:
        said = f"Nothing changed: the store already holds exactly these {report.n_subjects:,} people ({groups})."
    if report.n_rejected:
        said += f" {report.n_rejected:,} rows were left out and are recorded with their reasons."
    st.session_state["imported"] = {"said": said, "version": report.version, "undo": before if report.changed else None}
    st.session_state["upload_turn"] += 1


def imported_section(on_undo: Callable[[int], None]) -> None:
    """Say what the last import did, with the way to the cohort and the way back."""
    done = st.session_state.get("imported")
    current = state.store().current()
    if not done or current is None or current.number != done["version"]:
        return
    with st.container(border=True, key="imported"):
        st.success(_plain(done["said"]))
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link(st.Page(_overview, title="Overview", default=True), label="See the cohort")
            if done["undo"] is not None:
                st.button(
                    "Undo this import", key="undo-import", on_click=on_undo, args=(done["undo"],),
                    help=f"Goes back to store version {done['undo']}.",
                )  # fmt: skip
