"""`mscohort slides`: a PowerPoint file, one finding a slide, charts that stay editable."""

import argparse
from importlib.metadata import version
from pathlib import Path
from typing import Any

from app.commands.filters import (
    Source,
    add_filter_arguments,
    counts,
    filter_from,
    filter_words,
    footing,
    load_frame,
    matching_of,
)
from app.slides.findings import DEFAULT_MEASURES, PAGES, findings
from app.words.tables import LANGUAGES
from vocabulary.files import write_whole
from vocabulary.measures import MEASURES, RESEARCH_ONLY, SYNTHETIC_NOTICE
from vocabulary.messages import counted

DEFAULT_PAGES = ("overview", "compare", "trend", "zones", "correlations")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `slides`."""
    from app.slides.deck import SIZES, THEMES

    parser.add_argument("--out", type=_deck_file, required=True, metavar="FILE.pptx", help="the file to write")
    add_finding_arguments(parser)
    parser.add_argument("--title", default="", help="of the title slide; default: the dataset and the filter")
    parser.add_argument("--size", choices=list(SIZES), default="16:9", help="default: 16:9")
    parser.add_argument("--theme", choices=list(THEMES), default="light", help="default: light")
    parser.add_argument("--lang", choices=list(LANGUAGES), default="en", help="language of the slides (default: en)")
    add_filter_arguments(parser)


def add_finding_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --pages and --measure: which findings, and about what."""
    parser.add_argument(
        "--pages", type=lambda text: [word.strip() for word in text.split(",") if word.strip()],
        default=list(DEFAULT_PAGES), metavar="NAMES", help=f"of {', '.join(PAGES)}; default: {','.join(DEFAULT_PAGES)}",
    )  # fmt: skip
    parser.add_argument(
        "--measure", action="append", choices=list(MEASURES), metavar="MEASURE", default=[],
        help=f"what compare, trend and age-sex are about; repeatable; default: {' and '.join(DEFAULT_MEASURES)}",
    )  # fmt: skip


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Write the deck and return the JSON answer.

    Returns
    -------
    dict : filters, n {HC, MS}, slides (kind, title, answer, command of each finding), out, and where the
        numbers come from
    """
    from app.slides.deck import deck_bytes

    source, everyone = load_frame(args)
    chosen = filter_from(args)
    frame = chosen.apply(everyone)
    if frame.is_empty():
        raise ValueError(f"nobody is left to make slides of: {chosen.describe()}")
    found = list(findings(frame, args.pages, args.measure or DEFAULT_MEASURES, chosen))
    if not found:
        raise ValueError("no slide was asked for; name some with --pages")
    about = colophon(source, chosen.describe(), counts(frame), args.title, filter_words(chosen))
    write_whole(deck_bytes(found, about, args.size, args.theme, args.lang), args.out)
    return {
        **source.to_dict(),
        "filters": chosen.to_dict(),
        "filter_text": chosen.describe(),
        "n": counts(frame),
        **matching_of(chosen, everyone, frame),
        "slides": [{"kind": f.kind, "title": f.title, "answer": f.answer, "command": f.command} for f in found],
        "out": str(args.out),
    }


def show(result: dict[str, Any]) -> str:
    """Say what the deck holds."""
    lines = [f"{counted(len(result['slides']), 'finding')} in {result['out']}"]
    lines += [f"  {slide['title']}: {slide['answer']}" for slide in result["slides"]]
    return "\n".join([*lines, footing(result)])


def colophon(source: Source, filter_text: str, n: dict[str, int], title: str, arguments: str) -> Any:
    """Return what title slide and feet say about the source."""
    from app.slides.colophon import Colophon

    people = f"{n['MS']:,} MS, {n['HC']:,} HC"
    said = f"{source.dataset_id}, protocol {source.protocol_id}: {filter_text} ({people})"
    made = f"mscohort {version('mscohort')}, store version {source.store_version}, content {source.content_sha256[:16]}"
    warnings = (RESEARCH_ONLY, *((SYNTHETIC_NOTICE,) if source.synthetic else ()))
    return Colophon(title or f"{source.dataset_id}: {filter_text}", said, made, warnings, arguments)


def _deck_file(text: str) -> Path:
    if Path(text).suffix.lower() != ".pptx":
        raise argparse.ArgumentTypeError(f"'{text}' does not end in .pptx")
    return Path(text)
