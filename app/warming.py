"""What the first visitor would wait for, done while the server waits: pages imported, the first page's answers made."""

import atexit
import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from pkgutil import iter_modules
from threading import Event, RLock, Thread
from typing import Any

FIRST = ("app.views.overview", "app.components.content_notice", "app.components.export_button")
"""What the first page is drawn with where its answers are kept: no statistics."""
STATISTICS = ("scipy.stats", "pandas")
"""What takes longest to import, and what answers that are not kept need."""
READING_SECONDS = 2.0
"""After the first page is sent its browser draws it, often on the same machine; nobody asks for another page yet."""

_begun, _imported, _drawn, _whole = Event(), Event(), Event(), Event()
_importing = RLock()
"""Two threads that import the same packages at the same time can each get half of one."""


@asynccontextmanager
async def warming(_app: Any) -> AsyncIterator[None]:
    """Begin when the server does, in a thread that ends with it."""
    _begun.set()
    Thread(target=_work, daemon=True, name="warming").start()
    yield


def wait() -> None:
    """Return when what a page needs is imported; at once where nobody began to, as in tests.

    Whoever comes early would import the same, at the same time and no sooner.
    """
    if _begun.is_set():
        _imported.wait()
        if _drawn.is_set():
            statistics()


def statistics() -> None:
    """Import what the statistics need, once; whoever asks meanwhile waits for it."""
    if not _whole.is_set():
        with _importing:
            if not _whole.is_set():
                for name in STATISTICS:
                    import_module(name)
                _whole.set()


def view(name: str) -> Any:
    """Return a page's module; whatever page it is, but the first, its statistics are asked for at once."""
    if f"app.views.{name}" not in FIRST:
        statistics()
    with _importing:
        return import_module(f"app.views.{name}")


def drawn() -> None:
    """Say that a page is drawn: now the others may be imported, which nobody asked for yet."""
    _drawn.set()


def _work() -> None:
    try:
        with _importing:
            for name in FIRST:
                import_module(name)
    finally:
        _imported.set()
    # What goes wrong here goes wrong on the page, too, where somebody is told of it.
    with suppress(Exception):
        from app.state import open_store
        from app.views.overview import prepare

        opened = open_store()
        if opened is not None:
            prepare(opened)
    _drawn.wait()
    time.sleep(READING_SECONDS)
    for page in iter_modules(import_module("app.views").__path__):
        view(page.name)
    # Streamlit looks for garbage after every run of a page; what was imported for good need not be looked through.
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)
