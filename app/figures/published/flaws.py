"""What differs from the published analysis, shown on its own data: the outlier rule, the epsilon, means of means."""

import numpy as np
import plotly.graph_objects as go
import polars as pl
from plotly.subplots import make_subplots

from app.figures.palette import GROUP_COLOURS, ZONE_COLOURS

REMOVED_COLOUR = "#B3261E"
MAX_POINTS = 3000


def removed_by_the_rule(people: pl.DataFrame) -> go.Figure:
    """Draw everyone's lesion area away from the ventricles; who the study's outlier rule removed is crossed out.

    Parameters
    ----------
    people : subject_id, group, outside_area_mm2 (paraventricular + juxtacortical), removed (bool)
    """
    figure = go.Figure()
    generator = np.random.default_rng(1)
    labels = {}
    for base, group in ((1.0, "HC"), (0.0, "MS")):
        members = people.filter(pl.col("group") == group).drop_nulls("outside_area_mm2")
        with_lesions = members.filter(pl.col("outside_area_mm2") > 0)
        gone = with_lesions.filter("removed").height
        labels[base] = f"<b>{group}</b><br>{gone:,} of {with_lesions.height:,}<br>with such lesions<br>removed"
        for removed in (False, True):
            drawn = members.filter(pl.col("removed") == removed)
            drawn = drawn.sample(MAX_POINTS, seed=1) if drawn.height > MAX_POINTS else drawn
            area = drawn["outside_area_mm2"].to_numpy()
            # Zero has no place on a logarithmic axis: it gets the strip left of one square millimetre.
            x = np.where(area > 0, np.log10(np.maximum(area, 1e-9)), -0.55 + generator.uniform(-0.18, 0.18, area.size))
            figure.add_trace(
                go.Scatter(
                    x=x,
                    y=base + generator.uniform(-0.32, 0.32, area.size),
                    mode="markers",
                    name=f"{group} {'removed' if removed else 'kept'}",
                    customdata=drawn.select("subject_id", "outside_area_mm2").rows(),
                    marker={"symbol": "x-thin", "size": 8, "line": {"color": REMOVED_COLOUR, "width": 2}}
                    if removed
                    else {"symbol": "circle", "size": 5, "color": GROUP_COLOURS[group], "opacity": 0.55},
                    hovertemplate=f"%{{customdata[0]}} · {group}, {'removed' if removed else 'kept'}<br>"
                    "%{customdata[1]:,.0f} mm²<extra></extra>",
                )
            )
    figure.add_vrect(x0=-0.8, x1=-0.3, fillcolor="rgba(128,128,128,.10)", line_width=0, layer="below")
    figure.update_xaxes(
        title_text="para- + juxtacortical WMH area (mm²)", tickvals=[-0.55, 0, 1, 2, 3],
        ticktext=["0", "1", "10", "100", "1000"], range=[-0.85, 3.7], zeroline=False, fixedrange=True,
    )  # fmt: skip
    figure.update_yaxes(
        tickvals=list(labels), ticktext=list(labels.values()), range=[-0.5, 1.5], showgrid=False, zeroline=False,
        fixedrange=True,
    )  # fmt: skip
    return _laid_out(figure, left=150)


def ties_broken(ranks: pl.DataFrame) -> go.Figure:
    """Draw ranks of the periventricular share against ranks of lesion load, as published and with ties kept.

    Parameters
    ----------
    ranks : one row per control: subject_id, load_rank, published_rank (shares with 1e-10 in the denominator),
        exact_rank
    """
    r_published, r_exact = (
        ranks.select(pl.corr("load_rank", name)).item() for name in ("published_rank", "exact_rank")
    )
    drawn = ranks.sample(MAX_POINTS, seed=1) if ranks.height > MAX_POINTS else ranks
    figure = make_subplots(
        rows=1, cols=2, shared_yaxes=True, horizontal_spacing=0.04,
        subplot_titles=[
            f"<b>As published</b>, area / (area + 10⁻¹⁰)<br>r = {r_published:.3f}",
            f"<b>Ties kept</b>, equal shares rank equal<br>r = {r_exact:.3f}",
        ],
    )  # fmt: skip
    for column, name in enumerate(("published_rank", "exact_rank"), start=1):
        figure.add_trace(
            go.Scatter(
                x=drawn["load_rank"].to_numpy(), y=drawn[name].to_numpy(), mode="markers", showlegend=False,
                customdata=drawn.select("subject_id").rows(),
                marker={"color": GROUP_COLOURS["HC"], "size": 4, "opacity": 0.5},
                hovertemplate="%{customdata[0]}<br>load rank %{x:.0f}, share rank %{y:.0f}<extra></extra>",
            ),
            row=1, col=column,
        )  # fmt: skip
    figure.update_xaxes(title_text="rank of WMH load", zeroline=False, fixedrange=True)
    figure.update_yaxes(zeroline=False, fixedrange=True)
    figure.update_yaxes(title_text="rank of periventricular share", row=1, col=1)
    figure.update_annotations(font={"size": 13})
    return _laid_out(figure, left=64, top=60)


def mean_of_means(means: pl.DataFrame) -> go.Figure:
    """Draw the mean of each age bin, as large as the bin is, with the published mean of means and that of people.

    Parameters
    ----------
    means : age_group, n, mean (periventricular share of MS patients, %); the row 'all' is the mean of people
    """
    bins = means.filter(pl.col("age_group") != "all")
    published = float(bins["mean"].mean())  # type: ignore[arg-type]
    people = float(means.filter(pl.col("age_group") == "all")["mean"].item())
    sizes = bins["n"].to_numpy()
    figure = go.Figure(
        go.Scatter(
            x=bins["age_group"].to_list(),
            y=bins["mean"].to_numpy(),
            mode="markers+text",
            text=[f"n = {n:,}" for n in sizes],
            textposition="top center",
            marker={
                "color": ZONE_COLOURS["periventricular"],
                "size": 10 + 34 * np.sqrt(sizes / sizes.max()),
                "opacity": 0.75,
            },
            hovertemplate="%{x}: mean %{y:.1f} %, %{text}<extra></extra>",
        )
    )
    for value, words, dash, place in (
        (published, f"published {published:.2f} %: every bin counts the same", "dash", "top left"),
        (people, f"mean of the people {people:.2f} %", "solid", "bottom right"),
    ):
        figure.add_hline(
            y=value, line={"color": "rgba(128,128,128,.9)", "width": 2, "dash": dash}, annotation_text=words,
            annotation_position=place, annotation_font_size=13,
        )  # fmt: skip
    figure.update_xaxes(title_text="age (years)", showgrid=False, fixedrange=True, type="category")
    low, high = float(bins["mean"].min()), float(bins["mean"].max())  # type: ignore[arg-type]
    figure.update_yaxes(
        title_text="periventricular share, MS (%)", zeroline=False, fixedrange=True, range=[low - 8, high + 12]
    )
    return _laid_out(figure, left=64)


def _laid_out(figure: go.Figure, *, left: int, top: int = 16) -> go.Figure:
    return figure.update_layout(
        height=380,
        margin={"l": left, "r": 12, "t": top, "b": 84},
        legend={"orientation": "h", "x": 0, "y": -0.2},
        hovermode="closest",
        dragmode=False,
    )
