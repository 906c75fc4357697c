"""One run of many scans in parts, each by a machine of its own: job arrays of a cluster, into one folder they share.

A part measures the scans that fall to it and leaves its tables in ``shards/2-of-3``; nothing is published. ``gather``
puts the tables of all parts together into the run folder that one machine would have made.
"""

import hashlib
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
from filelock import FileLock, Timeout

from pipeline.errors import OutputError
from pipeline.ingest.bids_dataset import describe_dataset, write_participants
from pipeline.ingest.run_folder import RUNS, RunFolder, run_manifest, write_tables
from pipeline.ingest.scan_records import RECORDS
from pipeline.inputs.file_search import Rejection
from vocabulary.files import private_folder, private_like, read_json, sweep
from vocabulary.run_contract import MANIFEST, SCHEMAS

SHARDS = "shards"
MOST_SHARDS = 100_000
_NAME = re.compile(r"([1-9]\d*)-of-([1-9]\d*)")
_METHOD = ("dataset_id", "protocol_id", "settings", "zone_rule", "model", "software_version")


@dataclass(frozen=True)
class Shard:
    """One part of a run.

    Attributes
    ----------
    number, of : the part, counted from 1, and how many there are
    """

    number: int
    of: int

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    @property
    def folder(self) -> str:
        """Return the name of its folder in ``shards``."""
        return f"{self.number}-of-{self.of}"

    def has(self, stem: str) -> bool:
        """Tell whether a scan falls to this part; it always does, whatever other scans there are.

        Examples
        --------
        >>> [sum(Shard(number, 3).has(f"sub-{n}") for n in range(300)) for number in (1, 2, 3)]
        [94, 110, 96]
        """
        return int.from_bytes(hashlib.sha256(stem.encode()).digest()[:8], "big") % self.of == self.number - 1


def parse_shard(text: str) -> Shard:
    """Read ``2/3``: the second of three parts.

    Raises
    ------
    ValueError : it is no such thing.
    """
    number, slash, of = text.partition("/")
    if slash and number.isdecimal() and of.isdecimal() and 1 <= int(number) <= int(of) <= MOST_SHARDS:
        return Shard(int(number), int(of))
    raise ValueError(f"--shard {text!r}: expected PART/PARTS, such as 2/3 for the second of three")


@contextmanager
def claimed(out: Path, dataset: str | None, shard: Shard | None = None) -> Iterator[None]:
    """Hold a folder of results: as a whole, or one part of it while others work at theirs.

    Whoever holds the whole clears what killed runs left half done.

    Parameters
    ----------
    dataset : whose scans the folder holds; None where it must be there already

    Raises
    ------
    OutputError : it cannot be written, holds another dataset, or is in use.
    """
    held = ExitStack()
    try:
        with held:
            private_folder(out)
            # Other parts hold the whole for a moment only.
            patience = 0 if shard is None else 60
            _hold(held, out, out / ".lock", "another run is measuring scans into this folder", patience)
            if shard is None:
                for other in sorted(out.glob(".lock-*-of-*")):
                    _hold(held, out, other, f"part {other.name.removeprefix('.lock-')} is being measured")
            if dataset is not None:
                with private_like(out):
                    describe_dataset(out, dataset)
            if shard is None:
                for folder in (out, out / RECORDS, out / RUNS, *out.glob("sub-*/anat"), *out.glob("sub-*/ses-*/anat")):
                    sweep(folder)
            else:
                own = ExitStack()
                _hold(own, out, out / f".lock-{shard.folder}", f"part {shard} is being measured by another process")
                held.close()  # Others may come in now, for their own parts.
                held.push(own)
            with private_like(out):
                yield
    except OSError as error:
        if isinstance(error, OutputError):
            raise
        raise OutputError(f"{error.filename or out}: cannot be written ({error.strerror or error})") from error


def _hold(held: ExitStack, out: Path, path: Path, busy: str, patience: float = 0) -> None:
    lock = FileLock(path, timeout=patience)
    try:
        lock.acquire()
    except Timeout as error:
        raise OutputError(f"{out}: {busy}; wait until it is done") from error
    except OSError as error:
        raise OutputError(f"{out}: cannot be written ({error.strerror}); choose another folder") from error
    held.callback(lock.release)


def gather(out: Path) -> RunFolder:
    """Put the parts of a run together.

    Parameters
    ----------
    out : the folder into which every part was measured; it may have moved since

    Returns
    -------
    RunFolder : the same as of one machine that measured all scans.

    Raises
    ------
    OutputError : there are no parts, one is missing or being measured, or they do not belong together.
    """
    if not (out / SHARDS).is_dir():
        raise OutputError(f"{out}: holds no parts of a run; expected what 'mscohort ingest --shard 1/3 --out' leaves")
    with claimed(out, None):
        folders = _complete(out)
        manifests = [read_json(folder / MANIFEST, dict[str, Any]) for folder in folders]
        for folder, manifest in zip(folders, manifests, strict=True):
            other = [key for key in _METHOD if manifest.get(key) != manifests[0].get(key)]
            if other:
                raise OutputError(
                    f"{out}: part {folder.name} differs from part {folders[0].name} in {', '.join(other)}; "
                    "measure it again with the same options and the same mscohort"
                )
        tables = _joined(out, folders)
        n_reused = sum(int(manifest["n_reused"]) for manifest in manifests)
        started = min(datetime.fromisoformat(manifest["started_at"]) for manifest in manifests)
        manifest = run_manifest({key: manifests[0][key] for key in _METHOD}, tables, started, n_reused)
        write_participants(out, [_Person(*row) for row in tables["scan"].select(_Person.__slots__).iter_rows()])
        path = out / RUNS / str(manifest["run_id"])
        write_tables(path, tables, manifest)
    rejections = tuple(Rejection(*row) for row in tables["rejection"].select("input", "reason").iter_rows())
    n_scans = tables["scan"].height
    return RunFolder(path, str(manifest["run_id"]), n_scans - n_reused, n_reused, rejections)


@dataclass(frozen=True, slots=True)
class _Person:
    """What the table of participants asks of a scan."""

    stem: str
    subject_id: str
    group: str | None
    sex: str | None
    age_years: float | None


def _complete(out: Path) -> list[Path]:
    """Return the folders of all parts of one division, in order."""
    found = {path.name: path for path in (out / SHARDS).iterdir() if _NAME.fullmatch(path.name)}
    divisions = sorted({int(name.partition("-of-")[2]) for name in found})
    if len(divisions) > 1:
        raise OutputError(
            f"{out}: holds parts of several divisions, of {' and of '.join(map(str, divisions))}; delete those in "
            f"{SHARDS} that do not count"
        )
    of = divisions[0] if divisions else 0
    missing = [number for number in range(1, of + 1) if not (out / SHARDS / f"{number}-of-{of}" / MANIFEST).is_file()]
    if missing or not of:
        named = ", ".join(f"{number}/{of}" for number in missing[:10]) + (" and more" if len(missing) > 10 else "")
        raise OutputError(f"{out}: {f'part {named} is' if of else 'all parts are'} missing; measure it with --shard")
    return [found[f"{number}-of-{of}"] for number in range(1, of + 1)]


def _joined(out: Path, folders: list[Path]) -> dict[str, pl.DataFrame]:
    """Return the tables of all parts in the order in which one machine would have written them."""
    tables = {
        name: pl.concat([pl.read_parquet(folder / f"{name}.parquet").cast(schema) for folder in folders])
        for name, schema in SCHEMAS.items()
    }
    for name, table in tables.items():
        if "stem" in table.columns:
            tables[name] = table.sort("stem", maintain_order=True)
    twice = tables["scan"].filter(pl.col("stem").is_duplicated())["stem"].unique()
    if twice.len():
        raise OutputError(f"{out}: {twice[0]} was measured by several parts; measure them again with --shard")
    # Every part looks through all inputs, so each names what was refused before anything was measured.
    tables["rejection"] = tables["rejection"].unique(maintain_order=True).sort("input", maintain_order=True)
    return tables
