"""`mscohort doctor`: what this installation has, where its store is, and what to do about what is missing."""

import argparse
import os
import platform
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from choreographer.browsers.chromium import Chromium

from db.errors import StoreError
from db.store import Store, default_root

PACKAGES = (
    "mscohort",
    "streamlit",
    "plotly",
    "kaleido",
    "duckdb",
    "polars",
    "fastexcel",
    "pandas",
    "numpy",
    "scipy",
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: doctor looks at everything."""


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Look at Python, packages, store, browser and machine; changes nothing.

    Returns
    -------
    dict : ``python``, ``system``, ``packages``, ``store``, ``image_export``, ``machine`` and ``advice``,
        a list of sentences, empty when nothing is missing.
    """
    root = args.store or default_root()
    report: dict[str, Any] = {
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
        "packages": {name: _version(name) for name in PACKAGES},
        "store": look_at_store(root),
        "image_export": {"browser": Chromium.find_browser(skip_local=False)},
        "machine": {"cores": os.cpu_count(), "memory_gb": memory_gb(), "disk_free_gb": _disk_free_gb(root)},
    }
    report["advice"] = advise(report)
    return report


def look_at_store(root: Path) -> dict[str, Any]:
    """Describe the store in ``root`` without changing it.

    Returns
    -------
    dict : ``path``, ``exists``, ``writable``, ``version`` (None when empty), ``datasets`` (a list of
        ``dataset_id``, ``title``, ``synthetic``, ``n`` (people)) and ``error`` (None when readable).
    """
    found: dict[str, Any] = {
        "path": os.fspath(root),
        "exists": root.is_dir(),
        "writable": _writable(root),
        "version": None,
        "datasets": [],
        "error": None,
    }
    try:
        store = Store(root)
        current = store.current()
        if current is not None:
            found["version"] = current.number
            with store.read() as snapshot:
                datasets = snapshot.datasets().select("dataset_id", "title", "synthetic", "n")
                found["datasets"] = datasets.to_dicts()
    except (StoreError, OSError) as error:
        found["error"] = " ".join(str(error).split())
    return found


def advise(report: dict[str, Any]) -> list[str]:
    """Return what to do, one sentence for each thing that is missing or broken."""
    store = report["store"]
    advice = [
        f"Package {name} is missing: run `make run`, or install requirements/app.txt."
        for name, found in report["packages"].items()
        if found is None
    ]
    if store["error"]:
        advice.append("The store cannot be read: `mscohort store rollback` goes back to the version before.")
    elif not store["datasets"]:
        advice.append("The store is empty: `mscohort demo` builds synthetic data, `mscohort import` takes a table.")
    if not store["writable"]:
        advice.append("The store cannot be written: choose another folder with --store or MSCOHORT_STORE.")
    if report["image_export"]["browser"] is None:
        advice.append("No Chromium or Chrome was found: figures download as HTML and CSV, not as PNG or SVG.")
    return advice


def show(result: dict[str, Any]) -> str:
    """Return the report for a person."""
    store, machine = result["store"], result["machine"]
    if store["error"]:
        content = f"unreadable: {store['error']}"
    elif store["version"] is None:
        content = "empty"
    else:
        content = f"version {store['version']}"
    lines = [
        f"Python   {result['python']} on {result['system']}",
        "Packages " + ", ".join(f"{name} {found or 'MISSING'}" for name, found in result["packages"].items()),
        f"Store    {store['path']} ({content}; {'writable' if store['writable'] else 'NOT writable'})",
    ]
    for row in store["datasets"]:
        kind = "synthetic" if row["synthetic"] else "real"
        lines.append(f"         {row['dataset_id']}: {row['title']}, {row['n']} people, {kind}")
    memory = "unknown" if machine["memory_gb"] is None else f"{machine['memory_gb']:.1f} GB"
    lines += [
        f"Images   {result['image_export']['browser'] or 'no browser found for PNG and SVG'}",
        f"Machine  {machine['cores']} cores, memory {memory}, {machine['disk_free_gb']:.1f} GB free for the store",
    ]
    lines += ["", *result["advice"]] if result["advice"] else ["", "Nothing is missing."]
    return "\n".join(lines)


def memory_gb() -> float | None:
    """Return the machine's memory in GB (10^9 bytes), or None where the system does not say (Windows)."""
    names = getattr(os, "sysconf_names", {})
    if sys.platform == "win32" or not {"SC_PAGE_SIZE", "SC_PHYS_PAGES"} <= set(names):
        return None
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _nearest_existing(folder: Path) -> Path:
    folder = folder.resolve()
    return next(parent for parent in (folder, *folder.parents) if parent.exists())


def _writable(root: Path) -> bool:
    nearest = _nearest_existing(root)
    return nearest.is_dir() and os.access(nearest, os.W_OK)


def _disk_free_gb(root: Path) -> float:
    return shutil.disk_usage(_nearest_existing(root)).free / 1e9
