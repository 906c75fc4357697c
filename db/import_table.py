"""Bring a cohort table, a file or a frame, into the store: read, map, validate, publish."""

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from db.content_hash import content_sha256
from db.errors import TableError
from db.publish_table import DatasetCard, Publication, Source, check_slug, publish
from db.store import Store
from db.tables.choices import TableChoices
from db.tables.columns import VISIT, TableColumns, is_released, map_columns
from db.tables.exported import Exported, exported, table_of
from db.tables.files import Table, as_text, read_table
from db.tables.validation import Validated, validate
from vocabulary.extra_columns import ExtraColumn
from vocabulary.measures import GROUPS
from vocabulary.messages import printable

Progress = Callable[[str], None]

RELEASED_DATASET = "tabriz"
_RELEASED_CITATION = "Bashiri M. MRI_MS_Insights, 2026. https://github.com/Mahdi-Bashiri/MRI_MS_Insights"
_SHOWN_PROBLEMS = 20


class TableRejected(TableError):
    """Rows of a table are unsound. ``problems`` has one row per problem: row_number, column_name, value, reason."""

    def __init__(self, message: str, problems: pl.DataFrame) -> None:
        lines = [_problem_line(problem) for problem in problems.head(_SHOWN_PROBLEMS).iter_rows(named=True)]
        more = problems.height - _SHOWN_PROBLEMS
        if more > 0:
            lines.append(f"... and {more:,} more")
        super().__init__(message, lines if problems.height > 1 else ())
        self.problems = problems


@dataclass(frozen=True)
class ImportReport:
    """What an import found and did.

    Attributes
    ----------
    changed : False when the store already held exactly these rows
    version : the store's live version afterwards
    n : people per group
    n_missing : column -> values that are missing and stay NULL
    problems : the rejected rows' problems (row_number, column_name, value, reason)
    ignored_columns : columns of the table that are not imported
    columns : column of the table -> what it was taken for
    extras : the further columns, named as the cohort frame names them
    n_unknown_words : rows whose word for group or sex is not understood
    notes : how the file was read, where that needs saying, and what is not understood
    before : the version that undoing the import goes back to; None for the first
    """

    dataset_id: str
    protocol_id: str
    changed: bool
    version: int
    n_subjects: int
    n: dict[str, int]
    n_missing: dict[str, int]
    n_rejected: int
    problems: pl.DataFrame
    content_sha256: str
    source_name: str
    source_sha256: str
    run_id: str | None
    ignored_columns: list[str]
    columns: dict[str, str]
    extras: list[ExtraColumn]
    n_unknown_words: dict[str, int]
    notes: list[str]
    before: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return the report as JSON-able values; the first problems only."""
        return {
            "dataset": self.dataset_id,
            "protocol": self.protocol_id,
            "changed": self.changed,
            "version": self.version,
            "n_subjects": self.n_subjects,
            "n": self.n,
            "n_missing": self.n_missing,
            "n_missing_age": self.n_missing.get("age_years", 0),
            "n_rejected": self.n_rejected,
            "problems": self.problems.head(_SHOWN_PROBLEMS).to_dicts(),
            "content_sha256": self.content_sha256,
            "source": self.source_name,
            "source_sha256": self.source_sha256,
            "run": self.run_id,
            "ignored_columns": self.ignored_columns,
            "columns": self.columns,
            "extras": [asdict(extra) for extra in self.extras],
            "n_unknown_words": self.n_unknown_words,
            "notes": self.notes,
        }


def import_table(
    store: Store,
    path: Path,
    protocol_id: str | None = None,
    *,
    dataset: str | None = None,
    choices: TableChoices | None = None,
    accept_valid: bool = False,
    replace: bool = False,
    citation: str | None = None,
    progress: Progress | None = None,
    read: Callable[[Path, str | None], Table] = read_table,
) -> ImportReport:
    """Import a cohort table; the same rows twice change nothing.

    Parameters
    ----------
    path : CSV, TSV, XLSX or Parquet file, or the folder or a table of an export
    protocol_id : how the numbers were measured; an unknown one is recorded as user-defined. An export says its own
    dataset : name; by default 'tabriz' for the released table, else made from the file's name
    choices : what a person says about the table that it does not say by itself
    accept_valid : import the sound rows and record the others with reasons, instead of refusing all
    replace : a dataset of this name with other content is replaced
    citation : how to cite the dataset
    progress : called with a line on what happens
    read : reads the file; `db.tables.apart.read_table_apart` where it may break a library

    Returns
    -------
    ImportReport

    Raises
    ------
    TableError : the file is not a cohort table; `TableRejected` if rows are unsound.
    ImportConflict, StoreBusy, StoreDamaged : the store cannot take it.
    OSError : the file cannot be read.
    """
    say = progress or (lambda line: None)
    path = table_of(Path(path))
    told = exported(path)
    if protocol_id is None:
        if told is None:
            raise TableError(f"{path.name}: no export describes it; say with --protocol how its numbers were measured")
        protocol_id = told.protocol
    if told is not None and choices is None:
        choices = told.choices
    check_slug("protocol", protocol_id)
    if dataset is not None:
        check_slug("dataset", dataset)
    say(f"reading {path.name}")
    choices = choices or TableChoices()
    table = read(path, choices.sheet)
    mapped = map_columns(table.headers, choices, table.name, table.empty)
    released = is_released(mapped.columns)
    say(f"checking {table.columns.height:,} rows")
    validated = validate(table.columns, mapped, choices, table.name)
    _refuse(validated, table.columns.height, table.name, accept_valid)
    card = _card(path, dataset, citation, told, released=released)
    settings = {"column_map": dict(sorted(mapped.columns.items())), "accept_valid": accept_valid, **choices.to_dict()}
    source = Source("import", printable(table.name), table.sha256, settings)
    say(f"writing {validated.rows.height:,} rows")
    done = publish(store, card, protocol_id, source, validated, replace=replace)
    return _report(card, protocol_id, source, validated, done, table, mapped)


def import_frame(
    store: Store,
    frame: pl.DataFrame,
    *,
    dataset: str,
    protocol_id: str,
    title: str | None = None,
    synthetic: bool = True,
    settings: Mapping[str, Any] | None = None,
    citation: str | None = None,
    licence: str | None = None,
    replace: bool = False,
) -> ImportReport:
    """Import a frame made by a program, such as the demo cohort, by the same path as a file.

    Parameters
    ----------
    frame : columns subject_id, age_years, sex, group and the areas (mm2); others are ignored
    settings : what made the frame, such as its seed; recorded with the run
    title, citation, licence : shown with the dataset

    Raises
    ------
    TableRejected, TableError, ImportConflict : as for `import_table`.
    """
    table = Table(as_text(frame), dataset, content_sha256(frame, protocol_id))
    mapped = map_columns(table.headers, TableChoices(), dataset, table.empty)
    validated = validate(table.columns, mapped, name=dataset)
    _refuse(validated, frame.height, dataset, accept_valid=False)
    card = DatasetCard(dataset, title or dataset, synthetic=synthetic, citation=citation, licence=licence)
    source = Source("demo" if synthetic else "import", dataset, table.sha256, settings or {})
    done = publish(store, card, protocol_id, source, validated, replace=replace)
    return _report(card, protocol_id, source, validated, done, table, mapped)


def _card(
    path: Path, dataset: str | None, citation: str | None, told: Exported | None, *, released: bool
) -> DatasetCard:
    """Say what the dataset is called: as a person said, as an export says, or after the file."""
    if told is not None:
        return DatasetCard(dataset or told.dataset, told.title, told.synthetic, citation or told.citation, told.licence)
    return DatasetCard(
        dataset or (RELEASED_DATASET if released else _slug(path.stem)),
        "Tabriz MRI cohort, released table" if released else printable(path.stem),
        citation=citation or (_RELEASED_CITATION if released else None),
        licence="MIT" if released else None,
    )


def _refuse(validated: Validated, n_rows: int, name: str, accept_valid: bool) -> None:
    problems = validated.problems
    if problems.is_empty() or (accept_valid and validated.rows.height):
        return
    if problems.height == 1:
        found = _problem_line(problems.row(0, named=True))
    else:
        found = f"{validated.n_rejected:,} of {n_rows:,} rows have problems ({problems.height:,} in all)"
    after = "correct the table"
    if validated.rows.height:
        after += ", or --accept-valid imports the other rows"
    raise TableRejected(f"{name}: {found}; nothing was imported; {after}", problems)


def _problem_line(problem: Mapping[str, Any]) -> str:
    column, value = printable(problem["column_name"]), printable(problem["value"])
    return f"row {problem['row_number']}, {column} '{value}': {problem['reason']}"


def _report(
    card: DatasetCard,
    protocol_id: str,
    source: Source,
    validated: Validated,
    done: Publication,
    table: Table,
    mapped: TableColumns,
) -> ImportReport:
    rows = validated.rows
    people = rows.unique("subject_id", keep="first", maintain_order=True)
    return ImportReport(
        dataset_id=card.dataset_id,
        protocol_id=protocol_id,
        changed=done.changed,
        version=done.version,
        n_subjects=people.height,
        n={group: int((people["group"] == group).sum()) for group in GROUPS},
        n_missing={name: n for name, n in rows.null_count().row(0, named=True).items() if n and name != VISIT},
        n_rejected=validated.n_rejected,
        problems=validated.problems,
        content_sha256=done.content_sha256,
        source_name=source.name,
        source_sha256=source.sha256,
        run_id=done.run_id,
        ignored_columns=[name for name in table.headers if name not in mapped.columns and name not in mapped.extras],
        columns=mapped.columns,
        extras=list(validated.extras),
        n_unknown_words={
            what: sum(n for field, _, n in validated.unknown if field == what) for what in ("group", "sex")
        },
        notes=[*table.notes, *validated.notes],
        before=done.before,
    )


def _slug(stem: str) -> str:
    """Make a dataset name of a file's: plain letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", stem.lower()).strip("-")[:64].rstrip("-") or "table"
