"""What pages are drawn with, imported once and by one: who waits for it, and who must not be disturbed by it."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from threading import Condition, Event, RLock, local
from typing import Any

FIRST = ("app.views.overview", "app.components.content_notice", "app.components.export_button")
"""What the first page is drawn with where its answers are kept: no statistics."""
STATISTICS = ("scipy.stats", "pandas")
"""What takes longest to import, and what answers that are not kept need."""

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


def announce() -> None:
    """Say that somebody is about to import what the first page is drawn with: pages wait for it from now on."""
    _begun.set()


def first() -> None:
    """Import what the first page is drawn with, and let pages begin."""
    try:
        with _importing:
            for name in FIRST:
                import_module(name)
    finally:
        _imported.set()


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
        return import_module(module)
    statistics()
    with _importing:
        return import_module(module)


def drawn() -> None:
    """Say that a page is drawn: now the others may be imported, which nobody asked for yet."""
    _drawn.set()


def wait_for_a_page() -> None:
    """Return when the first page is drawn."""
    _drawn.wait()
