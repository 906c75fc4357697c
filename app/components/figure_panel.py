"""A figure as every page shows it: drawn in the reader's theme, clickable, downloadable, citable."""

from collections.abc import Callable
from functools import partial
from html import escape
from typing import Any

import plotly.graph_objects as go
import polars as pl
import streamlit as st

from app.access.current import may
from app.components import choosing
from app.components.basket import add_button, finding_of, finding_without_cohort
from app.components.chart import chart
from app.components.cite import caption, cite
from app.components.download import download
from app.components.file_names import file_part, slug
from app.components.language import language, words
from app.components.marked_person import known_of, pick, picked_in
from app.components.part import Panel, on_opening
from app.export import can_draw_images, csv_bytes, html_bytes, image_bytes
from app.figures.colouring import coloured
from app.figures.marking import marked
from app.figures.printed import PrintedFigure
from app.figures.theme import SHAPES, THEMES, Format, Look, captioned, dress, filling
from app.sentences.among import stated
from app.sentences.as_written import as_written
from app.sentences.typography import typeset
from app.slides.findings import Finding
from app.state import Selection
from app.words.translating import translated


def look() -> Look:
    """Return the reader's theme and whether the page is being presented."""
    return Look(dark=st.context.theme.type == "dark", present=bool(st.session_state.get("present")), lang=language())


def figure_panel(
    figure: go.Figure,
    data: pl.DataFrame | Callable[[], pl.DataFrame],
    selection: Selection,
    *,
    name: str,
    title: str,
    method: str,
    alt: str,
    answer: str = "",
) -> list[Any] | None:
    """Show a figure with its downloads and its citation; a clicked person's row opens beneath.

    Returns the ``customdata`` of the point clicked just now, for figures whose points are no people.

    Parameters
    ----------
    figure : undressed figure; markers whose customdata starts with a subject_id are clickable
    data : the numbers behind the figure, as its CSV download; what makes them where these are everybody's, for what is
        handed over is kept until the page is drawn anew
    name : unique on the page, letters and hyphens
    title : what the figure shows, in words; also its file name
    method : one sentence on how it was computed
    alt : what a person who cannot see the figure should know
    answer : what this figure says, where that is not the answer of the page; exports, slides and citations carry it
    """
    said = [typeset(stated(selection.filter, answer))] if answer else selection.said
    figure = _of(selection, figure, look().ink)
    selection.figures[name] = PrintedFigure(lambda: figure, title, method, selection.who)
    clicked = figure_with_downloads(
        figure,
        data,
        caption=lambda: caption(selection, method, said),
        citation=partial(cite, selection, title, method, said),
        synthetic=selection.dataset.synthetic,
        name=name,
        title=title,
        alt=alt,
        slide=(
            f"{title}/{selection.key}/{' '.join(selection.command)}",
            lambda: finding_of(selection, figure, name, title, method, said),
        ),
        of=file_part(selection),
    )
    _opened(f"figure-{name}", selection)
    return clicked


def printed_only(make: Callable[[], go.Figure], selection: Selection, *, name: str, title: str, method: str) -> None:
    """Keep for the PDF of the page a figure that it does not show now, such as that of a closed tab.

    Parameters
    ----------
    make : makes the figure, once the PDF is asked for
    name, title, method : as for ``figure_panel``
    """
    ink = look().ink
    selection.figures[name] = PrintedFigure(lambda: _of(selection, make(), ink), title, method, selection.who)


def _of(selection: Selection, figure: go.Figure, ink: str) -> go.Figure:
    """Return a figure in the colours that the selection asks for, with the person marked in it."""
    if selection.colour is not None:
        figure = coloured(figure, selection.frame, selection.colour)
    if selection.person is not None:
        figure = marked(figure, selection.person, ink)
    return figure


def figure_with_downloads(
    figure: go.Figure,
    data: pl.DataFrame | Callable[[], pl.DataFrame],
    *,
    caption: str | Callable[[], str],
    citation: str | Callable[[], None],
    synthetic: bool,
    name: str,
    title: str,
    alt: str,
    slide: tuple[str, Callable[[], Finding]] | None = None,
    of: str = "",
) -> list[Any] | None:
    """Show a figure with its downloads and its citation, whatever it is about; return what was clicked, as ``chart``.

    Parameters
    ----------
    figure, data, name, title, alt : as for ``figure_panel``
    caption : lines printed under an exported figure, separated by ``<br>``, or what returns them
    citation : plain text to quote the figure by, or what draws it
    synthetic : watermark the figure and label its table
    slide : what tells it from other slides, and what makes it; by default its picture with its caption
    of : dataset and filter in the names of its files
    """
    with st.container(
        key=f"figure-head-{name}", horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"
    ):
        st.html(f'<h2 class="figure-title">{escape(title, quote=False)}</h2>', width="content")
        if may("export"):
            with st.container(horizontal=True, gap=None, width="content"):
                add_button(name, *(slide or _captioned_slide(figure, title, caption, synthetic)))
                downloads = partial(_downloads, figure, data, caption, synthetic, name, title, of)
                quoted = partial(_quoted, citation) if isinstance(citation, str) else citation
                on_opening(
                    Panel("Download", downloads, f"tool-download-{name}", "Download this figure"),
                    Panel("Cite this", quoted, f"tool-cite-{name}", "Cite this figure"),
                )
    present = look().present
    return chart(
        dress(filling(figure) if present else figure, look(), synthetic=synthetic),
        key=f"figure-{name}",
        alt=words(alt),
        stretched=present,
        on_pick=partial(pick, f"figure-{name}"),
    )


def _captioned_slide(
    figure: go.Figure, title: str, caption: str | Callable[[], str], synthetic: bool
) -> tuple[str, Callable[[], Finding]]:
    words = caption if isinstance(caption, str) else caption()
    return f"{title}/{words}", lambda: finding_without_cohort(figure, title, words, synthetic)


def _quoted(citation: str) -> None:
    st.code(citation, language=None, wrap_lines=True)


def _downloads(
    figure: go.Figure,
    data: pl.DataFrame | Callable[[], pl.DataFrame],
    caption: str | Callable[[], str],
    synthetic: bool,
    name: str,
    title: str,
    of: str,
) -> None:
    stem = "-".join(filter(None, (slug(title), of)))
    lang = language()
    drawable = can_draw_images()
    fit = _fit(name)
    for_what = "-".join(filter(None, (fit.shape.replace(":", "x"), slug(fit.theme).removeprefix("light"))))

    def page() -> go.Figure:
        # Asked for when the button is pressed: by then the page has said its answer.
        told = caption if isinstance(caption, str) else caption()
        return captioned(figure, told, synthetic=synthetic, lang=lang, title=title, fit=fit)

    # Nothing is drawn before the button is pressed.
    files = {
        "PNG": (lambda: image_bytes(page(), "png"), "image/png", drawable),
        "SVG": (lambda: image_bytes(page(), "svg"), "image/svg+xml", drawable),
        "HTML": (lambda: html_bytes(page(), stem, translated(title, lang), lang), "text/html", True),
        "CSV": (lambda: csv_bytes(data() if callable(data) else data, synthetic=synthetic), "text/csv", True),
    }
    for kind, (make, mime, possible) in files.items():
        drawn = f"-{for_what}" if for_what and kind != "CSV" else ""
        download(
            kind,
            make,
            file_name=f"{stem}{drawn}.{kind.lower()}",
            mime=mime,
            key=f"{name}-{kind}",
            width="stretch",
            disabled=not possible,
        )
    if not drawable:
        st.caption("PNG and SVG need Chrome, Chromium or Edge on this machine; the HTML file saves SVG itself.")


def _fit(name: str) -> Format:
    """Ask what a downloaded figure is for."""
    shape = choosing.selectbox("Shape", ["as here", *SHAPES], key=f"{name}-shape", persist_state="session")
    theme = choosing.selectbox("Theme", THEMES, key=f"{name}-theme", persist_state="session")
    return Format("" if shape == "as here" else str(shape), str(theme))


def _opened(figure: str, selection: Selection) -> None:
    """Show the row of the person picked in the figure."""
    if not picked_in(figure) or selection.person is None:
        return
    rows = selection.frame.filter(pl.col("subject_id") == selection.person)
    if rows.is_empty():
        return
    with st.container(border=True):
        st.caption("Selected in the figure, and marked on every page")
        st.markdown(f"**{as_written(selection.person)}**")
        st.markdown(" · ".join(f"{what} {value}" for what, value in known_of(rows.row(0, named=True)).iter_rows()))
        _to_patient(selection.person)


def _to_patient(subject: str) -> None:
    """Lead to the page that places a person among others of the same age and sex."""
    # The address is enough to find the page; this part imports none.
    page = st.Page(lambda: None, title="Patient", url_path="patient")
    label = f"Place {as_written(subject)} among people of the same age and sex"
    st.page_link(page, label=label, query_params={"person": subject})
