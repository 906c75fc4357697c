"""What an export holds: the chosen people, their lesions, flags, gaps, refused inputs, and a data dictionary."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

import polars as pl

from analysis.filters import Filter
from db.content_hash import content_sha256
from db.snapshot import Snapshot
from vocabulary.acquisition import ACQUISITION
from vocabulary.extra_columns import ExtraColumn
from vocabulary.measures import GROUPS, MEASURES, RESEARCH_ONLY, SYNTHETIC_NOTICE

IDENTITY = ("dataset_id", "protocol_id", "subject_id", "scan_id", "session", "group", "sex", "age_years")
_UNITS = {"_mm2": "mm²", "_mm": "mm", "_ml": "mL", "_pct": "%", "_years": "years"}
_WITHOUT_COMMENT = {"current": "whether the verdict counts: the last one, on the measurement held now"}
_TITLES = {
    "cohort": "one row per scan",
    "lesions": "one row per lesion and slice",
    "regions": "one row per scan and anatomical region",
    "reliability": "one row per scan: how far its numbers can be trusted",
    "flags": "one row per reason to look at a scan again",
    "reviews": "one row per verdict of a reader on a scan's measurement; 'current' says which one counts",
    "lesion_reviews": "one row per verdict of a reader on a lesion that differs between two visits",
    "missing": "one row per value that is missing for a reason",
    "rejections": "one row per input that was refused",
    "tests": "the tests shown on the page",
    "dictionary": "one row per column of the tables",
}


@dataclass(frozen=True)
class Contents:
    """An export before it becomes files.

    Attributes
    ----------
    tables : name -> frame; "cohort" first, "dictionary" last; empty tables are left out
    about : what ``dataset.json`` says, JSON-able, without the files
    """

    tables: Mapping[str, pl.DataFrame]
    about: dict[str, Any]

    @property
    def synthetic(self) -> bool:
        """Whether the people are made up."""
        return bool(self.about["synthetic"])


def contents(
    snapshot: Snapshot,
    dataset_id: str,
    protocol_id: str,
    frame: pl.DataFrame,
    chosen: Filter | None,
    tests: pl.DataFrame | None = None,
) -> Contents:
    """Gather an export.

    Parameters
    ----------
    frame : rows of the cohort frame that are taken
    chosen : the filter that left them; None: everybody, also those whose group or sex is not known
    tests : a table of tests shown with the cohort
    """
    row = snapshot.datasets().row(by_predicate=pl.col("dataset_id") == dataset_id, named=True)
    extras = snapshot.extra_columns(dataset_id)
    cohort = _cohort(frame)
    keys = cohort.select("scan_id")
    of_protocol = pl.col("protocol_id") == protocol_id
    runs = snapshot.runs().filter((pl.col("dataset_id") == dataset_id) & of_protocol)["run_id"].to_list()
    tables = {
        "cohort": cohort,
        "lesions": snapshot.lesions(dataset_id=dataset_id).filter(of_protocol).join(keys, on="scan_id", how="semi"),
        "regions": snapshot.region_loads(dataset_id=dataset_id)
        .filter(of_protocol)
        .join(keys, on="scan_id", how="semi"),
        "reliability": snapshot.reliability(dataset_id=dataset_id)
        .filter(of_protocol)
        .join(keys, on="scan_id", how="semi"),
        "flags": snapshot.scan_flags(dataset_id=dataset_id).filter(of_protocol).join(keys, on="scan_id", how="semi"),
        "reviews": snapshot.reviews(dataset_id=dataset_id).filter(of_protocol).join(keys, on="scan_id", how="semi"),
        "lesion_reviews": snapshot.lesion_reviews(dataset_id=dataset_id)
        .filter(of_protocol)
        .join(keys, left_on="later_scan_id", right_on="scan_id", how="semi"),
        "missing": snapshot.missing_values(dataset_id).filter(of_protocol).join(keys, on="scan_id", how="semi"),
        "rejections": snapshot.rejections().filter(pl.col("run_id").is_in(runs)),
        "tests": tests if tests is not None else pl.DataFrame(),
    }
    tables = {name: table for name, table in tables.items() if name == "cohort" or table.height}
    sources = snapshot.extra_sources(dataset_id)
    tables["dictionary"] = _dictionary(tables, extras, sources, snapshot.column_comments(), protocol_id)
    about = {
        "mscohort_export": 1,
        "dataset": dataset_id,
        "title": row["title"],
        "protocol": protocol_id,
        "synthetic": row["synthetic"],
        "citation": row["citation"],
        "licence": row["licence"],
        "filters": None if chosen is None else chosen.to_dict(),
        "filter_text": "everybody in the dataset" if chosen is None else chosen.describe(),
        "n_rows": cohort.height,
        "n": {group: cohort.filter(pl.col("group") == group)["subject_id"].n_unique() for group in GROUPS},
        "content_sha256": content_sha256(cohort, protocol_id, [e for e in extras if e.name in cohort.columns]),
        "dataset_content_sha256": row["content_sha256"],
        "store_version": snapshot.version,
        "software": f"mscohort {version('mscohort')}",
        "extras": [asdict(extra) for extra in extras if extra.name in cohort.columns],
        "joined_tables": snapshot.joined_tables(dataset_id).select("source_name", "source_sha256").to_dicts(),
        "notice": RESEARCH_ONLY,
        **({"synthetic_notice": SYNTHETIC_NOTICE} if row["synthetic"] else {}),
    }
    return Contents(tables, about)


def _cohort(frame: pl.DataFrame) -> pl.DataFrame:
    """Leave out columns that nobody has; who a person is stays."""
    kept = [c for c in frame.columns if c in IDENTITY[:-4] or c in ("group", "sex", "age_years") or _filled(frame, c)]
    return frame.select(kept)


def _filled(frame: pl.DataFrame, column: str) -> bool:
    return frame[column].null_count() < frame.height


def _dictionary(
    tables: Mapping[str, pl.DataFrame],
    extras: Sequence[ExtraColumn],
    joined: Mapping[str, str],
    comments: Mapping[tuple[str, str], str],
    protocol_id: str,
) -> pl.DataFrame:
    """Describe every column: table, its grain, label, unit, definition, and the protocol the numbers belong to."""
    further = {extra.name: extra for extra in extras}
    sources = {"cohort": "cohort", "lesions": "lesion", "flags": "scan_flag", "missing": "missing_value"}
    sources |= {"rejections": "rejection", "regions": "region_load", "reviews": "review"}
    rows = []
    for table, frame in tables.items():
        for column in frame.columns:
            extra = further.get(column) if table == "cohort" else None
            what = MEASURES.get(column) if table == "cohort" else None
            definition = what.definition if what else comments.get((sources.get(table, table), column))
            definition = definition or next((c for (_, name), c in comments.items() if name == column), "")
            definition = definition or _WITHOUT_COMMENT.get(column, "")
            unit = next((unit for ending, unit in _UNITS.items() if column.endswith(ending)), "")
            rows.append(
                {
                    "table": table,
                    "grain": _TITLES[table],
                    "column": column,
                    "type": "text" if frame.schema[column] in (pl.String, pl.Boolean) else "number",
                    "label": extra.label if extra else what.label if what else column.replace("_", " "),
                    "unit": extra.unit if extra else unit,
                    "definition": _further(extra, joined.get(extra.name)) if extra else definition,
                    "protocol": protocol_id if what else "",
                }
            )
    return pl.DataFrame(rows)


def _further(extra: ExtraColumn, joined: str | None) -> str:
    """Say what a further column is and where it came from."""
    from_images = extra.name in {column.name for column in ACQUISITION}
    source = f"the joined table {joined}" if joined else "the scans' headers" if from_images else "the imported table"
    return f"further column of {source}: {extra.kind}"
