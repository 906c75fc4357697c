"""Everything a reader needs to quote a figure: filter, n, method, versions, content hash."""

from html import escape
from importlib.metadata import version

from app.state import Selection
from vocabulary.measures import RESEARCH_ONLY, SYNTHETIC_NOTICE


def caption(selection: Selection, method: str) -> str:
    """Return the lines printed under an exported figure, separated by ``<br>``; first the answer of its page."""
    return "<br>".join(
        [
            *(escape(sentence, quote=False) for sentence in selection.said),
            f"{selection.dataset.title}: {selection.filter.describe()}; {selection.counts_in_words}.",
            method,
            f"mscohort {version('mscohort')}, store version {selection.dataset.version}, "
            f"cohort {selection.dataset.content_sha256[:16]}. {RESEARCH_ONLY}",
        ]
    )


def citation(selection: Selection, title: str, method: str) -> str:
    """Return a plain-text citation of one figure."""
    dataset = selection.dataset
    lines = [
        f"{title}. MS Cohort Explorer (mscohort {version('mscohort')}).",
        f"Data: {dataset.title}. {dataset.citation}".strip(),
        f"Protocol: {dataset.protocol_id}. Store version {dataset.version}. Cohort SHA-256 {dataset.content_sha256}.",
        f"Filter: {selection.filter.describe()}; {selection.counts_in_words}.",
        *(f"Answer: {sentence}" for sentence in selection.said),
        f"Method: {method}",
        RESEARCH_ONLY,
    ]
    if dataset.synthetic:
        lines.insert(0, SYNTHETIC_NOTICE)
    return "\n".join(lines)
