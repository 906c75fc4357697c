"""Publish validated rows as one dataset of the store: one protocol, one run, one new version."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any, Literal

import duckdb
import polars as pl

from db.content_hash import content_sha256
from db.dataset_content import write_ages
from db.errors import ImportConflict, StoreDamaged, StoreIncompatible, StoreMissing
from db.snapshot import Snapshot
from db.sql_files import statements
from db.store import Store
from db.tables.header_row import ROW_NUMBER
from db.tables.validation import Validated
from vocabulary.files import json_sha256
from vocabulary.identifiers import ALLOWED, LONGEST, is_identifier
from vocabulary.measures import MEASURES

SYNTHETIC_PROTOCOL = "mscohort-demo-1"


@dataclass(frozen=True)
class DatasetCard:
    """What the store says about a dataset."""

    dataset_id: str
    title: str
    synthetic: bool = False
    citation: str | None = None
    licence: str | None = None


@dataclass(frozen=True)
class Source:
    """Where rows come from; recorded with the run.

    Attributes
    ----------
    settings : everything that decided the outcome; JSON-able
    """

    kind: Literal["import", "demo"]
    name: str
    sha256: str
    settings: Mapping[str, Any]


@dataclass(frozen=True)
class Publication:
    """What publishing did: ``changed`` is False when the store already held exactly these rows.

    Attributes
    ----------
    before : the version that was live when this one was made of it, which undoing goes back to; None for the first
    """

    changed: bool
    version: int
    content_sha256: str
    run_id: str | None
    before: int | None = None


def check_slug(what: str, value: str) -> None:
    """Raise ImportConflict unless a dataset's or protocol's name is short and plain."""
    if not is_identifier(value):
        raise ImportConflict(
            f"the {what} name '{value[:80]}' is not allowed; use up to {LONGEST} {ALLOWED}, beginning with a letter or "
            "digit"
        )


def publish(
    store: Store, card: DatasetCard, protocol_id: str, source: Source, validated: Validated, *, replace: bool = False
) -> Publication:
    """Write a dataset and make it live, unless the store already holds the same rows.

    Raises
    ------
    ImportConflict : a dataset of this name holds other rows, another protocol or another citation and ``replace``
        is False; a name is not a plain one; or real rows claim the protocol of the synthetic cohort.
    AuditFailed, StoreBusy : see `db.store.Store.write`.
    """
    check_slug("dataset", card.dataset_id)
    check_slug("protocol", protocol_id)
    if protocol_id == SYNTHETIC_PROTOCOL and not card.synthetic:
        raise ImportConflict(f"the protocol '{protocol_id}' is kept for the synthetic cohort; name the table's own")
    content = content_sha256(validated.rows, protocol_id, validated.extras)
    started = datetime.now(UTC).replace(tzinfo=None)
    with store.lock():
        held = _held(store, card.dataset_id)
        if held is not None:
            number, row = held
            same = row["content_sha256"] == content and row["protocol_ids"] == [protocol_id]
            # What was joined since is more than the table says: the same table again takes nothing away.
            same = same or _joined_since(store, card.dataset_id, _run_id(card.dataset_id, protocol_id, source))
            if same and card.citation in (None, row["citation"]) and card.synthetic == row["synthetic"]:
                return Publication(False, number, row["content_sha256"], None)
            if not replace:
                what = "another citation" if same else "other content"
                raise ImportConflict(
                    f"the store already has a dataset '{card.dataset_id}' with {what} ({row['n']} people, protocol "
                    f"{', '.join(row['protocol_ids'])}); use --replace, or --dataset with another name"
                )
        run_id = _run_id(card.dataset_id, protocol_id, source)
        before = store.current()
        with store.write(f"{source.kind} of {source.name} as {card.dataset_id}") as connection:
            if held is not None:
                _delete(connection, card.dataset_id)
            _insert(connection, card, protocol_id, source, validated, content, run_id, started)
        live = store.current()
    return Publication(True, live.number if live else 0, content, run_id, before.number if before else None)


def read_or_migrate(store: Store) -> Snapshot | None:
    """Open the live version, brought up to this software's schema first if need be; None for an empty store."""
    try:
        return store.read()
    except StoreMissing:
        return None
    except StoreIncompatible:
        # Writing migrates an older store; for a newer one it raises the same error.
        with store.write("brought the store to this software's schema"):
            pass
        return store.read()


def go_back(store: Store, to: int | None = None, instead_of: int | None = None) -> int:
    """Make an older version live and return the live one's number: its own, or a copy's with this software's schema.

    Raises
    ------
    NotInStore, StoreChanged : see `db.store.Store.rollback`.
    """
    with store.lock():
        version = store.rollback(to, instead_of)
        try:
            snapshot = read_or_migrate(store)
        except StoreDamaged:
            return version.number  # whoever reads it says so; another version may be gone back to
    if snapshot is None:
        return version.number
    with snapshot:
        return snapshot.version


def _held(store: Store, dataset_id: str) -> tuple[int, dict[str, Any]] | None:
    snapshot = read_or_migrate(store)
    if snapshot is None:
        return None
    with snapshot:
        rows = snapshot.datasets().filter(pl.col("dataset_id") == dataset_id)
        return (snapshot.version, rows.row(0, named=True)) if rows.height else None


def _joined_since(store: Store, dataset_id: str, run_id: str) -> bool:
    """Tell whether a dataset is what this very run brought, and tables that were joined to it afterwards."""
    with store.read() as snapshot:
        runs = snapshot.runs().filter(pl.col("dataset_id") == dataset_id)
        return runs["run_id"].to_list() == [run_id] and snapshot.joined_tables(dataset_id).height > 0


def _run_id(dataset_id: str, protocol_id: str, source: Source) -> str:
    digest = json_sha256([dataset_id, protocol_id, source.sha256, dict(source.settings)])
    return f"{source.kind}-{digest[:16]}"


def _delete(connection: duckdb.DuckDBPyConnection, dataset_id: str) -> None:
    for statement in connection.extract_statements(statements("queries")["delete_dataset"]):
        connection.execute(statement, {"dataset_id": dataset_id})


def _insert(
    connection: duckdb.DuckDBPyConnection,
    card: DatasetCard,
    protocol_id: str,
    source: Source,
    validated: Validated,
    content: str,
    run_id: str,
    started: datetime,
) -> None:
    queries = statements("queries")
    rows = validated.rows
    frames = {
        **_frames(card.dataset_id, validated),
        "incoming_problems": validated.problems,
    }
    for name, frame in frames.items():
        connection.register(name, frame.to_arrow())
    names = {"dataset_id": card.dataset_id, "protocol_id": protocol_id}
    connection.begin()
    connection.execute(queries["insert_protocol"], {"protocol_id": protocol_id})
    connection.execute(
        queries["insert_dataset"],
        {
            "dataset_id": card.dataset_id,
            "title": card.title,
            "synthetic": card.synthetic,
            "citation": card.citation,
            "licence": card.licence,
            "content_sha256": content,
        },
    )
    connection.execute(
        queries["insert_run"],
        {
            **names,
            "run_id": run_id,
            "kind": source.kind,
            "source_name": source.name,
            "source_sha256": source.sha256,
            "settings": json.dumps(dict(source.settings), sort_keys=True, ensure_ascii=False),
            "software_version": version("mscohort"),
            "started_at": started,
            "finished_at": datetime.now(UTC).replace(tzinfo=None),
            "n_accepted": rows.height,
            "n_rejected": validated.n_rejected,
        },
    )
    connection.commit()
    connection.execute(queries["insert_subjects"], {"dataset_id": card.dataset_id})
    connection.execute(queries["insert_scans"], {"dataset_id": card.dataset_id})
    write_ages(connection, card.dataset_id, frames["incoming"])
    connection.execute(queries["insert_measures"], {"protocol_id": protocol_id, "run_id": run_id})
    connection.execute(queries["insert_missing_values"], {"protocol_id": protocol_id})
    for statement in connection.extract_statements(queries["insert_extras"]):
        connection.execute(statement, {n: names[n] for n in statement.named_parameters})
    connection.execute(queries["insert_rejections"], {"run_id": run_id, "input": source.name})
    for name in frames:
        connection.unregister(name)


def _frames(dataset_id: str, validated: Validated) -> dict[str, pl.DataFrame]:
    """Return the rows as the store's tables want them: people, scans with measures, missing values, further columns."""
    rows = validated.rows
    session = pl.col("session") if "session" in rows.columns else pl.lit(None, pl.String)
    visit = pl.when(session.is_not_null()).then(pl.format("_ses-{}", session)).otherwise(pl.lit(""))
    scan_id = pl.format("{}/{}{}", pl.lit(dataset_id), pl.col("subject_id"), visit).alias("scan_id")
    absent = [pl.lit(None, pl.Float64).alias(name) for name in MEASURES if name not in rows.columns]
    scans = rows.with_columns(session.alias("session"), scan_id, *absent)
    extras = {extra.name: extra for extra in validated.extras}
    given = [name for name in rows.columns if name not in (ROW_NUMBER, "subject_id", "session", *extras)]
    missing = scans.select("scan_id", *(pl.col(name).is_null() for name in given)).unpivot(
        given, index="scan_id", variable_name="column_name", value_name="missing"
    )
    values = [
        scans.select(
            "scan_id",
            pl.lit(name).alias("column_name"),
            (pl.col(name) if extra.kind == "number" else pl.lit(None, pl.Float64))
            .cast(pl.Float64)
            .alias("number_value"),
            (pl.col(name) if extra.kind == "category" else pl.lit(None, pl.String)).cast(pl.String).alias("text_value"),
        ).filter(pl.col("number_value").is_not_null() | pl.col("text_value").is_not_null())
        for name, extra in extras.items()
    ]
    empty = {"scan_id": pl.String, "column_name": pl.String, "number_value": pl.Float64, "text_value": pl.String}
    described = [asdict(extra) | {"position": place} for place, extra in enumerate(validated.extras)]
    columns = {"name": pl.String, "kind": pl.String, "label": pl.String, "unit": pl.String, "position": pl.Int32}
    return {
        "incoming": scans,
        "incoming_missing": missing.filter(pl.col("missing")).select("scan_id", "column_name"),
        "incoming_extra_columns": pl.DataFrame(described, schema=columns),
        "incoming_extra_values": pl.concat(values) if values else pl.DataFrame(schema=empty),
    }
