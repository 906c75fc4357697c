"""The regions in one sentence: where most lies, in whom, and how much lies nowhere."""

import polars as pl

from app.sentences.comparison import PEOPLE
from app.sentences.formatting import format_number, format_percent
from vocabulary.measures import GROUPS
from vocabulary.messages import counted


def region_name(region: str, side: str) -> str:
    """Return a region with its side.

    Examples
    --------
    >>> region_name("frontal, periventricular", "left"), region_name("brain stem", "both")
    ('left frontal, periventricular', 'brain stem')
    """
    return region if side == "both" else f"{side} {region}"


def regions_sentence(summary: pl.DataFrame, unassigned_pct: float | None) -> str:
    """Say where the groups carry most.

    Parameters
    ----------
    summary : from ``analysis.regions.summary``
    unassigned_pct : share of all lesion volume that lies in no region, percent; None without lesions

    Examples
    --------
    >>> row = {"region": "frontal, inner deep", "side": "left", "group": "MS", "n": 9, "n_with": 8, "mean_ml": 1.25}
    >>> regions_sentence(pl.DataFrame([row]), 0.31)
    'MS patients (n = 9) carry most in the left frontal, inner deep region: 1.25 mL on average, 8 of 9 have a lesion \
there. 0.3 % of all lesion volume lies in no region.'
    """
    said = []
    for group in reversed(GROUPS):
        part = summary.filter(pl.col("group") == group)
        if part.is_empty():
            continue
        top = part.sort("mean_ml", descending=True, maintain_order=True).row(0, named=True)
        who = f"{PEOPLE[group]} (n = {max(part['n'].to_list()):,})"
        if not top["mean_ml"]:
            said.append(f"{who} have no lesion in any region")
            continue
        said.append(
            f"{who} carry most in the {region_name(top['region'], top['side'])} region: "
            f"{format_number(top['mean_ml'])} mL on average, {top['n_with']:,} of {top['n']:,} have a lesion there"
        )
    text = "; ".join(said)
    if unassigned_pct is not None:
        text += f". {format_percent(unassigned_pct)} of all lesion volume lies in no region"
    return f"{text[:1].upper()}{text[1:]}."


def where_lesions_are(loads: pl.DataFrame, most: int = 4) -> str:
    """Say in which regions of one scan the lesions are, the most loaded first; empty without regions or lesions.

    Parameters
    ----------
    loads : rows of one scan from ``db.snapshot.Snapshot.region_loads``
    most : regions named

    Examples
    --------
    >>> rows = [("frontal, inner deep", "left", 1.5, 3), ("brain stem", "both", 0.25, 1), ("parietal", "left", 0.0, 0)]
    >>> names = ["region", "side", "volume_ml", "lesion_count"]
    >>> where_lesions_are(pl.DataFrame(rows, schema=names, orient="row"))
    'Most lesion volume lies in: left frontal, inner deep (1.50 mL, 3 lesions); brain stem (0.250 mL, 1 lesion).'
    """
    loaded = loads.filter(pl.col("volume_ml") > 0).sort("volume_ml", descending=True, maintain_order=True)
    if loaded.is_empty():
        return ""
    told = "; ".join(
        f"{region_name(row['region'], row['side'])} ({format_number(row['volume_ml'])} mL, "
        f"{counted(row['lesion_count'], 'lesion')})"
        for row in loaded.head(most).iter_rows(named=True)
    )
    more = f"; and {loaded.height - most} more regions" if loaded.height > most else ""
    return f"Most lesion volume lies in: {told}{more}."


def without_regions(reasons: pl.DataFrame) -> str:
    """Say how many scans have no regions, and why.

    Parameters
    ----------
    reasons : rows of ``db.snapshot.Snapshot.registrations`` that have a reason

    Examples
    --------
    >>> without_regions(pl.DataFrame({"reason": ["no brain"]}))
    '1 scan has no regions and is in no answer here: no brain.'
    """
    told = reasons.group_by("reason").len().sort("len", "reason", descending=[True, False])
    whys = [why if told.height == 1 else f"{n:,}: {why}" for why, n in told.iter_rows()]
    has = "has" if reasons.height == 1 else "have"
    is_in = "is" if reasons.height == 1 else "are"
    return f"{counted(reasons.height, 'scan')} {has} no regions and {is_in} in no answer here: {'; '.join(whys)}."
