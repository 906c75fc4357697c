"""Terms explain themselves where they stand: once a sentence, whole words only, nothing unescaped."""

import re

from app.sentences.terms import TERMS, explained, met_in


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
