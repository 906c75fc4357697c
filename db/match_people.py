"""Which rows of a table speak of which scans: by code and visit, exactly, else where only the writing differs."""

import re
from collections import defaultdict
from dataclasses import dataclass, field

import polars as pl

from db.tables.header_row import ROW_NUMBER
from vocabulary.code_forms import same_form
from vocabulary.messages import printable

_SUB, _SES = re.compile(r"^sub[-_]", re.I), re.compile(r"^ses[-_]", re.I)


@dataclass
class Matched:
    """How rows and scans fit together.

    Attributes
    ----------
    row_of : scan_id -> row number; the row of the visit goes before that of the person
    unmatched : codes of rows that speak of nobody here, with the visit where that is what is not here
    twice : scan_id -> two rows that both speak of it
    differs : (code as the table writes it, code here) where they differ
    """

    row_of: dict[str, int] = field(default_factory=dict)
    unmatched: list[str] = field(default_factory=list)
    twice: dict[str, tuple[int, int]] = field(default_factory=dict)
    differs: list[tuple[str, str]] = field(default_factory=list)


def match_people(rows: pl.DataFrame, people: pl.DataFrame) -> Matched:
    """Match rows with scans.

    Parameters
    ----------
    rows : row_number, subject_id, session; a row without a session is about all visits of the person
    people : scan_id, subject_id, session

    Returns
    -------
    Matched. A code that differs from one here in nothing but case, punctuation and leading zeros is matched where it is
    the only one like it, and said.
    """
    scans: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for scan_id, subject, session in people.select("scan_id", "subject_id", "session").iter_rows():
        scans[subject].append((scan_id, same_form(session or "")))
    forms: dict[str, set[str]] = defaultdict(set)
    for subject in scans:
        forms[same_form(subject)].add(subject)
    found = Matched()
    of_visit: dict[str, int] = {}
    of_person: dict[str, int] = {}
    for number, code, session in rows.select(ROW_NUMBER, "subject_id", "session").iter_rows():
        subject = _subject(code, scans, forms)
        visit = None if session is None else same_form(_SES.sub("", session))
        about = [scan_id for scan_id, own in scans.get(subject or "", ()) if visit is None or own == visit]
        if not about:
            found.unmatched.append(printable(code if subject is None or session is None else f"{code}, {session}", 80))
            continue
        if subject is not None and subject != _SUB.sub("", code):
            found.differs.append((code, subject))
        place = of_person if visit is None else of_visit
        for scan_id in about:
            if scan_id in place:
                found.twice.setdefault(scan_id, (place[scan_id], number))
            place.setdefault(scan_id, number)
    found.row_of = of_person | of_visit
    return found


def _subject(code: str, scans: dict[str, list[tuple[str, str]]], forms: dict[str, set[str]]) -> str | None:
    plain = _SUB.sub("", code)
    exact = next((name for name in (code, plain) if name in scans), None)
    if exact is not None:
        return exact
    alike = forms.get(same_form(code), set())
    return next(iter(alike)) if len(alike) == 1 else None
