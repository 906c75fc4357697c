"""Fixtures for everyone: where the reference data are, and stores built once per run."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import plotly.graph_objects as go
import polars as pl
import pytest

from app.figures.panels import Panels
from vocabulary.measures import PUBLISHED_PROTOCOL

RELEASED_NAME = "brain_mri_analysis_results_PROCESSED_updated.csv"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files with slow tests first, those with a browser before all, so that no worker ends alone with one."""

    def slowness(item: pytest.Item) -> int:
        return 2 if item.get_closest_marker("browser") else 1 if item.get_closest_marker("slow") else 0

    slowest: dict[Path, int] = {}
    for item in items:
        slowest[item.path] = max(slowest.get(item.path, 0), slowness(item))
    items.sort(key=lambda item: -slowest[item.path])


@pytest.fixture(scope="session", autouse=True)
def _no_store_of_the_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Point the default store and log at an empty folder, so that no test can touch those of whoever runs it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MSCOHORT_STORE", os.fspath(tmp_path_factory.mktemp("default_store")))
        patch.setenv("MSCOHORT_LOG", os.fspath(tmp_path_factory.mktemp("default_log") / "dashboard.log"))
        yield


@pytest.fixture(scope="session", autouse=True)
def _figures_are_checked() -> Iterator[None]:
    """Let Plotly check every figure of ``Panels`` that any test draws: people's pages draw them unchecked."""
    unchecked = Panels.drawn

    def checked(panels: Panels, **layout: Any) -> go.Figure:
        figure = unchecked(panels, **layout)
        go.Figure(figure.to_dict())
        return figure

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Panels, "drawn", checked)
        yield


@pytest.fixture(autouse=True)
def _main_module_stays() -> Iterator[None]:
    """Undo what drawing a page by AppTest does to ``__main__``: processes started later would look for its script."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture(scope="session")
def reference() -> Path:
    """Return the folder of reference data; skip where none is named, fail where the name is wrong."""
    named = os.environ.get("MSCOHORT_REFERENCE")
    if not named:
        pytest.skip("needs the reference data: set MSCOHORT_REFERENCE to their folder")
    folder = Path(named).resolve()
    if not folder.is_dir():
        pytest.fail(f"MSCOHORT_REFERENCE names {folder}, which is not a folder")
    return folder


@pytest.fixture(scope="session")
def released_table(reference: Path) -> Path:
    """Return the study's released cohort table."""
    path = reference / "cohort" / RELEASED_NAME
    if not path.is_file():
        pytest.fail(f"the reference data lack cohort/{RELEASED_NAME}")
    return path


@pytest.fixture(scope="session")
def demo_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a store that holds the synthetic cohort. Shared: read it, do not write to it."""
    root = tmp_path_factory.mktemp("demo_store")
    _run("demo", "--scans", "0", "--store", os.fspath(root))
    return root


@pytest.fixture(scope="session")
def tabriz_store(tmp_path_factory: pytest.TempPathFactory, released_table: Path) -> Path:
    """Return a store that holds the released table. Shared: read it, do not write to it."""
    root = tmp_path_factory.mktemp("tabriz_store")
    _run("import", os.fspath(released_table), "--protocol", PUBLISHED_PROTOCOL, "--store", os.fspath(root))
    return root


@pytest.fixture(scope="session")
def released_frame(tabriz_store: Path) -> pl.DataFrame:
    """Return the released table as a cohort frame, one row per scan."""
    from db.store import Store

    with Store(tabriz_store).read() as snapshot:
        [dataset] = snapshot.datasets()["dataset_id"]
        return snapshot.cohort(dataset)


def _run(*words: str) -> None:
    # Imported here: tests of one statistic need neither the command line nor the store.
    from app import cli

    assert cli.main(list(words)) == 0, f"mscohort {' '.join(words)} failed"
