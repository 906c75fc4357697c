"""Every language has the same texts asking for the same values, and writes numbers in its own digits."""

import pytest

from app.report.languages import Language, LanguageError, asked_values, language, languages
from pipeline.measures.quality_flags import FLAGS


def flat(texts: dict[str, object], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for key, value in texts.items():
        found |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": str(value)}
    return found


@pytest.mark.parametrize("code", [code for code in languages() if code != "en"])
def test_a_language_has_every_text_of_english_with_its_values(code: str) -> None:
    english, other = flat(language("en").texts), flat(language(code).texts)
    assert set(other) == set(english)
    missing = {key: asked_values(english[key]) ^ asked_values(other[key]) for key in english}
    assert {key: names for key, names in missing.items() if names} == {}


def test_every_flag_has_its_words() -> None:
    assert set(FLAGS) <= set(language("en").texts["flags"])


def test_persian_has_its_own_digits_and_no_english_ones() -> None:
    fa = language("fa")
    assert fa.number(114979.0) == "۱۱۴٬۹۷۹"
    assert fa.number(0.36) == "۰٫۳۶۰"
    assert fa.number(None) == "–"
    texts = [text for key, text in flat(fa.texts).items() if key not in ("direction", "numbers.digits")]
    assert [text for text in texts if set(text) & set("0123456789")] == []


def test_latin_names_stand_apart_in_right_to_left_text() -> None:
    assert language("fa").text("page.protocol", protocol="clinic-1") == "شیوهٔ اندازه‌گیری \u2066clinic-1\u2069"
    assert language("en").text("page.protocol", protocol="clinic-1") == "measured under clinic-1"


def test_what_is_missing_is_named() -> None:
    with pytest.raises(LanguageError, match="there are: en, fa"):
        language("de")
    bare = Language("xx", "ltr", "0123456789", ".", ",", {"page": {"title": "{name}"}})
    with pytest.raises(LanguageError, match=r"lack 'page\.who'"):
        bare.text("page.who")
    with pytest.raises(LanguageError, match="asks for 'name'"):
        bare.text("page.title")
