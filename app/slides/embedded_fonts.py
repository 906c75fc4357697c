"""A font inside a PowerPoint file, so that its letters are the same on every machine.

PowerPoint keeps each as Embedded OpenType without compression in a part ``.fntdata``. Vazirmatn is under the SIL Open
Font License and allows it (OS/2 fsType 0: installable); Calibri, PowerPoint's own, does not. It has Latin, Persian and
the signs of statistics, so that decks of both languages carry the same.

References
----------
Embedded OpenType (EOT) file format, https://www.w3.org/submissions/EOT/; ECMA-376, part 1, 19.2.1.9 embeddedFontLst.
"""

import struct
from pathlib import Path
from typing import Any

from lxml import etree
from pptx.opc.constants import CONTENT_TYPE as CT
from pptx.opc.package import Part, XmlPart
from pptx.opc.packuri import PackURI
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn

FAMILY = "Vazirmatn"
FOLDER = Path(__file__).parent.parent / "report" / "fonts"
WEIGHTS = {"regular": "Vazirmatn-Regular.ttf", "bold": "Vazirmatn-Bold.ttf"}
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/font"
_VERSION, _MAGIC, _DEFAULT_CHARSET = 0x00020001, 0x504C, 1
_FAMILY, _STYLE, _FULL, _REVISION = 1, 2, 4, 5
_WINDOWS = 3


def name_in(font: Any) -> None:
    """Have letters drawn with the font inside: Latin ones, and those that run from right to left."""
    font.name = FAMILY
    font._element.append(parse_xml(f'<a:cs {nsdecls("a")} typeface="{FAMILY}"/>'))


def embed(file: Any) -> None:
    """Put the font into a presentation and name it in its themes, which whatever a reader adds is written with."""
    for part in file.part.package.iter_parts():
        if part.content_type == CT.OFC_THEME:
            _name_in_theme(part)
    names = []
    for number, (weight, name) in enumerate(WEIGHTS.items(), start=1):
        place = PackURI(f"/ppt/fonts/font{number}.fntdata")
        part = Part(
            place, "application/x-fontdata", file.part.package, embedded_open_type((FOLDER / name).read_bytes())
        )
        names.append(f'<p:{weight} r:id="{file.part.relate_to(part, _RELATION)}"/>')
    held = f'<p:embeddedFont><p:font typeface="{FAMILY}"/>{"".join(names)}</p:embeddedFont>'
    found = parse_xml(f"<p:embeddedFontLst {nsdecls('p', 'r')}>{held}</p:embeddedFontLst>")
    file.part._element.find(qn("p:notesSz")).addnext(found)


def _name_in_theme(part: Any) -> None:
    # That of the notes was parsed when they were made; that of the slides is still bytes.
    parsed = isinstance(part, XmlPart)
    theme = part._element if parsed else etree.fromstring(part.blob)
    for kind in ("majorFont", "minorFont"):
        for named in theme.iter(qn(f"a:{kind}")):
            for script in ("latin", "cs"):
                named.find(qn(f"a:{script}")).set("typeface", FAMILY)
    if not parsed:
        part._blob = etree.tostring(theme, xml_declaration=True, encoding="UTF-8", standalone=True)


def embedded_open_type(font: bytes) -> bytes:
    """Return a TrueType font as Embedded OpenType: a header of what its tables say, and the font as it is."""
    tables = _tables(font)
    os2, head = tables["OS/2"], tables["head"]
    names = _names(tables["name"])
    weight, kind = struct.unpack_from(">H", os2, 4)[0], struct.unpack_from(">H", os2, 8)[0]
    italic = struct.unpack_from(">H", os2, 62)[0] & 1
    ranges = struct.unpack_from(">4I", os2, 42) + struct.unpack_from(">2I", os2, 78)
    checksum = struct.unpack_from(">I", head, 8)[0]
    header = struct.pack("<II", _VERSION, 0) + os2[32:42]
    header += struct.pack("<BBIHH", _DEFAULT_CHARSET, italic, weight, kind, _MAGIC)
    header += struct.pack("<6II4IH", *ranges, checksum, 0, 0, 0, 0, 0)
    for which in (_FAMILY, _STYLE, _REVISION, _FULL):
        text = names.get(which, "").encode("utf-16-le")
        header += struct.pack("<H", len(text)) + text + b"\0\0"
    header += struct.pack("<H", 0)
    return struct.pack("<II", 8 + len(header) + len(font), len(font)) + header + font


def _tables(font: bytes) -> dict[str, bytes]:
    """Return the tables of a TrueType font by their tags."""
    found = {}
    for number in range(struct.unpack_from(">H", font, 4)[0]):
        tag, _, start, length = struct.unpack_from(">4sIII", font, 12 + 16 * number)
        found[tag.decode("ascii")] = font[start : start + length]
    return found


def _names(table: bytes) -> dict[int, str]:
    """Return the names of a font, those for Windows, by their number."""
    _, n, storage = struct.unpack_from(">3H", table)
    found = {}
    for number in range(n):
        platform, _, _, which, length, start = struct.unpack_from(">6H", table, 6 + 12 * number)
        if platform == _WINDOWS:
            found[which] = table[storage + start : storage + start + length].decode("utf-16-be")
    return found
