"""What pixels of each tissue were taken for: one row per manual class, shares of the row, pixel counts on hover."""

import plotly.graph_objects as go
import polars as pl

CLASSES = ("background", "ventricle", "wmh")
LABELS = {"background": "Background", "ventricle": "Ventricle", "wmh": "WMH"}
# From the page to the ventricle's blue: one hue, so that darker always means more.
_SCALE = [[0.0, "rgba(0,114,178,0)"], [1.0, "rgba(0,114,178,0.55)"]]


def confusion_figure(confusion: pl.DataFrame) -> go.Figure:
    """Draw one model's confusion matrix.

    Parameters
    ----------
    confusion : one row per truth, predicted: n_pixels; of one model and split, all patients together
    """
    counts = {(row["truth"], row["predicted"]): row["n_pixels"] for row in confusion.iter_rows(named=True)}
    grid = [[counts.get((truth, predicted), 0) for predicted in CLASSES] for truth in CLASSES]
    shares = [[100 * n / sum(row) if sum(row) else None for n in row] for row in grid]
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=[LABELS[name] for name in CLASSES],
            y=[LABELS[name] for name in CLASSES],
            zmin=0,
            zmax=100,
            colorscale=_SCALE,
            showscale=False,
            xgap=3,
            ygap=3,
            customdata=grid,
            hovertemplate="outlined as %{y}, marked as %{x}<br>%{customdata:,} pixels, %{z:.2f} % of the row"
            "<extra></extra>",
        )
    )
    for truth, row, row_shares in zip(CLASSES, grid, shares, strict=True):
        for predicted, n, share in zip(CLASSES, row, row_shares, strict=True):
            figure.add_annotation(
                x=LABELS[predicted], y=LABELS[truth], text=f"<b>{_percent(share)}</b><br>{n:,}", showarrow=False
            )
    figure.update_xaxes(title_text="Marked by the model as", showgrid=False, side="bottom", zeroline=False)
    figure.update_yaxes(title_text="Outlined by hand as", showgrid=False, autorange="reversed", zeroline=False)
    return figure.update_layout(height=400, margin={"l": 110, "r": 12, "t": 16, "b": 60}, dragmode=False)


def _percent(share: float | None) -> str:
    if share is None:
        return "–"
    if 0 < share < 0.01:
        return "< 0.01 %"
    return f"{share:.2f} %" if 0 < share < 1 or 99 < share < 100 else f"{share:.0f} %"
