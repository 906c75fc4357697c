"""Pages that fail in a real server: in the script, in a button's callback, in a part that is drawn alone."""

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from app.commands.app_command import ROOT, SERVER, command
from tests import patience
from tests.browser.harness import ADDRESS, WITH_TOKEN, free_port, open_tab, wait_for_health

pytestmark = pytest.mark.browser

SCRIPT = """
import streamlit as st

def broken():
    raise ValueError("a row of somebody")

@st.fragment
def part():
    if st.button("part"):
        broken()

st.write("drawn")
st.button("callback", on_click=broken)
if st.button("script"):
    broken()
part()
"""


@pytest.fixture(scope="module")
def failing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Yield the address of a server whose buttons fail, run as `mscohort app` runs the dashboard, and its folder."""
    folder = tmp_path_factory.mktemp("failing")
    (folder / "main.py").write_text(SCRIPT)
    (folder / "server.py").write_text(SERVER.read_text())
    port = free_port()
    words = [os.fspath(folder / "server.py") if word == os.fspath(SERVER) else word for word in command(port)]
    environment = os.environ | WITH_TOKEN | {"MSCOHORT_LOG": os.fspath(folder / "log")}
    with (folder / "stdout").open("w") as out, (folder / "stderr").open("w") as err:
        process = subprocess.Popen(words, cwd=ROOT, env=environment, stdout=out, stderr=err)
        try:
            wait_for_health(f"http://{ADDRESS}:{port}", process)
            yield f"http://{ADDRESS}:{port}", folder
        finally:
            process.terminate()
            process.wait(timeout=patience.SECONDS)


@pytest.mark.parametrize("button", ["script", "callback", "part"])
def test_a_failure_has_a_number_on_the_page_and_a_traceback_in_the_log(
    chromium: Browser, failing: tuple[str, Path], button: str
) -> None:
    url, folder = failing
    tab = open_tab(chromium, url)
    try:
        tab.go()
        tab.page.get_by_role("button", name=button).click()
        told = tab.page.get_by_text("Error number")
        expect(told).to_be_visible()
        number = told.locator("strong").inner_text()
        page = tab.page.content()
        # What every other browser test relies on to notice a page that fails.
        assert any(number in trouble for trouble in tab.failures())
    finally:
        tab.context.close()
    assert "a row of somebody" not in page
    assert "Cloud" not in page
    log = (folder / "log").read_text()
    assert f"error {number}, mscohort" in log
    assert "ValueError: a row of somebody" in log
    stderr = (folder / "stderr").read_text()
    assert f"error {number}; its traceback is in" in stderr
    assert "ValueError: a row of somebody" in stderr
