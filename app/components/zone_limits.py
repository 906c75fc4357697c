"""Sliders that move the limits of the zones, to see what depends on them."""

from dataclasses import replace

import polars as pl
import streamlit as st

from pipeline.lesions import zone_expression
from pipeline.zoning import ZONE_RULES, ZoneRule
from vocabulary import ZONES


def zone_limits(recorded: str) -> ZoneRule | None:
    """Draw the sliders and return the moved rule, or None while the recorded one holds.

    Parameters
    ----------
    recorded : name of the rule the scan was measured with
    """
    rule = ZONE_RULES.get(recorded)
    if rule is None or rule.ventricle_mm is None:
        st.caption(f"The rule {recorded} asks for contact; it has no limit to move.")
        return None
    if not st.toggle("Move the limits of the zones", key="move-zones", help="Changes what is shown, not the store"):
        return None
    with st.container(horizontal=True, gap="medium"):
        ventricle = st.slider(
            "Periventricular: nearest point within (mm)", 0.0, 20.0, rule.ventricle_mm, 0.5, key="limit-ventricle"
        )
        centroid = rule.centroid_mm
        if centroid is not None:
            centroid = st.slider("or centre within (mm)", 0.0, 30.0, centroid, 0.5, key="limit-centroid")
        cortex = st.slider("Juxtacortical: within (mm)", 0.0, 15.0, rule.cortex_mm or 0.0, 0.5, key="limit-cortex")
        area = rule.cortex_area_mm2
        if area is not None:
            area = st.slider("and no larger than (mm²)", 0.0, 200.0, round(area, 1), 0.1, key="limit-area")
            area = rule.cortex_area_mm2 if area == round(rule.cortex_area_mm2, 1) else area
    moved = replace(rule, ventricle_mm=ventricle, centroid_mm=centroid, cortex_mm=cortex, cortex_area_mm2=area)
    return None if moved == rule else moved


def zones_under(lesions: pl.DataFrame, rule: ZoneRule | None) -> pl.DataFrame:
    """Return the lesions with ``zone`` as a moved rule decides; a lesion without a recorded zone keeps none."""
    if rule is None:
        return lesions
    return lesions.with_columns(zone=pl.when(pl.col("zone").is_not_null()).then(zone_expression(rule)))


def shares(lesions: pl.DataFrame, rule_name: str) -> pl.DataFrame:
    """Return the share of the lesion area by zone.

    Returns
    -------
    Rows of rule, zone, area_mm2, share_pct, n (lesion parts); a zone without lesions has 0
    """
    zoned = lesions.filter(pl.col("zone").is_not_null())
    total = zoned["area_mm2"].sum()
    rows = []
    for zone in ZONES:
        its = zoned.filter(pl.col("zone") == zone)
        area = float(its["area_mm2"].sum())
        rows.append((rule_name, zone, area, 100 * area / total if total else None, its.height))
    return pl.DataFrame(rows, schema=["rule", "zone", "area_mm2", "share_pct", "n"], orient="row")
