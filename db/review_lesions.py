"""Record what a reader says of lesions that differ between two visits: yes, no or unsure; all verdicts stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from db.errors import NotInStore, ReviewRefused
from db.publish_table import read_or_migrate
from db.review_scan import INITIALS
from db.sql_files import statements
from db.store import Store

LESION_VERDICTS = ("yes", "no", "unsure")
KINDS = ("new", "enlarged", "vanished")


@dataclass(frozen=True)
class LesionVerdict:
    """One verdict on one candidate.

    Attributes
    ----------
    kind : new, enlarged or vanished, as the comparison proposed it
    centroid_mm : scanner RAS+ of the later scan
    slice_index : of the later scan, from 0
    before_ml, after_ml : volume at each visit
    verdict : yes, no or unsure
    """

    kind: str
    centroid_mm: tuple[float, float, float]
    slice_index: int
    before_ml: float
    after_ml: float
    verdict: str


def review_lesions(
    store: Store,
    earlier_scan_id: str,
    later_scan_id: str,
    protocol_id: str,
    verdicts: Sequence[LesionVerdict],
    *,
    n_candidates: int,
    initials: str,
    reviewed_at: datetime,
) -> None:
    """Add verdicts on candidates of two visits, all in one new version.

    Parameters
    ----------
    n_candidates : how many candidates these visits have
    initials : of the reader, one to five letters; no name
    reviewed_at : UTC, without a time zone

    Raises
    ------
    NotInStore : one of the scans is not in the store under this protocol, or they are of two people
    ReviewRefused : no verdict, an unknown one, more than there are candidates, or initials that are none
    StoreBusy : another process is writing
    """
    initials = initials.strip()
    if not verdicts:
        raise ReviewRefused("there is no verdict to record")
    for one in verdicts:
        if one.verdict not in LESION_VERDICTS:
            raise ReviewRefused(f"'{one.verdict}' is not one of {', '.join(LESION_VERDICTS)}")
        if one.kind not in KINDS:
            raise ReviewRefused(f"'{one.kind}' is not one of {', '.join(KINDS)}")
    if len(verdicts) > n_candidates:
        raise ReviewRefused(f"{len(verdicts)} verdicts on {n_candidates} candidates")
    if not INITIALS.fullmatch(initials):
        raise ReviewRefused("initials are one to five letters; no name, no number")
    with store.lock():
        runs = _runs(store, (earlier_scan_id, later_scan_id), protocol_id)
        with store.write(f"verdicts on lesions that differ, {later_scan_id}") as connection:
            for one in verdicts:
                x, y, z = one.centroid_mm
                values = {
                    "earlier_scan_id": earlier_scan_id,
                    "later_scan_id": later_scan_id,
                    "protocol_id": protocol_id,
                    "kind": one.kind,
                    "centroid_x_mm": x,
                    "centroid_y_mm": y,
                    "centroid_z_mm": z,
                    "slice_index": one.slice_index,
                    "before_ml": one.before_ml,
                    "after_ml": one.after_ml,
                    "n_candidates": n_candidates,
                    "earlier_run_id": runs[0],
                    "later_run_id": runs[1],
                    "verdict": one.verdict,
                    "initials": initials,
                    "reviewed_at": reviewed_at,
                }
                connection.execute(statements("queries")["insert_lesion_review"], values)


def _runs(store: Store, scan_ids: tuple[str, str], protocol_id: str) -> tuple[str, str]:
    """Return the runs that measured two scans of one person."""
    snapshot = read_or_migrate(store)
    held = pl.DataFrame()
    if snapshot is not None:
        with snapshot:
            held = snapshot.scans()
    rows = []
    for scan_id in scan_ids:
        found = held
        if held.height:
            found = held.filter((pl.col("scan_id") == scan_id) & (pl.col("protocol_id") == protocol_id))
        if found.is_empty():
            raise NotInStore(f"the store holds no scan '{scan_id}' measured under {protocol_id}")
        rows.append(found.row(0, named=True))
    one, other = rows
    if (one["dataset_id"], one["subject_id"]) != (other["dataset_id"], other["subject_id"]):
        raise NotInStore(f"'{scan_ids[0]}' and '{scan_ids[1]}' are scans of two people")
    return str(one["run_id"]), str(other["run_id"])
