"""The language of a page: asked for in the address, kept there, changed in the head of every page."""

from collections.abc import Callable
from html import escape
from typing import Any

import streamlit as st

from app.address import link
from app.words import drawn
from app.words.font import decimal_faces, digit_faces, font_faces, table_faces
from app.words.numbers import digits
from app.words.tables import LANGUAGES, RIGHT_TO_LEFT
from app.words.translating import translated

PARAMETER = "lang"
_LANGUAGE = "language"

RIGHT_TO_LEFT_STYLE = """
<div class="rtl"></div>
<style>
%s
.stApp, .stApp button, .stApp input, .stApp textarea, [data-testid="stPopoverBody"], [data-testid="stTooltipContent"],
[role="listbox"], [role="listbox"] *,
.stApp :is(h1, h2, h3, h4, p, li, span, label, a, td, th, button, input, div.product) {
  font-family: Vazirmatn, "Source Sans", sans-serif;
}
.stApp :is(input[type="number"], [data-testid="stSliderThumbValue"] *, [data-testid="stSliderTickBar"] *,
[data-testid="stFileUploaderDropzoneInstructions"] *) {
  font-family: "Persian digits", Vazirmatn, "Source Sans", sans-serif;
}
.stApp [data-testid="stSlider"] :is([data-testid="stSliderThumbValue"], [data-testid="stSliderTickBar"]) * {
  font-family: "Persian digits", "Persian decimal", Vazirmatn, "Source Sans", sans-serif;
}
/* What Streamlit itself writes on the place for files is said anew; which kinds of files is said beside it. */
[data-testid="stFileUploaderDropzone"] button [data-testid="stMarkdownContainer"] p {font-size: 0;}
[data-testid="stFileUploaderDropzone"] button [data-testid="stMarkdownContainer"] p::after {
  content: "برگزیدن پرونده"; font-size: 1rem;
}
[data-testid="stFileUploaderDropzoneInstructions"] span {font-size: 0;}
[data-testid="stFileUploaderDropzoneInstructions"] span::after {
  content: "هر پرونده تا %s مگابایت"; font-size: .875rem;
}
.stApp, [data-testid="stPopoverBody"], [data-testid="stTooltipContent"], [role="listbox"], [role="dialog"] {
  direction: rtl; text-align: right;
}
.answer, p, li, .stApp :is(h1, h2, h3, h4) {text-align: right;}
[data-testid="stHeadingWithActionElements"], [data-testid="stMarkdownContainer"] {width: 100%%; direction: rtl;}
/* Coordinates, code and the viewer of scans keep their direction, whatever the language. */
.js-plotly-plot, .stPlotlyChart, iframe, pre, code, [data-testid="stCode"], [data-testid="stDataFrame"],
[data-testid="stFileUploaderFileName"], [class*="st-key-english-"],
[class*="st-key-english-"] :is(p, li, table, td, th) {
  direction: ltr; text-align: left;
}
.stApp [data-testid="stCode"] :is(pre, code, code span), .stApp :is(p, li, td) code {
  font-family: "Source Code Pro", monospace;
}
.research-only, .who {text-align: right;}
[data-testid="stIconMaterial"] {font-family: "Material Symbols Rounded" !important; direction: ltr;}
/* Streamlit's own margins, corners and borders are those of a page that runs from left to right. */
.stApp :is(ul, ol):not([data-testid]) {padding-right: 1.4rem; padding-left: 0;}
[data-testid="stTooltipIcon"] {margin-right: .35rem;}
[data-testid="stSidebarNav"] {padding-left: 0; padding-right: 0;}
button[data-variant="segmented_control"] {
  margin-right: 0 !important; margin-left: -1px !important; border-radius: 0 !important;
}
button[data-variant="segmented_control"]:not([data-selected="true"]) {border-color: #8A96A3 !important;}
button[data-variant="segmented_control"]:first-child {border-radius: 0 .375rem .375rem 0 !important;}
button[data-variant="segmented_control"]:last-child {
  border-radius: .375rem 0 0 .375rem !important; margin-left: 0 !important;
}
button[data-variant="segmented_control"]:only-child {border-radius: .375rem !important;}
.product {padding-left: 0; padding-right: 1.9rem; background-position: right center; direction: rtl;}
.st-key-product {left: auto; right: .9rem;}
.st-key-page-head {padding-right: 0; padding-left: 2.2rem;}
.st-key-link-notices, .st-key-content-notice {border-left-width: 1px; border-right-width: .35rem;}
</style>
"""


def arrive() -> str:
    """Take up the language that the address names, keep the address true, and return its code."""
    for value in link.asked(PARAMETER) or ():
        if value in LANGUAGES:
            st.session_state[_LANGUAGE] = value
        elif value:
            link.unknown("the language", value, LANGUAGES)
    code = language()
    drawn.in_language(code)
    link.write(PARAMETER, [code] if code != "en" else [])
    return code


def language() -> str:
    """Return the code of the language this visit reads in."""
    return str(st.session_state.get(_LANGUAGE, "en"))


def words(text: str) -> str:
    """Return a text in the language of the page, for what does not pass to the browser as words."""
    return translated(text, language())


def style() -> None:
    """Turn the page round where its language runs from right to left, with letters and digits of that language."""
    code = language()
    if code in RIGHT_TO_LEFT:
        faces = "\n".join((font_faces(), table_faces(), digit_faces(), decimal_faces()))
        st.html(RIGHT_TO_LEFT_STYLE % (faces, digits(str(st.get_option("server.maxUploadSize")))))


def switch() -> None:
    """Draw the way to the same page in the other language; a script keeps the rest of the address."""
    code = language()
    for other, name in LANGUAGES.items():
        if other != code:
            label = f'<a class="language" href="?lang={other}" lang="{other}" target="_self">{escape(name)}</a>'
            st.html(label, width="content")


def in_words(settings: dict[str, Any]) -> dict[str, Any]:
    """Return the settings of a widget with its options in the language of the page."""
    code = language()
    if code == "en":
        return settings
    plain: Callable[[Any], str] = settings.get("format_func", str)
    return settings | {"format_func": _Translated(plain, code)}


def written(how: Callable[[Any], str], option: Any, code: str) -> str:
    """Return an option as pages of another language write it."""
    plain = how.plain if isinstance(how, _Translated) else how
    return translated(plain(option), code)


class _Translated:
    """Words of options in a language; knows the English ones."""

    def __init__(self, plain: Callable[[Any], str], code: str) -> None:
        self.plain = plain
        self.code = code

    def __call__(self, option: Any) -> str:
        return translated(str(self.plain(option)), self.code)
