"""Words and ages as tables write them: what is read, and what is left alone."""

import pytest

from vocabulary.people import GROUP_WORDS, MISSING_WORDS, SEX_WORDS, age_of, folded, group_of, identity_of, sex_of


@pytest.mark.parametrize("word", ["RRMS", "rr-ms", "Secondary Progressive MS", "Multiple_Sclerosis", "PwMS"])
def test_words_for_patients(word: str) -> None:
    assert group_of(word) == "MS"


@pytest.mark.parametrize("word", ["Healthy controls", "CTRL", "healthy volunteer", "Kontrolle"])
def test_words_for_controls(word: str) -> None:
    assert group_of(word) == "HC"


@pytest.mark.parametrize("word", ["CIS", "patient", "NMO", "1", "0", "MS?", "no MS", "suspected MS"])
def test_words_that_may_mean_anybody_are_left_alone(word: str) -> None:
    assert group_of(word) is None


def test_every_word_is_written_as_it_is_looked_up_and_means_one_thing() -> None:
    words = [*GROUP_WORDS, *SEX_WORDS, *MISSING_WORDS]
    assert [folded(word) for word in words] == words
    assert not MISSING_WORDS & {*GROUP_WORDS, *SEX_WORDS}
    assert len(set(words)) == len(words)
    assert (sex_of("W"), sex_of("مرد"), sex_of("1"), sex_of("h")) == ("F", "M", None, None)


@pytest.mark.parametrize(
    ("cell", "years"),
    [
        ("44", 44.0), ("44,5", 44.5), ("044Y", 44.0), ("40 years", 40.0), ("40y", 40.0), ("528 months", 44.0),
        ("018M", 1.5), ("89+", 89.0),
        (">89", 89.0), (">= 90 years", 90.0), ("90 years+", 90.0), ("0", 0.0), ("120", 120.0),
    ],
)  # fmt: skip
def test_ages(cell: str, years: float) -> None:
    age = age_of(cell)
    assert age is not None
    assert age.years == years
    assert age.at_least is any(mark in cell for mark in "+>")


@pytest.mark.parametrize(
    "cell", ["", "old", "121", "-3", "1980-02-01", "44M", "40-49", "nan", "inf", "4 4", "2024", "٤٤x"]
)
def test_what_is_no_age(cell: str) -> None:
    assert age_of(cell) is None


def test_headers() -> None:
    found = {
        header: identity_of(header) for header in ("Age at MRI", "PatientSex", "Geschlecht", "Diagnosis group", "IDs")
    }
    assert found == {
        "Age at MRI": "age_years",
        "PatientSex": "sex",
        "Geschlecht": "sex",
        "Diagnosis group": "group",
        "IDs": None,
    }
