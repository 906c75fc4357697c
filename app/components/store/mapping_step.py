"""The mapping step of an import: what was found in a table, with counts, and what only a person can say about it."""

from collections.abc import Mapping, Sequence

import polars as pl
import streamlit as st

from app.components import choosing
from app.components.language import language, words
from app.components.tables import numbers_table
from app.sentences.as_written import as_written
from app.uploads.tables import guess_columns
from app.words.translating import as_name
from db.tables.choices import EVERYBODY, ExtraChoice, TableChoices
from db.tables.columns import DERIVED, FIELDS, IDENTITY, VISIT, is_released, recognised
from db.tables.files import Table
from db.tables.numbers import Mark
from db.tables.units import UNITS, label, own_unit, quantity, split_header
from db.tables.words import counted
from vocabulary.measures import GROUPS, MEASURES, SEXES
from vocabulary.people import group_of, is_missing, sex_of

IDENTITY_LABELS = {
    "subject_id": "Subject identifier (pseudonym)",
    "age_years": "Age (years)",
    "sex": "Sex (F or M)",
    "group": "Group (MS or HC)",
    "session": "Visit",
}
NOT_GIVEN = "(not in this table)"
NOT_KNOWN = "not known"
SHOWN_ROWS = 5
SHOWN_COLUMNS = 10
_FILE_KEYS = ("upload-", "column-", "value-", "unit-", "everybody-")
_KEPT_KEYS = ("upload_turn", "upload-file")
_MOST_WORDS = 12
_DECIMALS: Mapping[str, Mark | None] = {"as the columns show": None, "point (121.5)": ".", "comma (121,5)": ","}


def follow_file(file_id: str) -> None:
    """Forget what was said about another file: its name, citation, columns and words stay with it."""
    if st.session_state.get("upload-file") == file_id:
        return
    for key in [str(key) for key in st.session_state if str(key).startswith(_FILE_KEYS)]:
        if key not in _KEPT_KEYS and not key.removeprefix("upload-").isdigit():
            del st.session_state[key]
    st.session_state["upload-file"] = file_id


def chosen_sheet() -> str | None:
    """Return the sheet a person chose for the file being shown."""
    chosen = st.session_state.get("upload-sheet")
    return str(chosen) if chosen else None


def sheet_choice(table: Table) -> None:
    """Offer the other sheets of a workbook."""
    if len(table.sheets) > 1:
        choosing.selectbox(
            "Sheet",
            list(table.sheets),
            index=None,
            placeholder="the one whose headers say most",
            key="upload-sheet",
            width=360,
        )


def preview(table: Table) -> None:
    """Show the first rows as they were read."""
    with st.expander(f"First {min(SHOWN_ROWS, table.columns.height)} rows as read", expanded=True):
        shown = table.columns.head(SHOWN_ROWS).select(pl.all().cast(pl.String).fill_null("").str.slice(0, 40))
        wide = shown.width - 1 - SHOWN_COLUMNS
        shown = shown.select(shown.columns[: 1 + SHOWN_COLUMNS]).rename({"row_number": words("Row")})
        numbers_table(shown, left=tuple(shown.columns), as_read=True)
        if wide > 0:
            st.caption(f"and {wide:,} more columns")


def mapping_step(table: Table) -> TableChoices | None:
    """Ask what the table does not say by itself; None while something that is needed is unsaid."""
    columns = _columns(table)
    if columns is None:
        return None
    column_of = {field: header for header, field in columns.items()}
    released = is_released(columns)
    values = {what: word_choices(table, column_of.get(what), what, released=released) for what in ("group", "sex")}
    units = _units(columns)
    extras = _extras(table, columns)
    decimal = choosing.selectbox(
        "Decimal mark",
        list(_DECIMALS),
        key="upload-decimal",
        width=260,
        help="A column is understood as a whole, and what was read otherwise than plainly is said below. Choose a mark "
        "only where the columns do not show it.",
    )
    return TableChoices(
        columns=columns,
        values={what: said for what, said in values.items() if said},
        units=units,
        extras=extras,
        sheet=chosen_sheet(),
        decimal=_DECIMALS[str(decimal)],
    )


def _columns(table: Table) -> dict[str, str] | None:
    """Return column -> field, as the headers say or as a person chooses."""
    known = {header: field for header in table.headers if (field := recognised(header)) is not None}
    areas = {field for header, field in known.items() if header not in table.empty}
    known = {h: f for h, f in known.items() if f not in DERIVED or not areas.issuperset(DERIVED[f])}
    fields = list(known.values())
    plain = (
        len(set(fields)) == len(fields)
        and {"subject_id", "sex", "group"} <= set(fields)
        and set(fields) & set(MEASURES)
    )
    if plain:
        with st.expander(f"{len(known)} of {len(table.headers)} columns recognised"):
            st.markdown("\n".join(f"- {words(label_of(field))}: {_header(header)}" for header, field in known.items()))
            others = [as_written(h) for h in table.headers if h not in known]
            if others:
                st.markdown(f"Not recognised: {', '.join(others)}")
            if not st.toggle("Choose the columns myself", key="upload-choose"):
                return known
    st.markdown(
        "**Which column is what?** Any subset of measures will do: what is absent stays absent. Ratios and shares are "
        "derived from areas where the table has these."
    )
    return _chosen(table.headers, guess_columns(table.headers))


def _chosen(headers: list[str], guessed: Mapping[str, str]) -> dict[str, str] | None:
    options = [NOT_GIVEN, *headers]
    first = (*IDENTITY, *(name for name in FIELDS if name in MEASURES and (name in guessed or name.endswith("_mm2"))))
    more = [name for name in (VISIT, *MEASURES) if name not in first]
    chosen: dict[str, str] = {}
    for names, place in ((first, st.container()), (more, st.expander("Further measures"))):
        with place:
            halves = st.columns(2, gap="large")
            for i, name in enumerate(names):
                guess = guessed.get(name)
                column = halves[2 * i // len(names)].selectbox(
                    label_of(name), options, index=options.index(guess) if guess in options else 0,
                    key=f"column-{name}", format_func=choosing.named(NOT_GIVEN),
                )  # fmt: skip
                if column != NOT_GIVEN:
                    chosen[name] = str(column)
    twice = [c for c in dict.fromkeys(chosen.values()) if list(chosen.values()).count(c) > 1]
    if twice:
        st.error(f"The column {as_written(twice[0])} is chosen twice; every measure needs its own.")
        return None
    if "subject_id" not in chosen:
        st.info(f"Choose a column for: {label_of('subject_id')}.")
        return None
    return {column: name for name, column in chosen.items()}


def word_choices(table: Table, header: str | None, what: str, *, released: bool) -> dict[str, str | None]:
    """Show which words a column has, how many rows each, and ask about those that are not understood."""
    codes, understood = (GROUPS, group_of) if what == "group" else (SEXES, sex_of)
    if header is None:
        said = choosing.selectbox(
            f"No column for {what}: everybody is", [NOT_KNOWN, *codes], key=f"everybody-{what}", width=260,
            help="People whose group or sex is not known are in no comparison.",
        )  # fmt: skip
        return {EVERYBODY: None if said == NOT_KNOWN else str(said)}
    found = [(word, n) for word, n in counted(table.columns[header]) if not is_missing(word)]
    if what == "sex" and released:
        return {}
    open_ = [(word, n) for word, n in found if understood(word) is None]
    known = [f"{as_written(word)} ({n:,}) is {understood(word)}" for word, n in found if understood(word) is not None]
    if known:
        st.markdown(f"**{what.capitalize()}**, rows: {', '.join(known[:_MOST_WORDS])}.")
    if not open_:
        return {}
    st.markdown(
        f"**{what.capitalize()}**: what do these words mean? What stays *{NOT_KNOWN}* leaves the person unknown."
    )
    said_words: dict[str, str | None] = {}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for i, (word, n) in enumerate(open_[:_MOST_WORDS]):
            code = choosing.selectbox(
                f"{as_written(word)} ({n:,} {'row' if n == 1 else 'rows'})",
                [NOT_KNOWN, *codes],
                key=f"value-{what}-{i}",
                width=200,
            )
            if code != NOT_KNOWN:
                said_words[word] = str(code)
    if len(open_) > _MOST_WORDS:
        st.markdown(f"{len(open_) - _MOST_WORDS:,} rarer words are not shown and leave the person unknown.")
    if not known and not said_words:
        # Nothing is understood: a person who goes on anyway says so.
        said_words[EVERYBODY] = None
    return said_words


def _units(columns: Mapping[str, str]) -> dict[str, str]:
    """Offer the unit of every column that has one; a unit in the header is proposed."""
    measured = {header: field for header, field in columns.items() if own_unit(field) is not None}
    if not measured:
        return {}
    said: dict[str, str] = {}
    with st.expander("Units", expanded=any(split_header(h)[1] not in (None, own_unit(f)) for h, f in measured.items())):
        halves = st.columns(2, gap="large")
        for i, (header, field) in enumerate(measured.items()):
            own = own_unit(field) or ""
            fitting = [unit for unit in UNITS if quantity(unit) == quantity(own)]
            written = split_header(header)[1]
            proposed = written if written in fitting else own
            with halves[2 * i // len(measured)]:
                unit = choosing.selectbox(
                    f"{_header(header)}: {words(label_of(field))}",
                    fitting,
                    index=fitting.index(proposed),
                    key=f"unit-{header}",
                    format_func=label,
                )
            if unit != own or (written is not None and written != own):
                said[header] = str(unit)
    return said


def _extras(table: Table, columns: Mapping[str, str]) -> tuple[ExtraChoice, ...]:
    free = [header for header in table.headers if header not in columns and header not in table.empty]
    if not free:
        return ()
    chosen = st.multiselect(
        "Further columns to keep (EDSS, duration, treatment, scanner, a score)",
        free,
        format_func=choosing.named(),
        key="upload-extras",
        placeholder="none",
        help="Kept as numbers or as categories, whichever the column holds; a unit in brackets is kept with it. They "
        "filter, correlate and colour on the other pages. Never names, birth dates or hospital numbers.",
    )
    if chosen:
        values_table(table, chosen)
    return tuple(ExtraChoice(header) for header in chosen)


def values_table(table: Table, headers: Sequence[str]) -> None:
    """Show the most frequent values of columns, as they stand in the table."""
    names = words("Column"), words("Values")
    rows = [(h, ", ".join(f"{w} ({n:,})" for w, n in counted(table.columns[h])[:5])) for h in headers]
    numbers_table(pl.DataFrame(rows, schema=names, orient="row"), left=names, as_read=True)


def _header(header: str) -> str:
    return as_name(as_written(header), language())


def label_of(field: str) -> str:
    """Return what a field is called on the page."""
    return IDENTITY_LABELS[field] if field in IDENTITY_LABELS else MEASURES[field].axis_title
