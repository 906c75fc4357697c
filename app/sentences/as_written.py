"""Words of a file or a person on a page: shown as they are written, whatever Markdown would make of them."""

import re


def as_written(text: str) -> str:
    r"""Return text from a file or a person so that Markdown shows it as it is.

    Examples
    --------
    >>> print(as_written("![x](http://a_b)"))
    !\[x\](http\://a\_b)
    """
    return re.sub(r"([\\`*_\[\]$:|~<>#])", r"\\\1", " ".join(text.split()))
