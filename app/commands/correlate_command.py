"""`mscohort correlate MEASURE...`: correlations per group, and whether the groups differ."""

import argparse
from typing import Any

import polars as pl

from analysis.correlation import METHODS, VARIABLES_THAT_ARE_NOT_MEASURES, correlate, difference_of
from app.commands.filters import add_filter_arguments, counts, filter_from, footing, load_frame, matching_of
from app.commands.second_opinion import add_check_arguments, check_lines
from app.json_rows import rows_of
from app.second_opinion.ask import second_opinion
from app.second_opinion.questions import about_correlations
from app.sentences.comparison import correlation_sentence, matrix_sentence
from app.sentences.formatting import MISSING, format_interval, format_p, format_r, format_table
from app.sentences.labels import adjustment_name, variable_label
from vocabulary.measures import MEASURES

VARIABLES = (*VARIABLES_THAT_ARE_NOT_MEASURES, *MEASURES)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `correlate`."""
    parser.add_argument(
        "measures",
        nargs="+",
        metavar="MEASURE",
        help=f"two or more of {', '.join(VARIABLES)}, and further columns of numbers",
    )
    parser.add_argument("--method", choices=list(METHODS), default="spearman", help="default: spearman")
    parser.add_argument("--partial", action="store_true", help="hold age and sex fixed")
    add_check_arguments(parser)
    add_filter_arguments(parser)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Correlate and return the JSON answer.

    Returns
    -------
    dict : method, partial, measures, filters, n {HC, MS}, answer (sentences), cells (rows of
        ``analysis.correlation.correlate``), differences (rows of ``difference_of``), and the source

    Raises
    ------
    app.cli.UsageError : fewer than two different variables.
    """
    names = list(dict.fromkeys(args.measures))
    if len(names) < 2:
        from app.cli import UsageError

        raise UsageError(f"needs two or more different measures, got only {names[0]}")
    source, everyone = load_frame(args)
    _check_variables(names, everyone)
    chosen = filter_from(args)
    frame = chosen.apply(everyone)
    cells = correlate(frame, names, args.method, args.partial, args.adjust)
    differences = difference_of(cells)
    one_pair = len(names) == 2
    answer = correlation_sentence(cells, differences, *names) if one_pair else matrix_sentence(cells)
    result = {
        "method": args.method,
        "partial": args.partial,
        "measures": names,
        **source.to_dict(),
        "filters": chosen.to_dict(),
        "filter_text": chosen.describe(),
        "n": counts(frame),
        **matching_of(chosen, everyone, frame),
        "answer": [answer],
        "cells": rows_of(cells.drop("method")),
        "differences": rows_of(differences.drop("method")),
    }
    if args.check:
        result["check"] = second_opinion(*about_correlations(frame, cells, args.adjust))
    return result


def _check_variables(names: list[str], frame: pl.DataFrame) -> None:
    """Raise UsageError for a name that is neither a measure nor a further column of numbers."""
    further = [name for name in frame.columns if name not in VARIABLES and frame.schema[name].is_numeric()]
    for name in names:
        if name not in (*VARIABLES, *further):
            from app.cli import UsageError

            raise UsageError(f"argument MEASURE: '{name}' is none of {', '.join((*VARIABLES, *further))}")


def show(result: dict[str, Any]) -> str:
    """Return the answer for a person: the sentence, both tables, the source."""
    headers = ("group", "x", "y", "r", "95 % CI", "p", "p adjusted", "q BH", "n", "note")
    cells = [
        (
            c["group"],
            variable_label(c["x"]),
            variable_label(c["y"]),
            MISSING if c["r"] is None else format_r(c["r"]),
            _interval(c),
            format_p(c["p_value"]),
            format_p(c["p_adjusted"]),
            format_p(c["q_value"]),
            f"{c['n']:,}",
            c["reason"] or c["note"] or "",
        )
        for c in result["cells"]
    ]
    gaps = [
        (
            variable_label(d["x"]),
            variable_label(d["y"]),
            MISSING if d["difference"] is None else format_r(d["difference"]),
            _interval(d),
            format_p(d["p_value"]),
            format_p(d["p_adjusted"]),
            d["reason"] or d["note"] or "",
        )
        for d in result["differences"]
    ]
    adjusted = adjustment_name(result["cells"][0])
    method = f"{result['method'].capitalize()}{', age and sex held fixed' if result['partial'] else ''}"
    return "\n".join(
        [
            *result["answer"],
            "",
            format_table(headers, cells),
            f"{method}. p adjusted by {adjusted}, q by Benjamini-Hochberg, over {result['cells'][0]['family_size']}.",
            "",
            format_table(("x", "y", "r MS - r HC", "95 % CI", "p", "p adjusted", "note"), gaps),
            f"Fisher z, p adjusted by {adjusted} over {result['differences'][0]['family_size']}.",
            *check_lines(result),
            footing(result),
        ]
    )


def _interval(row: dict[str, Any]) -> str:
    return MISSING if row["ci_low"] is None else format_interval(row["ci_low"], row["ci_high"], format_r)
