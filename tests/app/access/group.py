"""A dashboard for a group, as people meet it: an OpenID provider, the server, and nginx in front under a sub-path."""

import json
import os
import shutil
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError

from tests import patience
from tests.browser.harness import ADDRESS, OURS, WITH_TOKEN, free_port, wait_for_health
from tests.patience import wait_until

PEOPLE = ("vera", "anna", "carl", "nobody", "mallory")
"""A viewer, an analyst, a curator, somebody without a role, somebody who only claims to be the curator."""

NGINX = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
worker_processes 1;
events {{ worker_connections 256; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  map $http_upgrade $connection_upgrade {{ default upgrade; '' close; }}
  server {{
    listen 127.0.0.1:{port};
    client_max_body_size 200m;
    location /cohort/ {{
      proxy_pass http://127.0.0.1:{behind};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_read_timeout 1d;
      proxy_buffering off;
    }}
  }}
}}
"""


@dataclass(frozen=True)
class Group:
    """A running dashboard.

    Attributes
    ----------
    url : as people see it, behind nginx
    behind : address of the server itself
    settings : the file with the roles
    store : folder
    """

    url: str
    behind: str
    settings: Path
    store: Path


def nginx_path() -> str | None:
    """Return nginx, or None where it is not installed."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin")


@contextmanager
def provider() -> Iterator[str]:
    """Run an OpenID provider on the loopback and yield its address."""
    port = free_port()
    url = f"http://{ADDRESS}:{port}"
    words = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    words += ["--require-registration", "true", "--require-nonce", "true"]
    for name in PEOPLE:
        claims = {"sub": f"{name}-1", "email": f"{name}@hospital.example", "email_verified": True, "name": name}
        if name == "mallory":
            claims |= {"email": "carl@hospital.example", "email_verified": False}
        words += ["--user-claims", json.dumps(claims)]
    environment = os.environ | {"AUTHLIB_INSECURE_TRANSPORT": "1"}
    with running(words, env=environment) as process:
        wait_until(lambda: answers(f"{url}/.well-known/openid-configuration", process), "the OpenID provider")
        yield url


def registered(issuer: str, redirect_uri: str) -> tuple[str, str]:
    """Register the dashboard with the provider (RFC 7591) and return its identifier and secret."""
    asked = urllib.request.Request(
        f"{issuer}/oauth2/clients",
        data=json.dumps({"redirect_uris": [redirect_uri], "scope": "openid profile email"}).encode(),
        headers={"Content-Type": "application/json"},
    )
    with opener().open(asked, timeout=patience.SECONDS) as answer:
        client = json.load(answer)
    return client["client_id"], client["client_secret"]


@contextmanager
def group(folder: Path, store: Path, issuer: str) -> Iterator[Group]:
    """Run the dashboard with sign-in, behind nginx at ``/cohort/`` where nginx is installed, else by itself there."""
    behind = free_port()
    nginx = nginx_path()
    port = free_port() if nginx else behind
    redirect_uri = f"http://{ADDRESS}:{port}/cohort/oauth2callback"
    client_id, client_secret = registered(issuer, redirect_uri)
    settings = folder / "sign-in.toml"
    settings.write_text(
        f'[auth]\nredirect_uri = "{redirect_uri}"\ncookie_secret = "{"0123456789abcdef" * 4}"\n'
        f'client_id = "{client_id}"\nclient_secret = "{client_secret}"\n'
        f'server_metadata_url = "{issuer}/.well-known/openid-configuration"\n\n'
        '[access]\nviewer = ["vera@hospital.example"]\nanalyst = ["anna@hospital.example"]\n'
        'curator = ["carl@hospital.example"]\n'
    )
    settings.chmod(0o600)
    words = [*OURS, "app", "--no-browser", "--port", str(behind), "--sign-in", os.fspath(settings)]
    url = f"http://{ADDRESS}:{port}/cohort"
    with running([*words, "--store", os.fspath(store)], env=os.environ | WITH_TOKEN) as process:
        wait_for_health(f"http://{ADDRESS}:{behind}/cohort", process)
        found = Group(url, f"http://{ADDRESS}:{behind}", settings, store)
        if nginx is None:
            yield found
            return
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port, behind=behind))
        with running([nginx, "-p", os.fspath(folder), "-c", os.fspath(folder / "nginx.conf")]) as proxy:
            wait_until(lambda: answers(url, proxy), "nginx")
            yield found


@contextmanager
def running(words: list[str], env: dict[str, str] | None = None) -> Iterator["subprocess.Popen[bytes]"]:
    """Run a program until the block ends."""
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, env=env)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=patience.SECONDS)


def opener() -> urllib.request.OpenerDirector:
    """Return what asks this machine without any proxy."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def answers(url: str, process: "subprocess.Popen[bytes]") -> bool:
    """Tell whether something answers at ``url``, whatever it says."""
    if process.poll() is not None:
        raise RuntimeError(f"the program ended with exit code {process.returncode}")
    try:
        opener().open(url, timeout=5).close()
    except HTTPError:
        return True
    except OSError:
        return False
    return True
