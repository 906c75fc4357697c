"""What a process may use: a container's limits go before the machine's."""

from pathlib import Path

import pytest

from pipeline import machine
from pipeline.ingest.ingest import WORKER_BYTES, default_workers


def _say(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, said in files.items():
        (folder / name.replace("__", ".")).write_text(said)
    return folder


def test_version_2(tmp_path: Path) -> None:
    groups = _say(tmp_path, memory__max="1000000\n", cpu__max="50000 100000\n")
    assert (machine.memory_bytes(groups), machine.cores(groups)) == (1_000_000, 1)


def test_version_1(tmp_path: Path) -> None:
    _say(tmp_path / "memory", memory__limit_in_bytes="2000000\n")
    _say(tmp_path / "cpu", cpu__cfs_quota_us="100000\n", cpu__cfs_period_us="100000\n")
    assert (machine.memory_bytes(tmp_path), machine.cores(tmp_path)) == (2_000_000, 1)


@pytest.mark.parametrize("said", ["max\n", "9223372036854771712\n", "", "nonsense"])
def test_no_limit_is_the_machine(tmp_path: Path, said: str) -> None:
    free = machine.memory_bytes(tmp_path / "absent")
    groups = _say(tmp_path, memory__max=said, memory__limit_in_bytes=said, cpu__max="max 100000\n")
    assert machine.memory_bytes(groups) == free
    assert machine.cores(groups) == machine.cores(tmp_path / "absent")


def test_workers_fit_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.ingest.ingest.cores", lambda: 8)
    for memory, workers in ((WORKER_BYTES // 2, 1), (3 * WORKER_BYTES + 1, 3), (None, 8)):
        monkeypatch.setattr("pipeline.ingest.ingest.memory_bytes", lambda memory=memory: memory)
        assert default_workers() == workers
