"""The page on which a hidden browser draws exported images: their letters lie in it, and in every image it makes."""

import base64
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from app.words.font import digit_faces, font_faces

if TYPE_CHECKING:
    from kaleido import PageGenerator

# An image drawn from SVG sees no font of the page around it, so what is serialised carries its own.
_CARRY = """
const FONTS = FACES, serialise = XMLSerializer.prototype.serializeToString;
XMLSerializer.prototype.serializeToString = function (node) {
    const text = serialise.call(this, node);
    if (node.nodeName !== "svg") return text;
    const persian = /[\\u0600-\\u06ff]|Persian digits/.test(text);
    const style = `<style>${FONTS.latin}${persian ? FONTS.persian : ""}</style>`;
    return text.replace(/^<svg[^>]*>/, head => head + style);
};
addEventListener("load", () => ["Source Sans", "Vazirmatn", "Persian digits"].forEach(
    family => [400, 700].forEach(weight => document.fonts.load(`${weight} 16px "${family}"`, "a1\\u06a9"))));
"""


def drawing_page() -> "PageGenerator":
    """Return the page for kaleido: plotly.js as installed, our fonts, and nothing from any other machine."""
    from kaleido import PageGenerator

    page = PageGenerator(mathjax=False)
    fonts = {"latin": latin_faces(), "persian": f"{font_faces()}{digit_faces()}"}
    script = _CARRY.replace("FACES", json.dumps(fonts))
    page.header = f"{PageGenerator.header}<style>{''.join(fonts.values())}</style><script>{script}</script>"
    return page


@cache
def latin_faces() -> str:
    """Return the style rule of the font of the dashboard, as Streamlit brings it; nothing where it brings none.

    Source Sans is under the SIL Open Font License, which lets a document carry it.
    """
    import streamlit

    folder = Path(streamlit.__file__).parent / "static" / "static" / "media"
    found = sorted(folder.glob("SourceSansVF-Upright*.woff2"))
    if not found:
        return ""
    data = base64.b64encode(found[0].read_bytes()).decode()
    return (
        "@font-face {font-family: 'Source Sans'; font-weight: 200 900; font-display: block; "
        f"src: url(data:font/woff2;base64,{data}) format('woff2');}}"
    )
