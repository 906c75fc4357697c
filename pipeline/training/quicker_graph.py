"""The same network in operators that ONNX Runtime computes sooner; tf2onnx writes what Keras says word by word.

Nearest-neighbour upsampling comes as a chain of reshapes and copies for each axis, which leaves the layout that
convolutions are computed in. A softmax over a few classes is computed pixel by pixel, where plain operators over whole
planes take a fifth of the time.
"""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import onnx

_COPIES = ("Transpose", "Reshape", "Tile", "Unsqueeze")
_CLASSES = 1
"""The axis of classes; tf2onnx puts it there for convolutions."""


def make_quicker(model: "onnx.ModelProto") -> None:
    """Replace upsampling and softmax of a graph, in place; what it gives changes by rounding at most.

    Parameters
    ----------
    model : as tf2onnx writes it
    """
    graph = model.graph
    made = {name: node for node in graph.node for name in node.output}
    constants = {value.name: value for value in graph.initializer}
    nodes = []
    for node in graph.node:
        if node.op_type == "Softmax" and _axis(node) == _CLASSES:  # attention has its own, over the last axis
            nodes += _plain_softmax(node, graph)
        elif found := _upsampling(node, made, constants):
            nodes.append(_resize(node, *found, graph))
        else:
            nodes.append(node)
    needed, kept = {value.name for value in graph.output}, []
    for node in reversed(nodes):
        if needed.intersection(node.output):
            needed.update(node.input)
            kept.append(node)
    weights = [value for value in graph.initializer if value.name in needed]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(reversed(kept))
    graph.initializer.extend(weights)


def _axis(node: "onnx.NodeProto") -> int:
    return next((attribute.i for attribute in node.attribute if attribute.name == "axis"), -1)


def _upsampling(
    last: "onnx.NodeProto", made: dict[str, "onnx.NodeProto"], constants: dict[str, "onnx.TensorProto"]
) -> tuple[str, int] | None:
    """Return what is upsampled and how many times, where a node is the last of a chain that repeats both axes."""
    from onnx import numpy_helper

    if last.op_type != "Transpose":
        return None
    node: onnx.NodeProto | None = last
    factors = []
    while node is not None and node.op_type in _COPIES:
        if node.op_type == "Tile" and node.input[1] in constants:
            factors.append(int(numpy_helper.to_array(constants[node.input[1]]).max()))
        name, node = node.input[0], made.get(node.input[0])
    return (name, factors[0]) if len(factors) == 2 and factors[0] == factors[1] else None


def _resize(last: "onnx.NodeProto", name: str, factor: int, graph: "onnx.GraphProto") -> "onnx.NodeProto":
    from onnx import helper, numpy_helper

    scales = f"{last.output[0]}/scales"
    graph.initializer.append(numpy_helper.from_array(np.array([1, 1, factor, factor], np.float32), scales))
    return helper.make_node(
        "Resize",
        [name, "", scales],
        [last.output[0]],
        mode="nearest",
        coordinate_transformation_mode="asymmetric",
        nearest_mode="floor",
    )


def _plain_softmax(node: "onnx.NodeProto", graph: "onnx.GraphProto") -> list["onnx.NodeProto"]:
    from onnx import helper, numpy_helper

    [logits], [out] = node.input, node.output
    axes, highest, less, powers, total = (f"{out}/{name}" for name in ("axes", "highest", "less", "powers", "total"))
    graph.initializer.append(numpy_helper.from_array(np.array([_CLASSES], np.int64), axes))
    return [
        helper.make_node("ReduceMax", [logits], [highest], axes=[_CLASSES], keepdims=1),
        helper.make_node("Sub", [logits, highest], [less]),
        helper.make_node("Exp", [less], [powers]),
        helper.make_node("ReduceSum", [powers, axes], [total], keepdims=1),
        helper.make_node("Div", [powers, total], [out]),
    ]
