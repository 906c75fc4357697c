"""Names of files that leave a page: what they show and among whom, so that two filters never share a name."""

import re
from dataclasses import replace

from app.commands.filters import filter_words
from app.state import Selection

LONGEST = 80


def slug(text: str) -> str:
    """Return text as a part of a file's name.

    Examples
    --------
    >>> slug("WMH ratio, MS and HC"), slug("--sex F --age 30:45")
    ('wmh-ratio-ms-and-hc', 'sex-f-age-30-45')
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:LONGEST].rstrip("-")


def file_part(selection: Selection) -> str:
    """Return dataset and filter of a page as a part of a file's name; everybody needs no filter."""
    return "-".join(
        filter(None, (selection.dataset.dataset_id, slug(filter_words(replace(selection.filter, dataset=None)))))
    )
