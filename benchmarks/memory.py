"""Memory of a process and of the workers it starts, watched while it works; from /proc, so on Linux alone."""

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Sample:
    """What was resident at one moment.

    Attributes
    ----------
    done : share of the work that was done, 0 to 1
    parent_mb, worker_mb : of the process, and of the largest process it started; None where /proc does not tell
    """

    done: float
    parent_mb: float | None
    worker_mb: float | None


def sample(pid: int, done: float) -> Sample:
    """Look at a process and its children now."""
    workers = [mb for child in _children(pid) if (mb := resident_mb(child)) is not None]
    return Sample(done, resident_mb(pid), max(workers, default=None))


def at(samples: list[Sample], mark: float, width: float = 0.1) -> Sample:
    """Return the largest values seen in the part of the work that ends at the mark: a scan comes and goes.

    Parameters
    ----------
    mark, width : shares of the work
    """
    inside = [one for one in samples if mark - width - 1e-9 <= one.done <= mark + 1e-9]
    parent = max((one.parent_mb for one in inside if one.parent_mb is not None), default=None)
    worker = max((one.worker_mb for one in inside if one.worker_mb is not None), default=None)
    return Sample(mark, parent, worker)


def resident_mb(pid: int) -> float | None:
    """Return the resident memory of a process, MB; None where /proc does not tell."""
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        return None
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    return round(int(found[1]) / 1024, 1) if found else None


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += map(int, path.read_text(encoding="ascii").split())
        except OSError:  # the thread has ended
            continue
    return found
