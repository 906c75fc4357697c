"""`mscohort strata MEASURE`: one measure by age band, sex and group."""

import argparse
from typing import Any

from analysis.age_bands import band_label, parse_bands
from analysis.strata import outside, strata
from analysis.trend import age_slope
from app.commands.filters import add_filter_arguments, counts, filter_from, footing, load_frame, matching_of
from app.json_rows import rows_of
from app.sentences.comparison import slope_sentence, strata_sentence
from app.sentences.formatting import MISSING, format_interval, format_number, format_table
from vocabulary.measures import AGE_BANDS, MEASURES


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `strata`."""
    parser.add_argument("measure", choices=list(MEASURES), metavar="MEASURE", help=f"one of {', '.join(MEASURES)}")
    default = ",".join(band_label(band) for band in AGE_BANDS)
    parser.add_argument("--bands", type=_bands, default=AGE_BANDS, metavar=default, help="inclusive, completed years")
    add_filter_arguments(parser)


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Describe the strata and return the JSON answer.

    Returns
    -------
    dict : measure, filters, bands, n {HC, MS}, answer (sentences), strata (rows of ``analysis.strata.strata``),
        outside (people no stratum holds), age_slopes (rows of ``analysis.trend.age_slope``), and the source
    """
    source, everyone = load_frame(args)
    chosen = filter_from(args)
    frame = chosen.apply(everyone)
    summary = strata(frame, args.measure, args.bands)
    slopes = age_slope(frame, args.measure)
    return {
        "measure": args.measure,
        **source.to_dict(),
        "filters": chosen.to_dict(),
        "filter_text": chosen.describe(),
        "bands": [band_label(band) for band in args.bands],
        "n": counts(frame),
        **matching_of(chosen, everyone, frame),
        "n_missing": frame[args.measure].null_count(),
        "answer": [strata_sentence(summary, args.measure), slope_sentence(slopes, args.measure)],
        "strata": rows_of(summary.drop("measure")),
        "outside": outside(frame, args.bands),
        "age_slopes": rows_of(slopes.drop("measure")),
    }


def show(result: dict[str, Any]) -> str:
    """Return the answer for a person: the sentences, the table, the source."""
    headers = ("group", "sex", "age", "n", "missing", "mean", "SD", "median", "95 % CI", "Q1-Q3", "zeros", "note")
    rows = [
        (
            s["group"],
            s["sex"],
            s["age_band"],
            f"{s['n']:,}",
            f"{s['n_missing']:,}",
            format_number(s["mean"]),
            format_number(s["sd"]),
            format_number(s["median"]),
            MISSING if s["median_low"] is None else format_interval(s["median_low"], s["median_high"]),
            MISSING if s["q1"] is None else format_interval(s["q1"], s["q3"]),
            f"{s['n_zero']:,}",
            s["note"] or "",
        )
        for s in result["strata"]
    ]
    left = result["outside"]
    lines = [*result["answer"], "", format_table(headers, rows)]
    lines.append(f"In no stratum: {left['age_unknown']:,} of unknown age, {left['no_band']:,} outside the bands.")
    return "\n".join([*lines, footing(result)])


def _bands(text: str) -> list[tuple[int, int | None]]:
    try:
        return parse_bands(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
