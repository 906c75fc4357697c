"""Ways in which public collections name their files that no general rule can read: UK Biobank, MSLesSeg."""

import re
from dataclasses import dataclass
from pathlib import Path

_BULK = re.compile(r"(?P<person>\d{7})_(?P<field>\d{5})_(?P<instance>\d)_\d")
_BULK_FLAIR = "20253"
_TIMEPOINT = re.compile(r"(?P<person>[A-Za-z]{1,4}\d{1,5})_(?P<visit>T\d{1,2})_[A-Za-z0-9]+", re.I)


@dataclass(frozen=True)
class BulkItem:
    """An item of UK Biobank's imaging, as ``1000223_20253_2_0``: participant, data field, visit, item.

    Attributes
    ----------
    person : participant
    visit : instance, 2 for the imaging visit, 3 for its repeat
    is_flair : data field 20253 holds the T2 FLAIR
    """

    person: str
    visit: str
    is_flair: bool


def bulk_item(name: str) -> BulkItem | None:
    """Read the name of a file, without its ending, or of a folder as an item of UK Biobank; None where it is none.

    Examples
    --------
    >>> bulk_item("1000223_20253_2_0")
    BulkItem(person='1000223', visit='2', is_flair=True)
    """
    found = _BULK.fullmatch(name)
    return BulkItem(found["person"], found["instance"], found["field"] == _BULK_FLAIR) if found else None


def timepoint_of(path: Path) -> tuple[str, str] | None:
    """Return person and visit of ``P1/T1/P1_T1_FLAIR``, where T1 is the first time and no contrast; else None.

    The folders must say the same as the name, so that ``P1_T1_FLAIR`` elsewhere stays a T1 FLAIR.

    Examples
    --------
    >>> timepoint_of(Path("train/P1/T1/P1_T1_FLAIR.nii.gz")), timepoint_of(Path("train/P1_T1_FLAIR.nii.gz"))
    (('P1', 'T1'), None)
    """
    found = _TIMEPOINT.fullmatch(path.name.split(".")[0])
    if found is None:
        return None
    person, visit = found["person"], found["visit"]
    above = path.absolute().parent
    same = (above.parent.name.lower(), above.name.lower()) == (person.lower(), visit.lower())
    return (person, visit) if same else None
