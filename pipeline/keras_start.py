"""Choose the device before Keras is imported, whatever its backend, and say which it is and why."""

import os
from dataclasses import replace

from pipeline.device import Device, find_device
from pipeline.errors import ModelError


def start_keras(asked: str = "auto") -> Device:
    """Choose where networks will run; call it before anything imports Keras.

    Parameters
    ----------
    asked : "cpu", "gpu", or "auto", which takes a graphics card where the backend can use one

    Raises
    ------
    ModelError : Keras or its backend is not installed, or a graphics card is asked for and none can be used.

    Notes
    -----
    Works by environment variables alone, so that no backend is imported here: what the user has set already stays,
    except that "cpu" hides the graphics cards. Graphics memory is taken as needed rather than all at once.
    """
    if asked == "cpu":
        os.environ |= {"CUDA_VISIBLE_DEVICES": "-1", "JAX_PLATFORMS": "cpu"}
    for name, value in (
        ("TF_CPP_MIN_LOG_LEVEL", "2"),  # TensorFlow's notes on the processor are no progress of ours
        ("TF_FORCE_GPU_ALLOW_GROWTH", "true"),
        ("XLA_PYTHON_CLIENT_PREALLOCATE", "false"),
    ):
        os.environ.setdefault(name, value)
    device = find_device()
    if asked == "gpu" and device.kind != "gpu":
        raise ModelError(f"--device gpu: {device.reason}; see mscohort doctor, or leave --device out")
    return replace(device, reason="asked for") if asked == "cpu" else device


def describe(device: Device) -> str:
    """Return the device in words.

    Examples
    --------
    >>> describe(Device("gpu", "NVIDIA H200", "found and usable", "jax", "0.7", "3.15"))
    'NVIDIA H200, jax 0.7'
    """
    name = device.name if device.kind == "gpu" else f"{os.cpu_count()} CPU cores"
    return f"{name}, {device.backend} {device.version}"
