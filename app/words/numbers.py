"""Numbers, ranges, p values and dates as a Persian text writes them."""

import re

DIGITS = "۰۱۲۳۴۵۶۷۸۹"
APART, TOGETHER = "\u2066", "\u2069"
"""Unicode's left-to-right isolate and its end: what stands between them is not mixed with the text around it."""

SCIENTIFIC = re.compile(r"(?<![\w.])(\d[\d.]*)e([+-]?)0*(\d+)(?!\w)")
"""A number such as 4.9e-79."""
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_DATE = re.compile(r"(?<![\w.-])(\d{4})-(\d{2})-(\d{2})(?![\w-])")
_P_VALUE = re.compile(r"\bp (=|<|>) ?([۰-۹٫]+×۱۰[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+|\.?\d+(?:\.\d+)?)")
_LESS = re.compile(r"(?<!p )(?<!\S)([<>≤≥]) ?(\.?\d+(?:\.\d+)?)")
_NUMBER = re.compile(r"(?<![\w.,])(?<![A-Za-z]-)([−-]?)((?:\d[\d,]*)?(?:\.\d+)?)(?: ?(%))?(?![\w])")
_RANGE = re.compile("(?<=[۰-۹])-(?=[۰-۹])")
_LIST = re.compile(f"(?<=[۰-۹{TOGETHER}]), (?=[۰-۹{APART}])")
_TABLE = str.maketrans("0123456789.,", f"{DIGITS}٫٬")
_MONTH_LENGTHS = (31, 31, 31, 31, 31, 31, 30, 30, 30, 30, 30, 29)


def digits(number: str) -> str:
    """Return a number in Persian digits and separators.

    Examples
    --------
    >>> digits("1,234.5"), digits(".016")
    ('۱٬۲۳۴٫۵', '۰٫۰۱۶')
    """
    return (f"0{number}" if number.startswith(".") else number).translate(_TABLE)


def persian_numbers(text: str) -> str:
    """Return a text with its numbers in Persian; those within a name, such as P001 or mscohort-2, stay.

    Examples
    --------
    >>> persian_numbers("4.9e-79")
    '۴٫۹×۱۰⁻⁷⁹'
    >>> persian_numbers("11.0–15.1; n = 381"), persian_numbers("mscohort-2"), persian_numbers("95 %")
    ('۱۱٫۰–۱۵٫۱; n = ۳۸۱', 'mscohort-2', '۹۵٪')
    """
    text = _DATE.sub(lambda found: jalali(*map(int, found.groups())), text)
    text = SCIENTIFIC.sub(_scientific, text)
    text = _P_VALUE.sub(lambda found: f"{APART}p {found[1]} {digits(found[2])}{TOGETHER}", text)
    text = _LESS.sub(lambda found: f"{APART}{found[1]}\u00a0{digits(found[2])}{TOGETHER}", text)
    return _LIST.sub("، ", _RANGE.sub("–", _NUMBER.sub(_written, text)))


def _scientific(found: "re.Match[str]") -> str:
    """Persian has no raised digits of its own: the exponent is written in those of every script."""
    minus = "⁻" if found[2] == "-" else ""
    return f"{digits(found[1])}×۱۰{minus}{found[3].translate(_RAISED)}"


def _written(found: "re.Match[str]") -> str:
    sign, number, percent = found.groups()
    if not number or not any(letter.isdigit() for letter in number):
        return found[0]
    whole = number.rstrip(",.")
    # A hyphen between two numbers is a range's; before a number alone it is a minus.
    minus = sign == "−" or (sign == "-" and not found.string[: found.start()].rstrip(" ")[-1:].isdigit())
    written, after = digits(whole) + ("٪" if percent else ""), number[len(whole) :]
    return f"{APART}−{written}{TOGETHER}{after}" if minus else f"{'–' if sign else ''}{written}{after}"


def jalali(year: int, month: int, day: int) -> str:
    """Return a date of the Gregorian calendar in the Solar Hijri one; one that is no date stays.

    The rule of 33 years, exact from 1178 to 1633 (K. Birashk, A Comparative Calendar, 1993).

    Examples
    --------
    >>> jalali(2026, 3, 21), jalali(2025, 3, 20), jalali(2024, 11, 26)
    ('۱۴۰۵/۰۱/۰۱', '۱۴۰۳/۱۲/۳۰', '۱۴۰۳/۰۹/۰۶')
    """
    from datetime import date

    try:
        days = date(year, month, day).toordinal() - date(622, 3, 21).toordinal()
    except ValueError:
        return f"{year:04}-{month:02}-{day:02}"
    found = 1
    cycle, days = divmod(days, 12053)
    found += 33 * cycle
    while days >= (length := 366 if _leap(found) else 365):
        days -= length
        found += 1
    for place, length in enumerate(_MONTH_LENGTHS, start=1):
        if days < length or place == 12:
            return digits(f"{found:04}") + "/" + digits(f"{place:02}") + "/" + digits(f"{days + 1:02}")
        days -= length
    return ""


def _leap(year: int) -> bool:
    return year % 33 in (1, 5, 9, 13, 17, 22, 26, 30)
