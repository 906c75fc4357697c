"""Scans that were found become rows of the store: checked, measured, published; the same way through every door."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db.compatibility import check_joining
from db.errors import TableError
from db.join_table import JoinReport, join_table
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard, Publication
from db.store import Store
from db.tables.apart import read_table_apart
from db.tables.choices import EVERYBODY, TableChoices
from db.tables.people_table import read_further
from pipeline.ingest.measure_scan import PROTOCOL
from pipeline.measures.zoning import DEFAULT_RULE, find_rule
from pipeline.segmentation.bundled_models import DEFAULT_MODEL, find_model
from vocabulary.messages import counted, printable
from vocabulary.run_contract import MANIFEST, method_settings

if TYPE_CHECKING:
    from pipeline.ingest.ingest import Progress, Spread
    from pipeline.ingest.run_folder import RunFolder
    from pipeline.ingest.shards import Shard
    from pipeline.inputs.file_search import Rejection
    from pipeline.inputs.input_scan import InputScan
    from pipeline.inputs.people_of_scans import PeopleFile


@dataclass(frozen=True)
class Stored:
    """A run of scans whose numbers are in the store.

    Attributes
    ----------
    run : the finished run
    out : folder of its files
    publication : what the store did with it
    """

    run: "RunFolder"
    out: Path
    publication: Publication


def check_further(tables: "Sequence[PeopleFile]", choices: TableChoices) -> None:
    """Read the further columns that are to be kept, so that what is wrong with them is said before measuring.

    Raises
    ------
    TableError : no table has a column that was named, or its cells cannot be read.
    """
    headers = {header.casefold() for table in tables for header in table.further}
    for choice in choices.extras:
        if choice.header != EVERYBODY and choice.header.casefold() not in headers:
            has = (
                ", ".join(dict.fromkeys(header for table in tables for header in table.further)) or "no further column"
            )
            where = ", ".join(table.path.name for table in tables) or "there is no table of people"
            raise TableError(
                f"--extra names the column '{printable(choice.header, 40)}'; {where} has {printable(has)}; "
                "nothing was measured"
            )
    for table in tables:
        read_further(read_table_apart(table.path), choices)


def keep_further(store: Store, dataset: str, tables: "Sequence[PeopleFile]", choices: TableChoices) -> list[JoinReport]:
    """Keep further columns of the tables of people for the scans that their rows speak of.

    Returns
    -------
    One report per table that has any of the columns.
    """
    named = {choice.header.casefold() for choice in choices.extras}
    wanted = [t for t in tables if t.row_of and (EVERYBODY in named or named & {h.casefold() for h in t.further})]
    reports = []
    for table in wanted:
        rows = {f"{dataset}/{stem}": line for stem, line in table.row_of.items()}
        reports.append(
            join_table(store, table.path, dataset, choices=choices, rows=rows, replace=True, reader=read_table_apart)
        )
    return reports


class NothingMeasured(ValueError):
    """Every input was refused; the reasons are its details."""

    def __init__(self, rejections: "Sequence[Rejection]") -> None:
        super().__init__(f"none of {counted(len(rejections), 'input')} could be measured, and nothing was published:")
        self.details = [f"{rejection.input}: {rejection.reason}" for rejection in rejections]


def run_method(model_id: str, rule_name: str) -> tuple[str, dict[str, Any]]:
    """Return the protocol and the settings of a run to come, for asking whether a dataset takes its results.

    Raises
    ------
    ModelError, RecipeError : no such model or zone rule.
    """
    card, rule = find_model(model_id), find_rule(rule_name)
    return PROTOCOL, method_settings(card.model_id, card.weights_sha256, rule.name, rule.version)


def measure_into_store(
    store: Store,
    card: DatasetCard,
    inputs: "Sequence[InputScan]",
    rejections: "Sequence[Rejection]",
    *,
    model_id: str = DEFAULT_MODEL,
    zone_rule: str = DEFAULT_RULE,
    out: Path | None = None,
    replace: bool = False,
    workers: int | None = None,
    progress: "Callable[[Progress], None] | None" = None,
    spread: "Spread | None" = None,
) -> Stored:
    """Measure scans and publish the run; nothing is measured that the dataset would not take.

    Parameters
    ----------
    store, card : where the numbers go, and what the dataset is called
    inputs, rejections : from ``pipeline.inputs.discovery.survey``
    out : folder for labels and records; by default in the store's folder
    replace, workers, progress, spread : as in ``pipeline.ingest.ingest.ingest``

    Raises
    ------
    ImportConflict : the dataset holds scans measured in another way, or a table.
    NothingMeasured : every input was refused; the store is as before.
    PipelineError, StoreError : the run or the publication failed.
    """
    from pipeline.ingest.ingest import ingest

    if inputs:
        check_joining(store, card, *run_method(model_id, zone_rule), [scan.stem for scan in inputs])
    out = out or store.root / "derivatives" / card.dataset_id
    run = ingest(
        inputs,
        out,
        model_id,
        zone_rule,
        rejections=rejections,
        dataset=card.dataset_id,
        workers=workers,
        replace=replace,
        progress=progress,
        spread=spread,
    )
    if not run.n_scans:
        raise NothingMeasured(run.rejections)
    return Stored(run, out, publish_scans(store, run.path, card))


def measure_part(
    store: Store,
    card: DatasetCard,
    inputs: "Sequence[InputScan]",
    rejections: "Sequence[Rejection]",
    shard: "Shard",
    *,
    model_id: str,
    zone_rule: str,
    out: Path,
    replace: bool,
    workers: int | None,
    progress: "Callable[[Progress], None] | None",
    spread: "Spread | None",
) -> "RunFolder":
    """Measure the scans that fall to one part; the store is only asked whether it would take them.

    Raises
    ------
    ImportConflict : the dataset holds scans measured in another way, or a table.
    PipelineError : the run failed.
    """
    from pipeline.ingest.ingest import ingest

    if inputs:
        check_joining(store, card, *run_method(model_id, zone_rule), [scan.stem for scan in inputs])
    return ingest(
        inputs, out, model_id, zone_rule, rejections=rejections, dataset=card.dataset_id, workers=workers,
        replace=replace, progress=progress, shard=shard, spread=spread,
    )  # fmt: skip


def gather_into_store(store: Store, out: Path) -> Stored:
    """Put the parts of a run together and publish it, once.

    Raises
    ------
    NothingMeasured : every input was refused; the store is as before.
    PipelineError, StoreError : parts are missing or do not belong together, or the store does not take them.
    """
    from pipeline.ingest.shards import gather

    run = gather(out)
    if not run.n_scans:
        raise NothingMeasured(run.rejections)
    dataset = str(json.loads((run.path / MANIFEST).read_text(encoding="utf-8"))["dataset_id"])
    return Stored(run, out, publish_scans(store, run.path, DatasetCard(dataset, dataset)))
