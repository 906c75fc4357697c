"""Figures and tables as files: PNG, SVG, standalone HTML, CSV safe to open in a spreadsheet."""

import atexit
import functools
import html
import io
import threading
from importlib import import_module
from types import ModuleType

import plotly.graph_objects as go
import polars as pl

from app.drawing_page import drawing_page, latin_faces
from app.words.font import digit_faces, font_faces
from vocabulary.measures import SYNTHETIC_NOTICE

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")
_lock = threading.Lock()


class ExportError(RuntimeError):
    """An image could not be made; the message says what is missing."""


def csv_bytes(frame: pl.DataFrame, *, synthetic: bool = False) -> bytes:
    """Return ``frame`` as UTF-8 CSV with a byte order mark.

    Text that a spreadsheet would run as a formula gets a leading apostrophe (OWASP, CSV injection).
    Synthetic data carry a ``data_note`` column.
    """
    safe = frame.with_columns(
        pl.when(pl.col(c).str.slice(0, 1).is_in(_DANGEROUS)).then(pl.lit("'") + pl.col(c)).otherwise(pl.col(c)).alias(c)
        for c, kind in frame.schema.items()
        if kind == pl.String
    )
    if synthetic:
        safe = safe.with_columns(pl.lit(SYNTHETIC_NOTICE).alias("data_note"))
    buffer = io.BytesIO()
    safe.write_csv(buffer)
    return b"\xef\xbb\xbf" + buffer.getvalue()


def html_bytes(figure: go.Figure, stem: str, title: str | None = None, lang: str = "en") -> bytes:
    """Return a page that shows the figure anywhere, without a network; it says its title and language.

    Parameters
    ----------
    stem : of the file that the page's own camera button saves
    title : in words; the stem where there is none
    lang : code of the language of its words
    """
    page = figure.to_html(
        include_plotlyjs=True,
        full_html=True,
        config={"displaylogo": False, "toImageButtonOptions": {"format": "svg", "filename": stem}},
    )
    fonts = latin_faces() + ("" if lang == "en" else font_faces() + digit_faces())
    head = f'<html lang="{lang}">\n<head><title>{html.escape(title or stem)}</title><style>{fonts}</style>'
    return str(page).replace("<html>\n<head>", head, 1).encode()


def can_draw_images() -> bool:
    """Tell whether a Chrome, Chromium or Edge is there to draw PNG and SVG with."""
    from choreographer.browsers.chromium import Chromium

    return Chromium.find_browser(skip_local=False) is not None


def image_bytes(figure: go.Figure, kind: str, *, width: int = 1280) -> bytes:
    """Return the figure as 'png' (twice the pixels, for slides), 'svg' or 'pdf'; its letters are in it.

    Parameters
    ----------
    width : in pixels, of a figure that has none of its own

    Raises
    ------
    ExportError : no Chrome or Chromium on this machine to draw with.
    """
    if not can_draw_images():
        raise ExportError("no Chrome, Chromium or Edge found to draw the image; install one, or download the HTML")
    options = {
        "format": kind,
        "width": int(figure.layout.width or width),
        "height": int(figure.layout.height or 520),
        "scale": 2 if kind == "png" else 1,
    }
    with _lock:
        return bytes(_drawer().calc_fig_sync(figure, opts=options))


@functools.cache
def _drawer() -> ModuleType:
    """Start the drawing browser once; it serves every later image."""
    kaleido: ModuleType = import_module("kaleido")

    kaleido.start_sync_server(silence_warnings=True, page_generator=drawing_page())
    atexit.register(kaleido.stop_sync_server, silence_warnings=True)
    return kaleido
