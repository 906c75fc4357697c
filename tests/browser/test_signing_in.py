"""A group behind nginx, under a sub-path, with an OpenID provider: who sees, takes away and changes what."""

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from db.audit_log import AuditLog
from db.store import Store
from tests import patience
from tests.app.access.group import Group, group, nginx_path, provider
from tests.browser.harness import WINDOW, Tab
from tests.browser.test_importing import HEADER, SOUND

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def dashboard(tmp_path_factory: pytest.TempPathFactory, demo_store: Path) -> Iterator[Group]:
    folder = tmp_path_factory.mktemp("group")
    shutil.copytree(demo_store, folder / "store")
    with provider() as issuer, group(folder, folder / "store", issuer) as found:
        yield found


@contextmanager
def signed_in(browser: Browser, dashboard: Group, name: str, path: str = "") -> Iterator[Tab]:
    """Sign in as somebody, as a person would, and yield the tab on a page of the dashboard."""
    context: BrowserContext = browser.new_context(viewport=WINDOW, accept_downloads=True)
    context.set_default_timeout(patience.SECONDS * 1000)
    try:
        tab = Tab(context, context.new_page(), dashboard.url)
        tab.page.goto(dashboard.url + "/")
        expect(tab.page.get_by_text("Sign in to see the cohort.")).to_be_visible()
        assert not tab.page.get_by_text("Overview").count()
        tab.page.get_by_role("link", name="Sign in").click()
        tab.page.get_by_role("button", name=f"{name}-1").click()
        tab.page.wait_for_url(re.compile(re.escape(dashboard.url)))
        if name not in ("nobody", "mallory"):
            tab.go(path)
        yield tab
    finally:
        context.close()


def text_of(page: Page) -> str:
    return page.locator("body").inner_text()


def logged(dashboard: Group) -> list[tuple[str, str, int | None, int | None]]:
    log = AuditLog(dashboard.store).read()
    assert log.problems == []
    return [(entry["who"], entry["what"], entry["before"], entry["after"]) for entry in log.entries]


@pytest.mark.skipif(nginx_path() is None, reason="needs nginx (Debian: sudo apt install nginx-light)")
def test_it_runs_behind_nginx_under_a_path(chromium: Browser, dashboard: Group) -> None:
    assert dashboard.behind not in dashboard.url
    with signed_in(chromium, dashboard, "vera", "compare?sex=F") as tab:
        assert tab.page.url.startswith(f"{dashboard.url}/compare")
        expect(tab.page.locator(".answer")).to_be_visible()
        expect(tab.page.locator(".js-plotly-plot").first).to_be_visible()


def test_a_viewer_sees_and_can_neither_take_away_nor_import(chromium: Browser, dashboard: Group) -> None:
    before = Store(dashboard.store).current()
    with signed_in(chromium, dashboard, "vera", "compare") as tab:
        expect(tab.page.get_by_text("Signed in as vera@hospital.example")).to_be_visible()
        assert tab.page.get_by_role("button", name="Download").count() == 0
        assert tab.page.get_by_role("button", name="Export").count() == 0
        assert tab.page.get_by_role("button", name="Cite this").count() == 0
        tab.go("data")
        expect(tab.page.get_by_text("Your role is viewer; only a curator may import")).to_be_visible()
        assert tab.page.locator("[data-testid=stFileUploader]").count() == 0
        assert tab.page.get_by_role("button", name="Go to this version").count() == 0
        tab.go("add-scans")
        expect(tab.page.get_by_text("Your role is viewer; only a curator may import")).to_be_visible()
        # The door itself, whatever a page shows: an upload with everything a signed-in browser sends.
        refused = tab.page.evaluate(
            "async url => (await fetch(url, {method: 'PUT', body: 'x'})).status",
            f"{dashboard.url}/_stcore/upload_file/session/file",
        )
        assert refused == 403
    assert Store(dashboard.store).current() == before


def test_an_analyst_takes_away_and_it_is_logged(chromium: Browser, dashboard: Group) -> None:
    before = len(logged(dashboard))
    with signed_in(chromium, dashboard, "anna", "compare") as tab:
        tab.page.get_by_role("button", name="Download").first.click()
        with tab.page.expect_download() as download:
            tab.page.get_by_role("button", name="CSV", exact=True).click()
        assert download.value.suggested_filename.endswith(".csv")
        tab.go("data")
        expect(tab.page.get_by_text("Your role is analyst; only a curator may import")).to_be_visible()
    # The copied store's log also holds what other tests took away from it.
    assert [what for who, what, *_ in logged(dashboard)[before:] if what.startswith("took away")] == [
        f"took away {download.value.suggested_filename}"
    ]
    assert {who for who, *_ in logged(dashboard)[before:]} == {"anna@hospital.example (anna-1)"}


def test_a_curator_imports_and_the_log_says_who_and_what(chromium: Browser, dashboard: Group, tmp_path: Path) -> None:
    table = tmp_path / "people.csv"
    table.write_text(HEADER + SOUND)
    before = Store(dashboard.store).current()
    assert before is not None
    with signed_in(chromium, dashboard, "carl", "data") as tab:
        tab.page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files(table)
        importing = tab.page.get_by_role("button", name=re.compile("^Import "))
        name = tab.page.get_by_role("textbox", name="Name of the protocol")
        name.fill("clinic-2026")
        name.press("Enter")
        expect(importing).to_be_enabled()
        importing.click()
        expect(tab.page.get_by_text(re.compile("^Imported "))).to_be_visible()
    after = Store(dashboard.store).current()
    assert after is not None
    assert after.number == before.number + 1
    assert ("carl@hospital.example (carl-1)", "import of people.csv as people", before.number, after.number) in logged(
        dashboard
    )


@pytest.mark.parametrize("name", ["nobody", "mallory"])
def test_without_a_role_nobody_comes_in(chromium: Browser, dashboard: Group, name: str) -> None:
    with signed_in(chromium, dashboard, name) as tab:
        expect(tab.page.get_by_text("who has no role here")).to_be_visible()
        for path in ("compare", "_stcore/host-config", "_stcore/health", "media/x.csv"):
            status = tab.page.evaluate("async url => (await fetch(url)).status", f"{dashboard.url}/{path}")
            assert status == 403


def test_signing_out_ends_it(chromium: Browser, dashboard: Group) -> None:
    with signed_in(chromium, dashboard, "vera") as tab:
        tab.page.get_by_role("button", name="Sign out").click()
        tab.page.wait_for_url(re.compile("/oauth2/end_session"))
        tab.page.goto(f"{dashboard.url}/compare")
        expect(tab.page.get_by_text("Sign in to see the cohort.")).to_be_visible()


def test_a_role_that_is_taken_away_counts_at_once(chromium: Browser, dashboard: Group) -> None:
    written = dashboard.settings.read_text()
    try:
        with signed_in(chromium, dashboard, "carl", "data") as tab:
            expect(tab.page.locator("[data-testid=stFileUploader]")).to_be_visible()
            dashboard.settings.write_text(written.replace('curator = ["carl@', 'curator = ["other@'))
            tab.page.get_by_text("Present").click()
            expect(tab.page.get_by_text("You have no role here")).to_be_visible()
    finally:
        dashboard.settings.write_text(written)


def test_the_log_can_be_read_and_holds_no_secret(dashboard: Group, capsys: pytest.CaptureFixture[str]) -> None:
    from app import cli

    assert cli.main(["store", "log", "--json", "--store", str(dashboard.store)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["problems"] == []
    assert any("opened the dashboard as viewer" in entry["what"] for entry in told["entries"])
    assert "0123456789abcdef0123456789abcdef" not in json.dumps(told)
