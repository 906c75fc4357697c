"""`mscohort bundle`: data, answers, slides and methods in one ZIP file that makes its own answers again."""

import argparse
import shlex
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from app.commands.filters import add_filter_arguments, counts, filter_from, filter_words, footing, load_frame
from app.commands.slides_command import add_finding_arguments, colophon
from app.commands.table1_command import table_file
from app.exports.bundle import bundle_bytes
from app.exports.bundle_figures import figure_files
from app.exports.contents import contents
from app.exports.files import file_contents
from app.slides.findings import DEFAULT_MEASURES, findings
from db.sql_files import statements
from db.store import Store, default_root
from vocabulary.files import write_whole
from vocabulary.messages import counted


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `bundle`."""
    parser.add_argument("--out", type=_zip_file, required=True, metavar="FILE.zip", help="the file to write")
    add_finding_arguments(parser)
    parser.add_argument("--title", default="", help="default: the dataset and the filter")
    add_filter_arguments(parser)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Write the bundle and return the JSON answer.

    Returns
    -------
    dict : filters, n {HC, MS}, answers (the command behind each), data_content_sha256 (of the dataset
        inside), figures (their files; none without a browser to draw them), out, and where the numbers come from
    """
    from app.slides.deck import deck_bytes

    source, everyone = load_frame(args)
    chosen = filter_from(args)
    frame = chosen.apply(everyone)
    if frame.is_empty():
        raise ValueError(f"nobody is left to bundle: {chosen.describe()}")
    found = list(findings(frame, args.pages, args.measure or DEFAULT_MEASURES, chosen))
    if chosen.cohort is not None:
        name, rule = chosen.cohort
        raise ValueError(
            f"a bundle names people by filters: instead of the saved cohort '{name}' type {filter_words(rule)}"
        )
    if not found:
        raise ValueError("nothing was asked for; name some with --pages")
    typed = filter_words(chosen)
    about = colophon(source, chosen.describe(), counts(frame), args.title, typed)
    commands = dict.fromkeys(["table1", *(finding.command for finding in found)])
    answers = [_asked([*shlex.split(command), *shlex.split(typed)], args.store) for command in commands]
    answers.append(_slides_asked(args, typed))
    with Store(args.store or default_root()).read() as snapshot:
        held = contents(snapshot, source.dataset_id, source.protocol_id, everyone, None)
    methods = [f"{finding.title}. {finding.answer} {finding.detail}\n{finding.method}\n" for finding in found]
    (_, table) = answers[0]
    figures = figure_files(frame, found, about, synthetic=source.synthetic)
    made = bundle_bytes(
        about={
            "name": args.out.stem, "title": about.title, "source": about.source, "version": about.version,
            "warnings": " ".join(about.warnings), "release": version("mscohort"),
        },
        data=file_contents(held, "csv"),
        answers=answers,
        files={
            "slides.pptx": deck_bytes(found, about),
            **figures,
            "table1.docx": table_file("docx", table),
            "methods.txt": "\n".join([about.source, about.version, *about.warnings, "", *methods]).encode(),
            "cohort.sql": statements("queries")["cohort"].encode(),
        },
    )  # fmt: skip
    write_whole(made, args.out)
    return {
        **source.to_dict(),
        "filters": chosen.to_dict(),
        "filter_text": chosen.describe(),
        "n": counts(frame),
        "answers": [shlex.join(words) for words, _ in answers],
        "figures": list(figures),
        "data_content_sha256": held.about["content_sha256"],
        "out": str(args.out),
    }


def show(result: dict[str, Any]) -> str:
    """Say what the bundle holds."""
    lines = [
        f"{counted(len(result['answers']), 'answer')} in {result['out']}; unpack it and type make to have them again"
    ]
    lines += [f"  mscohort {command}" for command in result["answers"]]
    if not result["figures"]:
        lines.append("  without figures: they need Chrome, Chromium or Edge on this machine to be drawn")
    return "\n".join([*lines, f"  data: content {result['data_content_sha256'][:16]}", footing(result)])


def _asked(words: list[str], store: Path | None) -> tuple[list[str], dict[str, Any]]:
    """Ask one of our own commands, as the shell would."""
    command = import_module(f"app.commands.{words[0]}_command")
    parser = argparse.ArgumentParser(prog=f"mscohort {words[0]}")
    command.add_arguments(parser)
    parser.set_defaults(store=store)
    answer: dict[str, Any] = command.run(parser.parse_args(words[1:]))
    return words, answer


def _slides_asked(args: argparse.Namespace, typed: str) -> tuple[list[str], dict[str, Any]]:
    """Ask for the slides, too: their sentences say what no other answer does, such as how lesions are split."""
    measures = [word for name in args.measure for word in ("--measure", name)]
    words = ["slides", "--pages", ",".join(args.pages), *measures, *shlex.split(typed), "--out"]
    with TemporaryDirectory(prefix="mscohort-") as folder:
        _, answer = _asked([*words, f"{folder}/slides.pptx"], args.store)
    return [*words, "rebuilt/slides.pptx"], answer | {"out": "rebuilt/slides.pptx"}


def _zip_file(text: str) -> Path:
    if Path(text).suffix.lower() != ".zip":
        raise argparse.ArgumentTypeError(f"'{text}' does not end in .zip")
    return Path(text)
