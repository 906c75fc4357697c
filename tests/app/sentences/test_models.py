"""Sentences and tables about models."""

import polars as pl

from analysis.model_scores.summary import summary, target_rows
from app.sentences.models import answer_sentence, score_table, target_sentence


def _scores(values: dict[str, list[float | None]], tissue: str = "wmh", metric: str = "dice") -> pl.DataFrame:
    rows = [
        (model, f"p{number:02}", tissue, metric, value)
        for model, column in values.items()
        for number, value in enumerate(column)
    ]
    return pl.DataFrame(rows, schema=["model_id", "subject_id", "class", "metric", "value"], orient="row")


def test_targets_met_and_missed_are_said() -> None:
    row = {"model_id": "m", "n": 10, "n_missing": 0}
    summaries = pl.DataFrame(
        [
            {**row, "class": "ventricle", "metric": "dice", "mean": 0.92, "ci_low": 0.89, "ci_high": 0.93},
            {**row, "class": "wmh", "metric": "hd95_3d_mm", "mean": 10.0, "ci_low": 7.0, "ci_high": 14.0},
            {**row, "class": "wmh", "metric": "dice", "mean": 0.7, "ci_low": 0.6, "ci_high": 0.8},
            {**row, "class": "wmh", "metric": "volume_error_pct", "mean": -10.7, "ci_low": -21.0, "ci_high": 0.1},
        ]
    )
    said = target_sentence(target_rows(summaries, "m"))
    assert said.startswith("It reaches 2 of the 8 targets set beforehand, none of them with the whole interval.")
    assert "Missed: WMH Dice 0.700 (target at least 0.74); WMH volume error −10.7 % (target within 10 %)." in said
    assert said.endswith("4 cannot be judged: no score.")


def test_a_model_without_dice_is_said_to_be_unknown() -> None:
    assert "is not known" in answer_sentence(summary(_scores({"m": [1.0]}, metric="recall")), "m", "default", "cv5")


def test_table_shows_missing_patients_and_dashes() -> None:
    scores = pl.concat([_scores({"a": [0.5, None]}), _scores({"b": [0.5, 0.5]}, metric="recall")])
    table = score_table(summary(scores), {"a": "A", "b": "B"})
    assert table.columns == ["Tissue", "Score", "Target", "A", "B"]
    assert table["Score"].to_list() == ["Dice", "Recall"]
    assert table["A"].to_list() == ["0.50 (0.50-0.50,\N{NO-BREAK SPACE}1\N{NO-BREAK SPACE}missing)", "–"]
