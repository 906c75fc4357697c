"""A page that fails tells its number, and the log tells the rest."""

import os
import stat
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.error_log import error_number, log_path
from tests import patience
from vocabulary.measures import RESEARCH_ONLY

SECRET = "/scans of Ann"


def failed(monkeypatch: pytest.MonkeyPatch, log: Path, kind: str = "ValueError") -> AppTest:
    """Return a page on which an error was met, with the log at ``log``."""
    monkeypatch.setenv("MSCOHORT_LOG", os.fspath(log))
    script = (
        "from app.page_errors import page_failed\n"
        "from db.errors import StoreDamaged\n"
        "def draw():\n"
        f"    raise {kind}({SECRET!r})\n"
        "try:\n"
        "    draw()\n"
        "except Exception as error:\n"
        "    assert page_failed(error)\n"
    )
    page = AppTest.from_string(script, default_timeout=patience.SECONDS).run()
    assert not page.exception
    return page


def test_the_page_has_the_number_and_the_log_the_rest(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    log = tmp_path / "logs" / "dashboard.log"
    page = failed(monkeypatch, log)
    shown = page.error[0].value + page.markdown[0].value
    number = shown.partition("**")[2].partition("**")[0]
    assert len(number) == 8
    assert "mscohort doctor" in shown
    assert SECRET not in shown
    assert "loud" not in shown
    assert RESEARCH_ONLY in page.get("html")[0].proto.body
    text = log.read_text()
    assert f"error {number}, mscohort" in text
    assert f"ValueError: {SECRET}" in text
    assert "in draw" in text
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


def test_the_same_fault_has_the_same_number(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first, second, other = (
        failed(monkeypatch, tmp_path / "log", kind).markdown[0].value
        for kind in ("ValueError", "ValueError", "KeyError")
    )
    assert first == second
    assert other != first
    assert (tmp_path / "log").read_text().count("Traceback") == 3


def test_the_store_speaks_for_itself_without_its_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MSCOHORT_STORE", SECRET)
    page = failed(monkeypatch, tmp_path / "log", "StoreDamaged")
    assert page.error[0].value == "The store cannot be shown: its folder."


def test_a_log_that_cannot_be_written_leaves_the_traceback_on_stderr(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("no folder")
    page = failed(monkeypatch, tmp_path / "file" / "log")
    assert "the terminal that runs the dashboard" in page.markdown[0].value
    told = capfd.readouterr().err
    assert "cannot be written (" in told
    assert f"ValueError: {SECRET}" in told


def test_the_log_is_where_the_variable_says_or_the_users_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MSCOHORT_LOG", os.fspath(tmp_path / "here"))
    assert log_path() == tmp_path / "here"
    monkeypatch.delenv("MSCOHORT_LOG")
    assert log_path().name == "dashboard.log"
    assert "mscohort" in log_path().parts


def test_an_error_that_was_never_raised_has_a_number() -> None:
    assert error_number(ValueError()) != error_number(KeyError())
