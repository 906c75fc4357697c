"""`mscohort bundle`: unpacked elsewhere it makes its answers again, and notices what was changed."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from app import cli
from app.export import can_draw_images

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bundle")
    store = str(folder / "store")
    assert cli.main(["demo", "--subjects", "120", "--scans", "0", "--store", store]) == 0
    out = folder / "women.zip"
    words = [
        "bundle",
        "--pages",
        "compare,zones,lesion-free",
        "--measure",
        "wmh_ratio_pct",
        "--sex",
        "F",
        "--out",
        str(out),
    ]
    assert cli.main([*words, "--store", store]) == 0
    return out


def unpacked(bundle: Path, folder: Path) -> Path:
    with zipfile.ZipFile(bundle) as archive:
        archive.extractall(folder)
    return folder / "women"


def checked(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(folder / "check.py"), sys.executable, "-m", "app.cli"]
    surroundings = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=surroundings)


def test_the_same_answers_come_again(bundle: Path, tmp_path: Path) -> None:
    folder = unpacked(bundle, tmp_path)
    done = checked(folder)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 5 + can_draw_images()
    assert all(line.endswith(": the same") for line in lines)
    assert "compare wmh_ratio_pct --sex F: the same" in lines
    assert any(line.startswith("slides --pages compare,zones,lesion-free ") for line in lines)
    assert ("figures: 6 files: the same" in lines) == can_draw_images()
    slides = json.loads((folder / "answers" / "04-slides.json").read_text(encoding="utf-8"))["slides"]
    zones = next(slide for slide in slides if slide["kind"] == "zones")
    assert "periventricular" in zones["answer"]
    assert (folder / "rebuilt" / "slides.pptx").exists()
    about = json.loads((folder / "data" / "dataset.json").read_text(encoding="utf-8"))
    assert about["filters"] is None


def test_figures_lie_in_it_where_they_can_be_drawn_and_are_checked_with_the_rest(bundle: Path, tmp_path: Path) -> None:
    folder = unpacked(bundle, tmp_path)
    held = sorted(path.name for path in folder.glob("figures/*"))
    stems = ("compare-wmh_ratio_pct", "lesion-free", "zones")
    assert held == ([f"{stem}.{kind}" for stem in stems for kind in ("png", "svg")] if can_draw_images() else [])
    sums = (folder / "SHA256SUMS").read_text(encoding="utf-8")
    assert all(f"figures/{name}" in sums for name in held)
    if held:
        drawn = (folder / "figures" / "compare-wmh_ratio_pct.svg").read_text(encoding="utf-8")
        for told in ("Among women", "95 % CI", "Research use only", "url(data:font"):
            assert told in drawn.replace("\u00a0", " ")


@pytest.mark.skipif(not can_draw_images(), reason="needs a browser to draw figures")
def test_a_changed_figure_is_noticed(bundle: Path, tmp_path: Path) -> None:
    folder = unpacked(bundle, tmp_path)
    figure = folder / "figures" / "zones.svg"
    figure.write_text(figure.read_text(encoding="utf-8").replace("Periventricular", "Ventricular"), encoding="utf-8")
    done = checked(folder)
    assert done.returncode == 1
    assert "changed since the bundle was made: figures/zones.svg" in done.stdout
    assert "figures: 6 files: DIFFERENT" in done.stdout


def test_a_changed_number_is_noticed(bundle: Path, tmp_path: Path) -> None:
    folder = unpacked(bundle, tmp_path)
    answer = folder / "answers" / "02-compare-wmh_ratio_pct.json"
    answer.write_text(answer.read_text(encoding="utf-8").replace('"HC": ', '"HC": 1', 1), encoding="utf-8")
    done = checked(folder)
    assert done.returncode == 1
    assert "changed since the bundle was made: answers/02-compare-wmh_ratio_pct.json" in done.stdout
    assert "compare wmh_ratio_pct --sex F: DIFFERENT" in done.stdout


def test_another_kind_of_file_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["bundle", "--out", str(tmp_path / "b.tar")])
    assert left.value.code == 2
    assert "does not end in .zip" in capsys.readouterr().err
