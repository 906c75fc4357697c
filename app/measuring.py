"""Scans that were found become rows of the store: checked, measured, published; the same way through every door."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db.compatibility import check_joining
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard, Publication
from db.store import Store
from pipeline.ingest.measure_scan import PROTOCOL
from pipeline.measures.zoning import DEFAULT_RULE, find_rule
from pipeline.segmentation.bundled_models import DEFAULT_MODEL, find_model
from vocabulary.messages import counted
from vocabulary.run_contract import method_settings

if TYPE_CHECKING:
    from pipeline.ingest.ingest import Progress
    from pipeline.ingest.run_folder import RunFolder
    from pipeline.inputs.file_search import Rejection
    from pipeline.inputs.input_scan import InputScan


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
) -> Stored:
    """Measure scans and publish the run; nothing is measured that the dataset would not take.

    Parameters
    ----------
    store, card : where the numbers go, and what the dataset is called
    inputs, rejections : from ``pipeline.inputs.discovery.survey``
    out : folder for labels and records; by default in the store's folder
    replace, workers, progress : as in ``pipeline.ingest.ingest.ingest``

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
    )
    if not run.n_scans:
        raise NothingMeasured(run.rejections)
    return Stored(run, out, publish_scans(store, run.path, card))
