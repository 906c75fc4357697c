"""The owner's token: whoever has the address that `mscohort app` printed comes in, other users of the machine do not.

As with Jupyter, the address carries the token once; from then on a cookie does. The token is on no command line, where
every user of the machine could read it, and it is another one each time the dashboard starts.
"""

import hashlib
import hmac
import html
import os
import secrets
import tempfile
from pathlib import Path

VARIABLE = "MSCOHORT_TOKEN"
PARAMETER = "token"
SHORTEST = 16


def new_token() -> str:
    """Return the token of a session: what the variable MSCOHORT_TOKEN says, else 192 random bits.

    Raises
    ------
    ValueError : the variable's token could be guessed, or has letters that an address cannot carry.
    """
    named = os.environ.get(VARIABLE)
    if named is None:
        return secrets.token_urlsafe(24)
    if len(named) < SHORTEST or not all(letter.isascii() and (letter.isalnum() or letter in "-_") for letter in named):
        raise ValueError(f"{VARIABLE} is no token; expected at least {SHORTEST} letters, digits, - or _")
    return named


def cookie_name(port: int) -> str:
    """Return the cookie's name: a browser sends the cookies of all ports of this computer to each of them."""
    return f"mscohort-{port}"


def cookie_value(token: str) -> str:
    """Return what the cookie holds: proof of the token, from which the token cannot be found.

    Examples
    --------
    >>> cookie_value("one") == cookie_value("one"), cookie_value("one") == cookie_value("other")
    (True, False)
    """
    return hmac.new(token.encode(), b"mscohort cookie", hashlib.sha256).hexdigest()


def same(one: str, other: str) -> bool:
    """Compare two secrets in a time that does not say where they differ."""
    return hmac.compare_digest(one.encode(), other.encode())


def opening_page(address: str) -> Path:
    """Write a page that leads to ``address``, readable by its owner alone, and return its path.

    A browser is started with this file: on its own command line the address, and with it the token, would be there for
    every user of the machine to read.

    Raises
    ------
    OSError : no temporary file can be written.
    """
    handle, name = tempfile.mkstemp(prefix="mscohort-", suffix=".html")
    target = html.escape(address)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(
            f'<!doctype html>\n<meta charset="utf-8">\n<meta name="referrer" content="no-referrer">\n'
            f'<meta http-equiv="refresh" content="0; url={target}">\n<title>MS Cohort Explorer</title>\n'
            f'<p><a href="{target}">Open MS Cohort Explorer</a></p>\n'
        )
    return Path(name)
