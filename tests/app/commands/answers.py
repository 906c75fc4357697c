"""Answers of commands beside the files that hold them: what scripts rely on changes only where a diff shows it."""

import json
import math
import os
import re
from pathlib import Path
from typing import Any

GOLDEN = Path(__file__).parent / "golden"
DIGITS = 7
"""Numbers must agree to so many significant digits: processors differ in the last ones. Files hold nine."""
VARIES = {
    *("seconds", "run", "run_id", "run_folder", "bytes", "source_sha256", "weights_sha256"),
    *("Software", "cores", "memory_gb", "disk_free_gb", "seconds_per_scan", "peak_memory_mb"),
}
"""Keys whose values are never the same twice or belong to a machine: only that they are there is held."""
HOW = "WRITE_GOLDEN=1 python -m pytest -n0 tests/app/commands/test_golden_answers.py"


def plain(answer: Any, folder: Path) -> Any:
    """Return an answer without what differs from run to run: folders, times, the last digits."""
    if isinstance(answer, dict):
        return {key: "varies" if key in VARIES else plain(value, folder) for key, value in answer.items()}
    if isinstance(answer, list):
        return [plain(value, folder) for value in answer]
    if isinstance(answer, str):
        return re.sub(re.escape(os.fspath(folder)), "FOLDER", answer)
    return float(f"{answer:.9g}") if isinstance(answer, float) else answer


def shape(answer: Any) -> Any:
    """Return an answer with the kind of each value in its place, and of a list its first item."""
    if isinstance(answer, dict):
        return {key: shape(value) for key, value in answer.items()}
    if isinstance(answer, list):
        return [shape(answer[0])] if answer else []
    return "number" if isinstance(answer, int | float) and not isinstance(answer, bool) else type(answer).__name__


def differences(found: Any, held: Any, place: str = "") -> list[str]:
    """Return where two answers differ, one line each."""
    if isinstance(found, dict) and isinstance(held, dict):
        gone, new = sorted(set(held) - set(found)), sorted(set(found) - set(held))
        told = [f"{place}/{key} is gone" for key in gone] + [f"{place}/{key} is new" for key in new]
        return told + [
            line for key in held if key in found for line in differences(found[key], held[key], f"{place}/{key}")
        ]
    if isinstance(found, list) and isinstance(held, list):
        if len(found) != len(held):
            return [f"{place} has {len(found)} items, {len(held)} in the file"]
        pairs = enumerate(zip(found, held, strict=True))
        return [line for i, (one, other) in pairs for line in differences(one, other, f"{place}[{i}]")]
    if isinstance(found, float) and isinstance(held, float | int) and math.isclose(found, held, rel_tol=10.0**-DIGITS):
        return []
    return [] if found == held and type(found) is type(held) else [f"{place} is {found!r}, {held!r} in the file"]


def assert_golden(name: str, answer: Any) -> None:
    """Compare an answer with ``golden/NAME.json``, or write that file where WRITE_GOLDEN is set."""
    path = GOLDEN / f"{name}.json"
    if os.environ.get("WRITE_GOLDEN"):
        path.write_text(json.dumps(answer, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    assert path.is_file(), f"{path.name} is missing; {HOW}"
    found = differences(answer, json.loads(path.read_text(encoding="utf-8")))
    assert not found, f"{path.name}: {'; '.join(found[:8])}. If it is meant: {HOW}"
