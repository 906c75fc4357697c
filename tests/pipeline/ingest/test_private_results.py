"""Who may enter the folder of results."""

import os
import stat
from pathlib import Path

import pytest

from pipeline.ingest.shards import claimed


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_results_are_their_owner_s_alone_from_the_first_moment(tmp_path: Path) -> None:
    out = tmp_path / "store" / "derivatives" / "scans"
    with claimed(out, "scans"):
        folders = (out, out.parent, out.parent.parent)
        assert [stat.S_IMODE(folder.stat().st_mode) for folder in folders] == [0o700] * 3
