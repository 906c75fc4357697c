"""Weights of a network as float16, half the size of what training keeps: how they ship and are loaded again."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from pipeline.errors import ModelError
from vocabulary.files import whole_file

if TYPE_CHECKING:
    import keras


def export_half(network: "keras.Model", path: Path) -> None:
    """Write the weights as float16 arrays in one compressed .npz, in the order of the network's own list.

    The same weights give the same bytes. Rounding moves a probability by about a thousandth.

    Raises
    ------
    ModelError : a weight is not finite, or is too large for float16.
    OSError : the file cannot be written.
    """
    weights = network.get_weights()
    largest = np.finfo(np.float16).max
    if not all((np.abs(weight) <= largest).all() for weight in weights):  # NaN is not, either
        raise ModelError(f"{path.name}: a weight is not finite or too large for float16; the training went astray")
    arrays = {f"{index:04d}": np.asarray(weight, np.float16) for index, weight in enumerate(weights)}
    with whole_file(path) as unfinished, unfinished.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def import_half(network: "keras.Model", path: Path) -> None:
    """Load weights that ``export_half`` wrote.

    Raises
    ------
    ModelError : the file holds the weights of another network.
    """
    with np.load(path, allow_pickle=False) as arrays:
        weights = [arrays[name].astype(np.float32) for name in sorted(arrays.files)]
    try:
        network.set_weights(weights)
    except ValueError as error:
        raise ModelError(f"{path}: not weights of the network {network.name!r}; install the software again") from error
