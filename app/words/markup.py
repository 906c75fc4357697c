"""Texts with markup in another language: Markdown line by line, HTML text by text and with the titles of its tags."""

import re
from html import escape, unescape

from app.words.translating import translated

WRITTEN = '<div class="numbers'
"""How HTML begins whose words are in the language of the page already, or are not words: a table."""
_ENGLISH = "[//]: # (in English)\n\n"
"""A comment of Markdown, which a page does not show."""
_LINE = re.compile(r"^(\s*(?:#{1,6} |[-*] |\d+\. |> |\*\*!\*\* )?)(.*?)(\s*)$", re.DOTALL)
_PARTS = re.compile(r"(<style.*?</style>|<script.*?</script>|<[^>]+>)", re.DOTALL | re.IGNORECASE)
_TITLES = re.compile(r'\b(title|alt|aria-label)="([^"]*)"')
_RANGE = re.compile("(?<=[۰-۹٪])–(?=[۰-۹])")
_P_VALUE = re.compile("p ([=<>]|&lt;|&gt;) (?=[۰-۹])")
_LINK = re.compile(r"\[([^\]]+)\]\(([^)]+)\)")


def markdown(text: str, code: str) -> str:
    """Return a text of Markdown in a language."""
    if text.startswith(_ENGLISH) or "<style" in text or "```" in text:
        return text
    return "\n".join(_line(line, code) for line in text.split("\n"))


def in_english(text: str) -> str:
    """Mark a text of Markdown that stays as it is in every language: a document that is written in English alone."""
    return _ENGLISH + text


def _line(line: str, code: str) -> str:
    found = _LINE.match(line)
    if found is None or not found[2]:
        return line
    if _LINK.fullmatch(found[2]):
        core = _LINK.sub(lambda link: f"[{translated(link[1], code)}]({link[2]})", found[2])
    else:
        core = translated(found[2], code)
    return found[1] + core + found[3]


def unbroken(text: str) -> str:
    """Return a text whose ranges of Persian numbers and p values stay on one line.

    Unicode's word joiner follows the dash of a range; the blanks of a p value do not break.
    """
    return _P_VALUE.sub("p\u00a0\\1\u00a0", _RANGE.sub("–\u2060", text))


def html(text: str, code: str) -> str:
    """Return HTML in a language; styles and scripts stay as they are, and so does what is written in it already."""
    if text.startswith(WRITTEN):
        return text
    parts = _PARTS.split(text)
    return "".join(_tag(part, code) if place % 2 else _text(part, code) for place, part in enumerate(parts))


def _tag(tag: str, code: str) -> str:
    if tag[:6].lower() in ("<style", "<scrip"):
        return tag
    return _TITLES.sub(lambda found: f'{found[1]}="{escape(translated(unescape(found[2]), code))}"', tag)


def _text(text: str, code: str) -> str:
    return unbroken(escape(translated(unescape(text), code), quote=False)) if text.strip() else text
