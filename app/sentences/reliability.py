"""How far a scan can be trusted, in words: the range of its load, its likeness to the training, its sure lesions."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from pipeline.segmentation.familiarity import WORDS
from vocabulary.messages import counted


def range_sentence(low_ml: float | None, high_ml: float | None, reason: str | None) -> str:
    """Say how much an outline by hand may hold, or why that is not said; "" where nothing is known.

    Examples
    --------
    >>> range_sentence(2.04, 9.6, None)
    'Outlined by hand, 2.0 to 9.6 mL of WMH are to be expected (95 % of such patients).'
    >>> range_sentence(None, None, "the model has none")
    'No range of the lesion load is given: the model has none.'
    >>> range_sentence(None, None, None)
    ''
    """
    if low_ml is not None and high_ml is not None:
        return f"Outlined by hand, {low_ml:.1f} to {high_ml:.1f} mL of WMH are to be expected (95 % of such patients)."
    return f"No range of the lesion load is given: {reason}." if reason else ""


def unlikeness_sentence(score: float | None, name: str | None) -> str:
    """Say how unlike the scans of the training a scan is; "" where the model does not know.

    Examples
    --------
    >>> unlikeness_sentence(0.42, "noise")
    'Unlike the training scans by 0.4 of what is usual among them, most in the noise.'
    >>> unlikeness_sentence(2.0, "noise")
    'Unlike the training scans by 2.0 times what is usual among them, most in the noise.'
    """
    if score is None or name is None:
        return ""
    amount = f"{score:.1f} times" if score >= 1 else f"{score:.1f}"
    of = " what" if score >= 1 else " of what"
    return f"Unlike the training scans by {amount}{of} is usual among them, most in {WORDS.get(name, name)}."


def trust_sentences(known: Mapping[str, Any] | None) -> list[str]:
    """Return the sentences on a scan's row of ``db.snapshot.Snapshot.reliability``.

    Examples
    --------
    >>> trust_sentences(None)
    []
    """
    if known is None:
        return []
    both = (
        range_sentence(known["wmh_low_ml"], known["wmh_high_ml"], known["no_range_reason"]),
        unlikeness_sentence(known["unlikeness"], known["unlike_in"]),
    )
    return [sentence for sentence in both if sentence]


def sure_sentence(lesions: pl.DataFrame) -> str:
    """Say how many lesions of one scan are sure; "" where the model knows none to be.

    Parameters
    ----------
    lesions : rows of one scan from ``db.snapshot.Snapshot.lesions``

    Examples
    --------
    >>> rows = pl.DataFrame({"whole_lesion_number": [1, 1, 2], "sure": [True, True, False]})
    >>> sure_sentence(rows)
    '1 lesion is sure, 1 unsure.'
    """
    whole = lesions.select("whole_lesion_number", "sure").drop_nulls().unique()
    if whole.is_empty():
        return ""
    sure = int(whole["sure"].sum())
    return f"{counted(sure, 'lesion')} {'is' if sure == 1 else 'are'} sure, {whole.height - sure} unsure."


def proof_of_sure(chance: Mapping[str, Any]) -> str:
    """Say what sure and unsure came to in patients the networks never saw.

    Parameters
    ----------
    chance : of a model's card: sure_right, n_sure, unsure_right, n_unsure, n_patients

    Examples
    --------
    >>> proof_of_sure({"sure_right": 0.9, "n_sure": 500, "unsure_right": 0.55, "n_unsure": 420, "n_patients": 10})
    'Of 500 sure lesions 90 % were drawn by hand, too, of 420 unsure ones 55 % (10 patients the model never saw).'
    """
    return (
        f"Of {chance['n_sure']} sure lesions {100 * chance['sure_right']:.0f} % were drawn by hand, too, of "
        f"{chance['n_unsure']} unsure ones {100 * chance['unsure_right']:.0f} % ({chance['n_patients']} patients the "
        "model never saw)."
    )
