"""Terms explain themselves where they stand: once a sentence, whole words only, nothing unescaped."""

import re

import pytest

from app.sentences.terms import PLAIN_ELSEWHERE, TERMS, explained, met_in, span, spelled_out
from app.words import translating
from app.words.tables import LANGUAGES
from app.words.translating import translated


def test_a_term_is_explained_once_and_the_words_stay_the_same() -> None:
    sentence = "Holm over 7 tests (95 % CI 1 < 2); Holm again, WMH & HC."
    html = explained(sentence)
    assert html.count('data-means="Holm') == 1
    assert re.sub("<[^>]*>", "", html) == "Holm over 7 tests (95 % CI 1 &lt; 2); Holm again, WMH &amp; HC."
    assert html.count('tabindex="0"') == 4


def test_parts_of_words_are_no_terms() -> None:
    assert explained("Holmes, HCs, xWMH, Dicelike") == "Holmes, HCs, xWMH, Dicelike"
    assert met_in(["Holmes", "no term"]) == []


def test_every_explanation_is_a_sentence_that_needs_no_escaping_in_an_attribute() -> None:
    for means in TERMS.values():
        assert means.endswith(".")
        assert '"' not in means


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_every_term_and_its_explanation_are_in_every_language(code: str) -> None:
    translating.MISSING.clear()
    for term in set(TERMS) - PLAIN_ELSEWHERE:
        written = translated(term, code).split(" (")[0]
        assert met_in([f"{written}، {written}"], code) == [written]
        assert translated(TERMS[term], code) in span(written, code)
        assert translated(TERMS[term], code) != TERMS[term]
    assert not translating.MISSING


def test_a_persian_sentence_explains_its_terms() -> None:
    html = explained("سهم کمتر است (بازهٔ ۹۵٪: ۱ تا ۲؛ هولم).", "fa")
    assert html.count('class="term"') == 2
    assert re.sub("<[^>]*>", "", html) == "سهم کمتر است (بازهٔ ۹۵٪: ۱ تا ۲؛ هولم)."


@pytest.mark.parametrize(
    ("sentence", "written"),
    [
        ("12 times the WMH load of controls", "12 times the white matter hyperintensity (WMH) load of controls"),
        ("Ventricle 2 %. WMH area 3 mm²; WMH 4", "Ventricle 2 %. White matter hyperintensity (WMH) area 3 mm²; WMH 4"),
        ("0.79 for WMH: means", "0.79 for white matter hyperintensities (WMH): means"),
        ("5 mL of white matter hyperintensities; WMH 4", "5 mL of white matter hyperintensities; WMH 4"),
        ("xWMH, no term", "xWMH, no term"),
    ],
)
def test_the_first_abbreviation_is_written_in_full(sentence: str, written: str) -> None:
    assert spelled_out(sentence) == written
