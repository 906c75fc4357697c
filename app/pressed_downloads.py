"""A download that is pressed while its page is drawn anew is made all the same.

Streamlit names what makes a file anew in every run of a page, and forgets the earlier name when the run is over. The
browser hears the new name a moment later: whoever pressed in between got nothing, and no word of it.
"""

import time
from typing import Any

from streamlit.runtime.media_file_manager import MediaFileManager

KEPT_S = 60.0
"""How long a button that is no longer on the page may still be pressed: a slow browser needs seconds to redraw."""
_SINCE = "unused_since"


def keep_pressed_downloads() -> None:
    """Let Streamlit forget what makes a file some time after its page was drawn anew, not at once."""
    MediaFileManager._remove_orphaned_deferred_callables = _forget_the_old  # type: ignore[method-assign]


def _forget_the_old(self: MediaFileManager) -> None:
    """Forget what makes a file and has been on no page for a while; the lock is held."""
    now = time.monotonic()
    on_a_page = {name for files in self._files_by_session_and_coord.values() for name in files.values()}
    held: dict[str, Any] = self._deferred_callables
    for name, entry in list(held.items()):
        if name in on_a_page:
            continue
        if now - entry.setdefault(_SINCE, now) >= KEPT_S:
            self._drop_deferred_id(name)
