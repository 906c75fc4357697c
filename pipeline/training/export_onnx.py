"""A trained network as an ONNX file, checked against Keras; the same weights give the same bytes."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.errors import ModelError
from pipeline.segmentation.onnx_network import OnnxNetwork
from pipeline.training.quicker_graph import make_quicker
from vocabulary.files import whole_file

if TYPE_CHECKING:
    import keras

SAME_WITHIN = 1e-4
"""Largest difference of a probability between the two, of rounding alone; thresholds are whole hundredths."""
_SIDE = 64


def export_onnx(network: "keras.Model", path: Path) -> None:
    """Write a network for ONNX Runtime; this imports tf2onnx, which comes with the extras cpu and gpu.

    Parameters
    ----------
    network : with the weights that ship; of any image size, or of one
    path : the file to write

    Raises
    ------
    ModelError : it cannot be exported here, or does not give what Keras gives.
    OSError : the file cannot be written.
    """
    import keras

    height, width, channels = network.input_shape[1:]
    image = np.random.default_rng(0).normal(size=(2, height or _SIDE, width or _SIDE, channels)).astype(np.float32)
    expected = np.asarray(network.predict_on_batch(image))
    signature = [keras.InputSpec(shape=(None, height, width, channels), dtype="float32", name="slices")]
    with whole_file(path, ending=".onnx") as unfinished:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # tf2onnx looks for names that NumPy no longer has
                network.export(unfinished, format="onnx", verbose=False, input_signature=signature)
                _tidy(unfinished)
        except (ImportError, ValueError, NotImplementedError) as error:
            raise ModelError(
                f"{path.name}: the network cannot be written as ONNX ({error}); install extra 'cpu'"
            ) from (error)
        difference = float(np.abs(OnnxNetwork(unfinished, threads=1).predict_on_batch(image) - expected).max())
        if not difference <= SAME_WITHIN:
            raise ModelError(
                f"{path.name}: ONNX Runtime and Keras differ by {difference:.2g}; expected {SAME_WITHIN:g}"
            )


def _tidy(path: Path) -> None:
    """Make the graph quicker, and number its names in order of use, where they would hold counters of this process."""
    import onnx

    model = onnx.load(path)
    make_quicker(model)
    graph, names = model.graph, dict[str, str]()
    kept = {value.name for value in (*graph.input, *graph.output)}

    def name(old: str) -> str:
        return old if not old or old in kept else names.setdefault(old, f"v{len(names)}")

    for number, node in enumerate(graph.node):
        node.name = f"n{number}"
        node.input[:] = [name(old) for old in node.input]
        node.output[:] = [name(old) for old in node.output]
    for value in graph.initializer:
        value.name = name(value.name)
    weights = sorted(graph.initializer, key=lambda value: value.name)
    del graph.initializer[:], graph.value_info[:]
    graph.initializer.extend(weights)
    for value in (*graph.input, *graph.output):
        for axis, size in enumerate(value.type.tensor_type.shape.dim):
            if size.dim_param:
                size.dim_param = "NHWC"[axis]
    graph.name, graph.doc_string, model.producer_version, model.doc_string = "network", "", "", ""
    del model.metadata_props[:]
    path.write_bytes(model.SerializeToString(deterministic=True))
