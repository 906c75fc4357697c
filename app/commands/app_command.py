"""`mscohort app`: run the dashboard, for its owner alone or for a group that signs in; open the browser."""

import argparse
import os
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.request
import webbrowser
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.error import URLError

from app.access.sign_in import VARIABLE as SIGN_IN
from app.access.sign_in import SignIn, read_sign_in
from app.access.token import PARAMETER, new_token, opening_page
from app.access.token import VARIABLE as TOKEN
from vocabulary.messages import printable

ALLOCATOR = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": "1048576",
    "MALLOC_TRIM_THRESHOLD_": "1048576",
    "_RJEM_MALLOC_CONF": "dirty_decay_ms:0,muzzy_decay_ms:0",
}
"""What makes the C library of Linux, and the allocator of Polars, hand memory back at once: of a million people two
hundred megabytes."""

ADDRESS = "127.0.0.1"
FIRST_PORT = 8501
ROOT = Path(__file__).resolve().parents[2]
SERVER = ROOT / "app" / "server.py"
START_SECONDS = 600
"""A server that runs but does not answer for so long hangs; on a busy machine a minute is nothing."""

NOBODY = "https://nobody.invalid"
"""An origin that cannot exist (RFC 2606): a flag cannot empty a list of trusted ones, but it can replace it."""

# The values of .streamlit/config.toml that protect people; as flags they outrank variables and a user's own settings.
GUARDS = (
    ("global.developmentMode", "false"),
    ("server.address", ADDRESS),
    ("server.allowedHosts", ADDRESS),
    ("server.allowedHosts", "localhost"),
    ("server.corsAllowedOrigins", NOBODY),
    ("server.enableAgentApi", "false"),
    ("server.enableCORS", "true"),
    ("server.enableStaticServing", "false"),
    ("server.enableXsrfProtection", "true"),
    ("server.fileWatcherType", "none"),
    ("server.maxUploadSize", "200"),
    ("server.runOnSave", "false"),
    ("server.scriptHealthCheckEnabled", "false"),
    ("server.showEmailPrompt", "false"),
    ("server.trustedUserHeaders", "{}"),
    ("server.xsrfCookieSameSite", "lax"),
    ("browser.gatherUsageStats", "false"),
    ("browser.serverAddress", ADDRESS),
    # Pages of these origins may steer the dashboard; by default those of a cloud service are among them.
    ("client.allowedOrigins", NOBODY),
    ("client.showErrorDetails", "none"),
    ("client.showErrorLinks", "false"),
    ("client.toolbarMode", "minimal"),
    # Coloured tracebacks would go to stdout, which is thrown away.
    ("logger.enableRich", "false"),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add this command's options."""
    parser.add_argument(
        "--port", type=int, metavar="N", help=f"port to serve on (default: {FIRST_PORT}, else the next free one)"
    )
    parser.add_argument(
        "--address",
        default=ADDRESS,
        metavar="NAME",
        help=f"address to listen on (default: {ADDRESS}); any other than this computer's own only with --sign-in",
    )
    parser.add_argument(
        "--sign-in",
        type=Path,
        metavar="FILE",
        help="settings of the OpenID provider people sign in with and of their roles; without it, a token in the "
        "address lets its owner in alone",
    )
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser window")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Serve the dashboard until it is stopped with Ctrl-C or a termination signal.

    Returns
    -------
    dict : ``url``, ``port`` and ``seconds_to_start``, once the server has stopped.

    Raises
    ------
    UsageError : an address was asked for that other computers reach, without a sign-in.
    SignInError : the sign-in settings cannot be used.
    OSError : the port asked for is taken, no port is free, or the server stops by itself.
    """
    sign_in = read_sign_in(args.sign_in) if args.sign_in else None
    if sign_in is None and args.address not in (ADDRESS, "localhost"):
        from app.cli import UsageError

        raise UsageError(
            f"--address {printable(args.address)} is refused: without --sign-in FILE everyone who reaches the address "
            f"could try to come in; the dashboard answers at {ADDRESS} only (from elsewhere: an SSH tunnel)"
        )
    if sign_in is not None and find_spec("authlib") is None:
        raise OSError("--sign-in needs Authlib; install it with: pip install 'mscohort[auth]'")
    port, secret = choose_port(args.port), new_token()
    path = base_path(os.environ) if sign_in is None else sign_in.base_path
    url = f"http://{_reached(args.address)}:{port}{path}"
    started = time.monotonic()
    # Streamlit's welcome goes to stdout, which belongs to our own answer; its errors stay visible on stderr.
    server = subprocess.Popen(
        command(port, args.address, sign_in), cwd=ROOT, env=_environment(args, secret), stdout=subprocess.DEVNULL
    )
    previous = signal.signal(signal.SIGTERM, _stop(server))
    opening: Path | None = None
    try:
        _wait_until_healthy(server, url, secret)
        seconds = time.monotonic() - started
        opened = f"{url}/?{PARAMETER}={secret}" if sign_in is None else f"{sign_in.origin}{path}/"
        who = "only for whoever has this address" if sign_in is None else "for those who sign in"
        print(f"MS Cohort Explorer is open at {opened}  ({who}; Ctrl-C stops it)", file=sys.stderr)
        if not args.no_browser:
            opening = opening_page(opened)
            webbrowser.open(opening.as_uri())
        code = server.wait()
    except KeyboardInterrupt:
        code = 0
    finally:
        server.terminate()
        server.wait()
        signal.signal(signal.SIGTERM, previous)
        if opening is not None:
            opening.unlink(missing_ok=True)
    if code not in (0, -signal.SIGTERM):
        raise OSError(f"the dashboard stopped by itself (exit code {code}); its last lines above say why")
    return {"url": url, "port": port, "seconds_to_start": round(seconds, 2)}


def _environment(args: argparse.Namespace, secret: str) -> dict[str, str]:
    """Return the server's variables; secrets go this way, because every user of a machine reads command lines."""
    environment = ALLOCATOR | dict(os.environ) | {TOKEN: secret}
    environment.pop(SIGN_IN, None)
    if args.sign_in is not None:
        environment[SIGN_IN] = os.fspath(args.sign_in.resolve())
    if not Path(os.path.expanduser("~")).is_absolute():  # noqa: PTH111
        # Imported only here: the server should not wait for the database.
        from db.store import default_root

        environment["HOME"] = os.fspath(args.store or default_root())  # Streamlit does not start where there is no home
    if args.store is not None:
        environment["MSCOHORT_STORE"] = os.fspath(args.store.resolve())
    return environment


def show(result: dict[str, Any]) -> str:
    """Return the last line of a session."""
    return f"The dashboard at {result['url']} has stopped."


def command(port: int, address: str = ADDRESS, sign_in: SignIn | None = None) -> list[str]:
    """Return the command line that serves the dashboard on ``port``, headless and guarded.

    Parameters
    ----------
    address : to listen on
    sign_in : settings of a group's sign-in, whose address is answered, too
    """
    guards = [(name, address if name == "server.address" else value) for name, value in GUARDS]
    if sign_in is not None:
        guards += [
            ("server.allowedHosts", sign_in.host.partition(":")[0]),
            ("server.baseUrlPath", sign_in.base_path.strip("/")),
        ]
    flags = (*guards, ("server.port", str(port)), ("server.headless", "true"))
    options = [part for name, value in flags for part in (f"--{name}", value)]
    return [sys.executable, "-m", "streamlit", "run", os.fspath(SERVER), *options]


def _reached(address: str) -> str:
    """Return the address by which this computer reaches a server that listens on ``address``."""
    return ADDRESS if address in ("", "0.0.0.0", "::", "localhost") else address  # noqa: S104


def base_path(environment: Mapping[str, str]) -> str:
    """Return the path under which Streamlit serves, as JupyterHub or Posit set it: empty, or such as ``/user/7``.

    Parameters
    ----------
    environment : variables; ``STREAMLIT_SERVER_BASE_URL_PATH`` outranks the settings file of the user

    Examples
    --------
    >>> base_path({"STREAMLIT_SERVER_BASE_URL_PATH": "user/7/"})
    '/user/7'
    """
    said = environment.get("STREAMLIT_SERVER_BASE_URL_PATH")
    if said is None:
        for folder in (ROOT, Path(os.path.expanduser("~"))):  # noqa: PTH111
            try:
                settings = tomllib.loads((folder / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
            except (OSError, ValueError):
                continue
            server = settings.get("server", {})
            said = server.get("baseUrlPath", said) if said is None and isinstance(server, dict) else said
    plain = str(said or "").strip().strip("/")
    return f"/{plain}" if plain else ""


def choose_port(asked: int | None) -> int:
    """Return the port to serve on: the one asked for, else the first free one from 8501.

    Raises
    ------
    ValueError : ``asked`` is not a port number.
    OSError : the port asked for, or every port tried, is taken.
    """
    if asked is not None:
        if not 1 <= asked <= 65535:
            raise ValueError(f"port {asked} does not exist; expected a number from 1 to 65535")
        if not _is_free(asked):
            raise OSError(f"port {asked} is in use; stop the program there, or leave out --port to take a free one")
        return asked
    for port in range(FIRST_PORT, FIRST_PORT + 100):
        if _is_free(port):
            return port
    raise OSError(f"no free port from {FIRST_PORT} to {FIRST_PORT + 99}; name one with --port N")


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name == "posix":
            # A server stopped seconds ago leaves its port in TIME_WAIT, which is no reason to refuse it.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError:
            return False
    return True


def _wait_until_healthy(server: "subprocess.Popen[bytes]", url: str, secret: str) -> None:
    # No proxy between this machine and itself, whatever the environment says.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    asked = urllib.request.Request(f"{url}/_stcore/health", headers={"Authorization": f"Bearer {secret}"})  # noqa: S310
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with opener.open(asked, timeout=2) as answer:
                if answer.read() == b"ok":
                    return
        except (URLError, OSError):
            pass
        time.sleep(0.1)
    if server.poll() is None:
        raise OSError(f"the dashboard did not answer at {url} within {START_SECONDS} seconds")
    raise OSError(f"the dashboard could not start (exit code {server.returncode}); the lines above say why")


def _stop(server: "subprocess.Popen[bytes]") -> Any:
    def handler(_signal: int, _frame: FrameType | None) -> None:
        server.terminate()

    return handler
