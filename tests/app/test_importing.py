"""Before the first visitor comes: no page is held up for nothing."""

import subprocess
import sys
from threading import Barrier, Event, Thread

import pytest

from app import importing


def test_a_page_waits_only_where_somebody_prepares(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, imported = Event(), Event()
    monkeypatch.setattr(importing, "_begun", begun)
    monkeypatch.setattr(importing, "_imported", imported)
    with importing.run():
        pass
    begun.set()
    imported.set()
    with importing.run():
        pass


def test_a_module_that_cannot_be_imported_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    imported = Event()
    monkeypatch.setattr(importing, "_imported", imported)
    monkeypatch.setattr(importing, "FIRST", ("app.no_such_module",))
    with pytest.raises(ModuleNotFoundError):
        importing.first()
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

    monkeypatch.setattr(importing, "import_module", slowly)
    monkeypatch.setattr(importing, "_whole", Event())
    asking = [Thread(target=importing.statistics) for _ in range(4)]
    for thread in asking:
        thread.start()
    for thread in asking:
        thread.join()
    assert imported == list(importing.STATISTICS)
    assert most == 1


def test_nothing_is_imported_while_a_page_is_drawn_that_began_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    imported, drawn = Event(), Event()
    happened: list[str] = []
    for name in ("_begun", "_imported", "_drawn", "_whole"):
        monkeypatch.setattr(importing, name, Event())
    monkeypatch.setattr(importing, "_light", importing._Light())
    monkeypatch.setattr(importing, "STATISTICS", ("statistics",))
    monkeypatch.setattr(importing, "import_module", lambda name: (happened.append(name), imported.set()))
    importing._begun.set()
    importing._imported.set()

    def first() -> None:
        with importing.run():
            asking.start()
            # Whoever imports waits for this page, so that this wait is in vain.
            imported.wait(0.2)
            happened.append("first page drawn")
            drawn.set()

    def later() -> None:
        drawn.wait()
        with importing.run():
            importing.statistics()
            happened.append("later page drawn")

    asking = Thread(target=importing.statistics)
    visitors = [Thread(target=first), Thread(target=later)]
    for thread in visitors:
        thread.start()
    for thread in (*visitors, asking):
        thread.join()
    assert happened == ["first page drawn", "statistics", "later page drawn"]


def test_two_pages_that_both_need_the_statistics_do_not_wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    imported: list[str] = []
    both = Barrier(2)
    for name in ("_begun", "_imported", "_drawn", "_whole"):
        monkeypatch.setattr(importing, name, Event())
    monkeypatch.setattr(importing, "_light", importing._Light())
    monkeypatch.setattr(importing, "STATISTICS", ("statistics",))
    monkeypatch.setattr(importing, "import_module", imported.append)
    importing._begun.set()
    importing._imported.set()

    def draw() -> None:
        with importing.run():
            both.wait()
            importing.statistics()

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
from app.importing import FIRST, STATISTICS
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
