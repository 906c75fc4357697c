"""How often a place of the common brain holds a lesion, in a group of people, and between two groups."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from vocabulary.lesion_grid import N_VOXELS

Counts = NDArray[np.int32]


@dataclass(frozen=True)
class GroupMap:
    """A group of people on the common grid.

    Attributes
    ----------
    n : people
    n_lesion, n_seen : (N_VOXELS,) how many have a lesion there, and how many scans show the place
    """

    n: int
    n_lesion: Counts
    n_seen: Counts

    def frequency(self, least_seen: int = 1) -> NDArray[np.float32]:
        """Return (N_VOXELS,) share of people with a lesion there, 0 to 1; NaN where fewer scans show the place."""
        shown = self.n_seen >= max(least_seen, 1)
        shares = self.n_lesion / np.maximum(self.n_seen, 1)
        return np.where(shown, shares, np.nan).astype(np.float32)


def group_map(maps: pl.DataFrame) -> GroupMap:
    """Add up the lesion maps of people.

    Parameters
    ----------
    maps : rows of ``db.snapshot.Snapshot.lesion_maps``, one per person

    Returns
    -------
    GroupMap ; all zero without people
    """
    voxels, runs = flat(maps["lesion_voxels"]), flat(maps["seen_runs"])
    lesion = np.bincount(voxels, minlength=N_VOXELS)
    change = np.bincount(runs[0::2], minlength=N_VOXELS + 1) - np.bincount(runs[1::2], minlength=N_VOXELS + 1)
    seen = np.cumsum(change)[:N_VOXELS]
    return GroupMap(maps.height, lesion.astype(np.int32), seen.astype(np.int32))


def flat(lists: pl.Series) -> NDArray[np.int64]:
    """Return all numbers of a column of lists, row after row."""
    return lists.explode().drop_nulls().to_numpy().astype(np.int64)


def difference(one: GroupMap, other: GroupMap, least_seen: int = 1) -> NDArray[np.float32]:
    """Return (N_VOXELS,) share of ``one`` minus that of ``other``, -1 to 1; NaN where either shows too few."""
    return one.frequency(least_seen) - other.frequency(least_seen)
