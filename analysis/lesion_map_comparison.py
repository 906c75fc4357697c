"""Two groups compared voxel by voxel, with the family-wise error held by permutation.

The statistic of a voxel is Cochran, Mantel and Haenszel's: how many of the first group have a lesion there, less what
is expected if the group did not matter, over its standard deviation, summed over strata of sex and age. Labels are
exchanged within strata, so that groups of unlike age or sex are not compared for that.

References
----------
Mantel and Haenszel 1959, doi:10.1093/jnci/22.4.719; Nichols and Holmes 2002 (max statistic), doi:10.1002/hbm.1058;
Smith and Nichols 2009 (threshold-free cluster enhancement), doi:10.1016/j.neuroimage.2008.03.061
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import ndimage, sparse

from analysis.lesion_maps import flat
from vocabulary.lesion_grid import N_VOXELS, SHAPE

LEAST_LESIONS = 5
"""A voxel is tested where so many people, of both groups together, have a lesion."""
PERMUTATIONS = 1000
SEED = 2026
STRATUM_YEARS = 10
"""Width of the strata of age within which people are exchanged."""
_STEP, _EXTENT, _HEIGHT = 0.2, 0.5, 2.0
"""Of the enhancement: step of height, and the exponents of extent and height (Smith and Nichols 2009)."""
_BATCH = 50

FloatArray = NDArray[np.float64]


class Cancelled(Exception):
    """The test was stopped by who asked for it."""


@dataclass(frozen=True)
class VoxelTest:
    """A comparison of two groups, voxel by voxel.

    Attributes
    ----------
    voxels : (V,) numbers of the voxels tested, ascending
    z : (V,) the statistic; above 0 where the first group has more
    p_voxel : (V,) p of the largest statistic of all, family-wise
    p_cluster : (V,) the same of the enhanced statistic; empty where it was not asked for
    n_first, n_second : people
    n_strata : strata within which people were exchanged
    n_alone : people whose stratum holds one group only; they tell nothing
    n_permutations, seed, least_lesions : as asked
    """

    voxels: NDArray[np.int64]
    z: FloatArray
    p_voxel: FloatArray
    p_cluster: FloatArray
    n_first: int
    n_second: int
    n_strata: int
    n_alone: int
    n_permutations: int
    seed: int
    least_lesions: int

    @property
    def smallest_p(self) -> float | None:
        """Return the smallest family-wise p, None where nothing was tested."""
        held = self.p_cluster if self.p_cluster.size else self.p_voxel
        return float(held.min()) if held.size else None


def strata_of(people: pl.DataFrame) -> NDArray[np.int64]:
    """Return a number of the stratum of each person: sex and decade of age; unknown ones are strata of their own.

    Parameters
    ----------
    people : with the columns sex and age_years
    """
    keys = people.select("sex", age=(pl.col("age_years") / STRATUM_YEARS).floor())
    return keys.select(pl.struct("sex", "age").rank("dense").cast(pl.Int64)).to_series().to_numpy() - 1


def voxel_test(
    maps: pl.DataFrame,
    first: NDArray[np.bool_],
    strata: NDArray[np.int64] | None = None,
    *,
    n_permutations: int = PERMUTATIONS,
    least_lesions: int = LEAST_LESIONS,
    clusters: bool = True,
    seed: int = SEED,
    progress: Callable[[float], bool] | None = None,
) -> VoxelTest:
    """Compare the frequency of lesions of two groups.

    Parameters
    ----------
    maps : rows of ``db.snapshot.Snapshot.lesion_maps``, one per person
    first : (N,) whether a person is of the first group
    strata : (N,) stratum of each person, such as of ``strata_of``; None for one stratum of all
    n_permutations : random exchanges of labels; p is at least 1 over one more than this
    least_lesions : people with a lesion that a voxel needs to be tested; of both groups, so that it does not look at
        the difference
    clusters : also enhance the statistic by its neighbours
    progress : called with the share done, 0 to 1; the test ends where it returns False

    Raises
    ------
    ValueError : no permutation is asked for, or the lengths differ.
    Cancelled : ``progress`` returned False.
    """
    if n_permutations < 1:
        raise ValueError(f"{n_permutations} permutations; expected 1 or more")
    if not len(first) == maps.height == (maps.height if strata is None else len(strata)):
        raise ValueError("maps, groups and strata are of different people")
    stratum = np.zeros(maps.height, np.int64) if strata is None else np.unique(strata, return_inverse=True)[1]
    counts = np.bincount(flat(maps["lesion_voxels"]), minlength=N_VOXELS)
    voxels = np.flatnonzero(counts >= max(least_lesions, 1))
    data = _Strata(maps, voxels, stratum, first)
    z = data.statistic(first[:, None])[0] if voxels.size and data.n_strata else np.zeros(voxels.size)
    enhanced = enhance(z, voxels) if clusters else np.zeros(0)
    above_voxel, above_cluster = np.ones(voxels.size), np.ones(enhanced.size)
    rng = np.random.default_rng(seed)
    done = 0
    while voxels.size and data.n_strata and done < n_permutations:
        size = min(_BATCH, n_permutations - done)
        drawn = data.statistic(np.stack([_exchanged(rng, first, stratum) for _ in range(size)], axis=1))
        above_voxel += (np.abs(drawn).max(1)[:, None] >= np.abs(z)[None] - 1e-9).sum(0)
        if clusters:
            for one in drawn:
                above_cluster += np.abs(enhance(one, voxels)).max() >= np.abs(enhanced) - 1e-9
        done += size
        if progress is not None and not progress(done / n_permutations):
            raise Cancelled
    tested = n_permutations + 1 if data.n_strata else 1
    return VoxelTest(
        voxels, z, above_voxel / tested, above_cluster / tested, int(first.sum()), int((~first).sum()),
        data.n_strata, data.n_alone, n_permutations, seed, least_lesions,
    )  # fmt: skip


def _exchanged(rng: np.random.Generator, first: NDArray[np.bool_], stratum: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Return the labels exchanged at random within strata."""
    shuffled = np.lexsort((rng.random(first.size), stratum))
    drawn = np.empty_like(first)
    drawn[np.argsort(stratum, kind="stable")] = first[shuffled]
    return drawn


class _Strata:
    """What the statistic needs of each stratum: who has a lesion in a tested voxel, and who does not show it."""

    def __init__(
        self, maps: pl.DataFrame, voxels: NDArray[np.int64], stratum: NDArray[np.int64], first: NDArray[np.bool_]
    ) -> None:
        self._parts: list[tuple[NDArray[np.intp], sparse.csr_array, sparse.csr_array, FloatArray, FloatArray]] = []
        self.n_alone = 0
        place = np.full(N_VOXELS, -1, np.int64)
        place[voxels] = np.arange(voxels.size)
        lesion = _matrix(maps["lesion_voxels"], place, voxels.size)
        unseen = sparse.csr_array(_unseen(maps["seen_runs"], voxels))
        # Where somebody has a lesion the scan showed something, whatever the edge of its slab came out as.
        unseen = sparse.csr_array(unseen - unseen.multiply(lesion))
        unseen.eliminate_zeros()
        for number in range(int(stratum.max()) + 1 if stratum.size else 0):
            rows = np.flatnonzero(stratum == number)
            if first[rows].all() or not first[rows].any():
                self.n_alone += rows.size
                continue
            have, hidden = lesion[rows], unseen[rows]
            shown = rows.size - np.asarray(hidden.sum(0), np.float64).ravel()
            self._parts.append(
                (rows, have.T.tocsr(), hidden.T.tocsr(), shown, np.asarray(have.sum(0), np.float64).ravel())
            )
        self.n_strata = len(self._parts)
        self._size = voxels.size

    def statistic(self, labels: NDArray[np.bool_]) -> FloatArray:
        """Return z of every voxel, (P, V), for labels (N, P) of the first group."""
        excess = np.zeros((self._size, labels.shape[1]))
        variance = np.zeros_like(excess)
        for rows, have, hidden, shown, lesions in self._parts:
            mine = labels[rows].astype(np.float64)
            of_first = mine.sum(0)[None] - hidden @ mine
            n, m = shown[:, None], lesions[:, None]
            excess += have @ mine - of_first * m / np.maximum(n, 1)
            variance += of_first * (n - of_first) * m * (n - m) / np.maximum(n * n * (n - 1), 1)
        return np.asarray(np.divide(excess, np.sqrt(variance), out=np.zeros_like(excess), where=variance > 0).T)


def _matrix(lists: pl.Series, place: NDArray[np.int64], n: int) -> sparse.csr_array:
    """Return (people, tested voxels), 1 where the list of a person holds the voxel."""
    lengths = lists.list.len().fill_null(0).to_numpy().astype(np.int64)
    columns = place[flat(lists)]
    rows = np.repeat(np.arange(len(lists)), lengths)
    kept = columns >= 0
    made = sparse.csr_array((np.ones(int(kept.sum())), (rows[kept], columns[kept])), shape=(len(lists), n))
    made.data[:] = 1.0  # a voxel told twice is one voxel
    return made


def _unseen(runs: pl.Series, voxels: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return (people, tested voxels), 1 where a person's scan does not show the voxel."""
    hidden = np.ones((len(runs), voxels.size))
    for row, told in enumerate(runs.to_list()):
        # An odd number of edges at or below a voxel: it lies within a run.
        hidden[row] = 1 - np.searchsorted(np.asarray(told or [], np.int64), voxels, side="right") % 2
    return hidden


def enhance(z: FloatArray, voxels: NDArray[np.int64]) -> FloatArray:
    """Return the threshold-free enhanced statistic: what stands high, and what stands in a large patch, counts more.

    Positive and negative values are enhanced apart; neighbours share a face.

    Parameters
    ----------
    z : (V,) statistic of the voxels
    voxels : (V,) their numbers on the common grid
    """
    found = np.zeros_like(z)
    if not z.size:
        return found
    steps = np.stack(np.unravel_index(voxels, SHAPE, order="F"))
    low = steps.min(axis=1, keepdims=True)
    box = np.zeros(tuple(steps.max(axis=1) - low[:, 0] + 1), bool)
    where = tuple(steps - low)
    for sign in (1.0, -1.0):
        height = _STEP
        signed = sign * z
        while (above := signed >= height).any():
            box[where] = above
            patches, n = ndimage.label(box)
            mine = patches[where]
            sizes = np.bincount(mine, minlength=n + 1).astype(np.float64)
            found[above] += sign * sizes[mine[above]] ** _EXTENT * height**_HEIGHT * _STEP
            height += _STEP
    return found
