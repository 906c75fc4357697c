"""Grey levels as a browser sends them: within what a picture has, or none."""

from types import SimpleNamespace

import pytest

from app.components.scans import window_drag


@pytest.mark.parametrize(
    ("sent", "taken"),
    [
        ([16, 220], (16.0, 220.0)),
        ([-40, 300.5], (0.0, 255.0)),
        ([220, 16], None),
        ([300, 400], None),
        ([float("nan"), 5], None),
        (["0", "255"], None),
        ([1], None),
        ("no", None),
        (None, None),
    ],
)
def test_levels_are_taken_only_where_they_are_some(
    monkeypatch: pytest.MonkeyPatch, sent: object, taken: tuple[float, float] | None
) -> None:
    monkeypatch.setattr(window_drag, "st", SimpleNamespace(session_state={"drag": {"levels": sent}}))
    assert window_drag.dragged("drag") == taken


def test_nothing_was_dragged_before_anything_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window_drag, "st", SimpleNamespace(session_state={}))
    assert window_drag.dragged("drag") is None
