"""What the first visitor would wait for, done while the server waits: pages imported, the first page's answers made."""

import atexit
import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from pkgutil import iter_modules
from threading import Event, Thread
from typing import Any

FIRST = ("app.views.overview", "app.components.content_notice", "app.components.export_button", "scipy.stats", "pandas")
"""What the first page is drawn with; Streamlit itself asks for pandas when the first figure is sent."""
READING_SECONDS = 2.0
"""After the first page is sent its browser draws it, often on the same machine; nobody asks for another page yet."""

_begun, _imported, _drawn = Event(), Event(), Event()


@asynccontextmanager
async def warming(_app: Any) -> AsyncIterator[None]:
    """Begin when the server does, in a thread that ends with it."""
    _begun.set()
    Thread(target=_work, daemon=True, name="warming").start()
    yield


def wait() -> None:
    """Return when what every page needs is imported; at once where nobody began to, as in tests.

    Whoever comes early would import the same, at the same time and no sooner.
    """
    if _begun.is_set():
        _imported.wait()


def drawn() -> None:
    """Say that a page is drawn: now the others may be imported, which nobody asked for yet."""
    _drawn.set()


def _work() -> None:
    try:
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
    for page in iter_modules(import_module("app.views").__path__, "app.views."):
        import_module(page.name)
    # Streamlit looks for garbage after every run of a page; what was imported for good need not be looked through.
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)
