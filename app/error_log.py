"""The log of pages that failed: a file on this machine, one traceback after another, each under its number."""

import functools
import hashlib
import logging
import os
import platform
import tempfile
import traceback
from importlib.metadata import version
from logging.handlers import RotatingFileHandler
from pathlib import Path

from platformdirs import user_log_dir

LOG_BYTES, OLD_LOGS = 1_000_000, 3


def log_path() -> Path:
    """Return the log file: the variable MSCOHORT_LOG, else one in the user's folder for logs, else a temporary one."""
    named = os.environ.get("MSCOHORT_LOG")
    try:
        return Path(named or Path(user_log_dir("mscohort", appauthor=False)) / "dashboard.log")
    except RuntimeError:  # a user without a home, as in some containers
        return Path(tempfile.gettempdir()) / "mscohort-dashboard.log"


def error_number(error: BaseException) -> str:
    """Return eight letters and digits, the same whenever the same lines of code fail in the same way.

    Examples
    --------
    >>> len(error_number(ValueError("whatever")))
    8
    >>> error_number(ValueError("one")) == error_number(ValueError("another"))
    True
    """
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{Path(frame.filename).name}:{frame.name}:{frame.lineno}" for frame in frames]
    return hashlib.sha256("\n".join([type(error).__qualname__, *places]).encode()).hexdigest()[:8]


def log_error(error: BaseException) -> bool:
    """Write the traceback into the log file, and to stderr where it is.

    Returns
    -------
    bool : False when the file cannot be written; the traceback is on stderr then
    """
    number, path = error_number(error), log_path()
    stderr = logging.StreamHandler()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Opened here, so that a failure is ours to notice; for its owner alone, because a message may name a person.
        os.close(os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
    except OSError as failure:
        told = f"error {number}; {path} cannot be written ({failure.strerror}), so it is only here"
        stderr.handle(_record(told, error))
        return False
    told = f"error {number}, mscohort {version('mscohort')}, Python {platform.python_version()}"
    _file(path).handle(_record(told, error))
    stderr.handle(_record(f"error {number}; its traceback is in {path}"))
    return True


def _record(told: str, error: BaseException | None = None) -> logging.LogRecord:
    traced = (type(error), error, error.__traceback__) if error else None
    return logging.makeLogRecord({"msg": told, "levelname": "ERROR", "exc_info": traced})


@functools.cache
def _file(path: Path) -> RotatingFileHandler:
    handler = RotatingFileHandler(path, maxBytes=LOG_BYTES, backupCount=OLD_LOGS, delay=True, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    return handler
