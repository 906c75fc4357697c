"""Where the numbers of a slide, or of a whole deck, come from."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Colophon:
    """What a deck, or a finding of its own origin, says about its source.

    Attributes
    ----------
    title : of the deck
    source : dataset, protocol, filter and n, in one line
    version : of program and store, hash of the content
    warnings : research use; that the data are synthetic
    arguments : the filter as command line arguments
    """

    title: str
    source: str
    version: str
    warnings: tuple[str, ...]
    arguments: str
