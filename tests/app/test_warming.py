"""Before the first visitor comes: no page is held up for nothing."""

from threading import Event

import pytest

from app import warming


def test_a_page_waits_only_where_somebody_prepares(monkeypatch: pytest.MonkeyPatch) -> None:
    begun, imported = Event(), Event()
    monkeypatch.setattr(warming, "_begun", begun)
    monkeypatch.setattr(warming, "_imported", imported)
    warming.wait()
    begun.set()
    imported.set()
    warming.wait()


def test_a_module_that_cannot_be_imported_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    imported = Event()
    monkeypatch.setattr(warming, "_imported", imported)
    monkeypatch.setattr(warming, "FIRST", ("app.no_such_module",))
    with pytest.raises(ModuleNotFoundError):
        warming._work()
    assert imported.is_set()
