"""References as JSON files: those that ship with the program, and those a site fits itself."""

from dataclasses import asdict
from functools import cache
from pathlib import Path

import msgspec
import numpy as np

from analysis.norms.reference import Estimates, Reference
from vocabulary.measures import SEXES

SHIPPED = Path(__file__).parent / "references"
LARGEST_BYTES = 1_000_000


class ReferenceUnreadable(ValueError):
    """A file is no reference; the message says which file and what is wrong."""


def to_json(reference: Reference) -> bytes:
    """Return a reference as JSON, the same bytes for the same reference."""
    return msgspec.json.format(msgspec.json.encode(asdict(reference)), indent=1) + b"\n"


def read_reference(path: Path) -> Reference:
    """Read a reference from a JSON file.

    Raises
    ------
    ReferenceUnreadable : no such file, no JSON, a field is missing or of the wrong kind, or its numbers cannot be
        those of a fitted model
    """
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise ReferenceUnreadable(f"{path.name} is too large for a reference ({LARGEST_BYTES:,} bytes at most)")
        reference = msgspec.json.decode(path.read_bytes(), type=Reference)
    except OSError as error:
        raise ReferenceUnreadable(f"{path.name} cannot be read: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ReferenceUnreadable(f"{path.name} is not a normative reference: {error}") from error
    _check(reference, path.name)
    return reference


@cache
def shipped_references() -> tuple[Reference, ...]:
    """Return the references that come with the program: controls and patients of the released Tabriz table."""
    return tuple(read_reference(path) for path in sorted(SHIPPED.glob("*.json")))


def references_in(folder: Path) -> tuple[list[Reference], list[str]]:
    """Return the references of a folder by name, and a line for every file that is none."""
    found: list[Reference] = []
    problems: list[str] = []
    for path in sorted(folder.glob("*.json")) if folder.is_dir() else ():
        try:
            found.append(read_reference(path))
        except ReferenceUnreadable as error:
            problems.append(str(error))
    return found, problems


def _check(reference: Reference, file: str) -> None:
    if set(reference.ages) != set(SEXES) or reference.n == 0:
        raise ReferenceUnreadable(f"{file}: ages must be given for F and M, and hold somebody")
    for model in reference.models:
        for estimates in (model.additive, model.age_by_sex):
            if estimates is not None:
                _check_estimates(estimates, model.form(estimates).names, f"{file}: {model.measure}")


def _check_estimates(estimates: Estimates, names: tuple[str, ...], where: str) -> None:
    if estimates.names != names or len(estimates.parameters) != len(names):
        raise ReferenceUnreadable(f"{where} has parameters {estimates.names}; this program expects {names}")
    covariance = np.array(estimates.covariance, dtype=float)
    whole = covariance.shape == (len(names), len(names)) and np.allclose(covariance, covariance.T)
    if not whole or np.linalg.eigvalsh(covariance).min() <= 0:
        raise ReferenceUnreadable(f"{where} has no covariance of {len(names)} parameters")
