"""A small table with the released headers, and stores that hold it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from db.import_table import import_table
from db.store import Store
from vocabulary.measures import PUBLISHED_PROTOCOL

HEADER = (
    "PatientID,PatientAge,PatientSex,StudyGroup,TotalIntracranialArea,"
    "TotalVentricleArea,TotalWMHArea,TotalPeriArea,TotalParaArea,TotalJuxtArea"
)
ROWS = (
    "P001,44.0,0,MS,116000,560,180,23,134,23",
    "P002,28.0,1,HC,129000,460,69,57,5,7",
    "P003,,0,HC,100000,400,0,0,0,0",
    "P004,61.5,1,MS,121000.5,900,1000.5,900.25,100.25,0",
)

MakeTable = Callable[..., Path]


@pytest.fixture
def make_table(tmp_path: Path) -> MakeTable:
    """Return a function that writes a CSV: by default the four people above, else the given rows."""

    def make(*rows: str, header: str = HEADER, name: str = "cohort.csv", encoding: str = "utf-8") -> Path:
        path = tmp_path / name
        path.write_bytes(("\n".join((header, *(rows or ROWS))) + "\n").encode(encoding))
        return path

    return make


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Return an empty store."""
    return Store(tmp_path / "store", lock_seconds=5)


@pytest.fixture(scope="session")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Return a store that holds the four people. Shared: read it, do not write to it."""
    root = tmp_path_factory.mktemp("shared_store")
    path = root / "filled.csv"
    path.write_text("\n".join((HEADER, *ROWS)) + "\n", encoding="utf-8")
    shared = Store(root / "store")
    import_table(shared, path, PUBLISHED_PROTOCOL)
    return shared


@pytest.fixture
def filled_store(store: Store, make_table: MakeTable) -> Store:
    """Return a store whose version 1 holds the four people as dataset 'tabriz'."""
    import_table(store, make_table(name="filled.csv"), PUBLISHED_PROTOCOL)
    return store
