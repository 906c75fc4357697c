"""Before the first visitor comes: no page is held up for nothing."""

import subprocess
import sys
from threading import Barrier, Event, Thread

import pytest

from app import warming


def test_a_page_waits_only_where_somebody_prepares(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, imported = Event(), Event()
    monkeypatch.setattr(warming, "_begun", begun)
    monkeypatch.setattr(warming, "_imported", imported)
    with warming.run():
        pass
    begun.set()
    imported.set()
    with warming.run():
        pass


def test_a_module_that_cannot_be_imported_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    imported = Event()
    monkeypatch.setattr(warming, "_imported", imported)
    monkeypatch.setattr(warming, "FIRST", ("app.no_such_module",))
    with pytest.raises(ModuleNotFoundError):
        warming._work()
    assert imported.is_set()


def test_statistics_are_imported_once_and_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    imported: list[str] = []
    at_once, most = 0, 0

    def slowly(name: str) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        Event().wait(0.02)
        imported.append(name)
        at_once -= 1

    monkeypatch.setattr(warming, "import_module", slowly)
    monkeypatch.setattr(warming, "_whole", Event())
    asking = [Thread(target=warming.statistics) for _ in range(4)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert imported == list(warming.STATISTICS)
    assert most == 1


def test_nothing_is_imported_while_a_page_is_drawn_that_began_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    imported, drawn = Event(), Event()
    happened: list[str] = []
    for name in ("_begun", "_imported", "_drawn", "_whole"):
        monkeypatch.setattr(warming, name, Event())
    monkeypatch.setattr(warming, "_light", warming._Light())
    monkeypatch.setattr(warming, "STATISTICS", ("statistics",))
    monkeypatch.setattr(warming, "import_module", lambda name: (happened.append(name), imported.set()))
    warming._begun.set()
    warming._imported.set()

    def first() -> None:
        with warming.run():
            importing.start()
            # Whoever imports waits for this page, so that this wait is in vain.
            imported.wait(0.2)
            happened.append("first page drawn")
            drawn.set()

    def later() -> None:
        drawn.wait()
        with warming.run():
            warming.statistics()
            happened.append("later page drawn")

    importing = Thread(target=warming.statistics)
    visitors = [Thread(target=first), Thread(target=later)]
    for thread in visitors:
        thread.start()
    for thread in (*visitors, importing):
        thread.join()
    assert happened == ["first page drawn", "statistics", "later page drawn"]


def test_two_pages_that_both_need_the_statistics_do_not_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    imported: list[str] = []
    both = Barrier(2)
    for name in ("_begun", "_imported", "_drawn", "_whole"):
        monkeypatch.setattr(warming, name, Event())
    monkeypatch.setattr(warming, "_light", warming._Light())
    monkeypatch.setattr(warming, "STATISTICS", ("statistics",))
    monkeypatch.setattr(warming, "import_module", imported.append)
    warming._begun.set()
    warming._imported.set()

    def draw() -> None:
        with warming.run():
            both.wait()
            warming.statistics()

    visitors = [Thread(target=draw) for _ in range(2)]
    for thread in visitors:
        thread.start()
    for thread in visitors:
        thread.join()
    assert imported == ["statistics"]


NEEDS = """
import sys
import app.server
from importlib import import_module
from app.warming import FIRST, STATISTICS
assert not {"duckdb", "polars", "app.components.banner"} & set(sys.modules), "the server waits for what pages need"
for name in FIRST:
    import_module(name)
print([name for name in (*STATISTICS, "scipy.special") if name in sys.modules])
"""


def test_neither_server_nor_first_page_wait_for_statistics_and_nothing_is_printed() -> None:
    started = subprocess.run([sys.executable, "-c", NEEDS], capture_output=True, text=True, check=False)
    assert (started.stdout, started.returncode) == ("[]\n", 0), started.stderr
    # Streamlit warns of every cached answer that is declared before its server runs.
    server = subprocess.run([sys.executable, "-c", "import app.server"], capture_output=True, text=True, check=True)
    assert server.stderr == ""
