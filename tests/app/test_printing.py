"""Answers on other outputs: Windows' and ASCII encodings, a full disk, a user without a home."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_HOMES = ("HOME", "MSCOHORT_STORE", "XDG_DATA_HOME")


def _mscohort(
    *words: str, stdout: int | None = subprocess.PIPE, **variables: str
) -> "subprocess.CompletedProcess[bytes]":
    command = [sys.executable, "-m", "app.cli", *words]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **variables}, stdout=stdout, stderr=subprocess.PIPE, check=False
    )


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_a_terminal_without_the_sign_has_another_one(demo_store: Path, encoding: str) -> None:
    words = ("correlate", "age_years", "ventricle_ratio_pct", "--store", os.fspath(demo_store))
    done = _mscohort(*words, PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert (done.returncode, done.stderr) == (0, b"")
    said = done.stdout.decode(encoding)
    assert said.encode("ascii", "replace").count(b"?") == said.count("?")
    done = _mscohort(*words, "--json", PYTHONIOENCODING=encoding, PYTHONUTF8="0")
    assert json.loads(done.stdout.decode(encoding))["method"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize("words", [("store", "list"), ("--version",), ("compare", "--help")])
def test_a_full_disk_is_one_line(demo_store: Path, words: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = _mscohort(*words, stdout=full.fileno(), MSCOHORT_STORE=os.fspath(demo_store))
    assert done.returncode == 1
    [line] = done.stderr.decode().splitlines()
    assert "the answer cannot be written (No space left on device)" in line


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0 or not shutil.which("setpriv"), reason="needs root")
def test_a_user_without_a_home_is_asked_for_a_folder(demo_store: Path) -> None:
    # The capability lets the other user read an installation that is not theirs.
    may_read = ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"]
    words = ["setpriv", "--reuid", "54321", "--clear-groups", *may_read, sys.executable, "-B", "-m", "app.cli"]
    variables = {key: value for key, value in os.environ.items() if key not in _HOMES}
    command = [*words, "store", "list"]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    if done.stderr.startswith("setpriv"):
        pytest.skip("no right to hand on")
    assert done.returncode == 1
    assert "--store or MSCOHORT_STORE" in done.stderr
    assert done.stderr.count("\n") == 1
    command = [*words, "doctor", "--json", "--store", os.fspath(demo_store)]
    done = subprocess.run(command, cwd=ROOT, env=variables, capture_output=True, text=True, check=False)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
