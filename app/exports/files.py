"""An export as files: CSV, Parquet or one workbook, with a ``dataset.json`` by which ``mscohort import`` reads it."""

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Literal

import polars as pl

from app.export import csv_bytes
from app.exports.contents import Contents
from db.tables.exported import ABOUT
from vocabulary.files import whole_folder, write_whole
from vocabulary.measures import SYNTHETIC_NOTICE

Format = Literal["csv", "parquet", "xlsx"]
FORMATS: tuple[Format, ...] = ("csv", "parquet", "xlsx")
R_SCRIPT = "read_cohort.R"

_READ_IN_R = """# Reads every CSV file of this export into a list of data frames; needs nothing but R.
folder <- commandArgs(trailingOnly = TRUE)
folder <- if (length(folder)) folder[1] else "."
read_one <- function(file) read.csv(file, fileEncoding = "UTF-8-BOM", stringsAsFactors = FALSE, check.names = FALSE)
files <- list.files(folder, pattern = "[.]csv$", full.names = TRUE)
tables <- lapply(files, read_one)
names(tables) <- sub("[.]csv$", "", basename(files))
for (name in names(tables)) cat(name, nrow(tables[[name]]), ncol(tables[[name]]), "\\n")
"""


class ExportFolderError(ValueError):
    """The folder cannot take an export; the message is one clear line."""


def file_contents(export: Contents, kind: Format) -> dict[str, bytes]:
    """Return file name -> bytes.

    Text that a spreadsheet would run as a formula is made harmless. Of synthetic people every table says so.
    """
    if kind == "xlsx":
        files = {"cohort.xlsx": _workbook(export)}
    else:
        make = _parquet if kind == "parquet" else csv_bytes
        files = {f"{name}.{kind}": make(t, synthetic=export.synthetic) for name, t in export.tables.items()}
    described = export.about | {"files": {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}}
    files[ABOUT] = (json.dumps(described, ensure_ascii=False, allow_nan=False, indent=2) + "\n").encode()
    if kind == "csv":
        files[R_SCRIPT] = _READ_IN_R.encode()
    return files


def zip_bytes(export: Contents, kind: Format) -> bytes:
    """Return the files as one ZIP archive; the same content gives the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(file_contents(export, kind).items()):
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def write_folder(export: Contents, kind: Format, folder: Path) -> list[str]:
    """Write the files into a folder, all or none, and return their names.

    Raises
    ------
    ExportFolderError : the folder holds anything but an earlier export, which is replaced.
    OSError : the folder cannot be written.
    """
    if folder.is_file():
        raise ExportFolderError(f"{folder} is a file; name a folder")
    if folder.exists() and any(folder.iterdir()) and not _is_export(folder):
        raise ExportFolderError(f"{folder} is not empty and holds no earlier export; name another folder")
    files = file_contents(export, kind)
    with whole_folder(folder.absolute()) as unfinished:
        for name, content in files.items():
            write_whole(content, unfinished / name)
    return sorted(files)


def _is_export(folder: Path) -> bool:
    """Say whether everything in a folder came from an earlier export."""
    try:
        about = json.loads((folder / ABOUT).read_text(encoding="utf-8"))
        known = {*about["files"], ABOUT, R_SCRIPT}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False
    return {path.name for path in folder.iterdir()} <= known


def _parquet(frame: pl.DataFrame, *, synthetic: bool) -> bytes:
    buffer = io.BytesIO()
    _noted(frame, synthetic).write_parquet(buffer)
    return buffer.getvalue()


def _workbook(export: Contents) -> bytes:
    """Return a workbook with a sheet per table; no text in it becomes a formula, a link or a number."""
    import xlsxwriter

    buffer = io.BytesIO()
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with xlsxwriter.Workbook(buffer, options) as book:
        bold = book.add_format({"bold": True})
        for name, table in export.tables.items():
            sheet = book.add_worksheet(name)
            frame = _noted(table, export.synthetic)
            sheet.write_row(0, 0, frame.columns, bold)
            for place, column in enumerate(frame.columns):
                values = frame[column]
                if values.dtype.is_temporal() or values.dtype == pl.Boolean:
                    values = values.cast(pl.String)
                for row, value in enumerate(values, start=1):
                    if value is not None:
                        if isinstance(value, str):
                            sheet.write_string(row, place, value)
                        else:
                            sheet.write_number(row, place, _Exact(value))
            sheet.freeze_panes(1, 0)
    return buffer.getvalue()


class _Exact(float):
    """A number written with all its digits; the library would write 16, one too few for some."""

    def __format__(self, spec: str) -> str:
        return f"{int(self)}" if self.is_integer() else repr(float(self))


def _noted(frame: pl.DataFrame, synthetic: bool) -> pl.DataFrame:
    return frame.with_columns(pl.lit(SYNTHETIC_NOTICE).alias("data_note")) if synthetic else frame
