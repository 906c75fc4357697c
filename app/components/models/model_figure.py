"""A figure about models rather than people: what stands under its export, and how to cite it."""

from importlib.metadata import version

import plotly.graph_objects as go
import polars as pl

from analysis.model_scores.targets import split_label
from app.components.figure_panel import figure_with_downloads
from vocabulary.measures import RESEARCH_ONLY

PATIENTS = "Patients of the Tabriz study with manual outlines (github.com/Mahdi-Bashiri/MRI_MS_Insights, MIT licence)"


def model_figure(
    figure: go.Figure, data: pl.DataFrame, *, split: str, source: str, name: str, title: str, method: str, alt: str
) -> None:
    """Show a figure with its downloads and its citation.

    Parameters
    ----------
    figure : undressed
    data : the numbers behind it
    split : how training and test patients were parted
    source : where the numbers come from, such as the store's version
    name, title, method, alt : as for ``app.components.figure_panel.figure_panel``
    """
    how = f"{split_label(split)}; {source}."
    made = f"mscohort {version('mscohort')}"
    figure_with_downloads(
        figure,
        data,
        caption="<br>".join((f"{PATIENTS}. {how}", method, f"{made}. {RESEARCH_ONLY}")),
        citation="\n".join(
            (f"{title}. MS Cohort Explorer ({made}).", f"Data: {PATIENTS}.", how, f"Method: {method}", RESEARCH_ONLY)
        ),
        synthetic=False,
        name=name,
        title=title,
        alt=alt,
    )
