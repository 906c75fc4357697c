"""The report of a person of the store: who it is, their scans, flags and picture, put into a language."""

from pathlib import Path

import polars as pl

from app.patient import Patient, Placed, patient_of
from app.report.content import Content, report_content
from app.report.languages import language
from app.report.regions import RegionLoad, ScanLoads
from app.scan_images import ScanFilesMissing, encoded, read_images, slice_picture
from db.errors import NotInStore
from db.snapshot import Snapshot

PICTURE_HEIGHT = 520


def people_named(
    snapshot: Snapshot, subject: str, dataset: str | None = None, protocol: str | None = None
) -> list[list[Patient]]:
    """Return the scans, latest first, of everybody of this name: one list per dataset and protocol.

    Raises
    ------
    NotInStore : there is nobody of this name
    """
    found = []
    for row in snapshot.datasets().iter_rows(named=True):
        if dataset not in (None, row["dataset_id"]):
            continue
        for one in row["protocol_ids"]:
            if protocol not in (None, one):
                continue
            members = snapshot.cohort(row["dataset_id"], one).filter(pl.col("subject_id") == subject)
            members = members.sort("session", descending=True, nulls_last=True)
            if not members.is_empty():
                source = {"content_sha256": row["content_sha256"], "synthetic": row["synthetic"]}
                found.append(
                    [
                        patient_of(scan, **source, flags=_flags(snapshot, scan["scan_id"]))
                        for scan in members.iter_rows(named=True)
                    ]
                )
    if not found:
        where = f" in dataset '{dataset}'" if dataset else ""
        under = f" measured under {protocol}" if protocol else ""
        raise NotInStore(f"the store holds no person '{subject}'{where}{under}")
    return found


def person_report(snapshot: Snapshot, scans: list[Patient], placed: Placed, lang: str) -> Content:
    """Return the report of a person's latest scan in a language.

    Raises
    ------
    LanguageError : there is no such language
    """
    patient = scans[0]
    return report_content(
        language(lang),
        patient,
        placed,
        store_version=snapshot.version,
        flags=patient.flags,
        expected_ml=_expected(snapshot, patient),
        picture=_picture(snapshot, patient),
        earlier=[scan.session for scan in scans[1:] if scan.session],
        regions=_regions(snapshot, patient),
    )


def _flags(snapshot: Snapshot, scan_id: str) -> tuple[str, ...]:
    return tuple(snapshot.scan_flags(scan_id=scan_id)["flag"])


def _expected(snapshot: Snapshot, patient: Patient) -> tuple[float, float] | None:
    """Return the load that an outline by hand may hold, None where no range is given."""
    if patient.scan_id is None:
        return None
    known = snapshot.reliability(scan_id=patient.scan_id).filter(pl.col("protocol_id") == patient.protocol)
    ends = known.drop_nulls("wmh_high_ml").select("wmh_low_ml", "wmh_high_ml").rows()
    return ends[0] if ends else None


def _regions(snapshot: Snapshot, patient: Patient) -> ScanLoads | None:
    """Return the lesions of the scan by region, None where it has no regions."""
    if patient.scan_id is None:
        return None
    told = snapshot.registrations(scan_id=patient.scan_id)
    told = told.filter((pl.col("protocol_id") == patient.protocol) & pl.col("reason").is_null())
    if told.is_empty():
        return None
    loads = snapshot.region_loads(scan_id=patient.scan_id)
    loads = loads.filter((pl.col("protocol_id") == patient.protocol) & (pl.col("volume_ml") > 0))
    rows = loads.select("region", "side", "volume_ml").iter_rows()
    return ScanLoads([RegionLoad(*row) for row in rows], told["unassigned_volume_ml"][0])


def _picture(snapshot: Snapshot, patient: Patient) -> bytes | None:
    scans = snapshot.scans(patient.dataset_id)
    rows = scans.filter(pl.col("scan_id") == patient.scan_id) if not scans.is_empty() else scans
    if rows.is_empty():
        return None
    row = rows.row(0, named=True)
    try:
        images = read_images(Path(row["derivatives"]), row["stem"])
    except ScanFilesMissing:
        return None
    return encoded(slice_picture(images, images.widest_slice, height=PICTURE_HEIGHT, synthetic=row["synthetic"]))
