"""What moving the limits of a zone rule changes: which lesions go elsewhere, and every scan's shares."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from pipeline.measures.lesion_rows import zone_expression
from pipeline.measures.zoning import ZoneRule
from vocabulary.measures import ZONE_LABELS, ZONES


def zones_under(lesions: pl.DataFrame, rule: ZoneRule | None) -> pl.DataFrame:
    """Return the lesions with ``zone`` as a moved rule decides; a lesion without a recorded zone keeps none.

    Parameters
    ----------
    lesions : rows from ``db.snapshot.Snapshot.lesions``
    rule : None leaves the zones as they are recorded
    """
    if rule is None:
        return lesions
    return lesions.with_columns(zone=pl.when(pl.col("zone").is_not_null()).then(zone_expression(rule)))


def zone_shares_of(lesions: pl.DataFrame) -> pl.DataFrame:
    """Return every scan's share of lesion area by zone.

    Parameters
    ----------
    lesions : scan_id, zone, area_mm2; lesions without a zone do not count

    Returns
    -------
    scan_id, zone, share_pct : one row per zone of each scan that has lesions with a zone, 0 for a zone without any;
        a scan's shares add up to 100

    Examples
    --------
    >>> lesions = pl.DataFrame({"scan_id": "a", "zone": ["periventricular", "juxtacortical"], "area_mm2": [30.0, 10.0]})
    >>> zone_shares_of(lesions)["share_pct"].to_list()
    [75.0, 0.0, 25.0]
    """
    zoned = lesions.filter(pl.col("zone").is_not_null())
    scans = zoned.select(pl.col("scan_id").unique(maintain_order=True))
    zones = pl.DataFrame({"zone": ZONES}, schema={"zone": pl.String})
    area = zoned.group_by("scan_id", "zone").agg(pl.col("area_mm2").sum())
    every = scans.join(zones, how="cross").join(area, on=["scan_id", "zone"], how="left", maintain_order="left")
    found = pl.col("area_mm2").fill_null(0.0)
    return every.select("scan_id", "zone", share_pct=100 * found / found.sum().over("scan_id"))


def change_sentence(recorded: pl.DataFrame, moved: pl.DataFrame, scan_id: str) -> str:
    """Say what moved limits change, in numbers of lesion parts and in the share that changes most.

    Parameters
    ----------
    recorded, moved : the same lesions of all scans in the same order, with the zones of both rules
    scan_id : the scan that is looked at

    Examples
    --------
    >>> before = pl.DataFrame({"scan_id": ["a", "a", "b"], "zone": ["periventricular"] * 3, "area_mm2": [20.0, 20, 9]})
    >>> after = before.with_columns(zone=pl.Series(["paraventricular", "periventricular", "periventricular"]))
    >>> change_sentence(before, after, "a")
    'The moved limits put 1 of 2 lesion parts of this scan into another zone, and 1 of 3 of all 2 scans with lesions. \
Periventricular share of this scan: 50 %, recorded 100 %; median of all: 75 %, recorded 100 %.'
    >>> change_sentence(before, before, "a")
    'With these limits every lesion stays in the zone that is recorded.'
    """
    changed = recorded["zone"].ne_missing(moved["zone"])
    if not changed.any():
        return "With these limits every lesion stays in the zone that is recorded."
    here = recorded["scan_id"] == scan_id
    before, after = zone_shares_of(recorded), zone_shares_of(moved)
    difference = {zone: _mean(_of(after, zone)) - _mean(_of(before, zone)) for zone in ZONES}
    zone = max(ZONES, key=lambda name: abs(difference[name]))
    this = [_of(frame.filter(pl.col("scan_id") == scan_id), zone) for frame in (after, before)]
    words = [_median(shares) for shares in (*this, _of(after, zone), _of(before, zone))]
    return (
        f"The moved limits put {(changed & here).sum():,} of {here.sum():,} lesion parts of this scan into another "
        f"zone, and {changed.sum():,} of {changed.len():,} of all {before['scan_id'].n_unique():,} scans with lesions. "
        f"{ZONE_LABELS[zone]} share of this scan: {words[0]}, recorded {words[1]}; median of all: {words[2]}, recorded "
        f"{words[3]}."
    )


def _of(shares: pl.DataFrame, zone: str) -> NDArray[np.float64]:
    return shares.filter(pl.col("zone") == zone)["share_pct"].to_numpy()


def _median(shares: NDArray[np.float64]) -> str:
    return f"{np.median(shares):.0f} %" if shares.size else "none"


def _mean(shares: NDArray[np.float64]) -> float:
    return float(shares.mean()) if shares.size else 0.0
