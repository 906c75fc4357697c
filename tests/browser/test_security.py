"""What must never happen: paths and tracebacks on a page, uploads from elsewhere, a download that calls home."""

import http.client
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from tests import patience
from tests.browser.harness import BEARER, Tab, let_in, open_tab, served

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
            "PUT",
            "/_stcore/upload_file/somebody/something",
            body=b"x",
            headers={**BEARER, "Origin": "http://a.example"},
        )
        assert connection.getresponse().status in (400, 403)
    finally:
        connection.close()


def test_files_of_the_program_are_not_served(demo_app: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(demo_app).netloc, timeout=patience.SECONDS)
    try:
        for path in ("/app/main.py", "/../pyproject.toml", "/static/../../../../pyproject.toml", "/app/static/main.py"):
            connection.request("GET", path, headers=BEARER)
            body = connection.getresponse().read()
            assert b"import streamlit" not in body
            assert b"[project]" not in body
    finally:
        connection.close()


def test_another_site_cannot_show_the_dashboard_in_a_frame(chromium: Browser, demo_app: str, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text(f'<h1>Win a prize</h1><iframe src="{demo_app}/"></iframe>')
    with other_site(tmp_path) as site:
        context = chromium.new_context()
        let_in(context, demo_app)
        try:
            page = context.new_page()
            refused: list[str] = []
            page.on("console", lambda message: refused.append(message.text))
            page.goto(site, wait_until="load")
            [frame] = [frame for frame in page.frames if frame != page.main_frame]
            expect(page.locator("iframe")).to_be_visible()
            assert frame.locator("[data-testid=stApp]").count() == 0
            assert any("frame-ancestors" in text for text in refused), refused
        finally:
            context.close()


def test_another_site_can_neither_talk_to_the_dashboard_nor_show_its_files(
    chromium: Browser, demo_app: str, tmp_path: Path
) -> None:
    (tmp_path / "index.html").write_text("<h1>Win a prize</h1>")
    with other_site(tmp_path) as site:
        context = chromium.new_context()
        let_in(context, demo_app)
        try:
            page = context.new_page()
            page.goto(site)
            socket = page.evaluate(
                "url => new Promise(done => { const s = new WebSocket(url); s.onopen = () => done('open');"
                " s.onerror = () => done('refused'); })",
                f"{demo_app.replace('http', 'ws')}/_stcore/stream",
            )
            image = page.evaluate(
                "url => new Promise(done => { const i = new Image(); i.onload = () => done('shown');"
                " i.onerror = () => done('refused'); i.src = url; })",
                f"{demo_app}/favicon.png",
            )
        finally:
            context.close()
    assert (socket, image) == ("refused", "refused")


@contextmanager
def other_site(folder: Path) -> Iterator[str]:
    """Serve a folder on another port of this computer, as another site."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
