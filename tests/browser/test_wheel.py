"""The wheel is the product: built, installed away from the checkout, it measures and draws as the checkout does."""

import ast
import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.harness import PAGES, open_tab, served
from vocabulary.measures import RESEARCH_ONLY

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("app", "analysis", "db", "pipeline", "vocabulary")
CARRIED = {"app/.streamlit/config.toml": ".streamlit/config.toml", "app/docs/methods.md": "docs/methods.md"}


@dataclass(frozen=True)
class Installation:
    """A wheel installed into an environment of its own, and a folder outside every checkout to start it in."""

    wheel: Path
    environment: Path
    folder: Path

    @property
    def mscohort(self) -> str:
        return os.fspath(self.environment / ("Scripts" if os.name == "nt" else "bin") / "mscohort")

    @property
    def store(self) -> Path:
        return self.folder / "store"

    def run(self, *words: str) -> dict[str, Any]:
        done = subprocess.run(
            [self.mscohort, *words, "--json"], cwd=self.folder, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer


def repository_files() -> list[str]:
    """Return the files of the repository, as paths from its root."""
    try:
        listing = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=ROOT, capture_output=True, check=True, text=True,
        ).stdout  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs git and a clone of the repository")
    return [name for name in listing.split("\0") if name and (ROOT / name).is_file()]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """Build the wheel from a copy of the repository, by way of the source distribution, and install it."""
    folder = tmp_path_factory.mktemp("wheel")
    checkout, environment, elsewhere = folder / "checkout", folder / "environment", folder / "elsewhere"
    elsewhere.mkdir()
    for name in repository_files():
        target = checkout / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, target)
    _quietly(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder / "dist", checkout)
    # Gone: an installation that reads the checkout it came from must fail.
    shutil.rmtree(checkout)
    [wheel] = (folder / "dist").glob("*.whl")
    _quietly(sys.executable, "-m", "venv", "--without-pip", environment)
    python = environment / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    paths = {"base": os.fspath(environment), "platbase": os.fspath(environment)}
    packages = Path(sysconfig.get_path("purelib", "venv", paths))
    # What the wheel needs is lent by the environment of the tests; its editable installation of ours is not.
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    _quietly(sys.executable, "-m", "pip", "--python", python, "install", "--no-deps", "--no-index", wheel)
    return Installation(wheel, environment, elsewhere)


def _quietly(*words: str | Path) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"


@pytest.fixture(scope="module")
def measured(installed: Installation) -> dict[str, Any]:
    """Build the demonstration with one scan; return the command's answer."""
    return installed.run("demo", "--subjects", "400", "--scans", "1", "--store", os.fspath(installed.store))


def test_the_wheel_holds_every_file_of_the_packages_and_nothing_else(installed: Installation) -> None:
    with zipfile.ZipFile(installed.wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
        for name, source in CARRIED.items():
            assert archive.read(name) == (ROOT / source).read_bytes()
    ours = {name for name in repository_files() if name.split("/")[0] in PACKAGES}
    assert held - ours == set(CARRIED)
    assert ours - held == set()


def test_the_wheel_asks_for_what_the_requirements_name(installed: Installation) -> None:
    with zipfile.ZipFile(installed.wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
        lines = archive.read(name).decode().splitlines()
    named = {line.removeprefix("Requires-Dist: ").partition(";")[0].strip() for line in lines if "extra ==" not in line
             and line.startswith("Requires-Dist: ")}  # fmt: skip
    requirements = (ROOT / "requirements" / "app.in").read_text(encoding="utf-8").splitlines()
    assert named == {line for line in requirements if line and not line.startswith("#")}
    extras = {line.removeprefix("Provides-Extra: ") for line in lines if line.startswith("Provides-Extra: ")}
    assert extras == set(_dynamic()) and "cpu" in extras


def _dynamic() -> dict[str, Any]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras: dict[str, Any] = settings["tool"]["setuptools"]["dynamic"]["optional-dependencies"]
    return extras


def test_its_own_code_runs(installed: Installation) -> None:
    answer = installed.run("doctor", "--store", os.fspath(installed.store))
    assert answer
    python = Path(installed.mscohort).with_name("python")
    script = "import app, pipeline, vocabulary; print(app.__file__, pipeline.__file__, vocabulary.__file__)"
    done = subprocess.run([python, "-c", script], cwd=installed.folder, capture_output=True, text=True, check=True)
    assert all(path.startswith(os.fspath(installed.environment)) for path in done.stdout.split())


def test_demonstration_scans_are_measured(measured: dict[str, Any]) -> None:
    assert measured["changed"] is True
    assert "scans" in json.dumps(measured)


def test_a_reference_scan_is_segmented(installed: Installation, reference: Path) -> None:
    [scan, *_] = sorted(reference.glob("**/*FLAIR*.nii.gz"))
    answer = installed.run("segment", os.fspath(scan), "--out", os.fspath(installed.folder / "results"))
    assert Path(answer["labels"]).is_file()
    assert answer["measures"]["ventricle_volume_ml"] > 0


@pytest.mark.browser
def test_every_page_is_drawn_in_its_theme(installed: Installation, measured: dict[str, Any], chromium: Browser) -> None:
    theme = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]["light"]
    # With Streamlit's "magic" on, a string that explains a constant becomes a sentence on every page.
    tree = ast.parse((ROOT / "app" / "main.py").read_text(encoding="utf-8"))
    lone = [
        node.value.value for node in tree.body if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ]
    explanations = [text for text in lone[1:] if isinstance(text, str)]
    assert explanations
    with served(installed.store, (installed.mscohort,), installed.folder) as url:
        tab = open_tab(chromium, url)
        for path in PAGES:
            tab.go(path)
            assert tab.failures() == [], path
            shown = tab.page.locator("[data-testid=stMain]").inner_text()
            assert RESEARCH_ONLY in shown, path
            assert [text for text in explanations if text in shown] == [], path
            colour = tab.page.locator("[data-testid=stApp]").evaluate("app => getComputedStyle(app).color")
            assert colour == _rgb(theme["textColor"]), path
        tab.context.close()


def _rgb(colour: str) -> str:
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgb({red}, {green}, {blue})"
