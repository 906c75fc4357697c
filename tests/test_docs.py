"""The documentation keeps up with the program: every command, page and measure is in it."""

import ast
import re
from pathlib import Path

import pytest

from app.cli import COMMANDS, build_parser
from vocabulary.measures import MEASURES

ROOT = Path(__file__).resolve().parents[1]
GUIDE = ROOT / "docs" / "user-guide.md"
METHODS = ROOT / "docs" / "methods.md"


def page_titles() -> list[str]:
    # Read, not imported: importing the page list draws the dashboard.
    tree = ast.parse((ROOT / "app" / "main.py").read_text(encoding="utf-8"))
    assigned = [node for node in tree.body if isinstance(node, ast.Assign)]
    [pages] = [node.value for node in assigned if ast.unparse(node.targets[0]) == "PAGES"]
    assert isinstance(pages, ast.Dict)
    return [key.value for key in pages.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]


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


@pytest.mark.parametrize("title", page_titles())
def test_user_guide_explains_page(title: str) -> None:
    assert re.search(rf"^#+ {re.escape(title)}$", GUIDE.read_text(encoding="utf-8"), flags=re.MULTILINE)


@pytest.mark.parametrize("measure", MEASURES)
def test_methods_define_measure(measure: str) -> None:
    assert f"`{measure}`" in METHODS.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["README.md", "docs/user-guide.md", "docs/methods.md"])
def test_links_between_documents_lead_somewhere(name: str) -> None:
    document = ROOT / name
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text(encoding="utf-8"))
    broken = [t for t in targets if "://" not in t and not (document.parent / t).exists()]
    assert broken == []
