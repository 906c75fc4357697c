"""Read a table in a process of its own, with a limit of memory and time: what a library breaks on costs no server.

Dimensions are judged before anything is unpacked (`workbook.py`, `parquet.py`). This is for what nobody foresaw: a file
on which a library aborts, grows or never ends. Text is read here, because our own reader reads it.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import polars as pl

from db.errors import TableError
from db.tables.files import Table, read_table
from vocabulary.messages import first_line, one_line, printable

MEMORY_BYTES = 4 * 1024**3
"""Address space of the process; a table of twenty million cells takes about half."""

SECONDS = 300.0
_APART = (".xlsx", ".parquet")
_ROOT = Path(__file__).resolve().parents[2]


def read_table_apart(
    path: Path, sheet: str | None = None, *, memory_bytes: int = MEMORY_BYTES, seconds: float = SECONDS
) -> Table:
    """Read a table as ``db.tables.files.read_table`` does, a workbook or Parquet file in a process of its own.

    Parameters
    ----------
    memory_bytes : what the process may take; Windows knows no such limit
    seconds : how long it may take

    Raises
    ------
    TableError : as there; also where reading it took too much memory or time, or broke the reader.
    OSError : the file cannot be read.
    """
    if path.suffix.lower() not in _APART:
        return read_table(path, sheet)
    with tempfile.TemporaryDirectory(prefix="mscohort-") as folder:
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([os.fspath(_ROOT), *filter(None, sys.path)])}
        asked = {"path": os.fspath(path.absolute()), "sheet": sheet, "folder": folder, "memory": memory_bytes}
        try:
            done = subprocess.run(
                [sys.executable, "-m", "db.tables.apart"],
                input=json.dumps(asked).encode(),
                env=environment,
                capture_output=True,
                timeout=seconds,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise TableError(
                f"{path.name}: reading it took longer than {seconds:.0f} s and was given up; save it as CSV UTF-8"
            ) from error
        answer = _answer(Path(folder) / "answer.json")
        if done.returncode or answer is None:
            raise TableError(
                f"{path.name} could not be read: it needs more than {memory_bytes / 1024**3:.1f} GB of memory, or is "
                "damaged in a way that breaks the reader; open it in its program and save it as CSV UTF-8"
            )
        if "error" in answer:
            raise TableError(str(answer["error"]), [str(line) for line in answer["details"]])
        columns = pl.read_ipc((Path(folder) / "columns.arrow").read_bytes())
        return Table(columns, answer["name"], answer["sha256"], list(answer["notes"]), tuple(answer["sheets"]))


def _answer(path: Path) -> dict[str, Any] | None:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def _child() -> None:
    """Be the process: read what stdin asks for, and leave the answer in its folder."""
    asked = json.loads(sys.stdin.buffer.read())
    folder = Path(asked["folder"])
    try:
        import resource
    except ImportError:  # Windows
        pass
    else:
        resource.setrlimit(resource.RLIMIT_AS, (asked["memory"], asked["memory"]))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        table = read_table(Path(asked["path"]), asked["sheet"])
    except TableError as error:
        said = {"error": first_line(error), "details": list(error.details)}
    except OSError as error:
        said = {"error": f"{Path(asked['path']).name} cannot be read ({printable(one_line(error))})", "details": []}
    else:
        table.columns.write_ipc(folder / "columns.arrow")
        said = {"name": table.name, "sha256": table.sha256, "notes": table.notes, "sheets": list(table.sheets)}
    (folder / "answer.json").write_text(json.dumps(said), encoding="utf-8")


if __name__ == "__main__":
    _child()
