"""How a run of scans would measure them, known before it does: for asking whether the dataset takes its results."""

from typing import Any

from pipeline.ingest.measure_scan import PROTOCOL
from pipeline.measures.zoning import find_rule
from pipeline.segmentation.bundled_models import find_model
from vocabulary.run_contract import method_settings


def run_method(model_id: str, rule_name: str) -> tuple[str, dict[str, Any]]:
    """Return the protocol and the settings, as `db.joining` asks for them.

    Raises
    ------
    ModelError, RecipeError : no such model or zone rule.
    """
    card, rule = find_model(model_id), find_rule(rule_name)
    return PROTOCOL, method_settings(card.model_id, card.weights_sha256, rule.name, rule.version)
