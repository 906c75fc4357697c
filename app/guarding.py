"""What stands before every answer of the dashboard: who may ask, and what a browser must not do with the answer.

Streamlit checks the Host of a websocket alone, lets any page frame it and, to judge a foreign origin, asks a host on
the internet which address this machine has. Nothing here depends on a setting, so no variable and no file loosens it.
"""

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from streamlit import net_util

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_HOST = re.compile(rb"(127\.0\.0\.1|localhost)(:\d{1,5})?", re.IGNORECASE)
"""By any other name, another site's name was made to point here (DNS rebinding)."""

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
    """ASGI middleware: refuses foreign hosts and origins, for HTTP and websocket alike, and forbids framing.

    Parameters
    ----------
    app : what answers the requests that are let through
    """

    def __init__(self, app: Application) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through or refuse it in one line: 400 for its host, 403 for its origin, 404 for its path."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return

        async def guarded(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.http.response.start"):
                message["headers"] = _with_headers(message.get("headers", ()), scope)
            await send(message)

        refused = refusal(scope)
        if refused is None:
            await self._app(scope, receive, guarded)
            return
        status, reason = refused
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": reason})
            return
        headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"cache-control", b"no-store")]
        await guarded({"type": "http.response.start", "status": status, "headers": headers})
        await guarded({"type": "http.response.body", "body": f"{reason}\n".encode()})


def refusal(scope: Scope) -> tuple[int, str] | None:
    """Return the status and the reason with which a request is refused, None where it is let through.

    Examples
    --------
    >>> refusal({"path": "/", "headers": [(b"host", b"127.0.0.1:8501")]})
    >>> refusal({"path": "/", "headers": [(b"host", b"elsewhere.example")]})
    (400, 'This dashboard answers at 127.0.0.1 and localhost only.')
    """
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    if len(hosts) != 1 or not _HOST.fullmatch(hosts[0]):
        return 400, "This dashboard answers at 127.0.0.1 and localhost only."
    origins = [value for name, value in scope["headers"] if name == b"origin"]
    own = {b"http://" + hosts[0].lower(), b"https://" + hosts[0].lower()}
    if any(origin.lower() not in own for origin in origins):
        return 403, "Requests from the pages of other sites are refused."
    if _CLOSED.search(scope["path"]):
        return 404, "Not found."
    return None


def ask_nobody_for_our_address() -> None:
    """Take away Streamlit's question to a host on the internet, and the packet that finds the local address."""
    for name, answer in (("get_external_ip", None), ("get_internal_ip", "127.0.0.1")):
        setattr(net_util, name, _always(answer))


def _always(answer: str | None) -> Callable[[], str | None]:
    return lambda: answer


def _with_headers(headers: Any, scope: Scope) -> list[tuple[bytes, bytes]]:
    ancestors, frames = ("'self'", b"SAMEORIGIN") if _COMPONENT.search(scope["path"]) else ("'none'", b"DENY")
    host = next(
        (value.decode("ascii") for name, value in scope["headers"] if name == b"host" and _HOST.fullmatch(value)), ""
    )
    policy = _POLICY.format(ancestors=ancestors, sockets=f"ws://{host} wss://{host}" if host else "")
    ours = [*_HEADERS, (b"x-frame-options", frames), (b"content-security-policy", policy.encode("ascii"))]
    names = {name for name, _ in ours}
    return [(name, value) for name, value in headers if name.lower() not in names] + ours
