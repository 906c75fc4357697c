"""A run in parts: every scan falls to one of them, and together they are what one machine would have made."""

import json
import shutil
from multiprocessing import get_context
from pathlib import Path

import polars as pl
import pytest
from filelock import FileLock

from pipeline.errors import OutputError
from pipeline.ingest.ingest import ingest
from pipeline.ingest.shards import SHARDS, Shard, gather, parse_shard
from pipeline.inputs.discovery import discover
from tests.pipeline.small_scans import prepare_stand_in, write_small_scan
from vocabulary.run_contract import MANIFEST, SCHEMAS

N = 7


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch):
    monkeypatch.setattr("pipeline.ingest.ingest.prepare", prepare_stand_in)


@pytest.fixture(scope="module")
def measured(tmp_path_factory):
    """Return a folder with ``in``, ``whole``, measured at once, and ``parts``, measured in three and not gathered."""
    folder = tmp_path_factory.mktemp("measured")
    for number in range(N):
        write_small_scan(folder / "in" / f"P{number}" / "FLAIR.nii.gz", number)
    (folder / "in" / "P9").mkdir()
    (folder / "in" / "P9" / "FLAIR.nii.gz").write_bytes(b"no image")
    found, refused = discover([folder / "in"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.ingest.ingest.prepare", prepare_stand_in)
        ingest(found, folder / "whole", rejections=refused, workers=1)
        for number in (3, 1, 2):
            ingest(found, folder / "parts", rejections=refused, workers=1, shard=Shard(number, 3))
    return folder


@pytest.fixture
def parts(measured, tmp_path):
    return Path(shutil.copytree(measured / "parts", tmp_path / "parts"))


def tables(run_folder):
    return {name: pl.read_parquet(run_folder / f"{name}.parquet") for name in SCHEMAS}


def manifest(run_folder):
    told = json.loads((run_folder / MANIFEST).read_text())
    return {key: told[key] for key in told if key not in ("started_at", "finished_at")}


def test_every_scan_falls_to_one_part_whatever_other_scans_there_are():
    stems = [f"sub-{number}" for number in range(200)]
    for of in (1, 2, 7):
        parts = [[stem for stem in stems if Shard(number, of).has(stem)] for number in range(1, of + 1)]
        assert sorted(stem for part in parts for stem in part) == sorted(stems)
        assert all(parts)


@pytest.mark.parametrize("text", ["", "3", "0/3", "4/3", "-1/3", "1/0", "1/2/3", "a/b", "1.5/2", "1/999999999", "²/3"])
def test_what_is_no_part(text):
    with pytest.raises(ValueError, match="expected PART/PARTS"):
        parse_shard(text)


def test_three_parts_gathered_are_what_one_machine_measures(measured, parts):
    [whole] = (measured / "whole" / "runs").iterdir()
    run = gather(parts)
    assert run.n_measured == N
    assert run.path.name == whole.name, "the identifier is made of scans, people, method and refusals"
    assert manifest(run.path) == manifest(whole)
    mine, theirs = tables(run.path), tables(whole)
    for name in SCHEMAS:
        assert mine[name].equals(theirs[name]), name
    assert (parts / "participants.tsv").read_text() == (measured / "whole" / "participants.tsv").read_text()


def test_the_files_are_found_where_the_folder_lies_now(parts, tmp_path):
    moved = tmp_path / "elsewhere"
    parts.rename(moved)
    run = gather(moved)
    for folder in pl.read_parquet(run.path / "scan.parquet")["derivatives"]:
        assert (moved / folder).is_dir()


def test_gathering_again_changes_nothing(parts):
    assert tables(gather(parts).path)["measure"].equals(tables(gather(parts).path)["measure"])


def test_a_missing_part_is_named(parts):
    shutil.rmtree(parts / SHARDS / "2-of-3")
    with pytest.raises(OutputError, match="part 2/3 is missing"):
        gather(parts)


def test_parts_of_another_division_or_method_are_not_mixed(parts):
    shutil.copytree(parts / SHARDS / "1-of-3", parts / SHARDS / "1-of-2")
    with pytest.raises(OutputError, match="of 2 and of 3"):
        gather(parts)
    shutil.rmtree(parts / SHARDS / "1-of-2")
    path = parts / SHARDS / "2-of-3" / MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | {"software_version": "9.9"}))
    with pytest.raises(OutputError, match="part 2-of-3 differs from part 1-of-3 in software_version"):
        gather(parts)


def test_a_scan_in_two_parts_is_named(parts):
    shutil.rmtree(parts / SHARDS / "1-of-3")
    shutil.copytree(parts / SHARDS / "2-of-3", parts / SHARDS / "1-of-3")
    with pytest.raises(OutputError, match="was measured by several parts"):
        gather(parts)


def test_a_folder_without_parts(measured):
    with pytest.raises(OutputError, match="holds no parts"):
        gather(measured / "whole")


def hold(path, begun, ended):
    with FileLock(path):
        begun.set()
        ended.wait()


@pytest.mark.parametrize("held", [".lock-2-of-3", ".lock"])
def test_nothing_is_gathered_while_a_part_is_being_measured(parts, held):
    context = get_context("spawn")
    begun, ended = context.Event(), context.Event()
    process = context.Process(target=hold, args=(parts / held, begun, ended))
    process.start()
    begun.wait()
    try:
        with pytest.raises(OutputError, match=r"being measured|is measuring"):
            gather(parts)
    finally:
        ended.set()
        process.join()


def test_parts_are_measured_beside_each_other_and_not_twice(measured, parts):
    found, refused = discover([measured / "in"])
    context = get_context("spawn")
    begun, ended = context.Event(), context.Event()
    process = context.Process(target=hold, args=(parts / ".lock-2-of-3", begun, ended))
    process.start()
    begun.wait()
    try:
        with pytest.raises(OutputError, match="part 2/3 is being measured by another process"):
            ingest(found, parts, rejections=refused, workers=1, shard=Shard(2, 3))
        again = ingest(found, parts, rejections=refused, workers=1, shard=Shard(1, 3))
        assert again.n_measured == 0
        assert again.n_reused == sum(Shard(1, 3).has(scan.stem) for scan in found)
    finally:
        ended.set()
        process.join()
