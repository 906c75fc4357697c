"""Where all values of a person lie among one group, line by line: what holds for several values is said once."""

from collections.abc import Sequence

from analysis.norms.score import WIDENED, Score, few_near
from app.sentences.norms import caution, place_sentence
from app.sentences.typography import with_dashes

SAID_BY_THE_SENTENCE = "nobody of this sex in the reference"
"""A note that the sentence of a value says already."""
MARK = "†"


def norm_lines(scores: Sequence[Score]) -> list[str]:
    """Return lines of Markdown: the caution first, a bullet for each value, then the notes.

    A wider interval is marked where only some have one, and explained below; a note of every value stands below, any
    other under its own value.

    Parameters
    ----------
    scores : of one person among one group
    """
    common = _common_notes(scores)
    said = caution(scores)
    lines = [said, ""] if said else []
    marked = WIDENED not in common and any(WIDENED in score.notes for score in scores)
    for score in scores:
        lines.append(f"- {place_sentence(score)}" + (f" {MARK}" if marked and WIDENED in score.notes else ""))
        own = [note for note in score.notes if note not in common and note != WIDENED]
        lines += [f"    - {_sentence(note)}" for note in own if SAID_BY_THE_SENTENCE not in note]
    thin = few_near(scores[0].n_near_age, scores[0].sex) if said else ()
    below = [_sentence(note) for note in common if note not in thin]
    if marked:
        below.append(f"{MARK} {_sentence(WIDENED)}")
    return [with_dashes(line) for line in (*lines, "", *(f"{line}  " for line in below))]


def _common_notes(scores: Sequence[Score]) -> tuple[str, ...]:
    """Return the notes that every score with a centile carries; shares of controls have none."""
    ranked = [score for score in scores if score.n_as_much is None and not score.refused] or scores
    return tuple(note for note in ranked[0].notes if all(note in score.notes for score in ranked)) if ranked else ()


def _sentence(note: str) -> str:
    return f"{note[0].upper()}{note[1:]}" + ("" if note.endswith("?") else ".")
