"""`python -m benchmarks.meeting`: seconds of a picture and of a deck of eight findings, as charts and as pictures.

Every deck is made by a process of its own, so that starting Python and the browser that draws is in its time.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PNG_TARGET, DECK_TARGET = 2.0, 15.0
"""Seconds promised: a picture by a browser that is running, a deck from nothing."""

FINDINGS = ("compare", "trend", "age-sex", "overview", "lesion-free")
"""The first three are about two measures each: eight slides between the title and the methods."""
MEASURES = ("wmh_ratio_pct", "ventricle_ratio_pct")

_PICTURES = """
import sys, time
from pathlib import Path
from app.export import image_bytes
from app.figures.cohort.raincloud import raincloud
from app.figures.theme import Format, captioned
from app.slides.charts import Picture
from app.slides.colophon import Colophon
from app.slides.deck import deck_bytes
from app.slides.findings import Finding
from db.store import Store
from vocabulary.measures import MEASURES
store, out, lang, runs = sys.argv[1:]
with Store(Path(store)).read() as held:
    frame = held.cohort("demo")
names = [name for name in MEASURES if name in frame.columns and frame[name].null_count() < frame.height][:8]
found = [Finding("figure", n, n, "", Picture(raincloud(frame, n), True), "How.", "") for n in names]
Path(out).write_bytes(deck_bytes(found, Colophon("Eight", "demo", "", (), ""), lang=lang))
assert len(found) == 8
page = captioned(found[0].chart.figure, "An answer.<br>Who.", synthetic=True, lang=lang, title="A", fit=Format("16:9"))
for _ in range(int(runs)):
    began = time.perf_counter()
    image_bytes(page, "png")
    print(time.perf_counter() - began)
"""


def main() -> None:
    """Make the decks, print one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.meeting", description=__doc__)
    parser.add_argument("--runs", type=int, default=9, metavar="N", help="pictures drawn by a running browser")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        store = str(Path(folder) / "store")
        _timed([sys.executable, "-m", "app.cli", "demo", "--scans", "0", "--store", store])
        answer: dict[str, Any] = {
            "load_at_start": os.getloadavg()[0], "targets": {"png": PNG_TARGET, "deck": DECK_TARGET}
        }  # fmt: skip
        for lang in ("en", "fa"):
            out = str(Path(folder) / f"{lang}.pptx")
            words = [sys.executable, "-m", "app.cli", "slides", "--pages", ",".join(FINDINGS), "--lang", lang]
            words += [word for measure in MEASURES for word in ("--measure", measure)]
            made, _ = _timed([*words, "--out", out, "--store", store])
            drawn, printed = _timed([sys.executable, "-c", _PICTURES, store, out, lang, str(args.runs)])
            pictures = [float(line) for line in printed.split()]
            # The pictures timed one by one are not part of the deck.
            drawn["wall"] -= sum(pictures)
            answer[lang] = {
                "eight charts": made,
                "eight pictures": drawn,
                "png, browser running": {"median": statistics.median(pictures), "worst": max(pictures)},
                "kB of eight pictures": Path(out).stat().st_size // 1024,
            }
    sys.stdout.write(json.dumps(answer) + "\n")


def _timed(words: list[str]) -> tuple[dict[str, float], str]:
    """Run a command; return its seconds by the clock and of the processor, its children included, and what it said."""
    before, began = os.times(), time.perf_counter()
    done = subprocess.run(words, check=True, capture_output=True, text=True)
    wall, after = time.perf_counter() - began, os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return {"wall": wall, "cpu": spent}, done.stdout


if __name__ == "__main__":
    main()
