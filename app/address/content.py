"""Which content a link was made from: the dataset, the beginning of its content hash and how many people it had.

Numbers change when a table is imported again. A link carries what it was made from, so that whoever opens it sees the
same people, or is told that they are others.
"""

import re
from dataclasses import dataclass

from app.state import Dataset

HASH_CHARACTERS = 8
_WRITTEN = re.compile(r"(?P<key>[^@]{1,200})@(?P<hash>[0-9a-f]{8,64})(?:\.(?P<n>\d{1,12}))?")


@dataclass(frozen=True)
class Content:
    """A dataset at one moment.

    Attributes
    ----------
    key : dataset and protocol, as ``Dataset.key``
    content_hash : first characters of the SHA-256 of its content
    n : people it had
    """

    key: str
    content_hash: str
    n: int | None = None

    def is_of(self, dataset: Dataset) -> bool:
        """Tell whether a dataset has this content now."""
        return self.key == dataset.key and dataset.content_sha256.startswith(self.content_hash)


def written(dataset: Dataset) -> str:
    """Return the content of a dataset as links carry it: ``tabriz:tabriz-2026-published@3f2a91c0.1371``."""
    return f"{dataset.key}@{dataset.content_sha256[:HASH_CHARACTERS]}.{dataset.n_subjects}"


def parsed(text: str) -> Content | None:
    """Read the content that a link carries; None where the text is none.

    Examples
    --------
    >>> parsed("tabriz:tabriz-2026-published@3f2a91c0.1371")
    Content(key='tabriz:tabriz-2026-published', content_hash='3f2a91c0', n=1371)
    >>> parsed("tabriz") is None
    True
    """
    found = _WRITTEN.fullmatch(text)
    if found is None:
        return None
    return Content(found["key"], found["hash"], int(found["n"]) if found["n"] else None)
