"""Static SQL, kept in .sql files so that analysts can read and run it."""

from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).parent


@cache
def statements(kind: str) -> dict[str, str]:
    """Return the SQL files of one folder in the order of their names.

    Parameters
    ----------
    kind : 'migrations', 'audits' or 'queries'

    Returns
    -------
    dict : file name without ending -> SQL text

    Examples
    --------
    >>> next(iter(statements("migrations")))
    '0001_cohort'
    """
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted((_FOLDER / kind).glob("*.sql"))}
