"""Which device would run the networks, and why: asked in a process of its own, so that nobody else loads TensorFlow."""

import importlib.metadata
import os
import platform
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

from pipeline.errors import ModelError
from vocabulary.files import json_as

LONGEST_S = 3600.0
"""Importing TensorFlow takes 4 s on a quiet machine, minutes on a busy one; only a hung driver takes an hour."""
NOTICE_S = 20.0

_QUESTION = """
import json, keras
backend = keras.backend.backend()
if backend == "tensorflow":
    import tensorflow
    version, built = tensorflow.__version__, tensorflow.test.is_built_with_cuda()
    details = tensorflow.config.experimental.get_device_details
    gpus = [details(gpu).get("device_name", gpu.name) for gpu in tensorflow.config.list_physical_devices("GPU")]
elif backend == "jax":
    import jax
    version, built = jax.__version__, True
    gpus = [device.device_kind for device in jax.devices() if device.platform == "gpu"]
elif backend == "torch":
    import torch
    version, built = torch.__version__, torch.backends.cuda.is_built()
    gpus = [torch.cuda.get_device_name(number) for number in range(torch.cuda.device_count())]
else:
    raise SystemExit(f"KERAS_BACKEND is {backend!r}; expected tensorflow, jax or torch")
said = {"backend": backend, "version": version, "built": built, "gpus": gpus, "keras": keras.__version__}
print("ANSWER" + json.dumps(said))
"""


@dataclass(frozen=True)
class Device:
    """Where networks would run.

    Attributes
    ----------
    kind : "gpu" or "cpu"
    name : of the graphics card, or the processor's architecture
    reason : why this one, for people
    backend, version : what computes, "tensorflow", "jax" or "torch", and its version
    keras : version
    """

    kind: str
    name: str
    reason: str
    backend: str
    version: str
    keras: str


@dataclass(frozen=True)
class _Answer:
    backend: str
    version: str
    built: bool
    gpus: list[str]
    keras: str


def tensorflow_version() -> str | None:
    """Return the version of the TensorFlow that is installed, CPU build or not, without importing it; None: none."""
    return _version("tensorflow") or _version("tensorflow-cpu")


def gpu_build() -> bool:
    """Tell whether NVIDIA's library for networks is installed, which TensorFlow and JAX need to use a card."""
    return any(_version(f"nvidia-cudnn-cu{number}") for number in (12, 13))


def cpu_build() -> Device | None:
    """Return the device where TensorFlow is its CPU build, which nobody need be asked about; else None.

    Whether Keras uses TensorFlow at all is for the caller to check.
    """
    cpu, keras = _version("tensorflow-cpu"), _version("keras")
    if _version("tensorflow") or not cpu or not keras:
        return None
    return Device(*_choose(False, []), "tensorflow", cpu, keras)


def _version(distribution: str) -> str | None:
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def find_device(longest_s: float = LONGEST_S, waiting: Callable[[float], None] | None = None) -> Device:
    """Ask Keras in a process of its own which device it would use.

    Parameters
    ----------
    longest_s : after this many seconds the process is taken to hang
    waiting : called every ``NOTICE_S`` with the seconds so far, so that nobody thinks it hangs before

    Raises
    ------
    ModelError : Keras or its backend is not installed, fails to start, or hangs.
    """
    begun = time.monotonic()
    with subprocess.Popen(
        [sys.executable, "-c", _QUESTION],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        env=os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3"},
    ) as asked:
        try:
            stdout, stderr = _answer(asked, begun, longest_s, waiting)
        finally:
            asked.kill()
    answers = [line.removeprefix("ANSWER") for line in stdout.splitlines() if line.startswith("ANSWER")]
    if asked.returncode != 0 or not answers:
        lines = stderr.strip().splitlines() or [f"exit status {asked.returncode}"]
        raise ModelError(f"the networks cannot run: {lines[-1]}")
    told = json_as(answers[-1], _Answer)
    return Device(*_choose(told.built, told.gpus), told.backend, told.version, told.keras)


def _answer(
    asked: "subprocess.Popen[str]", begun: float, longest_s: float, waiting: Callable[[float], None] | None
) -> tuple[str, str]:
    while True:
        try:
            return asked.communicate(timeout=min(NOTICE_S, longest_s))
        except subprocess.TimeoutExpired as error:
            seconds = time.monotonic() - begun
            if seconds >= longest_s:
                raise ModelError(
                    f"TensorFlow did not start within {longest_s:g} s; does the graphics card's driver answer? "
                    "CUDA_VISIBLE_DEVICES=-1 does without the card"
                ) from error
            if waiting:
                waiting(seconds)


def _choose(built_for_gpu: bool, gpus: list[str]) -> tuple[str, str, str]:
    """Return kind, name and reason.

    Examples
    --------
    >>> _choose(True, ["NVIDIA H200", "NVIDIA H200"])
    ('gpu', 'NVIDIA H200', 'the first of 2 graphics cards found')
    """
    if gpus:
        return "gpu", gpus[0], f"the first of {len(gpus)} graphics cards found" if len(gpus) > 1 else "found and usable"
    processor = platform.machine() or "processor"
    if not built_for_gpu:
        return "cpu", processor, "the TensorFlow installed is the CPU build"
    return "cpu", processor, "no usable NVIDIA graphics card and driver was found"
