"""How training went: one panel per model, one thin line per fold, their mean thick; validation dashed."""

import math

import plotly.graph_objects as go
import polars as pl
from plotly.subplots import make_subplots

from app.figures.palette import MODEL_COLOUR, faded

VALIDATION = "val_"
_ACROSS = 3


def curves_figure(curves: pl.DataFrame, metric: str, titles: dict[str, str]) -> go.Figure:
    """Draw ``metric`` and its validation twin over the epochs.

    Parameters
    ----------
    curves : one row per model_id, fold, epoch, metric: value; of one split
    metric : name without the prefix ``val_``
    titles : model_id -> panel title, in order; models without a curve get a panel that says so
    """
    across = min(_ACROSS, len(titles))
    down = math.ceil(len(titles) / across)
    figure = make_subplots(
        rows=down,
        cols=across,
        shared_yaxes=True,
        horizontal_spacing=0.03,
        vertical_spacing=0.16,
        subplot_titles=[f"<b>{title}</b>" for title in titles.values()],
    )
    named: set[str] = set()
    for place, model in enumerate(titles):
        row, column = divmod(place, across)
        mine = curves.filter(pl.col("model_id") == model)
        drawn = False
        for name, dash in ((metric, "solid"), (VALIDATION + metric, "dash")):
            lines = mine.filter(pl.col("metric") == name).drop_nulls("value")
            if not lines.is_empty():
                _lines(figure, lines, dash, row + 1, column + 1, named)
                drawn = True
        if not drawn:
            figure.add_annotation(
                text="no curve recorded", x=0.5, xref="x domain", y=0.5, yref="y domain", showarrow=False,
                row=row + 1, col=column + 1,
            )  # fmt: skip
    for column in range(1, across + 1):
        figure.update_xaxes(title_text="Epoch", row=down, col=column)
    figure.update_xaxes(zeroline=False)
    figure.update_yaxes(zeroline=False)
    figure.update_yaxes(title_text=metric_label(metric), col=1)
    for title in figure.layout.annotations[: len(titles)]:
        title.update(font={"size": 14})
    return figure.update_layout(
        height=70 + 250 * down,
        margin={"l": 70, "r": 16, "t": 60, "b": 56},
        legend={"orientation": "h", "y": 1 + 0.2 / down, "x": 1, "xanchor": "right"},
        hovermode="closest",
        dragmode=False,
    )


def metric_label(metric: str) -> str:
    """Return a training metric's name as an axis shows it.

    Examples
    --------
    >>> metric_label("wmh_dice"), metric_label("loss")
    ('WMH Dice', 'Loss')
    """
    words = metric.replace("_", " ").replace("wmh", "WMH").replace("dice", "Dice")
    return words[0].upper() + words[1:]


def _lines(figure: go.Figure, lines: pl.DataFrame, dash: str, row: int, column: int, named: set[str]) -> None:
    who = "training" if dash == "solid" else "validation"
    folds = lines["fold"].unique(maintain_order=True)
    for fold in folds:
        line = lines.filter(pl.col("fold").eq_missing(pl.lit(fold))).sort("epoch")
        figure.add_trace(
            go.Scatter(
                x=line["epoch"],
                y=line["value"],
                mode="lines",
                line={"color": faded(MODEL_COLOUR, 0.4 if len(folds) > 1 else 1), "width": 1.2, "dash": dash},
                hovertemplate=f"fold {fold}, {who}<br>epoch %{{x}}: %{{y:.4g}}<extra></extra>",
                showlegend=False,
            ),
            row=row,
            col=column,
        )
    mean = lines.group_by("epoch").agg(pl.col("value").mean(), pl.len().alias("n")).sort("epoch")
    # Where folds stop early the mean of the rest would jump: it is drawn while all folds go on.
    mean = mean.filter(pl.col("n") == len(folds))
    figure.add_trace(
        go.Scatter(
            x=mean["epoch"],
            y=mean["value"],
            mode="lines",
            name=f"mean of folds, {who}" if len(folds) > 1 else who,
            legendgroup=who,
            line={"color": MODEL_COLOUR, "width": 3, "dash": dash},
            hovertemplate=f"mean of {len(folds)} folds, {who}<br>epoch %{{x}}: %{{y:.4g}}<extra></extra>",
            showlegend=who not in named,
        ),
        row=row,
        col=column,
    )
    named.add(who)
