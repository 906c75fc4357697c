"""`mscohort app`: ports, the server's life from start to signal, and who may talk to it."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import cli
from app.commands.app_command import ADDRESS, FIRST_PORT, choose_port, command
from tests import patience
from tests.browser.harness import BEARER, WITH_TOKEN, wait_for_health


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.socket() as holder:
        holder.bind((ADDRESS, 0))
        holder.listen()
        yield holder.getsockname()[1]


@pytest.fixture
def server(tmp_path: Path) -> "Iterator[tuple[int, subprocess.Popen[bytes]]]":
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        port = probe.getsockname()[1]
    words = [sys.executable, "-m", "app.cli", "app", "--no-browser", "--json"]
    words += ["--port", str(port), "--store", os.fspath(tmp_path / "store")]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=os.environ | WITH_TOKEN)
    try:
        wait_for_health(f"http://{ADDRESS}:{port}", process)
        yield port, process
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=patience.SECONDS)


def ask_for_websocket(port: int, host: str) -> int:
    connection = http.client.HTTPConnection(ADDRESS, port, timeout=patience.SECONDS)
    try:
        connection.request(
            "GET",
            "/_stcore/stream",
            headers={
                **BEARER,
                "Host": host,
                "Origin": f"http://{host}",
                "Connection": "Upgrade",
                "Upgrade": "websocket",
                "Sec-WebSocket-Version": "13",
                "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
            },
        )
        return connection.getresponse().status
    finally:
        connection.close()


def test_port_asked_for_and_taken_is_one_clear_line(taken_port: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["app", "--no-browser", "--port", str(taken_port)]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert f"port {taken_port} is in use" in error


@pytest.mark.parametrize("port", [-1, 0, 65536])
def test_port_that_does_not_exist(port: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["app", "--no-browser", "--port", str(port)]) == 1
    assert "from 1 to 65535" in capsys.readouterr().err


def test_port_that_is_no_number_is_wrong_usage() -> None:
    with pytest.raises(SystemExit) as stopped:
        cli.main(["app", "--port", "many"])
    assert stopped.value.code == 2


def test_first_free_port_is_taken_when_none_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.commands.app_command._is_free", lambda port: port >= FIRST_PORT + 3)
    assert choose_port(None) == FIRST_PORT + 3


def test_no_free_port_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.commands.app_command._is_free", lambda port: False)
    with pytest.raises(OSError, match="no free port"):
        choose_port(None)


def test_command_serves_this_machine_only() -> None:
    words = command(9000)
    assert words[words.index("--server.address") + 1] == "127.0.0.1"
    assert words[words.index("--server.port") + 1] == "9000"


def test_server_that_cannot_start_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("app.commands.app_command.command", lambda *_: [sys.executable, "-c", "raise SystemExit(3)"])
    assert cli.main(["app", "--no-browser"]) == 1
    assert "could not start (exit code 3)" in capsys.readouterr().err


def test_only_known_names_may_talk_to_it(server: "tuple[int, subprocess.Popen[bytes]]") -> None:
    port, _ = server
    assert ask_for_websocket(port, f"{ADDRESS}:{port}") == 101
    assert ask_for_websocket(port, "elsewhere.example") == 403


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs Linux's list of open sockets")
def test_it_listens_on_the_loopback_only(server: "tuple[int, subprocess.Popen[bytes]]") -> None:
    port, _ = server
    listening = "0A"
    rows = [line.split() for name in ("tcp", "tcp6") for line in Path("/proc/net", name).read_text().splitlines()[1:]]
    addresses = {row[1] for row in rows if row[3] == listening and row[1].endswith(f":{port:04X}")}
    assert addresses == {f"0100007F:{port:04X}"}


def test_termination_stops_the_server_and_prints_one_object(server: "tuple[int, subprocess.Popen[bytes]]") -> None:
    port, process = server
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=patience.SECONDS)
    assert process.returncode == 0
    assert json.loads(out)["port"] == port
    assert f"http://{ADDRESS}:{port}" in err.decode()
    with socket.socket() as probe:
        assert probe.connect_ex((ADDRESS, port)) != 0
