"""What the colours of a picture of a scan mean."""

import streamlit as st

from app.figures.palette import VENTRICLE_COLOUR, ZONE_COLOURS
from app.scan_images import NO_ZONE_COLOUR
from vocabulary.measures import ZONE_LABELS

_KEY = {"Ventricle": VENTRICLE_COLOUR} | {ZONE_LABELS[zone]: colour for zone, colour in ZONE_COLOURS.items()}
_STYLE = "display:inline-block;width:.8em;height:.8em;border-radius:.15em;border:1px solid #888;margin-inline-end:.35em"


def picture_key(*, undecided: bool = False, unsure: bool = False) -> None:
    """Draw the key of the colours.

    Parameters
    ----------
    undecided : name the colour of lesions without a zone, too
    unsure : say that unsure lesions are drawn as outlines
    """
    key = _KEY | ({"Zone undecided": NO_ZONE_COLOUR} if undecided else {})
    entries = "".join(
        f'<span style="white-space:nowrap"><span style="{_STYLE};background:{colour}"></span>{label}</span>'
        for label, colour in key.items()
    )
    if unsure:
        entries += (
            f'<span style="white-space:nowrap"><span style="{_STYLE};background:none;border-width:2px"></span>'
            "Outline alone: unsure</span>"
        )
    st.html(f'<div style="display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;font-size:.9rem">{entries}</div>')
