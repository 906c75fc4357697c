"""Sign-in for a group: the settings file that names the OpenID provider, and who has which role."""

import functools
import os
import re
import stat
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from app.access.roles import ROLES, Person

VARIABLE = "MSCOHORT_SIGN_IN"
CALLBACK = "/oauth2callback"
EVERYBODY = "*"
NEEDED = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
SHORTEST_SECRET = 32
DEFAULT_HOURS = 12.0
_LOOPBACK = ("127.0.0.1", "localhost")
_NAMES = ("email", "preferred_username", "upn", "name")


class SignInError(ValueError):
    """The settings file cannot be used; the message is one line: what, where, expected, what to do."""


@dataclass(frozen=True)
class SignIn:
    """Who may sign in, where, and for how long.

    Attributes
    ----------
    auth : the section that Streamlit's ``st.login`` reads
    claim : of the provider's identity token by which roles are given, such as ``email`` or ``groups``
    members : role -> values of the claim; ``*`` stands for everybody the provider knows
    hours : how long a sign-in lasts
    """

    auth: Mapping[str, Any]
    claim: str
    members: Mapping[str, tuple[str, ...]]
    hours: float

    @property
    def origin(self) -> str:
        """Return scheme, host and port as browsers see them."""
        parts = urlsplit(str(self.auth["redirect_uri"]))
        return f"{parts.scheme}://{parts.netloc}".lower()

    @property
    def host(self) -> str:
        """Return the only value of the Host header that is answered."""
        return self.origin.partition("://")[2]

    @property
    def base_path(self) -> str:
        """Return the path under which the dashboard is served: empty, or such as ``/cohort``."""
        return urlsplit(str(self.auth["redirect_uri"])).path.removesuffix(CALLBACK).rstrip("/")

    def person(self, claims: Mapping[str, Any], now: float) -> Person | None:
        """Return who is signed in with the role they have now, or None where nobody is, or not any more.

        Parameters
        ----------
        claims : of the identity token
        now : seconds since 1970
        """
        issued, subject = claims.get("iat"), claims.get("sub")
        if not isinstance(issued, int | float) or not subject or not -300 <= now - issued <= self.hours * 3600:
            return None
        name = next((str(claims[key]) for key in _NAMES if claims.get(key)), str(subject))
        said = claims.get(self.claim)
        values = {str(value) for value in (said if isinstance(said, list | tuple) else [said]) if value is not None}
        if self.claim == "email":
            # Anybody can write any address into an account; the provider says whether it is theirs.
            values = {value.lower() for value in values} if claims.get("email_verified") is True else set()
        held = [role for role in ROLES if values & set(self.members[role]) or EVERYBODY in self.members[role]]
        return Person(f"{name} ({subject})" if name != str(subject) else name, held[-1] if held else None)


def read_sign_in(path: Path) -> SignIn:
    """Read a settings file.

    Raises
    ------
    SignInError : it cannot be read, others can read it, or something is missing or wrong in it.
    """
    try:
        mode = path.stat().st_mode
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SignInError(f"{path}: the sign-in settings cannot be read ({error.strerror})") from error
    except ValueError as error:
        raise SignInError(f"{path}: is no TOML ({error})") from error
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise SignInError(f"{path}: other users of this machine can read its secrets; chmod 600 {path}")
    auth, access = settings.get("auth"), settings.get("access")
    if not isinstance(auth, dict) or not isinstance(access, dict):
        raise SignInError(f"{path}: expected a section [auth], the provider, and a section [access], the roles")
    _check_auth(path, auth)
    return SignIn(auth, *_access(path, access))


def _check_auth(path: Path, auth: Mapping[str, Any]) -> None:
    missing = [key for key in NEEDED if not isinstance(auth.get(key), str) or not auth[key]]
    if missing:
        raise SignInError(f"{path}: [auth] lacks {', '.join(missing)}")
    parts = urlsplit(auth["redirect_uri"])
    if not parts.path.endswith(CALLBACK) or not parts.hostname or parts.query or "{" in auth["redirect_uri"]:
        raise SignInError(f"{path}: redirect_uri must be the dashboard's own address and end with {CALLBACK}")
    if f":{parts.port}" == {"https": ":443", "http": ":80"}.get(parts.scheme):
        raise SignInError(f"{path}: redirect_uri: leave out the port {parts.port}, as browsers do")
    for key in ("redirect_uri", "server_metadata_url"):
        where = urlsplit(auth[key])
        if where.scheme != "https" and not (where.scheme == "http" and where.hostname in _LOOPBACK):
            raise SignInError(f"{path}: {key} must begin with https://; plain http is for this computer alone")
    if len(auth["cookie_secret"]) < SHORTEST_SECRET:
        raise SignInError(
            f"{path}: cookie_secret has {len(auth['cookie_secret'])} letters, expected {SHORTEST_SECRET} or more; "
            "'python3 -c \"import secrets; print(secrets.token_hex(32))\"' makes one"
        )


def _access(path: Path, access: Mapping[str, Any]) -> tuple[str, dict[str, tuple[str, ...]], float]:
    unknown = sorted(set(access) - {"claim", "hours", *ROLES})
    if unknown:
        raise SignInError(f"{path}: [access] does not know {', '.join(unknown)}; roles are {', '.join(ROLES)}")
    claim, hours = access.get("claim", "email"), access.get("hours", DEFAULT_HOURS)
    if not isinstance(claim, str) or not re.fullmatch(r"[\w:/.-]+", claim):
        raise SignInError(f"{path}: claim names a claim of the identity token, such as email or groups")
    if isinstance(hours, bool) or not isinstance(hours, int | float) or not 0 < hours <= 24 * 30:
        raise SignInError(f"{path}: hours is how long a sign-in lasts, a number above 0")
    members: dict[str, tuple[str, ...]] = {}
    for role in ROLES:
        listed = access.get(role, [])
        if not isinstance(listed, list) or not all(isinstance(name, str) and name for name in listed):
            raise SignInError(f'{path}: {role} is a list of texts, such as ["anna@hospital.example"]')
        members[role] = tuple(name.lower() if claim == "email" else name for name in listed)
    if not any(members.values()):
        raise SignInError(f"{path}: nobody has a role; name members of viewer, analyst or curator")
    return claim, members, float(hours)


def current_sign_in() -> SignIn | None:
    """Return the settings this server runs with, as the file says now, or None where it serves its owner by a token.

    A role given or taken away in the file counts from the next click on; what names the provider, from the next start.

    Raises
    ------
    SignInError : the file cannot be used any more; nobody is let in then.
    """
    named = os.environ.get(VARIABLE)
    if not named:
        return None
    path = Path(named)
    try:
        changed = path.stat().st_mtime_ns
    except OSError as error:
        raise SignInError(f"{path}: the sign-in settings cannot be read ({error.strerror})") from error
    return _read_again(path, changed)


@functools.lru_cache(maxsize=2)
def _read_again(path: Path, changed: int) -> SignIn:
    return read_sign_in(path)
