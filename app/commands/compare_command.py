"""`mscohort compare MEASURE`: MS against HC, or any two groups, for one measure."""

import argparse
import json
from collections.abc import Mapping, Sequence
from typing import Any

from analysis.comparison import compare
from analysis.covariates import with_covariates
from analysis.filters import Filter, where_in_words
from analysis.normality import normality
from analysis.two_groups import TwoGroups, by_column
from analysis.varying_effect import effect_at
from app.commands.filters import (
    add_filter_arguments,
    counts,
    filter_from,
    footing,
    load_frame,
    matching_of,
    saved_cohort,
)
from app.commands.second_opinion import add_check_arguments, check_lines
from app.json_rows import rows_of
from app.second_opinion.ask import second_opinion
from app.second_opinion.questions import about_comparison
from app.sentences.comparison import comparison_sentence, two_part_sentence
from app.sentences.formatting import MISSING, format_interval, format_number, format_p, format_table
from app.sentences.labels import EFFECT_LABELS, TEST_LABELS, adjustment_name
from app.sentences.two_groups import said_of
from app.sentences.varying import varying_sentence
from db.store import Store, default_root
from vocabulary.measures import MEASURES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `compare`."""
    parser.add_argument("measure", choices=list(MEASURES), metavar="MEASURE", help=f"one of {', '.join(MEASURES)}")
    parser.add_argument(
        "--covariate", action="append", default=[], metavar="COLUMN",
        help="adjust for a further column, too, such as scanner; repeatable",
    )  # fmt: skip
    two = parser.add_mutually_exclusive_group()
    two.add_argument(
        "--between", metavar="COLUMN=A,B",
        help="compare two values of a column instead of MS and HC: words, or ranges such as year=:2022,2023:",
    )  # fmt: skip
    two.add_argument("--cohorts", metavar="NAME,NAME", help="compare two saved cohorts instead of MS and HC")
    add_check_arguments(parser)
    add_filter_arguments(parser)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Compare and return the JSON answer.

    Returns
    -------
    dict : measure, filters, n {HC, MS} (people the filter leaves), n_missing (of those, without a value), answer
        (sentences), tests (the rows of ``analysis.comparison.compare``), effects (those of
        ``analysis.varying_effect.effect_at``: at three ages and per sex), normality, and where the numbers come from;
        ``groups`` where two others take the places of MS and HC: their names and rules, and how many are in both
    """
    if args.cohorts is not None and len(args.cohorts.split(",")) != 2:
        raise ValueError(f"--cohorts takes two names parted by a comma, not '{args.cohorts}'")
    if args.cohorts is not None and args.dataset is None:
        args.dataset, args.protocol = _place_of(args)
    source, everyone = load_frame(args)
    chosen = filter_from(args)
    two = two_groups_from(args, chosen)
    placed = two.take_places(everyone) if two else None
    names = two.names if two else None
    left = chosen.apply(everyone) if placed is None else placed.frame
    frame = with_covariates(left, args.covariate)
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
        "answer": [said_of(sentence, names) for sentence in answer if sentence],
        "tests": rows_of(tests.drop("measure")),
        "effects": rows_of(effects.drop("measure")),
        "normality": rows_of(normality(frame, args.measure).drop("measure")),
    }
    if two is not None and placed is not None:
        result["groups"] = {
            "MS": {"name": two.names[0], "filter_text": two.rules[0].describe()},
            "HC": {"name": two.names[1], "filter_text": two.rules[1].describe()},
            "n_in_both": placed.n_in_both,
        }
    if args.check:
        result["check"] = second_opinion(*about_comparison(frame, args.measure, tests, args.adjust))
    return result


def _place_of(args: argparse.Namespace) -> tuple[str, str]:
    """Return dataset and protocol of the first cohort asked for."""
    with Store(args.store or default_root()).read() as snapshot:
        row = saved_cohort(snapshot, args.cohorts.split(",")[0].strip())
    return row["dataset_id"], row["protocol_id"]


def two_groups_from(args: argparse.Namespace, chosen: Filter) -> TwoGroups | None:
    """Return the two groups asked for instead of MS and HC; None where these are compared."""
    if chosen.matched and (args.between or args.cohorts):
        raise ValueError(
            "--matched is for MS and HC: two other groups are compared at the same age and sex by the model"
        )
    if args.between is not None:
        column, _, values = args.between.partition("=")
        words = [word.strip() for word in values.split(",")]
        if not column.strip() or len(words) != 2 or not all(words):
            raise ValueError(f"'{args.between}' is not COLUMN=A,B, such as course=RRMS,SPMS or year=:2022,2023:")
        named = [where_in_words(column.strip(), word) if ":" in word else word for word in words]
        return by_column(chosen, column.strip(), words[0], words[1], (named[0], named[1]))
    if args.cohorts is None:
        return None
    asked = [name.strip() for name in args.cohorts.split(",")]
    with Store(args.store or default_root()).read() as snapshot:
        rows = [saved_cohort(snapshot, name) for name in asked]
    return TwoGroups((asked[0], asked[1]), two_rules(rows))


def two_rules(rows: Sequence[Mapping[str, Any]]) -> tuple[Filter, Filter]:
    """Return the rules of two saved cohorts.

    Raises
    ------
    ValueError : they are of different datasets or protocols, whose numbers are never pooled.
    """
    first, second = rows
    if (first["dataset_id"], first["protocol_id"]) != (second["dataset_id"], second["protocol_id"]):
        raise ValueError(
            f"'{first['name']}' is of {first['dataset_id']} ({first['protocol_id']}) and '{second['name']}' of "
            f"{second['dataset_id']} ({second['protocol_id']}); numbers of two protocols or datasets are never compared"
        )
    return Filter.from_dict(json.loads(first["rule"])), Filter.from_dict(json.loads(second["rule"]))


def show(result: dict[str, Any]) -> str:
    """Return the answer for a person: the sentences, the table, the source."""
    groups = result.get("groups")
    names = (groups["MS"]["name"], groups["HC"]["name"]) if groups else None
    columns = ("test", "effect", "size", "95 % CI", "statistic", "p", "p adjusted", "n MS", "n HC", "note")
    headers = tuple(said_of(column, names) for column in columns)
    rows = [
        (
            f"{TEST_LABELS[t['name']]}{' *' if t['headline'] else ''}",
            said_of(EFFECT_LABELS[t["effect"]], names),
            format_number(t["effect_size"]),
            MISSING if t["ci_low"] is None else format_interval(t["ci_low"], t["ci_high"]),
            format_number(t["statistic"]),
            format_p(t["p_value"]),
            format_p(t["p_adjusted"]),
            f"{t['n_ms']:,}",
            f"{t['n_hc']:,}",
            said_of(t["note"] or "", names),
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
            *([f"{groups['n_in_both']:,} people are in both groups and in neither here."] if groups else []),
            *check_lines(result),
            footing(result),
        ]
    )
