"""How every figure looks: light, dark and on a projector; the synthetic watermark; the caption of an export."""

import functools
import textwrap
from dataclasses import dataclass

import plotly.graph_objects as go

from app.figures.cell_colours import in_theme
from app.words.figures import figure_text, in_language
from app.words.tables import RIGHT_TO_LEFT
from app.words.translating import translated
from vocabulary.measures import SYNTHETIC_NOTICE

FONT = "'Source Sans', 'Source Sans 3', 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"
CAPTION_CHARACTERS = 170


@dataclass(frozen=True)
class Look:
    """Where a figure is shown: ``dark`` or light, ``present`` for the back row, ``lang`` the code of its language."""

    dark: bool = False
    present: bool = False
    lang: str = "en"

    @property
    def ink(self) -> str:
        """Text colour."""
        return "#F2F4F7" if self.dark else "#1D2733"

    @property
    def muted(self) -> str:
        """Colour of secondary text; contrast AA on ``paper``."""
        return "#AEB8C4" if self.dark else "#566270"

    @property
    def grid(self) -> str:
        """Colour of grid lines."""
        return "#33404E" if self.dark else "#E3E8ED"

    @property
    def paper(self) -> str:
        """Background colour."""
        return "#10161D" if self.dark else "#FFFFFF"

    @property
    def size(self) -> int:
        """Base font size in pixels."""
        return 20 if self.present else 14


def dress(figure: go.Figure, look: Look, *, synthetic: bool = False) -> go.Figure:
    """Give a figure its look, and a watermark when the data are synthetic; the same figure is returned.

    Trace colours are the figure's own business; the look is a template of paper, ink, grid and fonts, so dressing a
    figure again replaces the look it had.
    """
    figure.layout.template = _template(look, synthetic)
    in_theme(figure, dark=look.dark, ink=look.ink)
    return in_language(figure, look.lang)


def filling(figure: go.Figure) -> go.Figure:
    """Return a copy without a height of its own, which takes that of its place on the screen."""
    return go.Figure(figure).update_layout(height=None, autosize=True)


@functools.cache
def _template(look: Look, synthetic: bool) -> go.layout.Template:
    family = FONT if look.lang == "en" else f"'Persian digits', Vazirmatn, {FONT}"
    ink = {"family": family, "size": look.size, "color": look.ink}
    axis = {
        "automargin": True,
        "gridcolor": look.grid,
        "zerolinecolor": look.grid,
        "linecolor": look.muted,
        "showline": True,
        "ticks": "outside",
        "tickcolor": look.muted,
        "tickfont": {"color": look.muted, "size": look.size - 1},
        "title": {"font": ink, "standoff": 12},
    }
    watermark = {
        "name": "synthetic",
        "text": figure_text("SYNTHETIC", look.lang),
        "xref": "paper",
        "yref": "paper",
        "x": 0.5,
        "y": 0.5,
        "showarrow": False,
        "textangle": -18,
        "opacity": 0.13,
        "font": {"size": 72, "color": look.muted, "family": family},
    }
    return go.layout.Template(
        layout={
            "font": ink,
            "paper_bgcolor": look.paper,
            "plot_bgcolor": look.paper,
            "xaxis": axis,
            "yaxis": axis,
            "legend": {"font": ink, "bgcolor": "rgba(0,0,0,0)"},
            "hoverlabel": {"font": {"family": family, "size": 13}},
            "title": {"font": ink | {"size": look.size + 3}},
            "annotationdefaults": {"font": ink},
            "annotations": [watermark] if synthetic else [],
            "ternary": {"bgcolor": look.paper},
        }
    )


@dataclass(frozen=True)
class Format:
    """What an exported figure is for: shape ("" as it is on the page, else a key of ``SHAPES``) and theme."""

    shape: str = ""
    theme: str = "light"


HEADING = 64
"""Pixels that a title needs above a figure whose legend stands above its plot."""
AS_ON_THE_PAGE = Format()
SHAPES = {"16:9": (16, 9, 1280), "4:3": (4, 3, 1024)}
"""Width, height and least width in pixels of a figure that fills a slide."""
THEMES = ("light", "dark", "transparent", "transparent, light letters")


def captioned(
    figure: go.Figure,
    caption: str,
    *,
    synthetic: bool,
    lang: str = "en",
    title: str = "",
    fit: Format = AS_ON_THE_PAGE,
) -> go.Figure:
    """Return the figure as it leaves the house: with its title above it and what it shows written under it.

    Parameters
    ----------
    figure : the undressed figure
    caption : answer, filter, n, method, versions; lines separated by ``<br>``
    synthetic : write the synthetic notice first and watermark the figure
    lang : code of its language
    title : above the figure
    fit : a figure taller than its shape is made wider, so that nothing of it is squeezed
    """
    right_to_left = lang in RIGHT_TO_LEFT
    look = Look(dark=fit.theme in ("dark", THEMES[3]), lang=lang)
    page = dress(go.Figure(figure), look, synthetic=synthetic)
    heading = HEADING if title else 0
    top, own_bottom = (page.layout.margin.t or 0) + heading, page.layout.margin.b or 80
    own_height = (page.layout.height or 480) + heading
    across, down, width = SHAPES.get(fit.shape, (0, 0, 1280))
    lines = _lines(caption, synthetic, lang, width)
    under = 18 * len(lines) + 12
    height = own_height + under
    if across:
        height = max(height, round(width * down / across))
        width = round(height * across / down)
        page.update_layout(width=width)
    page.update_layout(height=height, margin={"t": top, "b": own_bottom + under})
    if fit.theme.startswith("transparent"):
        page.update_layout(paper_bgcolor="rgba(0,0,0,0)", plot_bgcolor="rgba(0,0,0,0)")
    side = {"x": 1 if right_to_left else 0, "xanchor": "right" if right_to_left else "left", "xref": "paper"}
    if title:
        page.update_layout(
            title={
                **side, "text": f"<b>{figure_text(title, lang)}</b>", "xref": "container", "yref": "container",
                "y": 1 - 14 / height, "yanchor": "top", "x": 1 - 14 / width if right_to_left else 14 / width,
                "font": {"size": 19, "color": look.ink},
            }
        )  # fmt: skip
    page.add_annotation(
        **side,
        text=figure_text("<br>".join(lines), lang),
        yref="paper",
        y=0,
        yshift=-(own_bottom + under - 8),
        yanchor="bottom",
        align="right" if right_to_left else "left",
        showarrow=False,
        font={"size": 11, "color": look.muted},
    )
    return page


def _lines(caption: str, synthetic: bool, lang: str, width: int) -> list[str]:
    """Return the lines under a figure of that width."""
    most = round(CAPTION_CHARACTERS * width / 1280)
    told = [translated(part, lang) for part in caption.split("<br>")]
    lines = [line for part in told for line in textwrap.wrap(part, most)]
    return [f"<b>{translated(SYNTHETIC_NOTICE, lang)}</b>", *lines] if synthetic else lines
