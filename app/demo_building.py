"""`mscohort demo` for whoever looks at an empty dashboard: in a process of its own, as on the command line."""

import os
import subprocess
import sys
from pathlib import Path

from app.access.roles import Person
from app.jobs.job import ROOT
from app.jobs.runner import error_lines
from db.audit_log import ACTOR_VARIABLE


def build_demo(root: Path, by: Person, *options: str) -> list[str]:
    """Fill the store with the synthetic demonstration and return what went wrong, in lines; none where it is built.

    Where the store holds something by now, nothing changes.

    Parameters
    ----------
    root : the store's folder
    by : who asks for it; the audit log says so
    options : further ones of `mscohort demo`

    Raises
    ------
    NotAllowed : this person may not write to the store.
    """
    by.needs("write")
    try:
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", "demo", "--if-empty", "--store", os.fspath(root), *options],
            cwd=ROOT,
            env=os.environ | {ACTOR_VARIABLE: by.name},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
        )
    except OSError as error:
        return [f"The demonstration cannot be built ({error.strerror})."]
    return error_lines(done.stderr, done.returncode, "demo", "Building the demonstration") if done.returncode else []
