"""How every figure looks: light, dark and on a projector; the synthetic watermark; the caption of an export."""

import functools
import textwrap
from dataclasses import dataclass

import plotly.graph_objects as go

from app.figures.diverging import in_theme
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
    in_theme(figure, dark=look.dark)
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


def captioned(figure: go.Figure, caption: str, *, synthetic: bool, lang: str = "en") -> go.Figure:
    """Return the figure as it leaves the house: light, with what it shows written under it.

    Parameters
    ----------
    figure : the undressed figure
    caption : filter, n, method, versions; lines separated by ``<br>``
    synthetic : write the synthetic notice first and watermark the figure
    lang : code of its language
    """
    right_to_left = lang in RIGHT_TO_LEFT
    caption = "<br>".join(translated(part, lang) for part in caption.split("<br>"))
    text = "<br>".join(line for part in caption.split("<br>") for line in textwrap.wrap(part, CAPTION_CHARACTERS))
    text = f"<b>{translated(SYNTHETIC_NOTICE, lang)}</b><br>{text}" if synthetic else text
    lines = text.count("<br>") + 1
    look = Look(lang=lang)
    page = dress(go.Figure(figure), look, synthetic=synthetic)
    bottom = (page.layout.margin.b or 80) + 18 * lines + 12
    height = (page.layout.height or 480) + 18 * lines + 12
    page.update_layout(height=height, margin={"b": bottom})
    if right_to_left:
        # What draws an export has no font with Persian digits at the places of Latin ones.
        page.update_layout(separators=".,")
    page.add_annotation(
        text=figure_text(text, lang),
        xref="paper",
        yref="paper",
        x=1 if right_to_left else 0,
        y=0,
        yshift=-(bottom - 8),
        xanchor="right" if right_to_left else "left",
        yanchor="bottom",
        align="right" if right_to_left else "left",
        showarrow=False,
        font={"size": 11, "color": look.muted, "family": FONT},
    )
    return page
