"""A download pressed while its page is drawn anew is made; what is long off the page is forgotten."""

import time
from collections.abc import Callable, Iterator

import pytest
from streamlit.runtime.media_file_manager import MediaFileManager
from streamlit.runtime.media_file_storage import MediaFileStorageError
from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage

from app.pressed_downloads import KEPT_S, keep_pressed_downloads


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Iterator[MediaFileManager]:
    """Return Streamlit's keeper of files as the server has it."""
    own = MediaFileManager._remove_orphaned_deferred_callables
    keep_pressed_downloads()
    yield MediaFileManager(MemoryMediaFileStorage("/media"))
    MediaFileManager._remove_orphaned_deferred_callables = own  # type: ignore[method-assign]


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Return what lets time pass."""
    passed = [0.0]
    clock = time.monotonic
    monkeypatch.setattr("app.pressed_downloads.time.monotonic", lambda: clock() + passed[0])

    def wait(seconds: float) -> None:
        passed[0] += seconds

    return wait


def run_of_the_page(manager: MediaFileManager, content: bytes | None) -> str | None:
    """Draw the page once more: with a button that makes ``content``, or without."""
    manager.clear_session_refs()
    name = None
    if content is not None:
        name = manager.add_deferred(lambda: content, "text/plain", "main.0", "people.txt", element_id="button")
    manager.remove_orphaned_files()
    return name


def test_the_button_of_the_page_before_still_gives_what_it_showed(manager: MediaFileManager) -> None:
    before = run_of_the_page(manager, b"women")
    now = run_of_the_page(manager, b"men")
    run_of_the_page(manager, b"everybody")
    assert before is not None
    assert now is not None
    for name, content in ((before, b"women"), (now, b"men")):
        made = manager.execute_deferred(name).rpartition("/")[2]
        file = manager.read_file(made)
        assert file is not None
        assert file.content == content


def test_what_is_long_off_the_page_is_forgotten(manager: MediaFileManager, later: Callable[[float], None]) -> None:
    before = run_of_the_page(manager, b"women")
    run_of_the_page(manager, None)
    later(KEPT_S + 1)
    run_of_the_page(manager, None)
    assert before is not None
    with pytest.raises(MediaFileStorageError):
        manager.execute_deferred(before)


def test_a_button_that_stays_on_the_page_is_never_forgotten(
    manager: MediaFileManager, later: Callable[[float], None]
) -> None:
    name = run_of_the_page(manager, b"women")
    later(KEPT_S * 3)
    manager.remove_orphaned_files()  # Somebody else's page was drawn.
    assert name is not None
    assert manager.execute_deferred(name)


def test_streamlit_itself_forgets_at_once() -> None:
    """The day this fails, app/pressed_downloads.py can go."""
    manager = MediaFileManager(MemoryMediaFileStorage("/media"))
    before = run_of_the_page(manager, b"women")
    run_of_the_page(manager, b"men")
    assert before is not None
    with pytest.raises(MediaFileStorageError):
        manager.execute_deferred(before)
