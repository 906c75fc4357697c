"""Lesions that differ between two visits in words: candidates and verdicts, never called activity."""

from collections.abc import Mapping
from typing import Any

from vocabulary.messages import counted

KIND_WORDS = {"new": "new", "enlarged": "enlarged", "vanished": "gone"}
VERDICT_WORDS = {"yes": "yes", "no": "no", "unsure": "unsure"}
MISSED = (
    "Candidates of a program, not a finding. On synthetic rescans measured by mscohort-2 it found 42 of 68 planted "
    "changes and proposed 15 that were none (page Methods). A change is no sign of disease activity by itself."
)


def candidates_sentence(pair: Mapping[str, Any]) -> str:
    """Say how many lesions differ between two visits, and what a reader said of them.

    Examples
    --------
    >>> none = {"yes": 0, "no": 0, "unsure": 0, "not_looked_at": 0}
    >>> pair = {"from_session": "1", "to_session": "2", "refused": None, "n_not_compared": 0,
    ...         "counts": {"new": 2, "enlarged": 0, "vanished": 1},
    ...         "verdicts": {"new": none | {"yes": 1, "no": 1}, "vanished": none | {"not_looked_at": 1}}}
    >>> candidates_sentence(pair)
    'Visit 1 to 2: 3 candidates (2 new, 0 enlarged, 1 gone); a reader says yes to 1, no to 1, looked at 2 of 3.'
    """
    where = f"Visit {pair['from_session'] or '–'} to {pair['to_session'] or '–'}"
    if pair["refused"]:
        return f"{where}: lesions are not compared. {pair['refused'][0].upper()}{pair['refused'][1:]}."
    total = sum(pair["counts"].values())
    outside = (
        f" {counted(pair['n_not_compared'], 'lesion')} could not be compared: the other scan does not reach there."
        if pair["n_not_compared"]
        else ""
    )
    if not total:
        return f"{where}: no lesion looks new, enlarged or gone.{outside}"
    kinds = ", ".join(f"{n} {KIND_WORDS[kind]}" for kind, n in pair["counts"].items())
    text = f"{where}: {counted(total, 'candidate')} ({kinds})"
    sums = {word: sum(row[word] for row in pair["verdicts"].values()) for word in ("yes", "no", "unsure")}
    looked = sum(sums.values())
    if not looked:
        return f"{text}; no reader looked at them yet.{outside}"
    told = ", ".join(f"{'says ' if i == 0 else ''}{word} to {n}" if word != "unsure" else f"is unsure of {n}"
                     for i, (word, n) in enumerate((w, n) for w, n in sums.items() if n))  # fmt: skip
    return f"{text}; a reader {told}, looked at {looked} of {total}.{outside}"
