"""The font inside a Persian deck: what PowerPoint keeps as .fntdata, read back byte for byte."""

import ctypes
import ctypes.util
import io
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


def test_a_persian_deck_carries_the_font_its_letters_name(decks: dict[str, zipfile.ZipFile]) -> None:
    held = decks["fa"]
    fonts = sorted(name for name in held.namelist() if name.endswith(".fntdata"))
    assert fonts == ["ppt/fonts/font1.fntdata", "ppt/fonts/font2.fntdata"]
    assert held.read("[Content_Types].xml").decode().count('ContentType="application/x-fontdata"') in (1, 2)
    presentation = held.read("ppt/presentation.xml").decode()
    assert f'<p:embeddedFont><p:font typeface="{FAMILY}"/>' in presentation
    # The schema wants the list right after the size of the notes.
    assert (
        presentation.index("<p:notesSz") < presentation.index("<p:embeddedFontLst") < presentation.index("<p:defaultT")
    )
    assert held.read(RELATIONS).decode().count("fonts/font") == 2
    assert f'<a:cs typeface="{FAMILY}"/>' in held.read("ppt/slides/slide3.xml").decode()
    chart = next(name for name in held.namelist() if name.startswith("ppt/charts/chart"))
    assert f'<a:cs typeface="{FAMILY}"/>' in held.read(chart).decode()
    assert Presentation(io.BytesIO(Path(str(held.filename)).read_bytes())).slides


def test_an_english_deck_names_a_font_that_every_powerpoint_has(decks: dict[str, zipfile.ZipFile]) -> None:
    assert not [name for name in decks["en"].namelist() if name.endswith(".fntdata")]
    assert 'typeface="Calibri"' in decks["en"].read("ppt/slides/slide3.xml").decode()


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
