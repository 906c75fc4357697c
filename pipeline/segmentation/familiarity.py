"""How like the scans a model learned from a scan is: its properties against those of people the networks never saw."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pipeline.segmentation.image_properties import (
    BRAIN_IN_HEAD,
    DISAGREEMENT,
    FLUID,
    INWARD,
    NOISE,
    SLICE_MM,
)

WORDS = MappingProxyType(
    {
        SLICE_MM: "the distance between slices (mm)",
        NOISE: "the noise",
        FLUID: "the brightness of the fluid",
        INWARD: "the contrast of white against grey matter",
        BRAIN_IN_HEAD: "the brightness of the brain within the head",
        DISAGREEMENT: "the disagreement of the network with itself",
    }
)
"""Properties that are compared, and what people call them."""
RATIOS = (SLICE_MM, NOISE, DISAGREEMENT)
"""Compared by their logarithms."""
ONLY_MORE = (DISAGREEMENT,)
"""Of these less is no reason for doubt."""


@dataclass(frozen=True)
class Unlikeness:
    """How far a scan lies from those of the training.

    Attributes
    ----------
    score : 0 in the middle of them, 1 at the limit; of the property that lies farthest
    name, value, low, high : that property (of ``WORDS``), its value, and the limits
    """

    score: float
    name: str
    value: float
    low: float
    high: float

    def sentence(self) -> str:
        """Say it in words.

        Examples
        --------
        >>> Unlikeness(2.0, "noise", 0.3, 0.05, 0.16).sentence()
        'the noise is 0.3; scans like those of the training have 0.05 to 0.16'
        """
        between = f"{self.low:.2g} to {self.high:.2g}"
        return f"{WORDS[self.name]} is {self.value:.2g}; scans like those of the training have {between}"


@dataclass(frozen=True)
class Familiarity:
    """What scans like those of the training are like.

    Attributes
    ----------
    limits : property of ``WORDS`` -> lowest and highest value of a new patient's scan of the same kind; 95 % of such
        scans lie within all of them
    n_patients : patients it was learned from, none of them seen by the networks that measured them
    """

    limits: dict[str, tuple[float, float]]
    n_patients: int

    def unlikeness(self, properties: Mapping[str, float]) -> Unlikeness | None:
        """Return how unlike the training scans a scan is; None where none of its properties is known.

        Parameters
        ----------
        properties : from ``pipeline.segmentation.image_properties``

        Examples
        --------
        >>> Familiarity({"noise": (0.05, 0.2)}, 10).unlikeness({"noise": 0.4}).score
        2.0
        """
        return max(self.each(properties), key=lambda one: one.score, default=None)

    def each(self, properties: Mapping[str, float]) -> list[Unlikeness]:
        """Return how unlike a scan is in every property that is known of it."""
        return [
            Unlikeness(_distance(name, properties[name], low, high), name, properties[name], low, high)
            for name, (low, high) in self.limits.items()
            if name in properties
        ]


def on_scale(name: str, value: float) -> float:
    """Return a property as it is compared: some by their logarithm.

    Examples
    --------
    >>> on_scale("noise", 1.0), on_scale("fluid", 0.5)
    (0.0, 0.5)
    """
    return math.log(max(value, 1e-6)) if name in RATIOS else value


def _distance(name: str, value: float, low: float, high: float) -> float:
    at, least, most = (on_scale(name, number) for number in (value, low, high))
    distance = (2 * at - least - most) / (most - least)
    return max(distance, 0.0) if name in ONLY_MORE else abs(distance)
