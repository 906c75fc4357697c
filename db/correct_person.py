"""Give or correct group, sex, age and visit of a person who was scanned; what was there before is kept."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from db.dataset_content import run_each, write_content
from db.errors import NotInStore, ReviewRefused
from db.publish_table import read_or_migrate
from db.review_scan import INITIALS
from db.store import Store
from vocabulary.identifiers import ALLOWED, is_identifier
from vocabulary.measures import GROUPS, SEXES

OLDEST = 120.0


@dataclass(frozen=True)
class Described:
    """What is known of a person at a scan; None: not known.

    Attributes
    ----------
    group, sex : of the person, in all their scans
    age_years : at the scan
    session : the visit
    """

    group: str | None
    sex: str | None
    age_years: float | None
    session: str | None


def correct_person(
    store: Store, scan_id: str, described: Described, *, initials: str, corrected_at: datetime
) -> list[str]:
    """Write what is known of a person into a new version, and what was there into the history.

    Parameters
    ----------
    scan_id : one of their scans, measured from images
    described : all that is known, also what stays as it is
    initials : of who corrects, one to five letters; no name
    corrected_at : UTC, without a time zone

    Returns
    -------
    list : what was changed: "group", "sex", "age_years", "session"; empty, and no new version, where nothing was

    Raises
    ------
    NotInStore : no such scan
    ReviewRefused : a group, sex, age, visit or initials that are none, or a visit that another scan of the person is
    StoreBusy, AuditFailed : see ``Store.write``
    """
    _check(described, initials)
    with store.lock():
        snapshot = read_or_migrate(store)
        scans = pl.DataFrame(schema={"scan_id": pl.String}) if snapshot is None else snapshot.scans()
        if snapshot is not None:
            snapshot.close()
        rows = scans.filter(pl.col("scan_id") == scan_id)
        if rows.is_empty():
            raise NotInStore(f"the store holds no scan '{scan_id}'")
        row = rows.row(0, named=True)
        person = {"dataset_id": row["dataset_id"], "subject_id": row["subject_id"]}
        theirs = scans.filter(
            (pl.col("dataset_id") == row["dataset_id"])
            & (pl.col("subject_id") == row["subject_id"])
            & (pl.col("scan_id") != scan_id)
        )
        if theirs.filter(pl.col("session").eq_missing(pl.lit(described.session, pl.String))).height:
            visit = f"the visit '{described.session}'" if described.session else "without a visit"
            raise ReviewRefused(f"another scan of {row['subject_id']} is {visit} already; every visit is one")
        before = Described(row["group"], row["sex"], row["age_years"], row["session"])
        changed = [
            name for name in ("group", "sex", "age_years", "session") if _of(before, name) != _of(described, name)
        ]
        if not changed:
            return []
        with store.write(f"corrected who {scan_id} is: {', '.join(changed)}") as connection:
            values = {name: getattr(described, name) for name in ("group", "sex", "age_years", "session")}
            run_each(connection, "correct_person", scan_id=scan_id, **person, **values)
            for name in changed:
                run_each(
                    connection, "insert_correction", **person,
                    scan_id=scan_id if name in ("age_years", "session") else None, what=name,
                    before=_of(before, name), after=_of(described, name), initials=initials.strip(),
                    corrected_at=corrected_at,
                )  # fmt: skip
            write_content(connection, row["dataset_id"])
    return changed


def _of(described: Described, name: str) -> str | None:
    value = getattr(described, name)
    return None if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _check(described: Described, initials: str) -> None:
    if not INITIALS.fullmatch(initials.strip()):
        raise ReviewRefused("initials are one to five letters; no name, no number")
    for what, value, known in (("group", described.group, GROUPS), ("sex", described.sex, SEXES)):
        if value is not None and value not in known:
            raise ReviewRefused(f"'{value}' is no {what}; expected one of {', '.join(known)}, or nothing")
    age = described.age_years
    if age is not None and not 0 <= age <= OLDEST:
        raise ReviewRefused(f"{age:g} is no age in years; expected 0 to {OLDEST:g}, or nothing")
    if described.session is not None and not is_identifier(described.session):
        raise ReviewRefused(f"'{described.session[:40]}' cannot name a visit; use {ALLOWED}")
