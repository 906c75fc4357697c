"""What the libraries that read images say of a file: collected, so that it can be kept with the scan, not printed."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collected_words(logger: logging.Logger) -> Iterator[list[str]]:
    """Collect warnings, and what a library's logger says, while the block runs, one line each; nothing is printed."""
    said: list[str] = []

    class _Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(" ".join(record.getMessage().split()))

    listener = _Listener(logging.WARNING)
    handlers, propagates = list(logger.handlers), logger.propagate
    logger.handlers, logger.propagate = [listener], False
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield said
    finally:
        logger.handlers, logger.propagate = handlers, propagates
        said += [" ".join(str(warning.message).split()) for warning in caught]
