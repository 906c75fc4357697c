"""A figure as text and back, with its numbers as arrays again: what reads a figure expects no encoded ones."""

import base64
import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import plotly.io


def text_of(figure: go.Figure) -> str:
    """Return a figure as JSON."""
    return str(plotly.io.to_json(figure, validate=False))


def figure_of(text: str) -> go.Figure:
    """Return the figure of a text that ``text_of`` made.

    Examples
    --------
    >>> figure = go.Figure(go.Scatter(x=np.array([1.0, 2.0]), customdata=np.array([[1.5], [2.5]])))
    >>> figure_of(text_of(figure)).data[0].customdata.tolist()
    [[1.5], [2.5]]
    """
    return go.Figure(json.loads(text, object_hook=_array), _validate=False)


def _array(value: dict[str, Any]) -> Any:
    """Return the array that Plotly wrote as an object of its type and bytes; any other object as it is."""
    if not {"bdata", "dtype"} <= value.keys():
        return value
    flat = np.frombuffer(base64.b64decode(value["bdata"]), np.dtype(value["dtype"]))
    shape = tuple(int(size) for size in str(value["shape"]).split(",")) if "shape" in value else flat.shape
    return flat.reshape(shape)
