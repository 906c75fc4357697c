"""A table on its way in: a harmless name, a file that lives only while it is read, a guess at its columns."""

import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from db.errors import ImportConflict, StoreBusy, StoreError, TableError
from db.import_table import RELEASED_DATASET
from db.tables.columns import FIELDS, recognised
from db.tables.units import quantity, split_header

ENDINGS = ("csv", "tsv", "txt", "tab", "xlsx", "parquet")
MAX_NAME = 80

# Looked for in this order, in the header's letters only; 'periventricular' must go before 'ventric'. What may be an
# area or a volume is proposed by the unit in the header, and as an area without one.
_HINTS = (
    ("periventricular", ("peri", "pewmh")),
    ("paraventricular", ("para", "pawmh", "deep")),
    ("juxtacortical", ("juxta", "jcwmh", "cortical")),
    ("intracranial", ("intracranial", "icv", "tiv", "ica", "cranial")),
    ("lesion_count", ("lesioncount", "numlesions", "lesionnumber", "numberoflesions")),
    ("ventricle", ("ventric", "lateralvent")),
    ("wmh", ("wmh", "lesion", "hyperintens")),
    ("age_years", ("age",)),
    ("sex", ("sex", "gender")),
    ("group", ("group", "diagnos", "cohort", "status")),
    ("subject_id", ("subject", "participant", "patient", "pseudonym", "code", "id")),
)
_ENDINGS_OF = {"an area": "_area_mm2", "a volume": "_volume_ml", None: "_area_mm2"}


class IncomingError(ValueError):
    """Something is wrong with an upload or an import; the message is one line without any path."""


def safe_name(name: str) -> str:
    r"""Return the last part of an uploaded file's name with nothing in it that a system could act upon.

    Examples
    --------
    >>> safe_name("../../etc/<b>my table</b>.CSV")
    'b_.csv'
    >>> safe_name("C:\\scans\\cohort 2026.xlsx")
    'cohort 2026.xlsx'
    >>> safe_name(".csv")
    'table.csv'
    """
    last = re.split(r"[\\/]", name)[-1]
    stem, _, ending = last.rpartition(".")
    stem = re.sub(r"[^\w .()+-]+", "_", stem).strip(" .")[:MAX_NAME]
    ending = re.sub(r"[^a-z0-9]+", "", ending.lower())[:10]
    return f"{stem or 'table'}.{ending}" if ending else (stem or "table")


def default_dataset(name: str, *, released: bool) -> str:
    """Suggest a dataset's name from the file's.

    Examples
    --------
    >>> default_dataset("My cohort (2026).xlsx", released=False)
    'my-cohort-2026'
    """
    if released:
        return RELEASED_DATASET
    return re.sub(r"[^a-z0-9]+", "-", name.rpartition(".")[0].lower()).strip("-")[:64].rstrip("-") or "table"


@contextmanager
def temporary_file(name: str, content: bytes) -> Iterator[Path]:
    """Yield the path of a private copy of an upload; it is gone when the block ends, however it ends.

    Raises
    ------
    IncomingError : in place of every expected error inside the block, as one line without paths.
    """
    with tempfile.TemporaryDirectory(prefix="mscohort-") as folder, plain_errors(folder):
        path = Path(folder) / safe_name(name)
        path.write_bytes(content)
        yield path


@contextmanager
def plain_errors(*folders: str) -> Iterator[None]:
    """Turn what may go wrong with a table or the store into one line that names no folder."""
    try:
        yield
    except IncomingError:
        raise
    except StoreBusy as error:
        raise IncomingError("Another import is running; try again when it is done.") from error
    except ImportConflict as error:
        raise IncomingError(
            "The store already holds other data under this dataset name, or the name is not allowed. Choose another "
            "name (letters, digits and . _ -), or say that it may be replaced."
        ) from error
    except StoreError as error:
        raise IncomingError(_line(error, folders)) from error
    except OSError as error:
        raise IncomingError(f"The file could not be read or written ({error.strerror or 'unknown reason'}).") from error


def problem_lines(error: BaseException) -> tuple[str, ...]:
    """Return the further lines, one per problem, behind an IncomingError."""
    cause = error.__cause__
    return cause.details if isinstance(cause, TableError) else ()


def guess_columns(headers: Sequence[str]) -> dict[str, str]:
    """Guess which column holds which field, for a person to confirm; what a header says by itself goes first.

    Parameters
    ----------
    headers : the table's columns

    Returns
    -------
    dict : one of `db.tables.columns.FIELDS` -> a column; no column is guessed twice

    Examples
    --------
    >>> guess_columns(["ID", "Age", "Gender", "ICA", "Total lesion", "Periventricular WMH"])["wmh_area_mm2"]
    'Total lesion'
    >>> guess_columns(["Code", "Lesion volume (mm3)"])
    {'wmh_volume_ml': 'Lesion volume (mm3)', 'subject_id': 'Code'}
    """
    guessed: dict[str, str] = {}
    for header in headers:
        found = recognised(header)
        if found is not None:
            guessed.setdefault(found, header)
    free = [header for header in headers if header not in guessed.values()]
    for what, hints in _HINTS:
        for header in [h for hint in hints for h in free if hint in re.sub(r"[^a-z]", "", h.lower())]:
            unit = split_header(header)[1]
            name = what if what in FIELDS else what + _ENDINGS_OF.get(quantity(unit) if unit else None, "")
            if name in FIELDS and name not in guessed:
                guessed[name] = header
                free.remove(header)
                break
    return guessed


def _line(error: BaseException, folders: Sequence[str]) -> str:
    lines = str(error).splitlines() or ["The table could not be imported."]
    line = lines[0]
    for folder in folders:
        line = line.replace(f"{folder}/", "").replace(folder, "the folder")
    return line
