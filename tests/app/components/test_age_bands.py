"""Age bands as a reader types them."""

import pytest

from app.components.age_bands import parse_bands, write_bands
from vocabulary.measures import AGE_BANDS


@pytest.mark.parametrize(
    ("text", "bands"),
    [
        ("18-29, 30-39, 40+", [(18, 29), (30, 39), (40, None)]),
        ("18–29;30 to 39", [(18, 29), (30, 39)]),
        (" 40 + ", [(40, None)]),
    ],
)
def test_ways_of_writing(text: str, bands: list[tuple[int, int | None]]) -> None:
    assert parse_bands(text) == bands


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no age band given"),
        ("young, old", "'young' is not an age band"),
        ("30-20", "is empty"),
        ("18-30, 30-40", "overlap"),
        ("40+, 50-60", "must be the last"),
        (",".join(f"{a}-{a}" for a in range(20, 31)), "too many"),
    ],
)
def test_mistakes_are_explained(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_bands(text)


def test_default_bands_survive_being_written() -> None:
    assert parse_bands(write_bands(AGE_BANDS)) == list(AGE_BANDS)
