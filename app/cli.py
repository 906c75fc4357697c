"""The `mscohort` command: parse, call, print; errors become one clear line and an exit code."""

import argparse
import json
import os
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

from app.printing import can_say_everything, plain_where_needed, silence_stdout
from db.errors import StoreError
from pipeline.errors import PipelineError
from vocabulary.messages import one_line, printable

# Each module has add_parser(subparsers): it names its command and sets run=function(args) -> dict
# and show=function(result) -> str. Modules are imported only for the command asked for.
COMMANDS = {
    "demo": "build the embedded demo store: synthetic, seeded, labelled synthetic everywhere",
    "app": "open the dashboard",
    "import": "cohort table (CSV, TSV, XLSX, Parquet) -> store",
    "join": "a further table about people who are there already, such as a clinical one, by their codes",
    "ingest": "many FLAIR scans (NIfTI, folders, BIDS, DICOM) -> store; resumable",
    "gather": "the parts of a run that several machines measured -> store, published once",
    "segment": "one FLAIR scan -> label images in its own grid, and measures",
    "regions": "where the lesions of one FLAIR scan are: load by anatomical region",
    "map": "how often a place of the brain holds a lesion, in a group, and MS against HC",
    "clusters": "groups of people with like patterns of lesions by region, or that there are none",
    "atlas": "list atlases, add or remove one of your own",
    "train": "train a network on labelled patients, split by patient; resumable",
    "evaluate": "how good models are, on patients they never saw",
    "model": "list the models, or make one of trainings: weights and card as they ship",
    "compare": "MS against HC, or any two groups, for one measure",
    "cohort": "save people chosen by filters under a name, list or remove such cohorts",
    "strata": "one measure by age band, sex and group",
    "correlate": "correlations between measures, per group, and their difference",
    "table1": "who is in the cohort, group by group, as a paper prints it (Word, CSV, LaTeX)",
    "slides": "a PowerPoint file: one finding a slide, charts that stay editable",
    "bundle": "data, answers, slides and methods in one ZIP file that makes its own answers again",
    "norms": "a person against people of the same age and sex: centiles with intervals, references, bridges",
    "report": "one page about one person, as PDF or HTML, in English or Persian",
    "change": "the visits of a person: what changed by more than measuring again gives",
    "review": "a reader's verdict on a scan's measurement: pass, doubt or fail; or what was said so far",
    "reproduce": "the published study, number by number, recomputed",
    "export": "the cohort to take away: tables, data dictionary, content hash (CSV, Parquet, XLSX)",
    "store": "list versions, roll back, audit, bring up to date",
    "doctor": "say what this installation has and where its store is",
}


class UsageError(Exception):
    """The command line asks for something that does not exist; exit code 2."""


def build_parser(command: str | None) -> argparse.ArgumentParser:
    """Return the parser; only the chosen command's module is imported."""
    parser = argparse.ArgumentParser(prog="mscohort", description="MS Cohort Explorer. Research use only.")
    parser.add_argument("--version", action="version", version=f"mscohort {version('mscohort')}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, text in COMMANDS.items():
        sub = subparsers.add_parser(name, help=text, description=text)
        sub.add_argument(
            "--store", type=Path, metavar="DIR", help="store folder (default: MSCOHORT_STORE, else per-user)"
        )
        sub.add_argument("--json", action="store_true", help="print one JSON object on stdout; progress goes to stderr")
        if name == command:
            module = import_module(f"app.commands.{name}_command")
            module.add_arguments(sub)
            sub.set_defaults(run=module.run, show=module.show)
    return parser


def main(argv: list[str] | None = None) -> int:
    """Run one command.

    Returns
    -------
    int : 0 done, 1 failed with one clear line on stderr, 2 wrong usage.
    """
    argv = sys.argv[1:] if argv is None else argv
    plain_where_needed()
    command = next((word for word in argv if word in COMMANDS), None)
    try:
        args = build_parser(command).parse_args(argv)
    except SystemExit as left:  # after --help, --version, wrong usage
        if left.code or _written(command or "", "", 0) == 0:
            raise
        return 1
    try:
        result: dict[str, Any] = args.run(args)
    except UsageError as error:
        print(f"mscohort {args.command}: {error}", file=sys.stderr)
        return 2
    except (StoreError, PipelineError, ValueError, OSError) as error:
        print(f"mscohort {args.command}: {_in_words(error)}", file=sys.stderr)
        for line in getattr(error, "details", ()):
            print(f"  {line}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"mscohort {args.command}: stopped; what was not finished is not in the store", file=sys.stderr)
        return 1
    said = (
        json.dumps(result, ensure_ascii=not can_say_everything(), allow_nan=False) if args.json else args.show(result)
    )
    return _written(args.command, f"{said}\n", 0)


def _in_words(error: Exception) -> str:
    """Return an error as one line; what the system says of a file without the system's number for it."""
    if isinstance(error, OSError) and error.filename is not None and error.strerror and str(error).startswith("[Errno"):
        return printable(f"{os.fsdecode(error.filename)}: {error.strerror[0].lower()}{error.strerror[1:]}", 600)
    return one_line(error)


def _written(command: str, text: str, code: int) -> int:
    """Write an answer to stdout and return the exit code; a disk that is full is a failure, said on stderr."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        silence_stdout()  # the reader, such as `head`, had enough
    except OSError as error:
        silence_stdout()
        reason = error.strerror or one_line(error)
        print(f"mscohort {command}: the answer cannot be written ({reason}); what was done is done", file=sys.stderr)
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
