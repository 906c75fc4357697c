"""`mscohort compare MEASURE`: MS against HC for one measure."""

import argparse
from typing import Any

from analysis.comparison import compare
from analysis.covariates import with_covariates
from analysis.normality import normality
from analysis.varying_effect import effect_at
from app.commands.filters import add_filter_arguments, counts, filter_from, footing, load_frame, matching_of
from app.commands.second_opinion import add_check_arguments, check_lines
from app.json_rows import rows_of
from app.second_opinion.ask import second_opinion
from app.second_opinion.questions import about_comparison
from app.sentences.comparison import comparison_sentence, two_part_sentence
from app.sentences.formatting import MISSING, format_interval, format_number, format_p, format_table
from app.sentences.labels import EFFECT_LABELS, TEST_LABELS, adjustment_name
from app.sentences.varying import varying_sentence
from vocabulary.measures import MEASURES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `compare`."""
    parser.add_argument("measure", choices=list(MEASURES), metavar="MEASURE", help=f"one of {', '.join(MEASURES)}")
    parser.add_argument(
        "--covariate", action="append", default=[], metavar="COLUMN",
        help="adjust for a further column, too, such as scanner; repeatable",
    )  # fmt: skip
    add_check_arguments(parser)
    add_filter_arguments(parser)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Compare and return the JSON answer.

    Returns
    -------
    dict : measure, filters, n {HC, MS} (people the filter leaves), n_missing (of those, without a value), answer
        (sentences), tests (the rows of ``analysis.comparison.compare``), effects (those of
        ``analysis.varying_effect.effect_at``: at three ages and per sex), normality, and where the numbers come from
    """
    source, everyone = load_frame(args)
    chosen = filter_from(args)
    frame = with_covariates(chosen.apply(everyone), args.covariate)
    tests = compare(frame, args.measure, args.adjust)
    effects = effect_at(frame, args.measure)
    answer = [
        comparison_sentence(tests, args.measure),
        two_part_sentence(tests, args.measure),
        varying_sentence(tests, effects, args.measure),
    ]
    result = {
        "measure": args.measure,
        **source.to_dict(),
        "filters": chosen.to_dict(),
        "filter_text": chosen.describe(),
        "n": counts(frame),
        **matching_of(chosen, everyone, frame),
        "covariates": args.covariate,
        "n_missing": frame[args.measure].null_count(),
        "n_missing_age": frame["age_years"].null_count(),
        "answer": [sentence for sentence in answer if sentence],
        "tests": rows_of(tests.drop("measure")),
        "effects": rows_of(effects.drop("measure")),
        "normality": rows_of(normality(frame, args.measure).drop("measure")),
    }
    if args.check:
        result["check"] = second_opinion(*about_comparison(frame, args.measure, tests, args.adjust))
    return result


def show(result: dict[str, Any]) -> str:
    """Return the answer for a person: the sentences, the table, the source."""
    headers = ("test", "effect", "size", "95 % CI", "statistic", "p", "p adjusted", "n MS", "n HC", "note")
    rows = [
        (
            f"{TEST_LABELS[t['name']]}{' *' if t['headline'] else ''}",
            EFFECT_LABELS[t["effect"]],
            format_number(t["effect_size"]),
            MISSING if t["ci_low"] is None else format_interval(t["ci_low"], t["ci_high"]),
            format_number(t["statistic"]),
            format_p(t["p_value"]),
            format_p(t["p_adjusted"]),
            f"{t['n_ms']:,}",
            f"{t['n_hc']:,}",
            t["note"] or "",
        )
        for t in result["tests"]
    ]
    family, adjusted = result["tests"][0]["family_size"], adjustment_name(result["tests"][0])
    missing = f"{result['n_missing']:,} without a value, {result['n_missing_age']:,} without age"
    return "\n".join(
        [
            *result["answer"],
            "",
            format_table(headers, rows),
            f"* headline, fixed by the kind of measure. p adjusted by {adjusted} over {family}. {missing}.",
            *check_lines(result),
            footing(result),
        ]
    )
