"""Answers of the first page kept beside the store, so that a server which starts anew need not find them out again.

One file holds the answers about one content, found out by one state of this program. Whoever reads it gives both: about
anything else, and where a byte of it changed, nothing is kept.
"""

import hashlib
import json
import os
from contextlib import suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path

from vocabulary.files import private_folder, write_json

FILE = Path("kept", "first-page.json")
PACKAGES = ("analysis", "app", "db", "vocabulary")
LIBRARIES = ("mscohort", "numpy", "plotly", "polars", "scipy")
"""What the answers are found out with; another version of it may find out others."""


def read(version_file: Path, key: str) -> dict[str, str] | None:
    """Return the kept answers about a content by name; None where none are kept, or of another content or program.

    Parameters
    ----------
    version_file : the store's version that is open
    key : identifies the people and the question, as the key of an answer held in memory
    """
    try:
        kept = json.loads((_root(version_file) / FILE).read_bytes())
        answers, about, sha256 = kept["answers"], kept["about"], kept["sha256"]
        if about != _about(version_file, key) or sha256 != _sha256(about, answers):
            return None
        return {str(name): str(answer) for name, answer in answers.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None


def keep(version_file: Path, key: str, answers: dict[str, str]) -> None:
    """Keep answers in place of those that were kept; nothing where the store's folder cannot be written to.

    Parameters
    ----------
    version_file, key : as for ``read``
    answers : by name
    """
    with suppress(OSError):
        about = _about(version_file, key)
        file = _root(version_file) / FILE
        private_folder(file.parent)
        write_json({"about": about, "answers": answers, "sha256": _sha256(about, answers)}, file)


def _root(version_file: Path) -> Path:
    return version_file.parents[1]


def _about(version_file: Path, key: str) -> str:
    """Return what the answers hold for: a version's file never changes, but another store has one of the same name."""
    state = version_file.stat()
    return f"{key}|{version_file.name}|{state.st_size}|{state.st_mtime_ns}|{program()}"


@cache
def program() -> str:
    """Return what identifies this program: its version, those of its libraries, and the files of its code."""
    here = Path(__file__).resolve().parents[1]
    said = [f"{name} {version(name)}" for name in LIBRARIES]
    for package in PACKAGES:
        for file in sorted((here / package).rglob("*.py")):
            state = file.stat()
            said.append(f"{os.fspath(file.relative_to(here))} {state.st_size} {state.st_mtime_ns}")
    return hashlib.sha256("\n".join(said).encode()).hexdigest()


def _sha256(about: str, answers: dict[str, str]) -> str:
    return hashlib.sha256(json.dumps([about, answers], sort_keys=True).encode()).hexdigest()
