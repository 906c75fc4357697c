"""What this process may use of the machine: cores and memory, as far as a container or a scheduler lets it."""

import os
import sys
from pathlib import Path

_GROUPS = Path("/sys/fs/cgroup")


def cores(groups: Path = _GROUPS) -> int:
    """Return how many cores this process may keep busy: those it is bound to, at most its container's share of time.

    Parameters
    ----------
    groups : where Linux describes control groups, of version 2 or 1
    """
    try:
        bound = len(os.sched_getaffinity(0))
    except AttributeError:  # not on every system
        bound = os.cpu_count() or 1
    quota, period = _share(groups)
    return max(1, min(bound, round(quota / period))) if quota and period else bound


def memory_bytes(groups: Path = _GROUPS) -> int | None:
    """Return how much memory this process may use: the machine's, at most its container's; None where nobody says."""
    limits = [limit for limit in (_physical(), _limit(groups)) if limit is not None]
    return min(limits, default=None)


def _physical() -> int | None:
    names = getattr(os, "sysconf_names", {})
    if sys.platform == "win32" or not {"SC_PAGE_SIZE", "SC_PHYS_PAGES"} <= set(names):
        return None
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _limit(groups: Path) -> int | None:
    """Return the least of the memory limits of this process's control group and those above it."""
    found = []
    for place in _places(groups, "memory"):
        for name in ("memory.max", "memory.limit_in_bytes"):
            said = _first_word(place / name)
            if said.isdigit() and 0 < int(said) < 1 << 60:  # version 1 says "no limit" by a number near 2^63
                found.append(int(said))
    return min(found, default=None)


def _share(groups: Path) -> tuple[int, int]:
    for place in _places(groups, "cpu"):
        try:
            quota, period = (place / "cpu.max").read_text(encoding="ascii").split()[:2]
        except (OSError, ValueError):
            quota, period = _first_word(place / "cpu.cfs_quota_us"), _first_word(place / "cpu.cfs_period_us")
        if quota.isdigit() and period.isdigit() and int(quota) > 0:
            return int(quota), int(period)
    return 0, 0


def _places(groups: Path, controller: str) -> list[Path]:
    """Return the folders that may limit this process: its own control group's, those above, and the root's."""
    own = []
    try:
        for line in Path("/proc/self/cgroup").read_text(encoding="ascii").splitlines():
            _, controllers, path = line.split(":", 2)
            if not controllers or controller in controllers.split(","):
                base = groups / controller if controllers else groups
                here = base / path.lstrip("/")
                own += [here, *(above for above in here.parents if above.is_relative_to(base))]
    except (OSError, ValueError):
        own = []
    return [*own, groups, groups / controller]


def _first_word(path: Path) -> str:
    try:
        return (path.read_text(encoding="ascii").split() or [""])[0]
    except (OSError, ValueError):
        return ""
