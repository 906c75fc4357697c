"""Counted things read as people write them, and text from elsewhere stays on its line."""

import pytest

from vocabulary.messages import counted, first_line, one_line, was


@pytest.mark.parametrize(
    ("n", "noun", "text"),
    [(0, "scan", "0 scans"), (1, "person", "1 person"), (1380, "person", "1,380 people"), (2, "row", "2 rows")],
)
def test_counted(n: int, noun: str, text: str) -> None:
    assert counted(n, noun) == text


def test_a_verb_follows_its_count() -> None:
    assert [was(n) for n in (0, 1, 2)] == ["were", "was", "were"]


def test_an_error_without_words_is_called_by_its_type() -> None:
    assert first_line(MemoryError()) == one_line(MemoryError()) == "MemoryError"
    assert first_line(ValueError("\n one\ntwo")) == "one"
    assert one_line(ValueError("one\n  two")) == "one two"
