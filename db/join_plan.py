"""What joining a table changes in a dataset: facts that become known, further columns; or why it may not be joined."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import polars as pl

from db.errors import ImportConflict
from db.snapshot import Snapshot
from db.tables.header_row import ROW_NUMBER
from db.tables.people_table import FACTS
from vocabulary.acquisition import ACQUISITION
from vocabulary.extra_columns import ExtraColumn
from vocabulary.messages import counted

_VALUES = pl.Schema(
    {"scan_id": pl.String, "column_name": pl.String, "number_value": pl.Float64, "text_value": pl.String}
)


@dataclass
class JoinPlan:
    """What is to be written.

    Attributes
    ----------
    rows : one per scan that a row speaks of: scan_id, subject_id, and what the row says
    columns : the further columns with their places, as ``extra_column`` has them
    values : all values of these columns, those of other people among them
    people : subject_id, group, sex where they become known
    ages : scan_id, age_years where it becomes known
    """

    rows: pl.DataFrame
    columns: list[dict[str, Any]] = field(default_factory=list)
    values: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_VALUES))
    people: pl.DataFrame = field(default_factory=pl.DataFrame)
    ages: pl.DataFrame = field(default_factory=pl.DataFrame)
    filled: dict[str, int] = field(default_factory=dict)
    changed: bool = False


def add_facts(plan: JoinPlan, people: pl.DataFrame, replace: bool, name: str) -> None:
    """Find whose group, sex and age become known; one that contradicts what is known may be another person."""
    facts = [what for what in FACTS if what in plan.rows.columns]
    if not facts:
        return
    both = plan.rows.join(people.select("scan_id", *FACTS), on="scan_id", suffix=" here", maintain_order="left")
    for what in facts:
        new = pl.col(what).is_not_null()
        fresh = both.filter(new & pl.col(f"{what} here").is_null())
        plan.filled[what] = fresh["subject_id"].n_unique()
        other = both.filter(new & (pl.col(what) != pl.col(f"{what} here")))
        if what != "age_years" and other.height and not replace:
            row = other.row(0, named=True)
            many = f"{counted(other['subject_id'].n_unique(), 'person')}, such as {row['subject_id']}"
            raise ImportConflict(
                f"{name} and the dataset give another {what} to {many} ({row[what]} in row {row[ROW_NUMBER]}, "
                f"{row[f'{what} here']} here), so the codes may be those of other people; nothing was joined; "
                "correct one, or --replace takes the table's"
            )
    # An age of another day contradicts nothing, and what is there stays.
    newer = pl.col("age_years").is_not_null() & (pl.lit(replace) | pl.col("age_years here").is_null())
    plan.ages = both.filter(newer & pl.col("age_years").ne_missing(pl.col("age_years here"))).select(
        "scan_id", "age_years"
    )
    known = [pl.col(what).drop_nulls().first().alias(what) for what in ("group", "sex")]
    plan.people = both.group_by("subject_id", maintain_order=True).agg(known)
    changed = [
        both.filter(pl.col(w).is_not_null() & pl.col(w).ne_missing(pl.col(f"{w} here"))).height
        for w in ("group", "sex")
    ]
    plan.changed = plan.changed or bool(sum(changed)) or plan.ages.height > 0


def add_values(
    plan: JoinPlan, snapshot: Snapshot, dataset_id: str, extras: Sequence[ExtraColumn], replace: bool, name: str
) -> None:
    """Put the table's values beside those that other people have in the same column."""
    held = {column.name: (place, column) for place, column in enumerate(snapshot.extra_columns(dataset_id))}
    everything, sources = snapshot.extra_values(dataset_id), snapshot.extra_sources(dataset_id)
    from_images = {column.name for column in ACQUISITION}
    frames = []
    for number, extra in enumerate(extras):
        place, before = held.get(extra.name, (len(held) + number, None))
        if before is not None and extra.name in from_images and extra.name not in sources:
            raise ImportConflict(
                f"{name}: the column {extra.name} of '{dataset_id}' comes from the scans themselves; rename the table's"
            )
        new = plan.rows.drop_nulls(extra.name).select(
            "scan_id",
            pl.lit(extra.name).alias("column_name"),
            (pl.col(extra.name) if extra.kind == "number" else pl.lit(None)).cast(pl.Float64).alias("number_value"),
            (pl.col(extra.name) if extra.kind == "category" else pl.lit(None)).cast(pl.String).alias("text_value"),
        )
        old = everything.filter(pl.col("column_name") == extra.name)
        same_sort = before is not None and (before.kind, before.unit) == (extra.kind, extra.unit)
        if before is not None and not replace:
            _refuse_other(extra, before, old, new, dataset_id, name)
        kept = old.join(new, on="scan_id", how="anti") if same_sort else old.clear()
        whole = pl.concat([kept.cast(_VALUES), new.cast(_VALUES)])
        frames.append(whole)
        plan.columns.append(asdict(extra) | {"position": place, "source_name": name})
        if before != extra or not whole.sort("scan_id").equals(old.cast(_VALUES).sort("scan_id")):
            plan.changed = True
    if frames:
        plan.values = pl.concat(frames)


def _refuse_other(
    extra: ExtraColumn, before: ExtraColumn, old: pl.DataFrame, new: pl.DataFrame, dataset_id: str, name: str
) -> None:
    column = f"the column {extra.name} of '{dataset_id}'"
    if (before.kind, before.unit) != (extra.kind, extra.unit):
        raise ImportConflict(
            f"{name}: {column} holds {_sort(before)}, the table {_sort(extra)}; say the same with --extra "
            "COLUMN:KIND:UNIT, rename the table's, or --replace takes the table's"
        )
    held = f"{'number' if extra.kind == 'number' else 'text'}_value"
    both = new.join(old, on="scan_id", suffix=" here")
    other = both.filter(pl.col(held) != pl.col(f"{held} here"))
    if other.height:
        row = other.row(0, named=True)
        raise ImportConflict(
            f"{name}: {column} has other values for {counted(other.height, 'scan')}, such as {row['scan_id']}: "
            f"{row[f'{held} here']} there, {row[held]} in the table; rename the table's, or --replace takes the table's"
        )


def _sort(column: ExtraColumn) -> str:
    return f"{column.kind} in {column.unit}" if column.unit else f"a {column.kind} without a unit"
