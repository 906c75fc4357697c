"""The settings that protect people are set, twice the same; the colours can be read."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from app.commands.app_command import GUARDS

CONFIG = Path(__file__).resolve().parents[2] / ".streamlit" / "config.toml"


def config() -> dict[str, Any]:
    return tomllib.loads(CONFIG.read_text(encoding="utf-8"))


def luminance(colour: str) -> float:
    # WCAG 2.2, relative luminance of an sRGB colour.
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_of_black_on_white_is_21() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)


def test_flags_of_the_app_command_agree_with_the_file() -> None:
    settings = config()
    for name, value in GUARDS:
        section, key = name.split(".")
        written = settings[section][key]
        if isinstance(written, list):
            assert value in written
        else:
            assert str(written).lower() == value.lower()


def test_only_this_machine_is_served_and_nobody_is_told() -> None:
    settings = config()
    assert settings["server"]["address"] == "127.0.0.1"
    assert settings["server"]["enableXsrfProtection"] is True
    assert settings["server"]["enableCORS"] is True
    assert settings["server"]["maxUploadSize"] <= 200
    assert settings["browser"]["gatherUsageStats"] is False
    assert settings["client"]["showErrorDetails"] == "none"


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_text_and_links_have_contrast_aa(mode: str) -> None:
    theme = config()["theme"][mode]
    for paper in (theme["backgroundColor"], theme["secondaryBackgroundColor"]):
        assert contrast(theme["textColor"], paper) >= 7
        assert contrast(theme["linkColor"], paper) >= 4.5


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_controls_have_contrast_aa(mode: str) -> None:
    theme = config()["theme"][mode]
    # Streamlit writes white on the primary colour in both modes.
    assert contrast("#FFFFFF", theme["primaryColor"]) >= 4.5
    for paper in (theme["backgroundColor"], theme["secondaryBackgroundColor"]):
        assert contrast(theme["primaryColor"], paper) >= 3
    assert contrast(theme["borderColor"], theme["backgroundColor"]) >= 3
