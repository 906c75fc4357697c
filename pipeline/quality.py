"""What makes a scan's numbers doubtful: named flags, each with what was found and what was expected.

A flag rejects nothing. It says why a person should look at the scan before believing its numbers.
"""

from dataclasses import dataclass
from types import MappingProxyType

FLAGS = MappingProxyType(
    {
        "no_ventricle": "No ventricle was found, so lesions have no zone",
    }
)
"""Every flag there is, and what it means."""


@dataclass(frozen=True)
class Flag:
    """One reason to look at a scan.

    Attributes
    ----------
    name : one of ``FLAGS``
    detail : what was found in this scan, with its unit
    """

    name: str
    detail: str


def quality_flags(scan, segmentation, quantities) -> tuple[Flag, ...]:
    """Return the flags."""
    flags = []
    if "ventricle_area_mm2" in quantities.reasons:
        flags.append(Flag("no_ventricle", quantities.reasons["ventricle_area_mm2"]))
    return tuple(flags)
