"""Which device runs the networks: asked of TensorFlow itself, and of stand-ins for what may go wrong."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.errors import ModelError
from pipeline.segmentation import device
from pipeline.segmentation.device import find_device, tensorflow_version


@pytest.mark.slow
def test_this_machine_has_a_device_and_asking_loads_nothing_here() -> None:
    script = (
        "import sys\n"
        "from pipeline.segmentation.device import find_device\n"
        "found = find_device()\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)\n"
        "print(found.kind, found.backend, found.version, found.reason)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    kind, backend, version, reason = done.stdout.strip().split(" ", 3)
    assert kind in ("cpu", "gpu")
    assert (backend, version) == ("tensorflow", tensorflow_version())
    assert reason


@pytest.mark.parametrize(
    ("installed", "known"),
    [({"tensorflow-cpu", "keras"}, True), ({"tensorflow", "tensorflow-cpu", "keras"}, False), ({"keras"}, False)],
)
def test_the_cpu_build_is_known_without_asking(
    monkeypatch: pytest.MonkeyPatch, installed: set[str], known: bool
) -> None:
    def version(name: str) -> str:
        if name not in installed:
            raise device.importlib.metadata.PackageNotFoundError(name)
        return f"1.0-{name}"

    monkeypatch.setattr(device.importlib.metadata, "version", version)
    found = device.cpu_build()
    assert (found is not None) == known
    if found:
        assert (found.kind, found.version, found.keras) == ("cpu", "1.0-tensorflow-cpu", "1.0-keras")
        assert found.reason == "the TensorFlow installed is the CPU build"


def answering(monkeypatch: pytest.MonkeyPatch, question: str) -> None:
    monkeypatch.setattr(device, "_QUESTION", question)


@pytest.mark.parametrize(
    ("built", "gpus", "expected"),
    [
        ("true", '["NVIDIA H200"]', ("gpu", "NVIDIA H200", "found and usable")),
        ("true", "[]", ("cpu", None, "no usable NVIDIA graphics card and driver was found")),
        ("false", "[]", ("cpu", None, "the TensorFlow installed is the CPU build")),
    ],
)
def test_reasons(monkeypatch: pytest.MonkeyPatch, built: str, gpus: str, expected: tuple[str, str | None, str]) -> None:
    said = f'{{"backend": "tensorflow", "version": "2", "keras": "3", "built": {built}, "gpus": {gpus}}}'
    answering(monkeypatch, f"print('chatter'); print('ANSWER{said}')")
    found = find_device()
    assert (found.kind, found.reason) == (expected[0], expected[2])
    assert expected[1] in (None, found.name)


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("import no_such_keras", "No module named 'no_such_keras'"),
        ("import os; os._exit(3)", "exit status 3"),
        ("import os; os.abort()", "exit status"),
        ("pass", "exit status 0"),
    ],
)
def test_failures_are_one_line(monkeypatch: pytest.MonkeyPatch, question: str, message: str) -> None:
    answering(monkeypatch, question)
    with pytest.raises(ModelError, match=message) as caught:
        find_device()
    assert "\n" not in str(caught.value)


def test_what_hangs_is_given_up_and_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    answering(monkeypatch, "import time; time.sleep(600)")
    with pytest.raises(ModelError, match=r"did not start within 0\.2 s.*CUDA_VISIBLE_DEVICES"):
        find_device(longest_s=0.2)


def test_a_slow_start_is_waited_for_and_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    # It answers only once it was told that it is waited for, however fast or slow this machine is.
    told = tmp_path / "told"
    said = '{"backend": "tensorflow", "version": "2", "keras": "3", "built": false, "gpus": []}'
    answering(
        monkeypatch,
        f"import os, time\nwhile not os.path.exists({os.fspath(told)!r}): time.sleep(0.01)\nprint('ANSWER{said}')",
    )
    monkeypatch.setattr(device, "NOTICE_S", 0.05)
    waited: list[float] = []

    def waiting(seconds: float) -> None:
        waited.append(seconds)
        told.touch()

    assert find_device(waiting=waiting).kind == "cpu"
    assert waited


def test_no_tensorflow_has_no_version(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise device.importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(device.importlib.metadata, "version", missing)
    assert tensorflow_version() is None
