"""Lesions of synthetic scans: how many, and lumpy ellipsoids of white matter where their zone says."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.registration.icbm152 import ORIGIN
from pipeline.synthetic.anatomy import Anatomy
from vocabulary.measures import ZONES

_WHERE = {"periventricular": (1.0, 4.0), "paraventricular": (14.0, 60.0), "juxtacortical": (14.0, 60.0)}
"""Distance of a lesion's centre from the lateral ventricles, mm, at the template's scale."""
_FROM_CORTEX = {"periventricular": (6.0, 60.0), "paraventricular": (9.0, 60.0), "juxtacortical": (1.0, 3.5)}
_RADII_MM = {"periventricular": (3.8, 5.2, 6.5), "paraventricular": (3.0, 3.8, 4.8), "juxtacortical": (2.6, 3.4, 4.2)}


def lesion_counts(rng: np.random.Generator, group: str, age_years: float) -> dict[str, int]:
    """Draw how many lesions lie in each zone: many in MS, few and deep in controls, more with age."""
    if group == "MS":
        burden = rng.lognormal(0, 0.7)
        means = {"periventricular": 18 * burden, "paraventricular": 13 * burden, "juxtacortical": 6 * burden}
    else:
        means = {"periventricular": 0.3, "paraventricular": max(age_years - 30, 0) * 0.06, "juxtacortical": 0.1}
    return {zone: int(rng.poisson(mean)) for zone, mean in means.items()}


def put_lesions(rng: np.random.Generator, head: Anatomy, counts: dict[str, int]) -> tuple[NDArray[np.int32], list[str]]:
    """Return (X, Y, Z) numbers of lesions, 0 where there is none, and the zone of each."""
    owner = np.zeros(head.white.shape, np.int32)
    rows: list[str] = []
    heights = np.arange(head.white.shape[2])[None, None, :] - ORIGIN[2]
    reached = (heights > -25) & (heights < 58) & (head.white > 0.6)
    for zone in ZONES:
        (near, far), (least, most) = _WHERE[zone], _FROM_CORTEX[zone]
        allowed = reached & (head.to_ventricle >= near) & (head.to_ventricle <= far)
        allowed &= (head.to_cortex >= least) & (head.to_cortex <= most)
        places = np.argwhere(allowed)
        weights = 0.03 + head.rim[allowed]  # beside the ventricles, most are where caps and bands are
        weights /= weights.sum()
        for _ in range(counts.get(zone, 0)):
            centre = places[rng.choice(len(places), p=weights)]
            radii = np.exp(rng.normal(np.log(_RADII_MM[zone]), 0.35))
            rows.append(zone)
            _put(rng, owner, head.white, centre, radii, len(rows))
    return owner, rows


def _put(
    rng: np.random.Generator,
    owner: NDArray[np.int32],
    white: NDArray[np.float32],
    centre: NDArray[np.intp],
    radii: NDArray[np.float64],
    number: int,
) -> None:
    """Write one lumpy ellipsoid, within white matter and where no other lesion is."""
    reach = int(np.ceil(radii.max() * 1.5)) + 1
    low = np.maximum(centre - reach, 0)
    high = np.minimum(centre + reach + 1, owner.shape)
    box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    steps = [np.arange(a, b) - c for a, b, c in zip(low, high, centre, strict=True)]
    offsets = np.stack(np.meshgrid(*steps, indexing="ij"))
    turn = np.linalg.qr(rng.standard_normal((3, 3)))[0]
    distance = np.sqrt((np.tensordot(turn, offsets, axes=1) ** 2 / (radii[:, None, None, None] ** 2)).sum(0))
    lumps = ndimage.gaussian_filter(rng.standard_normal(distance.shape), 1.5) * 1.5
    inside = (distance + 0.3 * lumps < 1) & (white[box] > 0.35) & (owner[box] == 0)
    owner[box][inside] = number
