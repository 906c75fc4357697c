"""`mscohort report SUBJECT --lang en|fa --out FILE`: one page about one person, as PDF or HTML."""

import argparse
import time
from pathlib import Path
from typing import Any

from app.patient import place
from app.person_report import people_named, person_report
from app.references import library
from app.report.languages import languages
from app.report.render import html, pdf
from db.errors import NotInStore
from db.store import Store, default_root
from vocabulary.files import write_whole
from vocabulary.measures import RESEARCH_ONLY

ENDINGS = {".pdf": pdf, ".html": html}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `report`."""
    parser.add_argument("subject", metavar="SUBJECT", help="a person of the store")
    parser.add_argument("--lang", choices=languages(), default="en", help="language of the report (default: en)")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="FILE.pdf or FILE.html")
    parser.add_argument("--dataset", metavar="NAME", help="needed where several datasets have such a person")
    parser.add_argument("--protocol", metavar="ID", help="needed where the person was measured under several protocols")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Write the report of a person's latest scan.

    Raises
    ------
    NotInStore : no such person, or several and none was named
    """
    make = ENDINGS.get(args.out.suffix.lower())
    if make is None:
        from app.cli import UsageError

        raise UsageError(f"--out {args.out.name} must end in .pdf or .html")
    root = args.store or default_root()
    began = time.monotonic()
    with Store(root).read() as snapshot:
        found = people_named(snapshot, args.subject, args.dataset, args.protocol)
        if len(found) > 1:
            where = ", ".join(f"--dataset {scans[0].dataset_id} --protocol {scans[0].protocol}" for scans in found)
            raise NotInStore(f"'{args.subject}' is in the store several times; name one of: {where}")
        content = person_report(snapshot, found[0], place(found[0][0], library(root)), args.lang)
    write_whole(make(content), args.out)
    return {
        "subject": args.subject,
        "lang": args.lang,
        "out": str(args.out),
        "answer": content.answers,
        "impossible": content.impossible,
        "synthetic": bool(content.synthetic),
        "seconds": round(time.monotonic() - began, 2),
    }


def show(result: dict[str, Any]) -> str:
    """Say what was written and what it opens with."""
    return "\n".join([*result["answer"], f"written to {result['out']} in {result['seconds']:.1f} s", RESEARCH_ONLY])
