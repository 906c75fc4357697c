"""The methods paragraph of a paper or a talk, for exactly the findings that are shown."""

from collections.abc import Sequence

from app.slides.colophon import Colophon
from app.slides.findings import Finding
from app.words.translating import translated


def command_of(finding: Finding, origin: Colophon) -> str:
    """Return the command that prints the numbers of a finding, empty where none does."""
    return " ".join(filter(None, ("mscohort", finding.command, origin.arguments))) if finding.command else ""


def methods_paragraph(findings: Sequence[Finding], colophon: Colophon, lang: str = "en") -> str:
    """Say whose numbers are shown and how each finding was computed, every method once.

    Parameters
    ----------
    findings : those of the deck
    colophon : of findings without an origin of their own
    lang : code of the language
    """
    origins = [finding.origin or colophon for finding in findings]
    sources = list(dict.fromkeys(origin.source for origin in origins))
    versions = list(dict.fromkeys(origin.version for origin in origins))
    titles: dict[str, list[str]] = {}
    for finding in findings:
        titles.setdefault(finding.method, []).append(finding.title)
    parts = [f"{'; '.join(dict.fromkeys(of))}: {_stopped(method)}" for method, of in titles.items()]
    warnings = list(dict.fromkeys(warning for origin in origins for warning in origin.warnings))
    sentences = [
        *(f"Data: {_stopped(source)}" for source in sources),
        *parts,
        f"Computed with {_stopped('; '.join(versions))}",
        *map(_stopped, warnings),
    ]
    return " ".join(translated(sentence, lang) for sentence in sentences)


def _stopped(sentence: str) -> str:
    return sentence if sentence.endswith((".", "?", "!")) else f"{sentence}."
