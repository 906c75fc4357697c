"""Clusters of people: where they lie, how stable each number of clusters is, and what each cluster carries."""

import plotly.graph_objects as go
import polars as pl

from app.figures.cell_colours import SHARE, shades
from app.sentences.formatting import format_number

CLUSTER_COLOURS = ("#3B6FB6", "#C2562D", "#6B7683", "#B08900", "#2A9D8F", "#7A5195")
"""Colours that mean no group and no zone elsewhere; each cluster has a symbol of its own as well."""
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "x", "star")
NONE = "in no cluster"


def embedding(people: pl.DataFrame, explained: tuple[float, float]) -> go.Figure:
    """Draw every person along two principal components.

    Parameters
    ----------
    people : x, y, cluster (null where there are none), subject_id, group, age_years
    explained : share of the variance along each, 0 to 1
    """
    figure = go.Figure()
    names = people["cluster"].drop_nulls().unique().sort().to_list() or [None]
    for place, name in enumerate(names):
        rows = people.filter(pl.col("cluster") == name) if name else people
        figure.add_trace(
            go.Scatter(
                x=rows["x"].to_list(),
                y=rows["y"].to_list(),
                mode="markers",
                name=f"{name} (n = {rows.height:,})" if name else f"{NONE} (n = {rows.height:,})",
                marker={
                    "color": CLUSTER_COLOURS[place % len(CLUSTER_COLOURS)] if name else "#7A8494",
                    "symbol": SYMBOLS[place % len(SYMBOLS)],
                    "size": 8,
                    "opacity": 0.85,
                },
                customdata=[[row["subject_id"], _words(row)] for row in rows.iter_rows(named=True)],
                hovertemplate="%{customdata[1]}<extra></extra>",
            )
        )
    figure.update_xaxes(title_text=f"First component ({100 * explained[0]:.0f} % of the variance)", zeroline=False)
    figure.update_yaxes(title_text=f"Second ({100 * explained[1]:.0f} %)", zeroline=False)
    figure.update_layout(height=430, margin={"l": 8, "r": 8, "t": 30, "b": 8}, legend={"orientation": "h", "y": 1.08})
    return figure


def stability(by_k: pl.DataFrame, k: int | None, least: float) -> go.Figure:
    """Draw the adjusted Rand index of each number of clusters, and its silhouette beside that of one population.

    Parameters
    ----------
    by_k : ``analysis.region_clusters.Clustering.by_k``
    k : the number reported, None where there are none
    least : adjusted Rand index from which clusters are stable
    """
    figure = go.Figure()
    lines = (
        ("stability", "come back (adjusted Rand index)", "#3B6FB6", "solid"),
        ("silhouette", "apart (silhouette)", "#C2562D", "solid"),
        ("silhouette_reference", "apart in one population (95th percentile)", "#C2562D", "dot"),
    )
    for column, name, colour, dash in lines:
        figure.add_trace(
            go.Scatter(
                x=by_k["k"].to_list(), y=by_k[column].to_list(), mode="lines+markers", name=name,
                line={"color": colour, "dash": dash},
                hovertemplate=f"%{{x}} clusters, {name}: %{{y:.2f}}<extra></extra>",
            )
        )  # fmt: skip
    figure.add_hline(y=least, line={"color": "#6B7683", "dash": "dash", "width": 1}, annotation_text="stable from here")
    if k is not None:
        # Lines run together at the top of small numbers; at the foot is room.
        beside = "bottom left" if k == by_k["k"].max() else "bottom right"
        figure.add_vline(
            x=k, line={"color": "#6B7683", "width": 1}, annotation_text="reported", annotation_position=beside
        )
    figure.update_xaxes(title_text="Number of clusters", dtick=1)
    figure.update_yaxes(range=[min(0.0, float(by_k["silhouette"].min() or 0)) - 0.03, 1.05])  # type: ignore[arg-type]
    figure.update_layout(height=330, margin={"l": 8, "r": 8, "t": 30, "b": 8}, legend={"orientation": "h", "y": 1.12})
    return figure


def pattern_profiles(profiles: pl.DataFrame) -> go.Figure:
    """Draw the share of each region in what a cluster's people carry.

    Parameters
    ----------
    profiles : from ``analysis.region_clusters.profiles``
    """
    regions = profiles.select("region_number", "region", "side").unique().sort("region_number")
    names = [
        row["region"] if row["side"] == "both" else f"{row['side']} {row['region']}"
        for row in regions.iter_rows(named=True)
    ]
    clusters = profiles["cluster"].unique().sort().to_list()
    table = profiles.pivot("region_number", index="cluster", values="share_pct").sort("cluster")
    order = [str(number) for number in regions["region_number"]]
    values = table.select(order).to_numpy()
    most = float(values.max()) or 1.0
    figure = go.Figure(
        go.Heatmap(
            z=values.T,
            x=clusters,
            y=names,
            zmin=0,
            zmax=most,
            colorscale=shades(SHARE),
            meta={"shades": SHARE},
            colorbar={
                "title": {"text": "% of load", "side": "top"},
                "thickness": 12,
                "nticks": 3 if len(names) < 8 else 6,
            },
            text=[[format_number(value) for value in row] for row in values.T],
            hovertemplate="%{y}, cluster %{x}: %{text} % of all it carries<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed", tickfont={"size": 11})
    figure.update_xaxes(title_text="Cluster", side="top")
    figure.update_layout(height=120 + 17 * len(names), margin={"l": 8, "r": 8, "t": 60, "b": 8})
    return figure


def _words(row: dict[str, object]) -> str:
    age = row.get("age_years")
    who = f"{row['subject_id']}: {row.get('group') or 'group unknown'}"
    return who + (f", {age:.0f} years" if isinstance(age, float) else "") + f", {row['cluster'] or NONE}"
