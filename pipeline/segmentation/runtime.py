"""What runs the networks: ONNX Runtime on a processor, Keras on a graphics card or where it was asked for.

``MSCOHORT_RUNTIME`` set to ``onnx`` or ``keras`` decides; otherwise ONNX Runtime does, unless a TensorFlow with a
usable NVIDIA card is installed. Both give the same labels.
"""

import importlib.metadata
import os
from collections.abc import Callable
from importlib.util import find_spec

from pipeline.errors import ModelError
from pipeline.segmentation.device import find_device, gpu_build

ONNX, KERAS = "onnx", "keras"
SETTING = "MSCOHORT_RUNTIME"
BACKENDS = ("tensorflow", "jax")


def choose_runtime(waiting: Callable[[float], None] | None = None) -> str:
    """Return ``ONNX`` or ``KERAS``.

    Parameters
    ----------
    waiting : called with the seconds so far while TensorFlow takes long to say which cards there are

    Raises
    ------
    ModelError : neither is installed, or ``MSCOHORT_RUNTIME`` holds another word.
    """
    asked = os.environ.get(SETTING, "")
    if asked:
        if asked not in (ONNX, KERAS):
            raise ModelError(f"{SETTING} is {asked!r}; expected {ONNX} or {KERAS}, or leave it unset")
        return asked
    if not can_segment():
        raise ModelError("nothing that runs networks is installed; install requirements/app.txt (ONNX Runtime)")
    if find_spec("onnxruntime") is None or (gpu_build() and find_device(waiting=waiting).kind == "gpu"):
        return KERAS
    return ONNX


def can_segment() -> bool:
    """Tell whether anything that runs networks is installed, importing none of it."""
    return any(map(find_spec, ("onnxruntime", *BACKENDS)))


def onnxruntime_version() -> str | None:
    """Return the version of ONNX Runtime that is installed, without importing it; None: none."""
    try:
        return importlib.metadata.version("onnxruntime")
    except importlib.metadata.PackageNotFoundError:
        return None


def start_runtime(waiting: Callable[[float], None] | None = None) -> str:
    """Choose what runs the networks and, where it is Keras, import it without its chatter; return which it is."""
    runtime = choose_runtime(waiting)
    if runtime == KERAS:
        from pipeline.segmentation.keras_start import start_keras

        start_keras("auto", waiting)
    return runtime
