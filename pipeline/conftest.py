"""Doctest collection: leave out the modules whose libraries are not installed."""

from importlib.util import find_spec

_NEEDS = {
    "keras": ["networks/[!_r]*.py", "losses.py", "patches.py", "training.py"],
    "nibabel": ["reading.py", "dataset.py", "lesion_paste.py", "patches.py"],
}

collect_ignore_glob = [
    pattern for library, patterns in _NEEDS.items() if not find_spec(library) for pattern in patterns
]
