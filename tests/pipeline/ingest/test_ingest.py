"""Many scans: measured once, taken up again, refused one by one; a folder that holds one run at a time."""

import errno
import json
import os
import shutil
import signal
from dataclasses import replace

import polars as pl
import pytest
from filelock import FileLock

from pipeline.errors import ModelError, OutputError, RecipeError
from pipeline.ingest import scan_worker
from pipeline.ingest.ingest import default_workers, ingest
from pipeline.inputs.discovery import Rejection, discover
from tests.pipeline.small_scans import prepare_stand_in, write_small_scan
from vocabulary.files import is_unfinished, write_whole


def prepare_to_die_on_p1(*arguments):
    measure = prepare_stand_in(*arguments)

    def task(scan):
        if scan.subject_id == "P1":
            os.kill(os.getpid(), signal.SIGKILL)
        return measure(scan)

    return task


def prepare_for_a_full_disk(*arguments):
    def no_space(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device", "labels.nii.gz")

    measure = prepare_stand_in(*arguments)
    scan_worker.write_derivatives = no_space
    return measure


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch):
    monkeypatch.setattr("pipeline.ingest.ingest.prepare", prepare_stand_in)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Return a folder with three scans in ``in`` and their results in ``out``."""
    folder = tmp_path_factory.mktemp("finished")
    for number in range(3):
        write_small_scan(folder / "in" / f"P{number}" / "FLAIR.nii.gz", number)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.ingest.ingest.prepare", prepare_stand_in)
        ingest(discover([folder / "in"])[0], folder / "out", workers=1)
    return folder


@pytest.fixture
def scans(tmp_path, finished):
    """Return three scans nobody has measured into ``tmp_path / "out"``."""
    shutil.copytree(finished / "in", tmp_path / "in")
    found, rejections = discover([tmp_path / "in"])
    assert rejections == []
    return found


@pytest.fixture
def out(tmp_path, finished):
    """Return a folder into which they were measured."""
    shutil.copytree(finished / "out", tmp_path / "out")
    return tmp_path / "out"


def _files(out):
    return {
        path.relative_to(out): path.read_bytes() for path in out.rglob("*") if path.is_file() and path.name != ".lock"
    }


def test_scans_become_files_records_and_tables(tmp_path, scans):
    out, seen = tmp_path / "out", []
    refused = [Rejection("x.txt", "no scan")]
    people = [replace(scans[0], group="MS", sex="F", age_years=44.0), *scans[1:]]
    run = ingest(people, out, rejections=refused, dataset="mine", workers=2, progress=seen.append)
    assert (run.n_measured, run.n_reused, run.rejections) == (3, 0, tuple(refused))
    assert [(now.done, now.total) for now in seen] == [(1, 4), (2, 4), (3, 4), (4, 4)]
    assert seen[-1].seconds_left == 0
    scan = pl.read_parquet(run.path / "scan.parquet")
    assert scan["stem"].to_list() == ["sub-P0", "sub-P1", "sub-P2"]
    first = scan.row(0, named=True)
    assert (first["group"], first["sex"], first["age_years"], first["file_name"]) == ("MS", "F", 44.0, "FLAIR.nii.gz")
    assert (first["n_slices"], round(first["pixel_mm_x"], 3), round(first["slice_spacing_mm"], 3)) == (6, 0.9, 7.0)
    assert first["derivatives"] == "sub-P0/anat"
    assert {path.name for path in (out / "sub-P0" / "anat").iterdir()} >= {
        "sub-P0_desc-tissue_dseg.nii.gz",
        "sub-P0_desc-zones_dseg.nii.gz",
        "sub-P0_desc-tissue_dseg.json",
    }
    measure, lesion = (pl.read_parquet(run.path / f"{name}.parquet") for name in ("measure", "lesion"))
    by_stem = lesion.group_by("stem").agg(pl.col("area_mm2").sum()).sort("stem")
    assert by_stem["area_mm2"].to_list() == pytest.approx(measure["wmh_area_mm2"].to_list())
    manifest = json.loads((run.path / "manifest.json").read_text())
    assert (manifest["dataset_id"], manifest["n_accepted"], manifest["n_rejected"]) == ("mine", 3, 1)
    sidecar = json.loads((out / "sub-P0" / "anat" / "sub-P0_desc-tissue_dseg.json").read_text())
    assert (sidecar["SourceSHA256"], sidecar["Sources"]) == (first["source_sha256"], ["FLAIR.nii.gz"])


def test_a_second_run_measures_nothing_and_changes_no_byte(scans, out):
    first = ingest(scans, out)
    before = _files(out)
    second = ingest(scans, out)
    after = _files(out)
    assert (second.n_measured, second.n_reused, second.run_id) == (0, 3, first.run_id)
    assert {name for name in before | after if before.get(name) != after.get(name)} <= {
        second.path.relative_to(out) / "manifest.json"  # it holds the time
    }


def test_damaged_results_are_measured_again(scans, out):
    labels = out / "sub-P0" / "anat" / "sub-P0_desc-tissue_dseg.nii.gz"
    whole = labels.read_bytes()
    labels.write_bytes(whole[:-9])
    (out / "sub-P1" / "anat" / "sub-P1_desc-zones_dseg.nii.gz").unlink()
    (out / "records" / "sub-P2.json").write_text("{")
    again = ingest(scans, out, workers=1)
    assert (again.n_measured, again.n_reused) == (3, 0)
    assert labels.read_bytes() == whole


def test_another_rule_or_image_is_measured_anew(tmp_path, scans, out):
    assert ingest(scans, out, rule_name="contact", workers=1).n_measured == 3
    write_small_scan(scans[0].path, 77)
    changed, _ = discover([tmp_path / "in"])
    unasked = ingest(changed, out, rule_name="contact", workers=1)
    assert (unasked.n_measured, unasked.n_reused) == (0, 2)
    [refused] = unasked.rejections
    assert f"is another image than {scans[0].path}" in refused.reason
    assert "--replace" in refused.reason
    again = ingest(changed, out, rule_name="contact", workers=1, replace=True)
    assert (again.n_measured, again.n_reused) == (1, 2)


def test_an_image_measured_before_under_another_name_is_refused(tmp_path, scans, out):
    write_small_scan(tmp_path / "later" / "Q" / "FLAIR.nii.gz", 1)
    run = ingest(discover([tmp_path / "later"])[0], out)
    assert run.n_scans == 0
    assert "holds the same image as sub-P1, measured before" in run.rejections[0].reason


def test_a_scan_that_changes_while_it_is_measured_is_refused(tmp_path, scans):
    write_small_scan(scans[0].path, 88)
    run = ingest(scans, tmp_path / "out", workers=1)
    assert run.n_measured == 2
    assert run.rejections[0].reason == "it changed while it was being read; run again"


def test_a_worker_that_dies_costs_one_scan(tmp_path, scans, monkeypatch):
    monkeypatch.setattr("pipeline.ingest.ingest.prepare", prepare_to_die_on_p1)
    run = ingest(scans, tmp_path / "out", workers=1)
    assert run.n_measured == 2
    assert [rejection.input for rejection in run.rejections] == [str(scans[1].path)]
    assert "lack of memory" in run.rejections[0].reason
    monkeypatch.setattr("pipeline.ingest.ingest.prepare", prepare_stand_in)
    again = ingest(scans, tmp_path / "out")
    assert (again.n_measured, again.n_reused, again.rejections) == (1, 2, ())


def test_a_full_disk_ends_the_run(tmp_path, scans, monkeypatch):
    monkeypatch.setattr("pipeline.ingest.ingest.prepare", prepare_for_a_full_disk)
    with pytest.raises(OutputError, match=r"No space left on device.*run the same command again"):
        ingest(scans, tmp_path / "out", workers=1)


def test_a_folder_that_cannot_be_is_refused(tmp_path, scans):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        ingest(scans, tmp_path / "file" / "out")


def test_the_results_of_another_dataset_are_safe(scans, out):
    with pytest.raises(OutputError, match="holds the results of dataset 'scans', not of 'b'"):
        ingest(scans, out, dataset="b")


def test_a_folder_of_other_things_is_refused(tmp_path, scans):
    with pytest.raises(OutputError, match="holds other things"):
        ingest(scans, tmp_path / "in")


def test_two_runs_do_not_share_a_folder(tmp_path, scans):
    (tmp_path / "out").mkdir()
    with FileLock(tmp_path / "out" / ".lock"), pytest.raises(OutputError, match="another run"):
        ingest(scans, tmp_path / "out")


def test_what_a_killed_run_left_half_done_is_cleared(scans, out):
    ingest(scans, out)
    before = set(_files(out))
    left = [
        out / ".dataset_description.json.4",
        out / "records" / ".sub-P0.json.17",
        out / "sub-P0" / "anat" / ".sub-P0_desc-tissue_dseg.nii.gz.17",
        out / "runs" / ".ingest-0123.17" / "scan.parquet",
    ]
    for path in left:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"half")
    ingest(scans, out)
    assert set(_files(out)) == before


def test_files_being_written_are_named_as_what_is_cleared(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(type(tmp_path), "replace", lambda path, _: seen.append(path.name))
    write_whole(b"", tmp_path / "sub-1_desc-brain_mask.nii.gz")
    assert is_unfinished(seen[0])


def test_unknown_models_and_rules_are_refused_before_anything_is_written(tmp_path, scans):
    with pytest.raises(ModelError, match="unknown"):
        ingest(scans, tmp_path / "out", "no-such-model")
    with pytest.raises(RecipeError, match="no zone rule"):
        ingest(scans, tmp_path / "out", rule_name="no-such-rule")
    assert not (tmp_path / "out").exists()


def test_workers_suit_the_machine():
    assert 1 <= default_workers() <= (os.cpu_count() or 1)
