"""Files appear whole or not at all, whatever happens while they are written."""

import json
import os
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from vocabulary import files
from vocabulary.files import (
    copy_sharing_blocks,
    file_sha256,
    is_unfinished,
    joint_sha256,
    json_sha256,
    private_folder,
    read_json,
    sweep,
    whole_file,
    whole_folder,
    write_json,
    write_whole,
)

SHA256_OF_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
"""FIPS 180-4, the example of one block."""


def test_an_error_leaves_the_file_as_it_was_and_nothing_beside_it(tmp_path: Path) -> None:
    path = write_whole(b"before", tmp_path / "a.txt")
    with pytest.raises(RuntimeError), whole_file(path) as unfinished:
        unfinished.write_bytes(b"half of wh")
        raise RuntimeError
    assert path.read_bytes() == b"before"
    assert [file.name for file in tmp_path.iterdir()] == ["a.txt"]


def test_a_folder_is_put_in_place_whole(tmp_path: Path) -> None:
    place = tmp_path / "runs" / "one"
    for content in ("first", "second"):
        with whole_folder(place) as unfinished:
            (unfinished / "table").write_text(content)
            assert not place.exists() or (place / "table").read_text() == "first"
    assert (place / "table").read_text() == "second"
    with pytest.raises(RuntimeError), whole_folder(place) as unfinished:
        raise RuntimeError
    assert (place / "table").read_text() == "second"
    assert [folder.name for folder in place.parent.iterdir()] == ["one"]


def test_what_a_killed_writer_left_is_known_and_swept(tmp_path: Path) -> None:
    code = (
        "import sys, time; from pathlib import Path; from vocabulary.files import whole_file\n"
        "with whole_file(Path(sys.argv[1]), ending='.weights.h5') as unfinished:\n"
        "    unfinished.write_bytes(b'half'); print('written', flush=True); time.sleep(600)\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "epoch-1.weights.h5")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"written\n"
        process.kill()
    [left] = tmp_path.iterdir()
    assert left.name.endswith(".weights.h5")
    assert is_unfinished(left.name)
    write_json({}, tmp_path / "kept.json")
    (tmp_path / ".lock").touch()
    sweep(tmp_path)
    assert sorted(file.name for file in tmp_path.iterdir()) == [".lock", "kept.json"]


def test_threads_that_write_one_file_do_not_meet(tmp_path: Path) -> None:
    path = tmp_path / "state.json"

    def write(number: int) -> None:
        with whole_file(path) as unfinished:
            unfinished.write_text(json.dumps(number))
            time.sleep(0.001)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(64)))
    assert json.loads(path.read_text()) in range(64)
    assert [file.name for file in tmp_path.iterdir()] == ["state.json"]


def test_json_cannot_say_what_is_no_number(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="JSON"):
        write_json({"p": float("nan")}, tmp_path / "a.json")
    assert not list(tmp_path.iterdir())
    assert write_json({"Müller": 1}, tmp_path / "a.json", indent=2).read_text("utf-8") == '{\n  "Müller": 1\n}\n'


@dataclass(frozen=True)
class Inner:
    name: str


@dataclass(frozen=True)
class Outer:
    inners: tuple[Inner, ...]
    size: int | float
    sex: str | None = None


def test_json_becomes_a_dataclass_and_what_does_not_fit_is_named(tmp_path: Path) -> None:
    path = write_json({"inners": [{"name": "a"}], "size": 2, "unknown": 1}, tmp_path / "a.json")
    assert read_json(path, Outer) == Outer((Inner("a"),), 2)
    for text, message in (
        ('{"inners": [{"name": 3}], "size": 1}', r"Expected `str`, got `int` - at `\$.inners\[0\].name`"),
        ('{"inners": []}', "missing required field `size`"),
        ("[]", "Expected `object`, got `array`"),
        ('{"inners": [', "truncated"),
        ("\xff", "utf-8|malformed"),
        ("", "truncated"),
    ):
        path.write_text(text, encoding="latin-1")
        with pytest.raises(ValueError, match=message):
            read_json(path, Outer)
    with pytest.raises(FileNotFoundError):
        read_json(tmp_path / "absent.json", Outer)


def test_digests(tmp_path: Path) -> None:
    assert file_sha256(write_whole(b"abc", tmp_path / "a")) == SHA256_OF_ABC
    assert joint_sha256(["a", "bc"]) == SHA256_OF_ABC
    assert json_sha256({"b": 1, "a": [None]}) == json_sha256({"a": [None], "b": 1})


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_a_private_folder_is_its_owner_s_alone_and_one_that_is_there_stays(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o775)
    private_folder(shared / "results" / "scans")
    private_folder(shared)
    modes = [stat.S_IMODE(path.stat().st_mode) for path in (shared, shared / "results", shared / "results" / "scans")]
    assert modes == [0o775, 0o700, 0o700]
    (shared / "file").touch()
    with pytest.raises(OSError, match="exist"):
        private_folder(shared / "file")


@pytest.mark.skipif(files._fcntl is None, reason="Windows copies")
@pytest.mark.parametrize("can", [True, False])
def test_a_copy_shares_blocks_where_the_file_system_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, can: bool
) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"abc" * 1000)
    target.write_bytes(b"what was there before, and longer than that" * 1000)
    asked: list[int] = []

    def ioctl(copy: int, number: int, original: int) -> int:
        asked.append(number)
        if not can:
            raise OSError(95, "Operation not supported")
        return os.write(copy, b"cloned")

    monkeypatch.setattr(files._fcntl, "ioctl", ioctl)
    copy_sharing_blocks(source, target)
    assert asked == [files._FICLONE]
    assert target.read_bytes() == (b"cloned" if can else source.read_bytes())


def test_a_copy_on_this_file_system_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "source").write_bytes(os.urandom(100_000))
    copy_sharing_blocks(tmp_path / "source", tmp_path / "target")
    assert (tmp_path / "target").read_bytes() == (tmp_path / "source").read_bytes()
