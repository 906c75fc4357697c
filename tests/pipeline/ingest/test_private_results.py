"""Who may enter the folder of results."""

import os
import stat
from pathlib import Path

import pytest

from pipeline.ingest.ingest import ingest
from pipeline.ingest.shards import claimed
from pipeline.inputs.discovery import discover
from tests.pipeline.small_scans import prepare_stand_in, write_small_scan


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_results_are_their_owner_s_alone_from_the_first_moment(tmp_path: Path) -> None:
    out = tmp_path / "store" / "derivatives" / "scans"
    with claimed(out, "scans"):
        folders = (out, out.parent, out.parent.parent)
        assert [stat.S_IMODE(folder.stat().st_mode) for folder in folders] == [0o700] * 3


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
@pytest.mark.parametrize(("given", "files"), [(None, 0o600), (0o750, 0o640)])
def test_files_of_results_are_for_those_who_may_enter_their_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: int | None, files: int
) -> None:
    monkeypatch.setattr("pipeline.ingest.ingest.prepare", prepare_stand_in)
    out = tmp_path / "out"
    if given is not None:
        out.mkdir(mode=given)
    before = os.umask(0o022)
    try:
        scan = write_small_scan(tmp_path / "in" / "P1" / "FLAIR.nii.gz")
        ingest(discover([scan])[0], out, workers=1)
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)
    found = [path for path in (out, *out.rglob("*")) if not path.name.startswith(".lock")]
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in found}
    assert len(modes) > 20
    wrong = {p.name: oct(modes[p.name]) for p in found if p.is_file() and modes[p.name] != files}
    assert wrong == {}
    assert given or {modes[p.name] for p in found if p.is_dir()} == {0o700}
