"""Slides gathered from several pages: what is in the basket, in which order, and which baskets this server has seen.

A basket never changes: adding to it makes another. Its name is a digest of what it holds, so that a link to it shows
the same slides for ever, whatever is gathered afterwards.
"""

import hashlib
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from app.slides.findings import Finding

MOST_SLIDES = 60
MOST_KEPT = 400
"""So many baskets are remembered; the one unused for longest goes first."""


@dataclass(frozen=True)
class Item:
    """A slide in the basket: which figure with which choices it came from, and what it says."""

    key: str
    finding: Finding


Basket = tuple[Item, ...]


def with_item(basket: Basket, item: Item) -> Basket:
    """Return the basket with a slide at its end; one that is in it already stays where it is.

    Raises
    ------
    ValueError : it is full.
    """
    if any(held.key == item.key for held in basket):
        return basket
    if len(basket) >= MOST_SLIDES:
        raise ValueError(f"a deck holds up to {MOST_SLIDES} findings; take some out first")
    return (*basket, item)


def without(basket: Basket, key: str) -> Basket:
    """Return the basket without a slide."""
    return tuple(item for item in basket if item.key != key)


def moved(basket: Basket, key: str, step: int) -> Basket:
    """Return the basket with a slide moved earlier (-1) or later (1), as far as there is room."""
    place = next((i for i, item in enumerate(basket) if item.key == key), None)
    if place is None or not 0 <= place + step < len(basket):
        return basket
    items = list(basket)
    items[place], items[place + step] = items[place + step], items[place]
    return tuple(items)


def name_of(basket: Basket) -> str:
    """Return the name of a basket in an address; empty for an empty one."""
    digest = hashlib.sha256("\n".join(f"{item.key}\t{item.finding.answer}" for item in basket).encode())
    return digest.hexdigest()[:24] if basket else ""


class KeptBaskets:
    """The baskets this server has seen, by name; safe among threads."""

    def __init__(self, most: int = MOST_KEPT) -> None:
        self._most = most
        self._held: OrderedDict[str, Basket] = OrderedDict()
        self._lock = Lock()

    def keep(self, basket: Basket) -> str:
        """Remember a basket and return its name."""
        name = name_of(basket)
        if name:
            with self._lock:
                self._held[name] = basket
                self._held.move_to_end(name)
                while len(self._held) > self._most:
                    self._held.popitem(last=False)
        return name

    def find(self, name: str) -> Basket | None:
        """Return a basket by its name, None where this server does not know it."""
        with self._lock:
            if name in self._held:
                self._held.move_to_end(name)
            return self._held.get(name)
