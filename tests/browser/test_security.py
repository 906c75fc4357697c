"""What must never happen: paths and tracebacks on a page, uploads from elsewhere, a download that calls home."""

import http.client
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests import patience
from tests.browser.harness import Tab, open_tab, served

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("pointer", ["nonsense\n", "cohort-000099.duckdb\n"])
def test_damaged_store_shows_neither_path_nor_traceback(
    chromium: Browser, demo_store: Path, tmp_path: Path, pointer: str
) -> None:
    store = tmp_path / "store-of-somebody"
    shutil.copytree(demo_store, store)
    (store / "CURRENT").write_text(pointer)
    with served(store) as url:
        tab = open_tab(chromium, url)
        try:
            tab.go()
            page = tab.page.content()
        finally:
            tab.context.close()
    assert "The store cannot be shown: the store's CURRENT file" in page
    for secret in ("Cloud", "Traceback", str(tmp_path), "store-of-somebody", 'File "', "site-packages"):
        assert secret not in page


def test_downloaded_page_works_without_a_network(tab: Tab, tmp_path: Path) -> None:
    tab.go("compare")
    tab.page.get_by_role("button", name="Download").first.click()
    with tab.page.expect_download() as download:
        tab.page.get_by_role("button", name="HTML", exact=True).click()
    target = tmp_path / "figure.html"
    download.value.save_as(target)
    alone = tab.context.new_page()
    asked: list[str] = []
    alone.on("request", lambda request: asked.append(request.url))
    alone.goto(target.as_uri())
    expect(alone.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []


def test_upload_without_a_token_is_refused(demo_app: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(demo_app).netloc, timeout=patience.SECONDS)
    try:
        connection.request(
            "PUT", "/_stcore/upload_file/somebody/something", body=b"x", headers={"Origin": "http://a.example"}
        )
        assert connection.getresponse().status in (400, 403)
    finally:
        connection.close()


def test_files_of_the_program_are_not_served(demo_app: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(demo_app).netloc, timeout=patience.SECONDS)
    try:
        for path in ("/app/main.py", "/../pyproject.toml", "/static/../../../../pyproject.toml", "/app/static/main.py"):
            connection.request("GET", path)
            body = connection.getresponse().read()
            assert b"import streamlit" not in body
            assert b"[project]" not in body
    finally:
        connection.close()
