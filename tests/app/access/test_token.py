"""The owner's token: who has it comes in, other users of the machine are refused everywhere."""

import os
import re
import stat
from pathlib import Path

import pytest

from app.access.gate import ClosedGate, TokenGate
from app.access.token import SHORTEST, VARIABLE, cookie_name, cookie_value, new_token, opening_page

TOKEN = "a-token-that-nobody-guesses"
PATHS = (
    "/",
    "/compare",
    "/_stcore/health",
    "/_stcore/host-config",
    "/_stcore/metrics",
    "/_stcore/upload_file/session/file",
    "/media/0123456789abcdef.csv",
    "/component/niivue_component.niivue_component/index.html",
    "/static/js/index.js",
    "/auth/login",
    "/oauth2callback",
)


def asked(path: str, *, kind: str = "http", method: str = "GET", query: str = "", **headers: str) -> dict[str, object]:
    return {
        "type": kind,
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "server": ("127.0.0.1", 8501),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "brought",
    [
        {},
        {"query": "token=another-token-altogether"},
        {"query": "token="},
        {"cookie": f"mscohort-8501={TOKEN}"},
        {"cookie": f"mscohort-8501={cookie_value('another')}"},
        {"cookie": f"mscohort-9999={cookie_value(TOKEN)}"},
        {"authorization": "Bearer "},
        {"authorization": f"bearer {TOKEN}x"},
        {"cookie": 'mscohort-8501="\x80\xff; =; ;;'},
    ],
)
def test_a_second_user_of_the_machine_is_refused_everywhere(path: str, brought: dict[str, str]) -> None:
    for kind in ("http", "websocket"):
        for method in ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD"):
            answer = TokenGate(TOKEN).refusal(asked(path, kind=kind, method=method, **brought))
            assert answer is not None
            assert answer.status == 403
            assert TOKEN not in answer.body


@pytest.mark.parametrize("path", PATHS)
def test_whoever_has_the_cookie_or_the_token_comes_in(path: str) -> None:
    gate = TokenGate(TOKEN)
    assert gate.refusal(asked(path, cookie=f"other=1; mscohort-8501={cookie_value(TOKEN)}")) is None
    assert gate.refusal(asked(path, kind="websocket", cookie=f"mscohort-8501={cookie_value(TOKEN)}")) is None
    assert gate.refusal(asked(path, authorization=f"Bearer {TOKEN}")) is None


def test_the_address_with_the_token_becomes_a_cookie_and_an_address_without_it() -> None:
    answer = TokenGate(TOKEN).refusal(asked("/compare", query=f"sex=F&token={TOKEN}&age=18%3A39"))
    assert answer is not None
    assert answer.status == 303
    headers = dict(answer.headers)
    assert headers[b"location"] == b"/compare?sex=F&age=18%3A39"
    cookie = headers[b"set-cookie"].decode()
    assert cookie.startswith(f"{cookie_name(8501)}={cookie_value(TOKEN)};")
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert TOKEN not in cookie


@pytest.mark.parametrize("path", ["//elsewhere.example/", "/\\elsewhere.example", "///elsewhere.example"])
def test_the_token_leads_to_no_other_host(path: str) -> None:
    answer = TokenGate(TOKEN).refusal(asked(path, query=f"token={TOKEN}"))
    assert answer is not None
    assert re.match(rb"/[^/\\]", dict(answer.headers)[b"location"])


def test_the_token_in_an_address_opens_no_websocket_and_takes_no_upload() -> None:
    gate = TokenGate(TOKEN)
    for kind, method in (("websocket", "GET"), ("http", "PUT"), ("http", "POST")):
        answer = gate.refusal(asked("/_stcore/stream", kind=kind, method=method, query=f"token={TOKEN}"))
        assert answer is not None
        assert answer.status == 403


def test_a_server_that_was_started_otherwise_lets_nobody_in() -> None:
    answer = ClosedGate().refusal(asked("/", authorization="Bearer "))
    assert answer is not None
    assert answer.status == 403


def test_each_start_has_another_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    one, other = new_token(), new_token()
    assert one != other
    assert len(one) >= 32


@pytest.mark.parametrize(
    "named", ["", "short", "x" * (SHORTEST - 1), "a token with spaces in it", "a/path&query?of=it"]
)
def test_a_token_that_can_be_guessed_is_refused(named: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, named)
    with pytest.raises(ValueError, match=f"at least {SHORTEST} letters"):
        new_token()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")
def test_the_page_that_opens_the_browser_is_its_owners_alone() -> None:
    path = opening_page(f"http://127.0.0.1:8501/?a=1&token={TOKEN}")
    try:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert f"url=http://127.0.0.1:8501/?a=1&amp;token={TOKEN}" in path.read_text()
    finally:
        path.unlink()


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs Linux's list of processes")
def test_no_command_line_holds_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    from app.commands.app_command import command

    monkeypatch.setenv(VARIABLE, TOKEN)
    assert TOKEN not in " ".join(command(8501))
