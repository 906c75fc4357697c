"""The documentation keeps up with the program: every command, page and measure is in it."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from app.cli import COMMANDS, build_parser
from vocabulary.measures import MEASURES

ROOT = Path(__file__).resolve().parents[1]
GUIDE = ROOT / "docs" / "user-guide.md"
METHODS = ROOT / "docs" / "methods.md"
MAP = ROOT / "ARCHITECTURE.md"


def page_titles() -> list[str]:
    # Read, not imported: importing the page list draws the dashboard.
    tree = ast.parse((ROOT / "app" / "main.py").read_text(encoding="utf-8"))
    assigned = [node for node in tree.body if isinstance(node, ast.Assign)]
    [pages] = [node.value for node in assigned if ast.unparse(node.targets[0]) == "PAGES"]
    return [title for titles in ast.literal_eval(pages).values() for title in titles]


@pytest.mark.parametrize("command", COMMANDS)
def test_user_guide_explains_command(command: str) -> None:
    assert f"mscohort {command}" in GUIDE.read_text(encoding="utf-8")


@pytest.mark.parametrize("command", COMMANDS)
def test_user_guide_names_every_option(command: str) -> None:
    text = GUIDE.read_text(encoding="utf-8")
    help_text = build_parser(command)._subparsers._group_actions[0].choices[command].format_help()  # type: ignore[union-attr,index]
    options = set(re.findall(r"--[a-z][a-z-]+", help_text))
    assert {"--json", "--store"} <= options
    assert sorted(option for option in options if option not in text) == []


def test_readme_says_what_every_page_answers() -> None:
    cells = [
        line.split("|")[1]
        for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith("| ")
    ]
    named = {title.strip() for cell in cells for title in cell.split(",")}
    assert set(page_titles()) <= named


@pytest.mark.parametrize("title", page_titles())
def test_user_guide_explains_page(title: str) -> None:
    assert re.search(rf"^#+ {re.escape(title)}$", GUIDE.read_text(encoding="utf-8"), flags=re.MULTILINE)


@pytest.mark.parametrize("measure", MEASURES)
def test_methods_define_measure(measure: str) -> None:
    assert f"`{measure}`" in METHODS.read_text(encoding="utf-8")


@pytest.mark.parametrize("document", [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")], ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text(encoding="utf-8"))
    broken = [t for t in targets if "://" not in t and not (document.parent / t).exists()]
    assert broken == []


def repository_folders() -> list[str]:
    """Return every folder that holds a file of the repository, as a path from its root."""
    files = [Path(name) for name in git("ls-files", "--cached", "--others", "--exclude-standard", "-z").split("\0")]
    held = [path for path in files if (ROOT / path).is_file()]
    return sorted({parent.as_posix() for path in held for parent in path.parents} - {"."})


def git(*words: str) -> str:
    try:
        return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs git and a clone of the repository")


def names_its_place_by_itself(folder: str) -> bool:
    """Tell whether a folder is a mirror of one that is named, or a model or a training in the folder of these."""
    mirrored = folder.removeprefix("tests/")
    return (mirrored != folder and (ROOT / mirrored).is_dir()) or folder.startswith(
        ("pipeline/models/", "benchmarks/folds/")
    )


def test_the_map_names_every_folder() -> None:
    named = set(re.findall(r"`([\w./-]+)/`", MAP.read_text(encoding="utf-8")))
    folders = [folder for folder in repository_folders() if not names_its_place_by_itself(folder)]
    assert [folder for folder in folders if folder not in named] == [], "give it a line in ARCHITECTURE.md"


@pytest.mark.parametrize(
    "document", [MAP, *sorted((ROOT / "docs" / "decisions").glob("*.md"))], ids=lambda path: path.name
)
def test_paths_that_the_map_names_exist(document: Path) -> None:
    tops = {path.name for path in ROOT.iterdir() if path.is_dir()}
    named = re.findall(r"`([\w.-]+/[\w./-]*)`", document.read_text(encoding="utf-8"))
    assert [path for path in named if path.split("/")[0] in tops and not (ROOT / path).exists()] == []


def test_folders_are_three_levels_deep_at_most() -> None:
    assert [folder for folder in repository_folders() if folder.count("/") > 3] == []


def test_decisions_are_listed_and_short() -> None:
    folder = ROOT / "docs" / "decisions"
    overview = (folder / "README.md").read_text(encoding="utf-8")
    decisions = [path for path in folder.glob("*.md") if path.name != "README.md"]
    assert decisions
    assert [path.name for path in decisions if f"({path.name})" not in overview] == []
    assert [path.name for path in decisions if len(path.read_text(encoding="utf-8").splitlines()) > 20] == []


def test_contributing_explains_every_marker_and_target() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    markers = [marker.partition(":")[0] for marker in settings["tool"]["pytest"]["ini_options"]["markers"]]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):.*## ", makefile, flags=re.MULTILINE)) - {"help", "clean"}
    assert {"run", "test", "lint"} <= targets
    assert [marker for marker in markers if f"`{marker}`" not in text] == []
    assert [target for target in sorted(targets) if f"`make {target}`" not in text] == []


def test_hooks_check_what_lint_checks() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    lint = re.search(r"^lint:.*\n((?:\t.*\n)+)", makefile, flags=re.MULTILINE)
    assert lint is not None
    checks = [line.strip().removeprefix("@").replace("$(BIN)", ".venv/bin") for line in lint[1].splitlines()]
    entries = [re.sub(r"^sh -c '(.*)'$", r"\1", entry) for entry in re.findall(r"entry: (.*)", hooks)]
    assert entries == checks
    # Local hooks only, so that no commit waits for a network.
    assert re.findall(r"repo: (.*)", hooks) == ["local"]
    assert set(re.findall(r"language: (.*)", hooks)) == {"system"}


def test_changelog_has_a_heading_for_this_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    headings = re.findall(r"^## (.*)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert project["version"] in [heading.partition(" ")[0] for heading in headings]
