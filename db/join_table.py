"""Join a further table about the people of a dataset, such as a clinical one, by their codes."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl

from db.dataset_content import run_each, write_ages, write_content
from db.errors import NotInStore, TableError
from db.import_table import TableRejected
from db.join_plan import JoinPlan, add_facts, add_values
from db.match_people import match_people
from db.publish_table import read_or_migrate
from db.store import Store
from db.tables.choices import TableChoices
from db.tables.files import Table, read_table
from db.tables.header_row import ROW_NUMBER
from db.tables.people_table import PeopleTable, read_further, read_people
from vocabulary.extra_columns import ExtraColumn
from vocabulary.messages import counted, printable

_SHOWN = 20


@dataclass(frozen=True)
class JoinReport:
    """What joining a table found and did.

    Attributes
    ----------
    changed : False when the dataset already held all of it
    version : the store's live version afterwards
    before : the version that undoing goes back to; None where nothing changed
    n_rows, n_matched : rows of the table, and those whose code is one of the dataset
    unmatched_rows : codes of the others
    n_people, n_people_matched : of the dataset, and those of them the table speaks of
    people_without_row : the first codes of the others
    extras : the further columns
    n_values : further column -> people who have a value
    filled : group, sex, age_years -> people of whom it was unknown and is known now
    notes : how the table was read, codes written in two ways
    """

    dataset_id: str
    source_name: str
    changed: bool
    version: int
    before: int | None
    n_rows: int
    n_matched: int
    unmatched_rows: list[str]
    n_people: int
    n_people_matched: int
    people_without_row: list[str]
    extras: list[ExtraColumn]
    n_values: dict[str, int]
    filled: dict[str, int]
    ignored_columns: list[str]
    n_rejected: int
    problems: pl.DataFrame
    notes: list[str]
    content_sha256: str

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON-able values; the first problems only."""
        said = {
            "dataset": self.dataset_id,
            "source": self.source_name,
            "problems": self.problems.head(_SHOWN).to_dicts(),
            "extras": [asdict(extra) for extra in self.extras],
        }
        same = (
            "changed version n_rows n_matched unmatched_rows n_people n_people_matched people_without_row n_values"
            " filled ignored_columns n_rejected notes content_sha256"
        )
        return {**said, **{name: getattr(self, name) for name in same.split()}}


def join_table(
    store: Store,
    path: Path,
    dataset_id: str,
    *,
    choices: TableChoices | None = None,
    rows: Mapping[str, int] | None = None,
    accept_valid: bool = False,
    replace: bool = False,
    dry_run: bool = False,
    reader: Callable[[Path, str | None], Table] = read_table,
) -> JoinReport:
    """Join a table; the same one twice changes nothing.

    Parameters
    ----------
    path : CSV, TSV, XLSX or Parquet file, one row per person, or per person and visit
    choices : further columns to keep, what columns and words mean
    rows : scan_id -> row of the table, where that is known already: then nothing but further columns is read
    accept_valid : join the sound rows; otherwise an unsound one refuses the table
    replace : what the table says goes before what the dataset holds
    dry_run : only say what would change
    reader : reads the file; `db.tables.apart.read_table_apart` where it may break a library

    Raises
    ------
    TableError : the file is no such table, speaks of nobody here, or of one scan in two rows; `TableRejected` if rows
        are unsound.
    ImportConflict : the dataset holds other values, another group or another sex, and ``replace`` is False.
    NotInStore : no such dataset.
    """
    choices = choices or TableChoices()
    table = reader(path, choices.sheet)
    read = read_people(table, choices) if rows is None else read_further(table, choices)
    _refuse_unsound(read, table.name, accept_valid)
    with store.lock():
        snapshot = read_or_migrate(store)
        if snapshot is None:
            raise NotInStore(f"the store has no dataset '{dataset_id}': it is empty")
        with snapshot:
            people = snapshot.people_at_scans(dataset_id)
            plan, told = _matched(read, people, rows, table.name)
            add_facts(plan, people, replace, table.name)
            add_values(plan, snapshot, dataset_id, read.extras, replace, table.name)
            content = dict(snapshot.datasets().select("dataset_id", "content_sha256").iter_rows())[dataset_id]
            before = snapshot.version
        if plan.changed and not dry_run:
            content = _write(store, dataset_id, plan, table, choices, read.n_rows, told["n_matched"])
        live = store.current()
    names = [extra.name for extra in read.extras]
    return JoinReport(
        dataset_id=dataset_id,
        source_name=printable(table.name),
        changed=plan.changed,
        version=live.number if live else before,
        before=before if plan.changed and not dry_run else None,
        n_rows=read.n_rows,
        extras=list(read.extras),
        n_values={name: plan.rows.drop_nulls(name)["subject_id"].n_unique() for name in names},
        filled=plan.filled,
        ignored_columns=[printable(header, 80) for header in read.ignored],
        n_rejected=read.n_rows - read.rows.height,
        problems=read.problems,
        content_sha256=content,
        **told,
    )


def _refuse_unsound(read: PeopleTable, name: str, accept_valid: bool) -> None:
    if read.problems.is_empty() or (accept_valid and read.rows.height):
        return
    first = read.problems.row(0, named=True)
    what = (
        f"row {first['row_number']}, {printable(first['column_name'])} '{printable(first['value'])}': {first['reason']}"
    )
    if read.problems.height > 1:
        what = f"{read.n_rows - read.rows.height:,} of {read.n_rows:,} rows have problems, the first in {what}"
    after = ", or --accept-valid joins the other rows" if read.rows.height else ""
    raise TableRejected(f"{name}: {what}; nothing was joined; correct the table{after}", read.problems)


def _matched(
    read: PeopleTable, people: pl.DataFrame, rows: Mapping[str, int] | None, name: str
) -> tuple[JoinPlan, dict[str, Any]]:
    """Return the rows by scan, and what the report says of how they fit."""
    notes, unmatched = list(read.notes), []
    if rows is None:
        found = match_people(read.rows, people)
        if found.twice:
            scan_id, (one, other) = next(iter(found.twice.items()))
            raise TableError(
                f"{name}: rows {one} and {other} both speak of {printable(scan_id)}; nothing was joined; leave one, or "
                "tell the visits apart in a column session"
            )
        rows, unmatched = found.row_of, found.unmatched
        if found.differs:
            code, own = found.differs[0]
            more = f", and {counted(len(found.differs) - 1, 'other code')}" if len(found.differs) > 1 else ""
            notes.append(f"'{printable(code)}' of the table is {own} here, written in another way{more}")
    place = pl.DataFrame(
        {"scan_id": list(rows), ROW_NUMBER: list(rows.values())}, schema={"scan_id": pl.String, ROW_NUMBER: pl.UInt32}
    )
    mine = people.select("scan_id", "subject_id")
    about = read.rows.drop("subject_id", "session", strict=False)
    joined = mine.join(place, on="scan_id").join(about, on=ROW_NUMBER, maintain_order="left")
    if joined.is_empty():
        some = ", ".join(read.rows["subject_id"].head(3)) if "subject_id" in read.rows.columns else "none"
        here = ", ".join(mine["subject_id"].unique(maintain_order=True).head(3))
        raise TableError(
            f"{name}: nobody in it is in the dataset; nothing was joined; its codes are such as {printable(some)}, "
            f"those here such as {printable(here)}; --map COLUMN=subject_id says where the codes stand"
        )
    without = mine.join(joined, on="subject_id", how="anti")["subject_id"].unique(maintain_order=True)
    told = {
        "n_matched": joined[ROW_NUMBER].n_unique(),
        "unmatched_rows": list(dict.fromkeys(unmatched)),
        "n_people": mine["subject_id"].n_unique(),
        "n_people_matched": joined["subject_id"].n_unique(),
        "people_without_row": without.head(_SHOWN).to_list(),
        "notes": notes,
    }
    return JoinPlan(joined), told


def _write(
    store: Store, dataset_id: str, plan: JoinPlan, table: Table, choices: TableChoices, n_rows: int, n_matched: int
) -> str:
    columns = {"name": pl.String, "kind": pl.String, "label": pl.String, "unit": pl.String, "position": pl.Int32}
    people = (
        plan.people
        if plan.people.width
        else pl.DataFrame(schema=dict.fromkeys(("subject_id", "group", "sex"), pl.String))
    )
    frames = {
        "incoming_extra_columns": pl.DataFrame(plan.columns, schema={**columns, "source_name": pl.String}),
        "incoming_extra_values": plan.values,
        "incoming_people": people.cast(pl.String),
    }
    said = {
        "columns": dict(choices.columns),
        "extras": [asdict(extra) for extra in choices.extras],
        **choices.to_dict(),
    }
    with store.write(f"join of {printable(table.name)} to {dataset_id}") as connection:
        for name, frame in frames.items():
            connection.register(name, frame.to_arrow())
        if plan.ages.height:
            write_ages(connection, dataset_id, plan.ages)
        run_each(
            connection,
            "write_joined",
            dataset_id=dataset_id,
            source_name=printable(table.name),
            source_sha256=table.sha256,
            settings=json.dumps(said, sort_keys=True, ensure_ascii=False),
            software_version=version("mscohort"),
            joined_at=datetime.now(UTC).replace(tzinfo=None),
            n_rows=n_rows,
            n_matched=n_matched,
        )
        for name in frames:
            connection.unregister(name)
        return write_content(connection, dataset_id)
