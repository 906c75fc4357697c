"""Files that are no Python and lie beside `app/` in a checkout, inside it in an installed wheel (see setup.py)."""

from pathlib import Path

_APP = Path(__file__).resolve().parent


def carried_file(name: str) -> Path:
    """Return where a file such as ``docs/methods.md`` is, in a checkout or in an installation."""
    installed = _APP / name
    return installed if installed.is_file() else _APP.parent / name
