"""Agreement of measures in words and tables, and honest where there are too few patients."""

import polars as pl

from analysis.model_scores.agreement import SHOWN, measure_agreement
from app.sentences.agreement import agreement_sentence, agreement_table, patients_table


def _rows(measure: str, manual: list[float | None], found: list[float | None]) -> pl.DataFrame:
    people = [f"p{number}" for number in range(len(manual))]
    return pl.DataFrame(
        {"subject_id": people, "measure": [measure] * len(people), "manual": manual, "found": found},
        schema_overrides={"manual": pl.Float64, "found": pl.Float64},
    )


def test_one_patient_is_too_few_to_say() -> None:
    assert agreement_sentence(measure_agreement(_rows("lesion_count", [10], [11]))).startswith("Too few")
    [cells] = agreement_table(measure_agreement(_rows("lesion_count", [10], [11]))).to_dicts()
    assert cells["ICC(2,1)"] == cells["95 % of patients"] == "–"


def test_patients_come_in_one_order_whatever_the_order_of_rows() -> None:
    rows = pl.concat([_rows(name, [1.0, 2.0, 4.0], [1.5, 2.0, 3.0]) for name in reversed(SHOWN)])
    assert patients_table(rows)["Patient"].to_list() == ["p0", "p1", "p2"]


def test_no_rows_give_an_empty_table() -> None:
    nothing = _rows("wmh_volume_ml", [], [])
    assert patients_table(nothing).is_empty()
