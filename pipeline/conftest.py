"""Doctest collection: leave out the modules whose libraries are not installed."""

from importlib.util import find_spec

_NEEDS = {
    "keras": ["networks/[!_r]*.py", "losses.py", "patches.py", "training.py", "region_loss.py", "region_network.py"],
    "nibabel": ["reading.py", "dataset.py", "lesion_paste.py", "patches.py"],
}

_absent = [library for library in _NEEDS if not find_spec(library)]
collect_ignore_glob = [pattern for library in _absent for pattern in _NEEDS[library]]
