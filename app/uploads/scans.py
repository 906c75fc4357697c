"""Uploaded scans on their way to a job: a code for each person, a file under that code, a table of who they are."""

import csv
import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.inputs.clashes import Known, without_earlier
from pipeline.inputs.identity import entities_of
from pipeline.inputs.input_scan import InputScan
from pipeline.inputs.name_words import read_name
from pipeline.inputs.scan_names import SUFFIXES, Name, bare, says_other
from vocabulary.identifiers import is_bids_value

MAX_FILES = 20


@dataclass(frozen=True)
class Arrival:
    """One uploaded scan.

    Attributes
    ----------
    name : the uploaded file's name; it is not kept
    content : returns the file's bytes
    code : pseudonymous identifier of the person
    visit : which visit, or empty
    group, sex, age_years : MS or HC, F or M, years; None where unknown
    """

    name: str
    content: Callable[[], bytes]
    code: str
    visit: str = ""
    group: str | None = None
    sex: str | None = None
    age_years: float | None = None


def suggested_code(name: str) -> str:
    """Suggest a person's code from an uploaded file's name; empty where the name only says what kind of image it is.

    Examples
    --------
    >>> [suggested_code(name) for name in ("sub-07_ses-2_FLAIR.nii.gz", "P12_flair.nii", "FLAIR.nii.gz", "Anna B.nii")]
    ['07', 'P12', '', '']
    """
    plain = bare(Path(Path(name).name))
    told = read_name(plain)
    code = entities_of(plain).get("sub", told.person if told.strength != "series" else "")
    return code if is_bids_value(code) and "flair" not in code.lower() else ""


def suggested_visit(name: str) -> str:
    """Suggest which visit an uploaded file shows, from its name; empty where that names none.

    Examples
    --------
    >>> [suggested_visit(name) for name in ("sub-07_ses-2_FLAIR.nii.gz", "P7_V2_flair.nii", "P7_flair.nii")]
    ['2', 'V2', '']
    """
    plain = bare(Path(Path(name).name))
    told = read_name(plain)
    visit = entities_of(plain).get("ses", "") or told.also_visit or next(iter(told.visits), "")
    return visit if is_bids_value(visit) else ""


def problem(arrival: Arrival) -> str:
    """Say why an upload cannot be measured, or return an empty text.

    Examples
    --------
    >>> problem(Arrival("T1w.nii", bytes, "P1"))
    'Its name says T1w; expected a FLAIR image.'
    >>> problem(Arrival("scan.nii", bytes, "Anna B"))
    'The code may hold letters (A-Z), digits, dots and hyphens only: no names, no spaces.'
    """
    if not arrival.name.lower().endswith(SUFFIXES):
        return "Expected a NIfTI file, .nii or .nii.gz."
    other = says_other(Path(arrival.name))
    if other:
        return f"Its name says {other}; expected a FLAIR image."
    if not arrival.code:
        return "Give this person a code."
    for word, code in (("code", arrival.code), ("visit", arrival.visit)):
        if code and not is_bids_value(code):
            return f"The {word} may hold letters (A-Z), digits, dots and hyphens only: no names, no spaces."
    return ""


def stem_of(arrival: Arrival) -> str:
    """Return what the files of an upload will be called; empty without a code.

    Examples
    --------
    >>> stem_of(Arrival("scan.nii", bytes, "P-7", "2"))
    'sub-P7_ses-2'
    """
    return Name(arrival.code, arrival.visit or None).stem if arrival.code else ""


def twice(arrivals: Sequence[Arrival]) -> list[str]:
    """Return the codes that several uploads claim for one visit."""
    counts = Counter((arrival.code, arrival.visit) for arrival in arrivals if arrival.code)
    return [f"{code}, visit {visit}" if visit else code for (code, visit), n in counts.items() if n > 1]


def clashes(arrivals: Sequence[Arrival], held: Sequence[Known], *, replace: bool) -> list[str]:
    """Say which uploads would take the place of what was measured before, or have a code like another person's.

    Parameters
    ----------
    held : what the dataset holds
    replace : another image of the same person and visit is welcome
    """
    stems = {scan.stem for scan in held}
    scans = []
    for arrival in arrivals:
        stem = stem_of(arrival)
        digest = hashlib.sha256(arrival.content()).hexdigest() if stem in stems else ""
        scans.append(InputScan(Path(arrival.name), arrival.code, arrival.visit or None, None, None, None, stem, digest))
    return [f"{item.input} {item.reason}" for item in without_earlier(scans, held, replace=replace)[1]]


def write_arrivals(arrivals: Sequence[Arrival], scans: Path) -> None:
    """Write uploads as a BIDS dataset into the folder ``scans``: every file under its code, and ``participants.tsv``.

    The uploaded names, which may hold a person's name, are not written anywhere.

    Raises
    ------
    OSError : the folder cannot be written.
    """
    rows = []
    for arrival in arrivals:
        who = [f"sub-{arrival.code}"] + ([f"ses-{arrival.visit}"] if arrival.visit else [])
        ending = next(suffix for suffix in SUFFIXES if arrival.name.lower().endswith(suffix))
        path = scans.joinpath(*who, "anat", f"{'_'.join(who)}_FLAIR{ending}")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(arrival.content())
        age = None if arrival.age_years is None else f"{arrival.age_years:g}"
        rows.append([who[0], arrival.visit, arrival.group, arrival.sex, age])
    with (scans / "participants.tsv").open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(["participant_id", "session_id", "group", "sex", "age"])
        table.writerows([cell or "n/a" for cell in row] for row in rows)


def shown_name(text: str) -> str:
    """Return a path from a message as people should see it: without the folders that lead to the file.

    Examples
    --------
    >>> shown_name("/data/store/jobs/1/scans/sub-P1/anat/sub-P1_FLAIR.nii.gz")
    'sub-P1_FLAIR.nii.gz'
    """
    return Path(text).name or text
