"""Sliders that move the limits of the zones, to see what depends on them."""

from dataclasses import replace

import streamlit as st

from pipeline.measures.zoning import ZONE_RULES, ZoneRule


def zone_limits(recorded: str) -> ZoneRule | None:
    """Draw the sliders and return the moved rule, or None while the recorded one holds.

    Parameters
    ----------
    recorded : name of the rule the scan was measured with
    """
    rule = ZONE_RULES.get(recorded)
    if rule is None or rule.ventricle_mm is None or rule.cortex_mm is None:
        st.caption(f"The rule {recorded} asks for contact; it has no limit to move.")
        return None
    told = "Shows other zones here; the store keeps the recorded rule"
    if not st.toggle("Move the limits of the zones", key="move-zones", help=told):
        return None
    left, right = st.columns(2, gap="medium")
    with left:
        ventricle = _limit("Periventricular: nearest point within", "mm", 20.0, rule.ventricle_mm, "ventricle", rule)
        cortex = _limit("Juxtacortical: nearest point within", "mm", 15.0, rule.cortex_mm, "cortex", rule)
    with right:
        centroid, area = rule.centroid_mm, rule.cortex_area_mm2
        if centroid is not None:
            centroid = _limit("or centre within", "mm", 30.0, centroid, "centroid", rule)
        if area is not None:
            area = _limit("and no larger than", "mm²", 200.0, area, "area", rule)
    moved = replace(rule, ventricle_mm=ventricle, centroid_mm=centroid, cortex_mm=cortex, cortex_area_mm2=area)
    return None if moved == rule else moved


def _limit(label: str, unit: str, largest: float, recorded: float, name: str, rule: ZoneRule) -> float:
    """Return the slider's value; exactly the recorded one while it stands there, whatever the slider rounds."""
    shown = round(recorded, 1)
    value = st.slider(
        label,
        0.0,
        largest,
        shown,
        0.1 if unit == "mm²" else 0.5,
        key=f"limit-{name}-{rule.name}",
        format=f"%.1f {unit}",
    )
    return recorded if value == shown else float(value)
