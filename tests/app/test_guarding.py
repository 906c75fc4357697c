"""The dashboard among hostile pages, variables and settings, asked by real requests."""

import http.client
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from streamlit import config

from app.commands.app_command import ADDRESS, GUARDS, NOBODY
from tests import patience
from tests.browser.harness import BEARER, WITH_TOKEN, free_port, wait_for_health

FOREIGN = "http://elsewhere.example"
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}
AGENT = "/_stcore/agent/openapi.json"
PATHS = ("/", "/compare", "/_stcore/health", "/_stcore/metrics", "/_stcore/host-config", AGENT, "/nowhere.js")

LOOSE = {
    "global.developmentMode": "true",
    "server.allowedHosts": "*",
    "server.corsAllowedOrigins": FOREIGN,
    "server.enableAgentApi": "true",
    "server.enableCORS": "false",
    "server.enableStaticServing": "true",
    "server.enableXsrfProtection": "false",
    "server.maxUploadSize": "4000",
    "server.scriptHealthCheckEnabled": "true",
    "server.trustedUserHeaders": '{"X-Anybody": "name"}',
    "server.xsrfCookieSameSite": "none",
    "client.allowedOrigins": FOREIGN,
    "client.showErrorDetails": "full",
    "browser.serverAddress": "elsewhere.example",
    "browser.gatherUsageStats": "true",
}

# Every address this process, or one it starts, connects to or looks up; as strace shows it, without strace.
WITNESS = """
import os, sys

def note(event, given):
    if event in ("socket.connect", "socket.sendto", "socket.getaddrinfo", "socket.gethostbyname"):
        with open(os.environ["WITNESS"], "a") as file:
            file.write(f"{event} {given[1:] if event in ('socket.connect', 'socket.sendto') else given[:2]}\\n")

sys.addaudithook(note)
"""


@dataclass(frozen=True)
class Server:
    """A dashboard whose user has loosened everything Streamlit lets be loosened."""

    port: int
    witness: Path

    def ask(self, path: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
        """Send one request; an underscore in a header's name stands for a hyphen."""
        connection = http.client.HTTPConnection(ADDRESS, self.port, timeout=patience.SECONDS)
        try:
            named = {name.replace("_", "-"): text for name, text in headers.items()}
            connection.request(method, path, headers=BEARER | named)
            answer = connection.getresponse()
            answer.body = b"" if answer.status == 101 else answer.read()  # type: ignore[attr-defined]
            return answer
        finally:
            connection.close()

    @property
    def host(self) -> str:
        return f"{ADDRESS}:{self.port}"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start `mscohort app` with every guard loosened by variables and by the user's own settings."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "home" / ".streamlit").mkdir(parents=True)
    lists = {name for name, _ in GUARDS if name.endswith(("Hosts", "Origins"))}
    written = [
        f"{name} = {json.dumps([value] if name in lists else {'true': True, 'false': False}.get(value, value))}\n"
        for name, value in LOOSE.items()
    ]
    (folder / "home" / ".streamlit" / "config.toml").write_text("".join(written))
    (folder / "site").mkdir()
    (folder / "site" / "sitecustomize.py").write_text(WITNESS)
    variables = {config._config_options_template[name].env_var: value for name, value in LOOSE.items()}
    variables |= {
        "HOME": os.fspath(folder / "home"),
        "WITNESS": os.fspath(folder / "witness"),
        "PYTHONPATH": os.fspath(folder / "site"),
        **WITH_TOKEN,
    }
    assert "STREAMLIT_SERVER_ENABLE_AGENT_API" in variables
    assert "STREAMLIT_SERVER_ENABLE_CORS" in variables
    port = free_port()
    words = [sys.executable, "-m", "app.cli", "app", "--no-browser", "--port", str(port)]
    process = subprocess.Popen(
        [*words, "--store", os.fspath(folder / "store")], stdout=subprocess.DEVNULL, env=os.environ | variables
    )
    try:
        wait_for_health(f"http://{ADDRESS}:{port}", process)
        yield Server(port, folder / "witness")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=patience.SECONDS)


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host", ["elsewhere.example", "127.0.0.1.elsewhere.example", "localhost@elsewhere.example", ""]
)
def test_no_address_answers_to_another_name(server: Server, path: str, host: str) -> None:
    assert server.ask(path, Host=host).status == 400


def test_the_names_of_this_computer_are_answered(server: Server) -> None:
    for host in (server.host, f"localhost:{server.port}", "LOCALHOST"):
        assert server.ask("/_stcore/health", Host=host).status == 200


@pytest.mark.parametrize("path", PATHS)
def test_no_page_of_another_site_may_frame_or_embed_what_is_served(server: Server, path: str) -> None:
    answer = server.ask(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert f"connect-src 'self' ws://{server.host}" in policy
    assert answer.headers.get_all("X-Frame-Options") == ["DENY"]
    assert answer.headers.get_all("X-Content-Type-Options") == ["nosniff"]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_the_viewer_may_be_framed_by_our_own_pages_alone(server: Server) -> None:
    answer = server.ask("/component/niivue_component.niivue_component/index.html")
    assert "frame-ancestors 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "SAMEORIGIN"


@pytest.mark.parametrize("origin", [FOREIGN, "null", f"http://{ADDRESS}:1", "http://localhost", "file://"])
def test_a_page_of_another_site_reaches_neither_websocket_nor_upload(server: Server, origin: str) -> None:
    assert server.ask("/_stcore/stream", Origin=origin, **UPGRADE).status == 403
    assert server.ask("/_stcore/upload_file/a/b", "PUT", Origin=origin).status == 403
    assert server.ask("/_stcore/host-config", Origin=origin).status == 403


def test_our_own_page_reaches_the_websocket(server: Server) -> None:
    assert server.ask("/_stcore/stream", Origin=f"http://{server.host}", **UPGRADE).status == 101


def test_no_origin_is_trusted_to_steer_the_dashboard(server: Server) -> None:
    answer = server.ask("/_stcore/host-config")
    assert f'"allowedOrigins":["{NOBODY}"]'.encode() in answer.body  # type: ignore[attr-defined]
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("path", [AGENT, "/_stcore/agent/interact", "/_stcore/agent/mcp"])
def test_the_interface_for_programs_stays_closed_whatever_a_variable_says(server: Server, path: str) -> None:
    assert server.ask(path, "GET" if path == AGENT else "POST").status == 404


def test_a_stranger_cannot_make_the_server_run_a_page(server: Server) -> None:
    """Streamlit's health check of the script would run it; where it is off, its address is a page like any other."""
    answer = server.ask("/_stcore/script-health-check")
    assert answer.headers["Content-Type"].startswith("text/html")


def test_an_upload_needs_its_token_whatever_a_variable_says(server: Server) -> None:
    assert server.ask("/_stcore/upload_file/a/b", "PUT", Origin=f"http://{server.host}").status in (400, 403)


def test_no_packet_leaves_this_computer_for_a_foreign_websocket(server: Server) -> None:
    """Streamlit asked checkip.amazonaws.com, to compare the answer with the foreign origin."""
    began = time.monotonic()
    assert server.ask("/_stcore/stream", Origin=FOREIGN, **UPGRADE).status == 403
    assert time.monotonic() - began < patience.SECONDS
    seen = server.witness.read_text().splitlines()
    assert seen, "the witness saw nothing, not even the command that waits for its server"
    assert [line for line in seen if not any(own in line for own in (f"'{ADDRESS}'", "'localhost'", "('', "))] == []


@pytest.mark.parametrize("address", ["0.0.0.0", "192.168.1.7", "::", "elsewhere.example", ""])
def test_an_address_that_others_reach_is_refused(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    from app import cli

    assert cli.main(["app", "--no-browser", "--address", address]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "without --sign-in" in said
