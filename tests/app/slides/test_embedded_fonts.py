"""The font inside a deck: what PowerPoint keeps as .fntdata, read back byte for byte."""

import ctypes
import ctypes.util
import io
import re
import struct
import zipfile
from pathlib import Path

import pytest
from pptx import Presentation

from app import cli
from app.slides.embedded_fonts import FAMILY, FOLDER, WEIGHTS, embedded_open_type

RELATIONS = "ppt/_rels/presentation.xml.rels"


@pytest.fixture(scope="module")
def decks(demo_store: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, zipfile.ZipFile]:
    folder = tmp_path_factory.mktemp("decks")
    for lang in ("en", "fa"):
        words = ["slides", "--pages", "overview,compare", "--lang", lang, "--out", str(folder / f"{lang}.pptx")]
        assert cli.main([*words, "--store", str(demo_store)]) == 0
    return {lang: zipfile.ZipFile(folder / f"{lang}.pptx") for lang in ("en", "fa")}


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_a_deck_carries_the_font_its_letters_name(lang: str, decks: dict[str, zipfile.ZipFile]) -> None:
    held = decks[lang]
    fonts = sorted(name for name in held.namelist() if name.endswith(".fntdata"))
    assert fonts == ["ppt/fonts/font1.fntdata", "ppt/fonts/font2.fntdata"]
    for name, weight in zip(fonts, WEIGHTS.values(), strict=True):
        assert held.read(name).endswith((FOLDER / weight).read_bytes())
    assert held.read("[Content_Types].xml").decode().count('ContentType="application/x-fontdata"') in (1, 2)
    presentation = held.read("ppt/presentation.xml").decode()
    assert f'<p:embeddedFont><p:font typeface="{FAMILY}"/>' in presentation
    # The schema wants the list right after the size of the notes.
    assert (
        presentation.index("<p:notesSz") < presentation.index("<p:embeddedFontLst") < presentation.index("<p:defaultT")
    )
    assert held.read(RELATIONS).decode().count("fonts/font") == 2
    assert Presentation(io.BytesIO(Path(str(held.filename)).read_bytes())).slides


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_no_letter_of_a_deck_is_of_another_font(lang: str, decks: dict[str, zipfile.ZipFile]) -> None:
    held = decks[lang]
    named = {
        part: set(re.findall(r'<a:(?:latin|cs) typeface="([^"]*)"', held.read(part).decode()))
        for part in held.namelist()
        if part.endswith(".xml")
    }
    slides = [part for part in named if part.startswith("ppt/slides/")]
    charts = [part for part in named if part.startswith("ppt/charts/")]
    themes = [part for part in named if part.startswith("ppt/theme/")]
    assert (len(slides), len(charts), len(themes)) == (5, 2, 2)
    assert [named[part] for part in (*slides, *charts, *themes)] == [{FAMILY}] * 9
    # Elsewhere the letters are those of the theme.
    assert set().union(*named.values()) <= {FAMILY, "+mj-lt", "+mn-lt", "+mj-cs", "+mn-cs"}


@pytest.mark.parametrize("lang", ["en", "fa"])
def test_every_letter_of_a_deck_is_in_the_font(lang: str, decks: dict[str, zipfile.ZipFile]) -> None:
    slides = Presentation(io.BytesIO(Path(str(decks[lang].filename)).read_bytes())).slides
    shown = "".join(shape.text_frame.text for slide in slides for shape in slide.shapes if shape.has_text_frame)
    shown += "".join(slide.notes_slide.notes_text_frame.text for slide in slides if slide.has_notes_slide)
    for weight in WEIGHTS.values():
        known = _code_points((FOLDER / weight).read_bytes())
        assert {letter for letter in shown if ord(letter) not in known and letter.isprintable()} == set()


def _code_points(font: bytes) -> set[int]:
    """Return what a font has letters for: segments of its cmap of format 4."""
    start = next(
        struct.unpack_from(">I", font, 20 + 16 * n)[0]
        for n in range(struct.unpack_from(">H", font, 4)[0])
        if font[12 + 16 * n : 16 + 16 * n] == b"cmap"
    )
    for n in range(struct.unpack_from(">H", font, start + 2)[0]):
        at = start + struct.unpack_from(">I", font, start + 8 + 8 * n)[0]
        if struct.unpack_from(">H", font, at)[0] == 4:
            segments = struct.unpack_from(">H", font, at + 6)[0] // 2
            last = struct.unpack_from(f">{segments}H", font, at + 14)
            first = struct.unpack_from(f">{segments}H", font, at + 16 + 2 * segments)
            return {code for low, high in zip(first, last, strict=True) for code in range(low, high + 1)}
    raise AssertionError("the font has no cmap of format 4")


@pytest.mark.parametrize("name", WEIGHTS.values())
def test_the_header_says_what_the_font_is_and_the_font_follows_as_it_is(name: str) -> None:
    font = (FOLDER / name).read_bytes()
    made = embedded_open_type(font)
    whole, length, version, flags = struct.unpack_from("<4I", made)
    assert (whole, length, version, flags) == (len(made), len(font), 0x00020001, 0)
    weight, kind, magic = struct.unpack_from("<IHH", made, 28)
    assert weight == (700 if "Bold" in name else 400)
    assert kind == 0, "the font may be embedded and edited"
    assert magic == 0x504C
    assert FAMILY.encode("utf-16-le") in made[: len(made) - len(font)]
    assert made.endswith(font)


@pytest.mark.skipif(ctypes.util.find_library("eot") is None, reason="needs libeot, which LibreOffice reads these with")
def test_another_program_reads_the_font_back() -> None:
    library = ctypes.CDLL(ctypes.util.find_library("eot"))
    font = (FOLDER / WEIGHTS["regular"]).read_bytes()
    made = embedded_open_type(font)
    out, n = ctypes.POINTER(ctypes.c_uint8)(), ctypes.c_uint()
    given = (ctypes.c_uint8 * len(made)).from_buffer_copy(made)
    metadata = (ctypes.c_uint8 * 4096)()
    assert library.EOT2ttf_buffer(given, len(made), metadata, ctypes.byref(out), ctypes.byref(n)) == 0
    assert bytes(out[: n.value]) == font
