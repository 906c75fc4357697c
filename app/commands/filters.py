"""FILTERS of the command line: who is looked at, and the frame they come from."""

import argparse
import json
import shlex
from dataclasses import dataclass
from typing import Any

import polars as pl

from analysis.filters import Filter, with_group_and_sex
from analysis.matching import CALIPER_YEARS, COVARIATES, MATCHED, MOST_MATCHED, SEED, balance, check_matching
from analysis.outliers import RULES
from app.json_rows import rows_of
from app.sentences.matching import without_control
from db.errors import NotInStore
from db.snapshot import Snapshot
from db.store import Store, default_root
from vocabulary.extra_columns import show_extras
from vocabulary.measures import GROUPS, SEXES, SYNTHETIC_NOTICE
from vocabulary.messages import printable


@dataclass(frozen=True)
class Source:
    """The dataset a command reads: its identifiers, the store version, and whether it is synthetic."""

    dataset_id: str
    protocol_id: str
    synthetic: bool
    content_sha256: str
    store_version: int
    n_without_group_or_sex: int

    def to_dict(self) -> dict[str, Any]:
        """Return the part of a command's JSON that says where the numbers come from."""
        return {
            "dataset": self.dataset_id,
            "protocol": self.protocol_id,
            "synthetic": self.synthetic,
            "content_sha256": self.content_sha256,
            "store_version": self.store_version,
            "n_without_group_or_sex": self.n_without_group_or_sex,
        }


def add_filter_arguments(parser: argparse.ArgumentParser) -> None:
    """Add --dataset, --protocol, --cohort, --group, --sex, --age, --lesion-positive, --where, --outliers, matching."""
    chosen = parser.add_argument_group("filters")
    chosen.add_argument(
        "--cohort",
        metavar="NAME",
        help="a saved cohort (`mscohort cohort list`); other filters choose among its people",
    )
    chosen.add_argument(
        "--dataset", metavar="NAME", help="default: the newest real dataset of both groups, else the demo"
    )
    chosen.add_argument("--protocol", metavar="ID", help="needed only for a dataset measured in several ways")
    chosen.add_argument("--group", type=_codes(GROUPS), default=GROUPS, metavar="MS,HC", help="groups to keep")
    chosen.add_argument("--sex", type=_codes(SEXES), default=SEXES, metavar="F,M", help="sexes to keep")
    chosen.add_argument("--age", type=_ages, default=(None, None), metavar="18:39", help="inclusive; 18: and :39 work")
    chosen.add_argument("--lesion-positive", action="store_true", help="only people with a WMH area above zero")
    chosen.add_argument(
        "--where", action="append", default=[], type=_where, metavar="COLUMN=VALUE",
        help="words or a range of any column, such as scanner=A,B or edss=0:3.5; repeatable",
    )  # fmt: skip
    chosen.add_argument(
        "--outliers", choices=list(RULES), default="keep", metavar="RULE",
        help="; ".join(f"{name}: {text}" for name, text in RULES.items()),
    )  # fmt: skip
    _add_matching(chosen)


def _add_matching(chosen: Any) -> None:
    chosen.add_argument(
        "--matched", type=_per_patient, default=0, const=MATCHED, nargs="?", metavar="N",
        help=f"keep for each MS patient the N nearest controls of the same sex and age (default of N: {MATCHED})",
    )  # fmt: skip
    chosen.add_argument(
        "--caliper", type=_years, default=CALIPER_YEARS, metavar="YEARS",
        help=f"largest difference of age of a matched control (default {CALIPER_YEARS:g})",
    )  # fmt: skip


def filter_from(args: argparse.Namespace) -> Filter:
    """Return the filter the arguments ask for; ``load_frame`` finds the saved cohort they name."""
    low, high = args.age
    return Filter(
        dataset=args.dataset,
        groups=args.group,
        sexes=args.sex,
        age_min=low,
        age_max=high,
        lesion_positive=args.lesion_positive,
        outliers=args.outliers,
        protocol=args.protocol,
        matched=args.matched,
        caliper=args.caliper,
        where=tuple(args.where),
        cohort=getattr(args, "saved_cohort", None),
    )


def filter_words(chosen: Filter) -> str:
    """Return a filter as it is typed.

    Examples
    --------
    >>> filter_words(Filter(sexes=("F",), age_min=30, age_max=45, where=(("site", "A B"),)))
    "--sex F --age 30:45 --where 'site=A B'"
    """
    words: list[str] = []
    words += ["--dataset", chosen.dataset] if chosen.dataset else []
    words += ["--protocol", chosen.protocol] if chosen.protocol else []
    words += ["--cohort", chosen.cohort[0]] if chosen.cohort else []
    words += ["--group", ",".join(chosen.groups)] if set(chosen.groups) != set(GROUPS) else []
    words += ["--sex", ",".join(chosen.sexes)] if set(chosen.sexes) != set(SEXES) else []
    if chosen.age_min is not None or chosen.age_max is not None:
        limits = (chosen.age_min, chosen.age_max)
        words += ["--age", ":".join("" if age is None else f"{age:g}" for age in limits)]
    words += ["--lesion-positive"] if chosen.lesion_positive else []
    for column, value in chosen.where:
        words += ["--where", f"{column}={value}"]
    words += ["--outliers", chosen.outliers] if chosen.outliers != "keep" else []
    words += ["--matched", str(chosen.matched), "--caliper", f"{chosen.caliper:g}"] if chosen.matched else []
    return shlex.join(words)


def load_frame(args: argparse.Namespace) -> tuple[Source, pl.DataFrame]:
    """Read the cohort frame of the dataset asked for, before any other filter.

    Raises
    ------
    NotInStore : no such dataset or protocol, or the store holds no dataset; the message says what there is.
    StoreError : the store is missing or cannot be read.
    """
    with Store(args.store or default_root()).read() as snapshot:
        datasets = snapshot.datasets()
        if datasets.is_empty():
            raise NotInStore("the store holds no dataset; run `mscohort demo` or `mscohort import`")
        if args.cohort is not None:
            row = saved_cohort(snapshot, args.cohort)
            _agree(args, row)
            args.saved_cohort = (row["name"], Filter.from_dict(json.loads(row["rule"])))
            args.dataset, args.protocol = row["dataset_id"], row["protocol_id"]
        named = args.dataset or datasets["dataset_id"][0]
        frame = snapshot.cohort(named, args.protocol)
        show_extras(snapshot.extra_columns(named))
        row = datasets.row(by_predicate=pl.col("dataset_id") == named, named=True)
        protocol = args.protocol or next(iter(row["protocol_ids"]), "")
        unknown = frame.height - with_group_and_sex(frame).height
        return Source(named, protocol, row["synthetic"], row["content_sha256"], snapshot.version, unknown), frame


def saved_cohort(snapshot: Snapshot, name: str) -> dict[str, Any]:
    """Return the row of a saved cohort.

    Raises
    ------
    NotInStore : none of that name; the message names those there are.
    """
    held = snapshot.saved_cohorts()
    found = held.filter(pl.col("name") == name)
    if found.is_empty():
        raise NotInStore(
            f"no cohort '{printable(name[:80])}' is saved; there is: {', '.join(held['name']) or 'none'} "
            "(`mscohort cohort save NAME FILTERS`)"
        )
    return found.row(0, named=True)


def _agree(args: argparse.Namespace, row: dict[str, Any]) -> None:
    for option, column in (("dataset", "dataset_id"), ("protocol", "protocol_id")):
        asked = getattr(args, option)
        if asked is not None and asked != row[column]:
            raise NotInStore(f"the cohort '{row['name']}' is of {option} '{row[column]}', not of '{asked}'")


def counts(frame: pl.DataFrame) -> dict[str, int]:
    """Return people per group, as every command's JSON gives it."""
    return {group: frame.filter(pl.col("group") == group).height for group in GROUPS}


def matching_of(chosen: Filter, everyone: pl.DataFrame, left: pl.DataFrame) -> dict[str, Any]:
    """Return how the matching went, as every command's JSON gives it; nothing where no controls are matched."""
    if not chosen.matches:
        return {}
    before = chosen.unmatched().apply(everyone)
    return {
        "matching": {
            "per_patient": chosen.matched,
            "caliper_years": chosen.caliper,
            "seed": SEED,
            "patients_without_control": counts(before)["MS"] - counts(left)["MS"],
            "balance": rows_of(balance(before, left)),
        }
    }


def footing(result: dict[str, Any]) -> str:
    """Return the lines every shown answer ends with: the source, the filter, the warning."""
    lines = [f"{result['dataset']}, protocol {result['protocol']}, store version {result['store_version']}"]
    lines.append(f"Filter: {result['filter_text']} ({result['n']['MS']:,} MS, {result['n']['HC']:,} HC)")
    if result["n_without_group_or_sex"]:
        lines.append(f"{result['n_without_group_or_sex']:,} scans without group or sex are left out")
    if "matching" in result:
        lines.append(_balance_line(result["matching"]))
    if result["synthetic"]:
        lines.insert(0, SYNTHETIC_NOTICE)
    return "\n".join(lines)


def _balance_line(matching: dict[str, Any]) -> str:
    gaps = {(row["covariate"], row["when"]): row["standardised_difference"] for row in matching["balance"]}
    said = [
        f"{label} {gaps[name, 'before']:.2f} before, {gaps[name, 'after']:.2f} after"
        for name, label in COVARIATES.items()
        if gaps[name, "before"] is not None and gaps[name, "after"] is not None
    ]
    without = matching["patients_without_control"]
    lost = f"; {without_control(without)}" if without else ""
    return f"Balance, standardised differences MS - HC: {'; '.join(said)}{lost}"


def _per_patient(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_MATCHED:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of controls per patient, 1 to {MOST_MATCHED}")
    return int(text)


def _years(text: str) -> float:
    try:
        years = float(text)
        check_matching(1, years)
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number of years from 0 to 50") from None
    return years


def _codes(known: tuple[str, ...]) -> Any:
    def parse(text: str) -> tuple[str, ...]:
        asked = [code.strip().upper() for code in text.split(",") if code.strip()]
        for code in asked:
            if code not in known:
                raise argparse.ArgumentTypeError(f"'{code}' is not one of {', '.join(known)}")
        if not asked:
            raise argparse.ArgumentTypeError(f"expected one or more of {', '.join(known)}")
        return tuple(code for code in known if code in asked)

    return parse


def _where(text: str) -> tuple[str, str]:
    column, equals, value = text.partition("=")
    if not equals or not column.strip() or not value.strip():
        raise argparse.ArgumentTypeError(f"'{text}' is not COLUMN=VALUE, such as scanner=A,B or edss=0:3.5")
    return column.strip(), value.strip()


def _ages(text: str) -> tuple[float | None, float | None]:
    low, colon, high = text.partition(":")
    try:
        if not colon:
            raise ValueError
        limits = (float(low) if low else None, float(high) if high else None)
        if any(v is not None and not 0 <= v <= 120 for v in limits) or (low and high and float(low) > float(high)):
            raise ValueError
    except ValueError:
        raise argparse.ArgumentTypeError(f"'{text}' is not a range of ages such as 18:39, 18: or :39") from None
    return limits
