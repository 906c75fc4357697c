"""How far a command is, on stderr: a line that is written over on a terminal, whole lines in a log."""

import sys
import time


class ProgressLine:
    """Progress of one command; the time left is that of what was done since the line was made.

    Attributes
    ----------
    live : whether stderr is a terminal, where a line can be written over
    """

    def __init__(self) -> None:
        self.live = sys.stderr.isatty()
        self._begun = time.monotonic()
        self._standing = False

    def over(self, text: str) -> None:
        """Show text that the next one replaces; nothing in a log."""
        if self.live:
            self._write(f"\r\x1b[K{text}")
            self._standing = bool(text)

    def line(self, text: str) -> None:
        """Write a line that stays."""
        self.clear()
        self._write(f"{text}\n")

    def clear(self) -> None:
        """Take away what was to be replaced."""
        if self._standing:
            self.over("")

    def keep(self) -> None:
        """Leave what was to be replaced standing, and go to the next line."""
        if self._standing:
            self._write("\n")
            self._standing = False

    def left(self, done: float, total: float) -> str:
        """Return the time left, such as ``, 3 min left``; empty at the beginning and at the end."""
        if not 0 < done < total:
            return ""
        return f", {duration((time.monotonic() - self._begun) / done * (total - done))} left"

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()


def duration(seconds: float) -> str:
    """Return a time as people say it.

    Examples
    --------
    >>> duration(4.2), duration(89), duration(150), duration(5399), duration(9000)
    ('4 s', '89 s', '2 min', '90 min', '2.5 h')
    """
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def still_starting(seconds: float) -> None:
    """Say that TensorFlow takes long to start, and that this is waited for."""
    sys.stderr.write(f"TensorFlow is starting ({duration(seconds)} so far); a busy machine takes minutes\n")
