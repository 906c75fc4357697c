"""How long tests wait. Nothing may depend on how fast a machine is: a limit is there only to end what hangs."""

import os
import time
from collections.abc import Callable

SECONDS = float(os.environ.get("MSCOHORT_TEST_PATIENCE", "300"))
"""Far beyond anything a test does, also where twenty other processes want the same cores."""


def wait_until(true: Callable[[], bool], what: str) -> None:
    """Return as soon as ``true()`` holds; fail, naming ``what`` was awaited, when patience ends."""
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline, f"waited {SECONDS:.0f} s in vain for {what}"
        time.sleep(0.02)
