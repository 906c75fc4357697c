"""What the first visitor would wait for, done while the server waits: pages imported, the first page's answers made."""

import atexit
import gc
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from importlib import import_module
from pkgutil import iter_modules
from threading import Condition, Event, RLock, Thread, local
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


class _Light:
    """The runs of pages that go on while the statistics are not imported, which must wait for the last of them.

    Plotly looks whether pandas is there whatever it is given, and takes half of it for the whole.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._going_on = 0
        self._awaited = False
        self._mine = local()

    def begin(self) -> None:
        """Count the run of this thread, unless what is imported is there once nobody is importing."""
        with self._changed:
            self._changed.wait_for(lambda: not self._awaited)
            if not _whole.is_set():
                self._going_on += 1
                self._mine.counted = True

    def end(self) -> None:
        """Count the run of this thread no more: it is over, or goes on when the statistics are there."""
        with self._changed:
            if getattr(self._mine, "counted", False):
                self._going_on -= 1
                self._mine.counted = False
                self._changed.notify_all()

    @contextmanager
    def none(self) -> Iterator[None]:
        """Wait until no light run goes on, and hold up those that would begin."""
        with self._changed:
            self._awaited = True
            self._changed.wait_for(lambda: not self._going_on)
        try:
            yield
        finally:
            with self._changed:
                self._awaited = False
                self._changed.notify_all()


_light = _Light()


@asynccontextmanager
async def warming(_app: Any) -> AsyncIterator[None]:
    """Begin when the server does, in a thread that ends with it."""
    _begun.set()
    Thread(target=_work, daemon=True, name="warming").start()
    yield


@contextmanager
def run() -> Iterator[None]:
    """Draw a page in this block when what it needs is imported; at once where nobody began to, as in tests.

    Whoever comes early would import the same, at the same time and no sooner.
    """
    if _begun.is_set():
        _imported.wait()
        if _drawn.is_set():
            statistics()
        _light.begin()
    try:
        yield
    finally:
        _light.end()


def statistics() -> None:
    """Import what the statistics need, once; whoever asks meanwhile waits for it.

    Never called while a lock is held that a run of a page may wait for, such as that of a cached answer.
    """
    if _whole.is_set():
        return
    _light.end()
    with _importing:
        if not _whole.is_set():
            with _light.none():
                for name in STATISTICS:
                    import_module(name)
                _whole.set()


def view(name: str) -> Any:
    """Return a page's module; whatever page it is, but the first, its statistics are asked for at once."""
    module = f"app.views.{name}"
    if module in FIRST and _imported.is_set():
        return sys.modules[module]
    statistics()
    with _importing:
        return import_module(module)


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
            with run():
                prepare(opened)
    _drawn.wait()
    time.sleep(READING_SECONDS)
    for page in iter_modules(import_module("app.views").__path__):
        view(page.name)
    # Streamlit looks for garbage after every run of a page; what was imported for good need not be looked through.
    gc.collect()
    gc.freeze()
    atexit.register(gc.unfreeze)
