"""One score of every patient, paired across models, with each model's mean and interval; targets as reference lines."""

import plotly.graph_objects as go
import polars as pl
from plotly.subplots import make_subplots

from analysis.model_scores.targets import TISSUE_LABELS, Metric
from app.figures.marks import NO_SCALE, interval_bar
from app.figures.palette import MODEL_COLOUR, faded

_BESIDE = 0.2
_COLUMN_PIXELS = 54
"""A model's name needs them."""


def scores_figure(scores: pl.DataFrame, summaries: pl.DataFrame, metric: Metric, titles: dict[str, str]) -> go.Figure:
    """Draw one panel per tissue: models across, patients as dots joined by a line, mean and interval beside them.

    Parameters
    ----------
    scores : one row per model, subject, class, metric: value; of one split
    summaries : from ``analysis.model_scores.summary.summary`` of the same split
    metric : what to draw
    titles : model_id -> name under its column, in order

    Returns
    -------
    plotly Figure; marker ``customdata`` holds subject_id.
    """
    places = {model: float(place) for place, model in enumerate(titles)}
    figure = make_subplots(
        rows=1,
        cols=len(metric.tissues),
        horizontal_spacing=0.07,
        subplot_titles=[f"<b>{TISSUE_LABELS[tissue]}</b>{_target_words(metric, tissue)}" for tissue in metric.tissues],
    )
    for column, tissue in enumerate(metric.tissues, start=1):
        wanted = (pl.col("metric") == metric.name) & (pl.col("class") == tissue) & pl.col("model_id").is_in(titles)
        _patients(figure, scores.filter(wanted), metric, places, titles, column)
        _means(figure, summaries.filter(wanted), metric, places, titles, column)
        if tissue in metric.targets:
            _target(figure, metric, tissue, column)
    figure.update_xaxes(
        NO_SCALE,
        tickvals=list(places.values()),
        ticktext=[wrapped(title) for title in titles.values()],
        range=[-0.5, len(places) - 0.4],
        tickangle=0,
        tickfont={"size": 12 if len(titles) < 4 else 11 if len(titles) < 7 else 10},
    )
    figure.update_yaxes(zeroline=False, rangemode="tozero" if metric.unit else "normal")
    figure.update_yaxes(title_text=metric.axis_title, row=1, col=1)
    for title, axis in zip(figure.layout.annotations, figure.select_xaxes(), strict=False):
        title.update(x=axis.domain[0], xanchor="left", align="left", font={"size": 14})
    # On a phone it is scrolled rather than squeezed until the names run into each other.
    figure.update_layout(meta=len(metric.tissues) * (_COLUMN_PIXELS * len(titles) + 50))
    return figure.update_layout(
        height=430, margin={"l": 70, "r": 16, "t": 56, "b": 54}, showlegend=False, hovermode="closest", dragmode=False
    )


def wrapped(title: str) -> str:
    """Break a model's name into two lines as equal as blanks and hyphens allow, so that names fit under narrow columns.

    What all names of our own models begin with is left out.

    Examples
    --------
    >>> wrapped("MS Cohort Explorer 1"), wrapped("Trans-U-Net"), wrapped("DeepLabV3+"), wrapped("U-Net")
    ('Explorer 1', 'Trans-<br>U-Net', 'DeepLabV3+', 'U-Net')
    """
    short = title.removeprefix("MS Cohort ")
    breaks = [place for place, letter in enumerate(short, start=1) if letter in " -" and place < len(short)]
    if not breaks or len(short) <= 10:
        return short
    best = min(breaks, key=lambda place: max(len(short[:place].rstrip()), len(short[place:])))
    return f"{short[:best].rstrip()}<br>{short[best:]}"


def _patients(
    figure: go.Figure, rows: pl.DataFrame, metric: Metric, places: dict[str, float], titles: dict[str, str], column: int
) -> None:
    for (subject,), group in rows.group_by("subject_id", maintain_order=True):
        known = {row["model_id"]: row["value"] for row in group.iter_rows(named=True)}
        shown = [(places[model], known[model], titles[model]) for model in titles if known.get(model) is not None]
        figure.add_trace(
            go.Scatter(
                x=[place for place, _, _ in shown],
                y=[value for _, value, _ in shown],
                mode="lines+markers",
                line={"color": "rgba(128,128,128,.35)", "width": 1},
                marker={"color": faded(MODEL_COLOUR, 0.55), "size": 8},
                customdata=[(subject, title) for _, _, title in shown],
                hovertemplate=f"patient %{{customdata[0]}} · %{{customdata[1]}}<br>{metric.label} %{{y:.3g}} "
                f"{metric.unit}<extra></extra>",
            ),
            row=1,
            col=column,
        )


def _means(
    figure: go.Figure, rows: pl.DataFrame, metric: Metric, places: dict[str, float], titles: dict[str, str], column: int
) -> None:
    known = rows.filter(pl.col("mean").is_not_null())
    figure.add_trace(
        go.Scatter(
            x=[places[model] + _BESIDE for model in known["model_id"]],
            y=known["mean"],
            mode="markers",
            marker={"color": MODEL_COLOUR, "size": 12, "symbol": "diamond"},
            error_y=interval_bar(known["ci_high"] - known["mean"], known["mean"] - known["ci_low"], MODEL_COLOUR, 5),
            customdata=[
                (None, titles[row["model_id"]], row["ci_low"], row["ci_high"], row["n"])
                for row in known.iter_rows(named=True)
            ],
            hovertemplate="%{customdata[1]}: mean %{y:.3g} "
            f"{metric.unit}<br>95 % CI %{{customdata[2]:.3g}} to %{{customdata[3]:.3g}}, n = %{{customdata[4]}}"
            "<extra></extra>",
        ),
        row=1,
        col=column,
    )
    for row in rows.filter(pl.col("n_missing") > 0).iter_rows(named=True):
        figure.add_annotation(
            text=f"{row['n_missing']} without<br>a value",
            x=places[row["model_id"]],
            y=0,
            yref="y domain",
            yanchor="bottom",
            showarrow=False,
            font={"size": 11},
            row=1,
            col=column,
        )


def _target(figure: go.Figure, metric: Metric, tissue: str, column: int) -> None:
    target = metric.targets[tissue]
    for limit in (target, -target) if metric.better == "zero" else (target,):
        figure.add_hline(y=limit, line={"color": "#808080", "width": 1.5, "dash": "dot"}, row=1, col=column)


def _target_words(metric: Metric, tissue: str) -> str:
    """Say the target under a panel's title, where no mark can lie over it."""
    if tissue not in metric.targets:
        return ""
    return f"<br>target {metric.sign} {metric.targets[tissue]:g} (dotted)"
