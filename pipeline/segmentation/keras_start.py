"""Choose the device, whatever Keras's backend, say which it is and why, and import Keras without its chatter."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from pipeline.errors import ModelError
from pipeline.segmentation.device import Device, cpu_build, find_device


def start_keras(asked: str = "auto", waiting: Callable[[float], None] | None = None) -> Device:
    """Choose where networks will run and import Keras; call it before anything else does.

    Parameters
    ----------
    asked : "cpu", "gpu", or "auto", which takes a graphics card where the backend can use one
    waiting : called with the seconds so far while TensorFlow takes long to say which cards there are

    Raises
    ------
    ModelError : Keras or its backend is not installed, or a graphics card is asked for and none can be used.

    Notes
    -----
    The device is chosen by environment variables: what the user has set already stays, except that "cpu" hides the
    graphics cards. Graphics memory is taken as needed rather than all at once.
    """
    if asked == "cpu":
        os.environ |= {"CUDA_VISIBLE_DEVICES": "-1", "JAX_PLATFORMS": "cpu"}
    for name, value in (
        ("TF_CPP_MIN_LOG_LEVEL", "2"),  # TensorFlow's notes on the processor are no progress of ours
        ("TF_FORCE_GPU_ALLOW_GROWTH", "true"),
        ("XLA_PYTHON_CLIENT_PREALLOCATE", "false"),
    ):
        os.environ.setdefault(name, value)
    # Asking imports TensorFlow in another process, which takes as long as it does here.
    known = cpu_build()
    device = known or find_device(waiting=waiting)
    with _silent_stderr():
        import keras
    if known and keras.backend.backend() != known.backend:
        device = find_device(waiting=waiting)
    if asked == "gpu" and device.kind != "gpu":
        raise ModelError(f"--device gpu: {device.reason}; see mscohort doctor, or leave --device out")
    return replace(device, reason="asked for") if asked == "cpu" else device


@contextmanager
def _silent_stderr() -> Iterator[None]:
    """Drop what libraries write to stderr: on import, TensorFlow notes there what no setting of its own turns off."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def describe(device: Device) -> str:
    """Return the device in words.

    Examples
    --------
    >>> describe(Device("gpu", "NVIDIA H200", "found and usable", "jax", "0.7", "3.15"))
    'NVIDIA H200, jax 0.7'
    """
    name = device.name if device.kind == "gpu" else f"{os.cpu_count()} CPU cores"
    return f"{name}, {device.backend} {device.version}"
