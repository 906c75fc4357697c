"""Lesion maps in one sentence: where most people of a group have a lesion, and in how many."""

from collections.abc import Mapping

import numpy as np

from analysis.lesion_map_comparison import STRATUM_YEARS, VoxelTest
from analysis.lesion_maps import GroupMap
from app.sentences.comparison import PEOPLE
from app.sentences.formatting import format_p
from app.sentences.regions import region_name
from pipeline.regions.bullseye import part_at
from vocabulary.lesion_grid import places_of
from vocabulary.measures import GROUPS
from vocabulary.messages import counted

SURE = 0.05
"""Family-wise p below which a difference is called sure."""


def place_in_words(place_mm: tuple[float, float, float]) -> str:
    """Return a place as people say it.

    Examples
    --------
    >>> place_in_words((-24.0, -40.0, 22.0)), place_in_words((0.0, 8.0, -4.0))
    ('24 mm left, 40 mm behind, 22 mm above', 'in the midline, 8 mm in front, 4 mm below')
    """
    x, y, z = place_mm
    side = "in the midline" if x == 0 else f"{abs(x):.0f} mm {'left' if x < 0 else 'right'}"
    depth = f"{abs(y):.0f} mm {'behind' if y < 0 else 'in front'}"
    return f"{side}, {depth}, {abs(z):.0f} mm {'below' if z < 0 else 'above'}"


def map_sentence(groups: Mapping[str, GroupMap]) -> str:
    """Say where lesions are most frequent in each group, MS first.

    Examples
    --------
    >>> from vocabulary.lesion_grid import N_VOXELS
    >>> seen, lesion = np.full(N_VOXELS, 8, np.int32), np.zeros(N_VOXELS, np.int32)
    >>> lesion[37 + 99 * (47 + 117 * 47)] = 3
    >>> map_sentence({"MS": GroupMap(8, lesion, seen)})
    'Lesions of MS patients (n = 8) are most frequent 24 mm left, 40 mm behind, 22 mm above the anterior commissure \
(left parietal): 3 of 8 have one there.'
    """
    said = []
    for group in reversed(GROUPS):
        held = groups.get(group)
        if held is None or not held.n:
            continue
        who = f"{PEOPLE[group]} (n = {held.n:,})"
        top = int(held.n_lesion.argmax())
        if not held.n_lesion[top]:
            said.append(f"{who} have no lesion anywhere")
            continue
        place = tuple(places_of(np.array([top]))[0])
        where = f"{place_in_words(place)} the anterior commissure ({region_name(*part_at(place))})"
        have = "has" if held.n_lesion[top] == 1 else "have"
        said.append(
            f"lesions of {who} are most frequent {where}: {held.n_lesion[top]:,} of {held.n_seen[top]:,} "
            f"{have} one there"
        )
    text = "; ".join(said)
    return f"{text[:1].upper()}{text[1:]}."


def without_map(n: int) -> str:
    """Say how many of the people chosen have no map.

    Examples
    --------
    >>> without_map(1)
    '1 person has no lesion map and is in no number here: no scan, no registration, or measured before maps were kept.'
    """
    verb, is_in = ("has", "is") if n == 1 else ("have", "are")
    return (
        f"{counted(n, 'person')} {verb} no lesion map and {is_in} in no number here: no scan, no registration, or "
        "measured before maps were kept."
    )


def voxel_test_sentence(found: VoxelTest) -> str:
    """Say what a test found.

    Examples
    --------
    >>> empty = np.zeros(0)
    >>> voxel_test_sentence(VoxelTest(empty.astype(int), empty, empty, empty, 6, 5, 2, 1, 1000, 1, 5))
    'Nothing was tested: in no place have 5 people or more a lesion.'
    """
    if not found.voxels.size:
        return f"Nothing was tested: in no place have {found.least_lesions} people or more a lesion."
    if not found.n_strata:
        return "Nothing was tested: no MS patient is of the sex and decade of age of a control."
    more = int(((found.p_cluster < SURE) & (found.z > 0)).sum())
    less = int(((found.p_cluster < SURE) & (found.z < 0)).sum())
    alone = f"; {counted(found.n_alone, 'person')} alone in theirs tell nothing" if found.n_alone else ""
    how = (
        f"{found.n_first:,} MS, {found.n_second:,} HC, {found.voxels.size:,} voxels with lesions of at least "
        f"{found.least_lesions} people, within {found.n_strata} strata of sex and {STRATUM_YEARS} years of age{alone}; "
        f"{found.n_permutations:,} permutations, seed {found.seed}"
    )
    if more + less == 0:
        return f"No place differs for sure: the smallest family-wise p is {format_p(found.smallest_p)} ({how})."
    told = [f"more in MS in {more:,} voxels"] if more else []
    told += [f"more in HC in {less:,} voxels"] if less else []
    return (
        f"Lesions are {' and '.join(told)} (clusters, family-wise p below {SURE:g}, smallest "
        f"{format_p(found.smallest_p)}; {how})."
    )
