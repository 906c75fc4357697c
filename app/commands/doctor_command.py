"""`mscohort doctor`: what this installation has, where its store is, and what to do about what is missing."""

import argparse
import os
import platform
import shutil
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from app.commands.progress import still_starting
from app.error_log import log_path
from db.errors import StoreError
from db.store import Store, default_root
from pipeline.errors import ModelError
from pipeline.inputs.dicom import converter
from pipeline.machine import cores, memory_bytes
from pipeline.segmentation.bundled_models import check_weights, list_models
from pipeline.segmentation.device import find_device, gpu_build, tensorflow_version
from pipeline.segmentation.runtime import ONNX, choose_runtime, onnxruntime_version
from vocabulary.messages import one_line

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
    "nibabel",
    "nilearn",
    "niivue-streamlit",
)


_NO_GREEDY = "not counted: the extra 'regions' (the program greedy) is not installed"
_NO_DICOM = "not converted: the extra 'dicom' is not installed"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: doctor looks at everything."""


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Look at Python, packages, store, browser, networks and machine; changes nothing.

    Returns
    -------
    dict : ``python``, ``system``, ``packages``, ``store``, ``log``, ``image_export``, ``networks``, ``dicom``,
        ``regions``, ``machine`` and ``advice``, a list of sentences, empty when nothing is missing.
    """
    root = args.store or default_root()
    report: dict[str, Any] = {
        "python": platform.python_version(),
        "system": platform.platform(terse=True),
        "packages": {name: _version(name) for name in PACKAGES},
        "store": look_at_store(root),
        "log": look_at_log(log_path()),
        "image_export": {"browser": find_browser()},
        "networks": look_at_networks(),
        "dicom": {"converter": converter()},
        "regions": {"greedy": _version("picsl-greedy")},
        "machine": {"cores": cores(), "memory_gb": memory_gb(), "disk_free_gb": _disk_free_gb(root)},
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
        found["error"] = one_line(error)
    return found


def look_at_log(path: Path) -> dict[str, Any]:
    """Say where the tracebacks of failed pages are written.

    Returns
    -------
    dict : ``path``, ``exists`` (a page has failed) and ``writable``.
    """
    writable = os.access(path, os.W_OK) if path.is_file() else _writable(path.parent)
    return {"path": os.fspath(path), "exists": path.is_file(), "writable": writable}


def look_at_networks() -> dict[str, Any]:
    """Say whether scans can be segmented here, where, and with which weights; TensorFlow is asked in its own process.

    Returns
    -------
    dict : ``runtime`` ("onnx" or "keras", what would segment; None: nothing), ``onnxruntime`` and ``tensorflow``
        (versions, None when not installed), ``device`` of Keras (``kind``, ``name``, ``reason``, ``backend``,
        ``version``, ``keras``; None when there is none), ``models`` (a list of ``model_id``, ``sha256``, ``error``
        (None when every file is the one on the card)) and ``error`` (None when scans can be segmented).
    """
    found: dict[str, Any] = {"runtime": None, "onnxruntime": onnxruntime_version(), "tensorflow": tensorflow_version()}
    found |= {"device": None, "models": [], "error": None}
    try:
        for card in list_models():
            found["models"].append({"model_id": card.model_id, "sha256": card.weights_sha256, "error": None})
            try:
                check_weights(card)
            except ModelError as error:
                found["models"][-1]["error"] = str(error)
        if not found["models"]:
            found["error"] = "no model came with this installation"
        found["runtime"] = choose_runtime()
        if found["tensorflow"] or gpu_build() or found["runtime"] != ONNX:
            found["device"] = asdict(find_device(waiting=still_starting))
    except ModelError as error:
        found["error"] = str(error)
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
    if not report["log"]["writable"]:
        advice.append("The log cannot be written: name another file with MSCOHORT_LOG.")
    if report["image_export"]["browser"] is None:
        advice.append("No Chromium or Chrome was found: figures download as HTML and CSV, not as PNG or SVG.")
    if report["regions"]["greedy"] is None:
        advice.append("Lesions are not counted by region: pip install -r requirements/regions.txt.")
    return advice + _advise_networks(report["networks"])


def _advise_networks(networks: dict[str, Any]) -> list[str]:
    advice = []
    if networks["runtime"] is None and networks["onnxruntime"] is None:
        advice.append(
            "ONNX Runtime is missing, so scans cannot be segmented: run `make run` (NVIDIA card: `make run GPU=1`), or "
            "install requirements/app.txt."
        )
    elif networks["error"]:
        advice.append(f"Scans cannot be segmented: {networks['error']}.")
    return advice + [model["error"] for model in networks["models"] if model["error"]]


def _greedy_words(greedy: str | None) -> str:
    return f"greedy {greedy}" if greedy else _NO_GREEDY


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
    log = "errors of pages, by number" if result["log"]["exists"] else "no page has failed"
    lines.append(f"Log      {result['log']['path']} ({log})")
    memory = "unknown" if machine["memory_gb"] is None else f"{machine['memory_gb']:.1f} GB"
    lines += [
        f"Images   {result['image_export']['browser'] or 'no browser found for PNG and SVG'}",
        f"Networks {_describe_networks(result['networks'])}",
        *(
            f"         {model['model_id']}: weights {'DAMAGED or missing' if model['error'] else 'as on the card'}"
            for model in result["networks"]["models"]
        ),
        f"DICOM    {result['dicom']['converter'] or _NO_DICOM}",
        f"Regions  {_greedy_words(result['regions']['greedy'])}",
        f"Machine  {machine['cores']} cores, memory {memory}, {machine['disk_free_gb']:.1f} GB free for the store",
    ]
    lines += ["", *result["advice"]] if result["advice"] else ["", "Nothing is missing."]
    return "\n".join(lines)


def _describe_networks(networks: dict[str, Any]) -> str:
    device = networks["device"]
    if networks["runtime"] is None:
        return "cannot run" if networks["onnxruntime"] else "cannot run: ONNX Runtime is not installed"
    if networks["runtime"] == ONNX:
        trained = "can be trained, too" if networks["tensorflow"] else "cannot be trained: TensorFlow is not installed"
        return f"run on the processor: ONNX Runtime {networks['onnxruntime']}; {trained}"
    if device is None:
        return "cannot run"
    where = {"cpu": "the processor", "gpu": "the graphics card"}[device["kind"]]
    what = {"tensorflow": "TensorFlow", "jax": "JAX", "torch": "PyTorch"}[device["backend"]]
    return f"run on {where} ({device['name']}): {device['reason']}; {what} {device['version']}, Keras {device['keras']}"


def find_browser() -> str | None:
    """Return the program that draws figures as images, or None."""
    try:
        from choreographer.browsers.chromium import Chromium
    except RuntimeError:  # it asks for the home folder, which not every user of a container has
        return None
    return Chromium.find_browser(skip_local=False)


def memory_gb() -> float | None:
    """Return the memory this process may use in GB (10^9 bytes), or None where the system does not say (Windows)."""
    memory = memory_bytes()
    return None if memory is None else memory / 1e9


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
