"""How sentences for people are put together: counted things, text from files, a library's own words."""

_IRREGULAR = {"person": "people", "more person": "more people", "entry": "entries"}


def plural(noun: str, n: int) -> str:
    """Return a noun as it stands after a count.

    Examples
    --------
    >>> plural("scan", 1), plural("scan", 0), plural("person", 2), plural("other scan", 2)
    ('scan', 'scans', 'people', 'other scans')
    """
    return noun if n == 1 else _IRREGULAR.get(noun, f"{noun}s")


def counted(n: int, noun: str) -> str:
    """Return how many there are of something, thousands separated.

    Examples
    --------
    >>> counted(1, "scan"), counted(1380, "scan"), counted(2, "person")
    ('1 scan', '1,380 scans', '2 people')
    """
    return f"{n:,} {plural(noun, n)}"


def was(n: int) -> str:
    """Return the verb after a count: ``1 row was``, ``2 rows were``."""
    return "was" if n == 1 else "were"


def printable(text: str, limit: int = 120) -> str:
    """Shorten text from a file for a message, and take out what could move a terminal's cursor.

    Examples
    --------
    >>> printable("a" + chr(27) + "[2J"), printable("abcdef", 3)
    ('a?[2J', 'abc')
    """
    return "".join(letter if letter.isprintable() else "?" for letter in text[:limit])


def first_line(error: BaseException) -> str:
    """Return the first line of a library's message, for a message of ours; the error's type where it says nothing."""
    line = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return printable(line, len(line))


def one_line(error: BaseException) -> str:
    """Return an error's whole message on one line that can be printed; the error's type where it says nothing.

    Examples
    --------
    >>> one_line(ValueError("bad" + chr(15) + chr(10) + "byte")), one_line(ValueError())
    ('bad? byte', 'ValueError')
    """
    line = " ".join(str(error).split()) or type(error).__name__
    return printable(line, len(line))
