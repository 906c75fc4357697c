"""What stands before every answer of the dashboard: who may ask, and what a browser must not do with the answer.

Streamlit checks the Host of a websocket alone, lets any page frame it and, to judge a foreign origin, asks a host on
the internet which address this machine has. Nothing here depends on a setting, so no variable and no file loosens it.
"""

import re
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

from streamlit import net_util

from app.access.gate import Answer, Gate

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_PORT = re.compile(r":\d{1,5}$")

_CLOSED = re.compile(r"/_stcore/agent(/|$)")
"""Streamlit's interface for programs that drive an app; it answers even where it is off."""

_COMPONENT = re.compile(r"/component/")
"""The viewer of scans is a frame of our own pages; everything else may be in no frame at all."""

_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    # No other site's page may show a figure or a file of ours as its own image or script.
    (b"cross-origin-resource-policy", b"same-origin"),
)

_POLICY = (
    "frame-ancestors {ancestors}; base-uri 'self'; form-action 'self'; object-src 'none'; "
    # Whatever a table, a title or a setting smuggles into a page, the browser asks no other host for it.
    "connect-src 'self' {sockets} data: blob:; img-src 'self' data: blob:; font-src 'self' data:; "
    "media-src 'self' data: blob:; frame-src 'self' data: blob:"
)


class Guard:
    """ASGI middleware: refuses foreign hosts, foreign origins and strangers, for HTTP and websocket alike; no framing.

    Parameters
    ----------
    app : what answers the requests that are let through
    gate : who is let through
    secure : the dashboard's address is https, so no cookie may travel otherwise
    """

    def __init__(self, app: Application, gate: Gate, secure: bool = False) -> None:
        self._app = app
        self._gate = gate
        self._secure = secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through or refuse it: 400 for its host, 403 for its origin, 404 for its path."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start", "websocket.accept"):
                message["headers"] = self._with_headers(message.get("headers", ()), scope)
            await send(message)

        refused = refusal(scope, self._gate.hosts) or self._gate.refusal(scope)
        if refused is None:
            await self._app(scope, receive, guarded)
            return
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": refused.body[:120]})
            return
        headers = [(b"content-type", f"{refused.kind}; charset=utf-8".encode()), (b"cache-control", b"no-store")]
        headers += refused.headers
        await guarded({"type": "http.response.start", "status": refused.status, "headers": headers})
        await guarded({"type": "http.response.body", "body": f"{refused.body}\n".encode()})

    def _with_headers(self, headers: Any, scope: Scope) -> list[tuple[bytes, bytes]]:
        ancestors, frames = ("'self'", b"SAMEORIGIN") if _COMPONENT.search(scope["path"]) else ("'none'", b"DENY")
        sent = next((value for name, value in scope["headers"] if name == b"host"), b"")
        host = sent.decode("latin-1") if answers_to(sent, self._gate.hosts) else ""
        policy = _POLICY.format(ancestors=ancestors, sockets=f"ws://{host} wss://{host}" if host else "")
        ours = [*_HEADERS, (b"x-frame-options", frames), (b"content-security-policy", policy.encode("ascii"))]
        names = {name for name, _ in ours}
        kept = [(name, value) for name, value in headers if name.lower() not in names]
        if self._secure:
            kept = [(name, value + b"; Secure" if name.lower() == b"set-cookie" else value) for name, value in kept]
        return kept + ours


def answers_to(sent: bytes, hosts: Sequence[str]) -> bool:
    """Tell whether a Host header names this server; by another name, a stranger's site was made to point here.

    Examples
    --------
    >>> answers_to(b"LOCALHOST:8501", ["localhost"]), answers_to(b"localhost.example", ["localhost"])
    (True, False)
    """
    host = sent.decode("latin-1").lower()
    return host in hosts or _PORT.sub("", host) in hosts


def refusal(scope: Scope, hosts: Sequence[str]) -> Answer | None:
    """Return the answer to a request that nobody may make, None where it depends on who makes it.

    Parameters
    ----------
    hosts : the names this server answers to

    Examples
    --------
    >>> refusal({"path": "/", "headers": [(b"host", b"127.0.0.1:8501")]}, ["127.0.0.1"])
    >>> refusal({"path": "/", "headers": [(b"host", b"elsewhere.example")]}, ["127.0.0.1"]).body
    'This dashboard answers at 127.0.0.1 only.'
    """
    sent = [value for name, value in scope["headers"] if name == b"host"]
    if len(sent) != 1 or not answers_to(sent[0], hosts):
        return Answer(400, f"This dashboard answers at {' and '.join(hosts)} only.")
    origins = [value for name, value in scope["headers"] if name == b"origin"]
    own = {b"http://" + sent[0].lower(), b"https://" + sent[0].lower()}
    if any(origin.lower() not in own for origin in origins):
        return Answer(403, "Requests from the pages of other sites are refused.")
    if _CLOSED.search(scope["path"]):
        return Answer(404, "Not found.")
    return None


def ask_nobody_for_our_address() -> None:
    """Take away Streamlit's question to a host on the internet, and the packet that finds the local address."""
    for name, answer in (("get_external_ip", None), ("get_internal_ip", "127.0.0.1")):
        setattr(net_util, name, _always(answer))


def _always(answer: str | None) -> Callable[[], str | None]:
    return lambda: answer
