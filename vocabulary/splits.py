"""How patients were parted into those a model learned from and those it is judged on."""

STUDY_SPLIT = "study"
OTHER_SPLIT = "held-out"
RAW = "-raw"
"""Ends the name of a split whose patients are shown as the scanner made them, not as the study prepared them."""
