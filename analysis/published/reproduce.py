"""The published study number by number: what was printed, what the released table gives, and what would be sound."""

import math

import polars as pl

from analysis.published import study_rules
from analysis.published.claims import Claim, claims
from analysis.published.corrected_cells import sound_cells
from analysis.published.corrected_claims import sound_claims
from analysis.published.published_numbers import KEY_COLUMNS, place, published_numbers
from analysis.published.recompute import Key, Number, output_numbers
from analysis.published.rule_texts import rule, why

VERDICTS = ("exact", "rounding", "not reproduced")

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "source": pl.String,
    "place": pl.String,
    "quantity": pl.String,
    "group": pl.String,
    "sex": pl.String,
    "age_group": pl.String,
    "published": pl.String,
    "recomputed": pl.Float64,
    "recomputed_text": pl.String,
    "rule": pl.String,
    "verdict": pl.Enum(VERDICTS),
    "sound": pl.String,
    "why": pl.String,
}


def reproduce(frame: pl.DataFrame) -> pl.DataFrame:
    """Recompute every published number from a cohort table.

    Parameters
    ----------
    frame : polars.DataFrame
        cohort frame, all rows of one dataset. Any table can be asked; only the released one can agree, see
        ``facts.is_released_table``.

    Returns
    -------
    polars.DataFrame, one row per published number: source, place, quantity, group, sex, age_group (as the study
    names them), published (as printed), recomputed (unrounded; null where undefined), recomputed_text (with the
    study's decimals), rule (how it is computed), verdict, sound (what a sound analysis says instead; null where the
    number needs none) and why (what is misleading about it, or why it differs). The verdict is ``exact`` where both
    print the same number, ``rounding`` where they are less than one unit of the last printed decimal and less than
    a factor of two apart, else ``not reproduced``. A printed p of one unit of its last decimal, such as 0.001, is a
    floor: ``rounding`` where p is smaller.

    Raises
    ------
    ValueError : the frame lacks a column the study used.
    """
    printed = published_numbers()
    kept, everybody, people = (
        study_rules.sample(frame, which) for which in (study_rules.STUDY, study_rules.EVERYBODY, study_rules.SOUND)
    )
    numbers = output_numbers(kept)
    claimed = claims(everybody, kept, printed)
    sound = sound_cells(people) | sound_claims(frame, people)
    rows = [
        (*_row(key, text, numbers[key], rule(key), why(key)), sound.get(key))
        if key in numbers
        else (*_claim_row(key, text, claimed[key]), sound.get(key))
        for key, text in printed.items()
    ]
    columns = (*KEY_COLUMNS, "published", "recomputed", "recomputed_text", "verdict", "rule", "why", "sound")
    table = pl.DataFrame(rows, schema={name: SCHEMA[name] for name in columns}, orient="row")
    places = {source: place(source) for source in {key[0] for key in printed}}
    return table.with_columns(pl.col("source").replace_strict(places).alias("place")).select(list(SCHEMA))


def _row(key: Key, printed: str, number: Number, how: str, remark: str | None) -> tuple[object, ...]:
    judged = verdict(printed, number, is_p=key[1].startswith(("p ", "MWU p")) or " p" in key[1])
    return (*key, printed, number.value, number.text, judged, how, remark)


def _claim_row(key: Key, printed: str, claim: Claim) -> tuple[object, ...]:
    value = None if math.isnan(claim.value) else claim.value
    number = Number(value, print_like(printed, value))
    return _row(key, printed, number, claim.rule, claim.why)


def print_like(printed: str, value: float | None) -> str:
    """Print a value the way a published number is printed: its decimals, its bound, its unit.

    Examples
    --------
    >>> print_like("0.82", 0.5067), print_like("<0.001", 4.9e-79), print_like("<0.001", 0.02)
    ('0.51', '<0.001', '0.020')
    >>> print_like("0.001", 2.2e-05)
    '<0.001'
    """
    if value is None:
        return "nan"
    bound = printed.removeprefix("<")
    text = f"{value:.{decimals(bound)}f}"
    if bound != printed and value < float(bound):
        return printed
    # A p value too small for the printed decimals is not zero.
    return f"<{10.0 ** -decimals(bound):g}" if value > 0 and float(text) == 0 else text


def decimals(printed: str) -> int:
    """Return how many decimals a published number has.

    Examples
    --------
    >>> decimals("34.4%"), decimals("1381")
    (1, 0)
    """
    return len(printed.rstrip("%").partition(".")[2])


def verdict(printed: str, number: Number, is_p: bool = False) -> str:
    """Judge a recomputed number against the printed one; see ``reproduce`` for the rule.

    Examples
    --------
    >>> verdict("53.0%", Number(52.952, "53.0%")), verdict("0.02", Number(0.0145, "0.01"))
    ('exact', 'rounding')
    >>> verdict("0.001", Number(2.2e-05, "0.000")), verdict("nan", Number(None, "nan"))
    ('not reproduced', 'exact')
    >>> verdict("0.001", Number(2.2e-05, "<0.001"), is_p=True)
    'rounding'
    """
    if printed == number.text:
        return "exact"
    theirs = _as_float(printed)
    if number.value is None or theirs is None:
        return "not reproduced"
    if theirs == _as_float(number.text):
        return "exact"
    if is_p and theirs == 10.0 ** -decimals(printed) and 0 <= number.value < theirs:
        return "rounding"
    close = abs(theirs - number.value) < 10.0 ** -decimals(printed)
    alike = abs(number.value) / 2 < abs(theirs) < 2 * abs(number.value) and theirs * number.value > 0
    return "rounding" if close and alike else "not reproduced"


def _as_float(text: str) -> float | None:
    try:
        value = float(text.rstrip("%"))
    except ValueError:
        return None
    return None if math.isnan(value) else value
