"""`mscohort store list|rollback|audit|update|log`: versions, going back to one, whether it is sound, who changed it."""

import argparse
from typing import Any

import polars as pl

from db.audit_log import AuditLog
from db.errors import AuditFailed, StoreDamaged, StoreError, StoreIncompatible, StoreMissing
from db.publish_table import go_back, read_or_migrate
from db.snapshot import Snapshot
from db.store import Store, Version, default_root
from vocabulary.messages import counted, printable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the actions of `store`."""
    parser.add_argument(
        "action",
        choices=("list", "rollback", "audit", "update", "log"),
        help="list versions and datasets; make an older version live again; look for rows that contradict each other; "
        "bring a store of an older mscohort up to date; say who changed or took away what",
    )
    parser.add_argument("--to", type=int, metavar="N", help="rollback: version (default: the one before the live one)")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Do what the action says."""
    root = args.store or default_root()
    store = Store(root)
    if args.to is not None and args.action != "rollback":
        from app.cli import UsageError

        raise UsageError(f"--to belongs to 'rollback', not to '{args.action}'")
    if args.action == "rollback":
        return {"action": "rollback", "store": str(root), "version": go_back(store, args.to)}
    if args.action == "log":
        log = AuditLog(root).read()
        return {"action": "log", "store": str(root), "problems": log.problems, "entries": log.entries}
    if args.action == "audit":
        with store.read() as snapshot:
            return _audited(snapshot, str(root))
    if args.action == "update":
        return _updated(store, str(root))
    return {"action": "list", "store": str(root), **_listed(store)}


def show(result: dict[str, Any]) -> str:
    """Say what was done or found."""
    if result["action"] == "rollback":
        return f"version {result['version']} is live in {result['store']}"
    if result["action"] == "update":
        done = "brought up to date" if result["changed"] else "is up to date, nothing changed"
        return f"version {result['version']} in {result['store']} {done}"
    if result["action"] == "audit":
        return f"version {result['version']}: {len(result['audits'])} audits, no row contradicts another"
    if result["action"] == "log":
        return _logged(result)
    if result["version"] is None and result["damage"] is None:
        return f"no version yet in {result['store']}; 'mscohort demo' or 'mscohort import' makes the first"
    lines = [f"{result['store']}", *([f"  no version is live: {result['damage']}"] if result["damage"] else [])]
    lines += [
        f"  version {version['number']}{' (live)' if version['live'] else ''}, {version['bytes'] / 1e6:,.1f} MB, "
        f"{_contents(version)}"
        for version in result["versions"]
    ]
    lines += [
        f"  {row['dataset']}: {row['n']:,} people ({row['n_hc']:,} HC, {row['n_ms']:,} MS)"
        f"{', synthetic' if row['synthetic'] else ''}, protocol {', '.join(row['protocols'])}"
        for row in result["datasets"]
    ]
    return "\n".join(lines)


def _logged(result: dict[str, Any]) -> str:
    lines = [f"{result['store']}: {counted(len(result['entries']), 'entry')} in the audit log"]
    for entry in result["entries"]:
        moved = "" if entry["after"] is None else f" (version {entry['before'] or 'none'} to {entry['after']})"
        lines.append(f"  {entry['at'][:19]}Z  {printable(entry['who'])}: {printable(entry['what'])}{moved}")
    return "\n".join([*lines, *(f"  PROBLEM: {problem}" for problem in result["problems"])])


def _contents(version: dict[str, Any]) -> str:
    if not version["readable"]:
        return "of an older mscohort; going back to it brings it up to date" if version["older"] else "cannot be read"
    return ", ".join(version["datasets"]) or "no datasets"


def _updated(store: Store, root: str) -> dict[str, Any]:
    before = store.current()
    snapshot = read_or_migrate(store)
    if snapshot is None or before is None:
        raise StoreMissing(f"no version yet in {root}; 'mscohort demo' or 'mscohort import' makes the first")
    with snapshot:
        return {
            "action": "update",
            "store": root,
            "version": snapshot.version,
            "version_before": before.number,
            "changed": snapshot.version != before.number,
        }


def _audited(snapshot: Snapshot, root: str) -> dict[str, Any]:
    found = snapshot.audit()
    failed = {name: count for name, count in found.items() if count}
    if failed:
        rows = ", ".join(f"{name} {count:,}" for name, count in failed.items())
        raise AuditFailed(
            f"version {snapshot.version} in {root} has contradicting rows: {rows}; 'store rollback' helps"
        )
    return {"action": "audit", "store": root, "version": snapshot.version, "audits": found}


def _listed(store: Store) -> dict[str, Any]:
    try:
        live, damage = store.current(), None
    except StoreDamaged as error:
        live, damage = None, str(error)
    frames = {version: _datasets(version) for version in store.versions()}
    return {
        "damage": damage,
        "version": live.number if live else None,
        "versions": [
            {
                "number": version.number,
                "live": version == live,
                "readable": frame is not None,
                "older": frame is None and _is_older(version),
                "bytes": version.path.stat().st_size,
                "datasets": [] if frame is None else frame["dataset_id"].to_list(),
            }
            for version, frame in frames.items()
        ],
        "datasets": [
            {
                "dataset": row["dataset_id"],
                "title": row["title"],
                "synthetic": row["synthetic"],
                "protocols": row["protocol_ids"],
                "n": row["n"],
                "n_hc": row["n_hc"],
                "n_ms": row["n_ms"],
                "content_sha256": row["content_sha256"],
            }
            for version, frame in frames.items()
            if version == live and frame is not None
            for row in frame.iter_rows(named=True)
        ],
    }


def _is_older(version: Version) -> bool:
    """Tell whether a version only has the schema of an older software."""
    try:
        Snapshot(version.number, version.path).close()
    except StoreIncompatible:
        return True
    except StoreError:
        return False
    return False


def _datasets(version: Version) -> pl.DataFrame | None:
    """Return the datasets of a version; None when it cannot be read, which must not hide the others."""
    try:
        with Snapshot(version.number, version.path) as snapshot:
            return snapshot.datasets()
    except StoreError:
        return None
