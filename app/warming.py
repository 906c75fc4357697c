"""What the first visitor would wait for, done while the server waits: pages imported, the first page's answers made."""

import atexit
import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib import import_module
from pkgutil import iter_modules
from threading import Thread
from typing import Any

from app import importing

READING_SECONDS = 2.0
"""After the first page is sent its browser draws it, often on the same machine; nobody asks for another page yet."""


@asynccontextmanager
async def warming(_app: Any) -> AsyncIterator[None]:
    """Begin when the server does, in a thread that ends with it."""
    importing.announce()
    Thread(target=_work, daemon=True, name="warming").start()
    yield


def _work() -> None:
    importing.first()
    # What goes wrong here goes wrong on the page, too, where somebody is told of it.
    with suppress(Exception):
        from app.state import open_store
        from app.views.overview import prepare

        opened = open_store()
        if opened is not None:
            with importing.run():
                prepare(opened)
    importing.wait_for_a_page()
    time.sleep(READING_SECONDS)
    for page in iter_modules(import_module("app.views").__path__):
        importing.view(page.name)
    # Streamlit looks for garbage after every run of a page; what was imported for good need not be looked through.
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)
