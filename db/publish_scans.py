"""Publish what a run of scans found: people, scans, measures, lesions, doubts and refusals, in one new version.

The folder's tables are described in `db.run_tables`.
"""

import json
import os
from dataclasses import asdict
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from db.compatibility import misfit
from db.dataset_content import run_each, write_ages, write_content
from db.errors import ImportConflict
from db.publish_table import DatasetCard, Publication, check_slug, read_or_migrate
from db.read_run_folder import FinishedRun, read_run
from db.snapshot import Snapshot
from db.sql_files import statements
from db.store import Store
from vocabulary.acquisition import KEPT_WITH_SCANS
from vocabulary.files import json_sha256
from vocabulary.messages import printable


def publish_scans(store: Store, run_folder: Path, card: DatasetCard) -> Publication:
    """Write the scans of a run and make them live, unless the store already holds exactly this.

    A scan is ``<dataset_id>/<stem>``. One that was measured before under the same protocol is replaced if anything
    about it differs; the dataset's other scans stay. A group, sex or age that this run does not know does not wipe
    out one that was given before.

    Parameters
    ----------
    run_folder : see ``vocabulary.run_contract.SCHEMAS`` and ``MANIFEST_KEYS``
    card : the dataset; its name must be the one the run was made for

    Returns
    -------
    Publication : ``changed`` is False, and there is no new version, when the store held all of it

    Raises
    ------
    RunFolderError : the folder is not that of a finished run, or its tables contradict each other.
    ImportConflict : the run belongs to another dataset; the dataset came from a table, or is synthetic and the scans
        are not (or the other way round); the store does not know the protocol; or other scans of the dataset were
        measured with another model or zone rule, which are never pooled.
    AuditFailed, StoreBusy : see `db.store.Store.write`.
    """
    check_slug("dataset", card.dataset_id)
    finished = read_run(run_folder)
    said = finished.manifest
    if said["dataset_id"] != card.dataset_id:
        raise ImportConflict(
            f"{run_folder}: the run was made for the dataset '{printable(said['dataset_id'])}', not '{card.dataset_id}'"
        )
    tables = _tables(store.root, card.dataset_id, finished, run_folder)
    with store.lock():
        snapshot = read_or_migrate(store)
        new = tables["measure"]["stem"].to_list()
        if snapshot is not None:
            with snapshot:
                row = _held(snapshot, card, finished)
                new = _new(snapshot, card.dataset_id, said["protocol_id"], tables["measure"])
                if row is not None and not new and _told(snapshot, said["run_id"], tables["rejection"], row, card):
                    return Publication(False, snapshot.version, row["content_sha256"], None)
        before = store.current()
        with store.write(f"measurement {said['run_id']} as {card.dataset_id}") as connection:
            _check_protocol(connection, said["protocol_id"])
            content = _write(connection, card, finished, tables, new)
        live = store.current()
    return Publication(True, live.number if live else 0, content, said["run_id"], before.number if before else None)


def _tables(root: Path, dataset_id: str, finished: FinishedRun, run_folder: Path) -> dict[str, pl.DataFrame]:
    """Return the run's tables with scan_id, folders as the store keeps them, and a hash of each scan's results."""
    scan_id = (pl.lit(f"{dataset_id}/") + pl.col("stem")).alias("scan_id")
    tables = {name: frame.with_columns(scan_id) if "stem" in frame.columns else frame
              for name, frame in finished.tables.items()}  # fmt: skip
    folders = [_stored_folder(root, folder, run_folder) for folder in tables["scan"]["derivatives"]]
    tables["scan"] = tables["scan"].with_columns(pl.Series("derivatives", folders, pl.String))
    digests = _digests(tables, [finished.manifest["protocol_id"], finished.settings])
    tables["measure"] = tables["measure"].with_columns(
        pl.col("stem").replace_strict(digests, return_dtype=pl.String).alias("result_sha256")
    )
    return tables


def _stored_folder(root: Path, folder: str, run_folder: Path) -> str:
    """Return a folder relative to the store's when it lies inside, so that a store can be moved with its images.

    Parameters
    ----------
    root : the store's folder
    folder : full path, or relative to the folder of results: the grandparent of the run's (``OUT/runs/RUN``)
    """
    path = run_folder.absolute().parent.parent / folder
    inside = path.resolve()
    return inside.relative_to(root.resolve()).as_posix() if inside.is_relative_to(root.resolve()) else os.fspath(path)


def _digests(tables: dict[str, pl.DataFrame], method: list[Any]) -> dict[str, str]:
    """Return stem -> hash of everything the run says of it. Tables go by in order of stem, one scan at a time."""
    passing = {
        name: groupby(frame.sort(frame.columns[:2]).iter_rows(), itemgetter(0))
        for name, frame in tables.items()
        if "stem" in frame.columns
    }
    waiting = {name: next(groups, None) for name, groups in passing.items()}
    digests = {}
    for stem in sorted(tables["scan"]["stem"]):
        said = {}
        for name, group in waiting.items():
            if group is not None and group[0] == stem:
                said[name] = list(group[1])
                waiting[name] = next(passing[name], None)
        digests[stem] = json_sha256([method, said])
    return digests


def _held(snapshot: Snapshot, card: DatasetCard, finished: FinishedRun) -> dict[str, Any] | None:
    """Return the dataset as the store holds it, None where it is new.

    Raises
    ------
    ImportConflict : these scans do not belong to it.
    """
    stems = finished.tables["scan"]["stem"].to_list()
    found = misfit(snapshot, card, finished.manifest["protocol_id"], finished.settings, stems)
    if found is not None:
        raise ImportConflict(f"{found.reason}; {found.advice}")
    rows = snapshot.datasets().filter(pl.col("dataset_id") == card.dataset_id)
    return rows.row(0, named=True) if rows.height else None


def _new(snapshot: Snapshot, dataset_id: str, protocol_id: str, measures: pl.DataFrame) -> list[str]:
    """Return the stems of scans about which the run says anything that the store does not hold."""
    held = snapshot.results(dataset_id).filter(pl.col("protocol_id") == protocol_id)
    return measures.join(held, on=["scan_id", "result_sha256"], how="anti")["stem"].to_list()


def _told(snapshot: Snapshot, run_id: str, rejections: pl.DataFrame, row: dict[str, Any], card: DatasetCard) -> bool:
    """Tell whether the store already holds the run's refusals and the dataset's description."""
    known = snapshot.rejections(run_id).select("input", "reason")
    same = known.sort(pl.all()).equals(rejections.sort(pl.all()))
    return (
        same
        and card.title == row["title"]
        and all(getattr(card, name) in (None, row[name]) for name in ("citation", "licence"))
    )


def _check_protocol(connection: duckdb.DuckDBPyConnection, protocol_id: str) -> None:
    known = [name for (name,) in connection.execute("SELECT protocol_id FROM protocol ORDER BY 1").fetchall()]
    if protocol_id not in known:
        raise ImportConflict(
            f"the run measured under the protocol '{printable(protocol_id)}', the store knows {', '.join(known)}; "
            "update mscohort"
        )


def _write(
    connection: duckdb.DuckDBPyConnection,
    card: DatasetCard,
    finished: FinishedRun,
    tables: dict[str, pl.DataFrame],
    new: list[str],
) -> str:
    """Write the scans with these stems, and all refusals; return the dataset's content hash."""
    said, model = finished.manifest, finished.manifest["model"]
    values = {
        "dataset_id": card.dataset_id,
        "title": card.title,
        "synthetic": card.synthetic,
        "citation": card.citation,
        "licence": card.licence,
        **{name: model[name] for name in ("model_id", "architecture", "weights_sha256", "n_parameters", "description")},
        "model_licence": model["licence"],
        "zone_rule": said["zone_rule"]["name"],
        "settings": json.dumps(finished.settings, sort_keys=True, ensure_ascii=False),
        "started_at": finished.started,
        "finished_at": finished.finished,
    }
    same = ("run_id", "protocol_id", "source_name", "source_sha256", "software_version", "n_accepted", "n_rejected")
    values |= {name: said[name] for name in same}
    for name, frame in tables.items():
        kept = frame.filter(pl.col("stem").is_in(new)) if "stem" in frame.columns else frame
        connection.register(f"incoming_{name}", kept.to_arrow())
    told = set(tables["extra_value"]["column_name"])
    known = [asdict(column) | {"position": at} for at, column in enumerate(KEPT_WITH_SCANS) if column.name in told]
    kinds = dict.fromkeys(("name", "kind", "label", "unit"), pl.String()) | {"position": pl.Int32()}
    connection.register("incoming_extra_column", pl.DataFrame(known, schema=kinds).to_arrow())
    for statement in connection.extract_statements(statements("queries")["write_scans"]):
        connection.execute(statement, {name: values[name] for name in statement.named_parameters})
    for name in (*tables, "extra_column"):
        connection.unregister(f"incoming_{name}")
    write_ages(connection, card.dataset_id, tables["scan"].filter(pl.col("stem").is_in(new)))
    run_each(connection, "write_unknown", dataset_id=card.dataset_id, reason="not given with the scan")
    return write_content(connection, card.dataset_id)
