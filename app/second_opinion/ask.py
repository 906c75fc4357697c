"""Put our tests to pingouin and set its numbers beside ours."""

import json
import math
import os
import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

CHILD = Path(__file__).with_name("child.py")
LONGEST_SECONDS = 300
NOT_INSTALLED = (
    "the check needs pingouin, which is not installed; `make run` installs it, or: "
    "python -m pip install -r requirements/check.txt"
)
NUMBERS = {
    "statistic": "statistic",
    "df": "degrees of freedom",
    "p_value": "p",
    "effect_size": "effect",
    "r": "r",
    "p_adjusted": "p adjusted",
}


class CheckFailed(RuntimeError, OSError):
    """No second opinion can be had; the message says why and what to do."""


@dataclass(frozen=True)
class Question:
    """One test: what it is called, what pingouin is asked, and our numbers by the names it answers with."""

    label: str
    asked: dict[str, Any]
    ours: dict[str, Any]


def second_opinion(questions: list[Question], untested: list[str]) -> dict[str, Any]:
    """Ask pingouin, in a process of its own, and compare number by number.

    Parameters
    ----------
    questions : what both can answer
    untested : labels of our tests that pingouin does not have

    Returns
    -------
    dict : program, version, max_abs_difference (None where nothing could be compared), rows (test, number, ours,
        theirs, difference, note), untested

    Raises
    ------
    CheckFailed : pingouin is not installed, or its process did not answer.
    """
    answered = _ask([question.asked for question in questions])
    rows: list[dict[str, Any]] = []
    for question, theirs in zip(questions, answered["answers"], strict=True):
        rows += _rows(question, theirs)
    gaps = [row["difference"] for row in rows if row["difference"] is not None]
    return {
        "program": "pingouin",
        "version": answered["version"],
        "max_abs_difference": max(gaps) if gaps else None,
        "rows": rows,
        "untested": untested,
    }


def _ask(asked: list[dict[str, Any]]) -> dict[str, Any]:
    if find_spec("pingouin") is None:
        raise CheckFailed(NOT_INSTALLED)
    # -P: the folder of the child holds files whose names other packages may use.
    command = [sys.executable, "-P", os.fspath(CHILD)]
    try:
        done = subprocess.run(
            command, input=json.dumps(asked), capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        raise CheckFailed(f"pingouin gave no answer within {LONGEST_SECONDS} seconds") from None
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise CheckFailed(f"pingouin's process failed: {last}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def _rows(question: Question, theirs: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    for name, mine in question.ours.items():
        row = {"test": question.label, "number": NUMBERS[name], "ours": mine, "theirs": None, "difference": None}
        other = theirs.get(name)
        if isinstance(mine, list):
            pairs = zip(mine, other or [], strict=False)
            gaps = [abs(a - b) for a, b in pairs if a is not None and b is not None and math.isfinite(b)]
            row |= {"ours": None, "difference": max(gaps, default=None), "note": f"largest of {len(gaps)}"}
        elif "error" in theirs or other is None or not math.isfinite(other):
            row["note"] = theirs.get("error", "pingouin gives no number")
        else:
            row |= {"theirs": other, "difference": abs(mine - other), "note": None}
        rows.append(row)
    return rows
