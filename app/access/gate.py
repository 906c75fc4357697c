"""Who is let in: before any page, upload, picture or websocket is answered, by token or by sign-in."""

import html
import json
import time
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import parse_qsl, quote, urlencode

from starlette.requests import cookie_parser
from streamlit.user_info import generate_login_redirect_url
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME
from streamlit.web.server.starlette.starlette_websocket import _get_signed_cookie_with_chunks

from app.access.roles import Person
from app.access.sign_in import SignIn, SignInError, current_sign_in
from app.access.token import PARAMETER, cookie_name, cookie_value, same
from vocabulary.measures import RESEARCH_ONLY

Scope = MutableMapping[str, Any]

HEALTH = "/_stcore/health"
_UPLOAD = "/_stcore/upload_file/"
_SIGNING_IN = ("/auth/login", "/auth/logout", "/oauth2callback")
_REFUSED = (
    "This dashboard is open to the person who started it. Open it with the whole address that 'mscohort app' printed, "
    "with its token."
)


@dataclass(frozen=True)
class Answer:
    """What somebody gets who is not let in."""

    status: int
    body: str
    headers: tuple[tuple[bytes, bytes], ...] = ()
    kind: str = "text/plain"


class Gate(Protocol):
    """Decides for every request who comes in."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """Return the names this server answers to, each with or without a port, or with the port it names."""
        ...

    def refusal(self, scope: Scope) -> Answer | None:
        """Return the answer to a request that is not let in, None for one that is."""
        ...


@dataclass(frozen=True)
class TokenGate:
    """The owner alone: the token in the address, then a cookie; programs send it as `Authorization: Bearer`."""

    token: str

    @property
    def hosts(self) -> tuple[str, ...]:
        """Return the names of this computer."""
        return ("127.0.0.1", "localhost")

    def refusal(self, scope: Scope) -> Answer | None:
        """Let the owner in; the address that carries the token becomes one without it, and a cookie."""
        name = cookie_name(scope["server"][1])
        if same(cookies(scope).get(name, ""), cookie_value(self.token)) or bearer(scope, self.token):
            return None
        query = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        given = [value for key, value in query if key == PARAMETER]
        if scope["type"] != "http" or scope["method"] != "GET" or not any(same(value, self.token) for value in given):
            return Answer(403, _REFUSED)
        rest = urlencode([(key, value) for key, value in query if key != PARAMETER])
        target = "/" + quote(scope["path"].lstrip("/")) + (f"?{rest}" if rest else "")
        cookie = f"{name}={cookie_value(self.token)}; Path=/; HttpOnly; SameSite=Lax"
        return Answer(303, "", ((b"location", target.encode()), (b"set-cookie", cookie.encode())))


@dataclass(frozen=True)
class SignInGate:
    """A group: whoever the OpenID provider knows and the settings give a role.

    Attributes
    ----------
    settings : as they were when the server started; roles are read again for every request
    token : of the command that waits for its own server to answer
    """

    settings: SignIn
    token: str

    @property
    def hosts(self) -> tuple[str, ...]:
        """Return the name of the dashboard's own address, and those by which its command asks whether it is well."""
        return (self.settings.host, "127.0.0.1", "localhost")

    def refusal(self, scope: Scope) -> Answer | None:
        """Let in who is signed in and has a role; show others where to sign in."""
        path = scope["path"].removeprefix(self.settings.base_path)
        signing_in = scope["type"] == "http" and scope["method"] == "GET" and path in _SIGNING_IN
        if path == HEALTH and bearer(scope, self.token):
            return None
        if self.settings.host not in (value.decode("latin-1").lower() for value in _headers(scope, b"host")):
            return Answer(400, f"This dashboard answers at {self.settings.origin} only.")
        try:
            return None if signing_in else self._refusal_of(self._person(scope), path, scope)
        except SignInError:
            return Answer(503, "The sign-in settings of this dashboard cannot be read; its keeper has to mend them.")

    def _refusal_of(self, person: Person | None, path: str, scope: Scope) -> Answer | None:
        if person is None:
            return _page(401, scope, "Sign in to see the cohort.", "Sign in", generate_login_redirect_url("default"))
        if not person.may("view"):
            told = f"You are signed in as {person.name}, who has no role here. Ask the keeper of this dashboard."
            return _page(403, scope, told, "Sign out", f"{self.settings.base_path}/auth/logout")
        if path.startswith(_UPLOAD) and scope.get("method") not in ("GET", "OPTIONS") and not person.may("write"):
            return Answer(403, person.refusal("write"))
        return None

    def _person(self, scope: Scope) -> Person | None:
        cookie = _get_signed_cookie_with_chunks(cookies(scope), USER_COOKIE_NAME)
        try:
            claims = json.loads(cookie) if cookie else {}
        except ValueError:
            return None
        if not isinstance(claims, dict) or str(claims.get("origin", "")).lower() != self.settings.origin:
            return None
        return (current_sign_in() or self.settings).person(claims, time.time())


@dataclass(frozen=True)
class ClosedGate:
    """Neither token nor sign-in: a server that was not started by `mscohort app` lets nobody in."""

    hosts: tuple[str, ...] = ("127.0.0.1", "localhost")

    def refusal(self, scope: Scope) -> Answer | None:
        """Refuse."""
        return Answer(403, "This server was not started by 'mscohort app'; it lets nobody in.")


_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>MS Cohort Explorer</title>
<style>
:root {{color-scheme: light dark; font: 1rem/1.5 "Source Sans", system-ui, sans-serif;}}
body {{max-width: 38rem; margin: 18vh auto 0; padding: 0 1.5rem; background: #FFFFFF; color: #1D2733;}}
h1 {{font-size: 1.35rem; font-weight: 600;}}
a {{display: inline-block; padding: .5rem 1.1rem; border-radius: .375rem; background: #33566E; color: #FFFFFF;
  text-decoration: none; font-weight: 600;}}
a:focus-visible {{outline: 3px solid #0072B2; outline-offset: 2px;}}
footer {{margin-top: 3rem; padding-top: .6rem; border-top: 1px solid #8886; font-size: .85rem;}}
@media (prefers-color-scheme: dark) {{body {{background: #10161D; color: #F2F4F7;}} a {{background: #4F7891;}}}}
</style>
</head>
<body>
<main>
<h1>MS Cohort Explorer</h1>
<p>{0}</p>
<p><a href="{1}">{2}</a></p>
</main>
<footer>{3}</footer>
</body>
</html>
"""


def _page(status: int, scope: Scope, told: str, label: str, target: str) -> Answer:
    """Return a page for whoever opens one, a line for everything else."""
    if scope["type"] != "http" or b"text/html" not in b"".join(_headers(scope, b"accept")):
        return Answer(status, told)
    return Answer(status, _PAGE.format(*map(html.escape, (told, target, label, RESEARCH_ONLY))), kind="text/html")


def cookies(scope: Scope) -> dict[str, str]:
    """Return the cookies of a request."""
    found: dict[str, str] = {}
    for value in _headers(scope, b"cookie"):
        found |= cookie_parser(value.decode("latin-1"))
    return found


def bearer(scope: Scope, token: str) -> bool:
    """Tell whether a program sends the token."""
    return any(same(value.decode("latin-1"), f"Bearer {token}") for value in _headers(scope, b"authorization"))


def _headers(scope: Scope, name: bytes) -> list[bytes]:
    return [value for key, value in scope["headers"] if key.lower() == name]
