"""Figures about models: who is where, what is joined, which target is drawn; tested without drawing."""

import math

import polars as pl
import pytest

from analysis.model_scores.agreement import SHOWN, measure_agreement
from analysis.model_scores.summary import summary
from analysis.model_scores.targets import METRICS
from analysis.statistics.agreement import bland_altman
from app.figures.models.agreement import agreement_figure
from app.figures.models.calibration import calibration_error, calibration_figure
from app.figures.models.confusion import confusion_figure
from app.figures.models.learning_curves import curves_figure
from app.figures.models.scores import scores_figure
from app.figures.models.volumes import volumes_figure
from app.model_data import ModelData, shipped_models
from pipeline.segmentation.bundled_models import DEFAULT_MODEL
from tests.app.fake_evaluation import MODELS, write_fake_evaluation

TITLES = {model: f"The {model}" for model in MODELS}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> ModelData:
    return shipped_models(write_fake_evaluation(tmp_path_factory.mktemp("evaluation")))


def texts(figure: "object") -> list[str]:
    return [str(annotation.text) for annotation in figure.layout.annotations]  # type: ignore[attr-defined]


def test_scores_join_every_patient_across_models(data: ModelData) -> None:
    scores = data.of("scores", "cv5")
    figure = scores_figure(scores, summary(scores), METRICS["dice"], TITLES)
    lines = [trace for trace in figure.data if trace.mode == "lines+markers" and trace.xaxis == "x"]
    assert len(lines) == 10
    one = next(trace for trace in lines if trace.customdata[0][0] == "fake-03")
    mine = scores.filter((pl.col("subject_id") == "fake-03") & (pl.col("metric") == "dice"))
    assert list(one.y) == mine.filter(pl.col("class") == "ventricle")["value"].to_list()
    assert list(one.x) == [0, 1, 2, 3]


def test_scores_show_targets_means_and_who_is_missing(data: ModelData) -> None:
    scores = data.of("scores", "cv5")
    figure = scores_figure(scores, summary(scores), METRICS["lesion_f1"], TITLES)
    assert "<b>White matter hyperintensities (WMH)</b><br>target ≥ 0.77 (dotted)" in texts(figure)
    assert "1 without<br>a value" in texts(figure)
    [means] = [trace for trace in figure.data if trace.marker.symbol == "diamond"]
    assert means.y[0] == pytest.approx(
        scores.filter((pl.col("metric") == "lesion_f1") & (pl.col("model_id") == DEFAULT_MODEL))["value"].mean()
    )
    assert len({trace.xaxis for trace in figure.data}) == 1  # lesions are counted for WMH only


def test_a_target_on_both_sides_of_zero_has_two_lines(data: ModelData) -> None:
    scores = data.of("scores", "cv5")
    figure = scores_figure(scores, summary(scores), METRICS["volume_error_pct"], TITLES)
    assert "<b>White matter hyperintensities (WMH)</b><br>target ± 10 (dotted)" in texts(figure)
    assert {shape.y0 for shape in figure.layout.shapes} >= {10, -10}


def test_agreement_has_one_line_per_measure_and_leaves_out_what_has_none(data: ModelData) -> None:
    rows = data.of("measures", "cv5", DEFAULT_MODEL)
    agreement = measure_agreement(rows.filter(pl.col("measure") != "lesion_count"))
    gone = agreement.with_columns(icc=pl.when(pl.col("measure") == "wmh_volume_ml").then(None).otherwise("icc"))
    [trace] = agreement_figure(gone).data
    assert next(iter(trace.y)) == "Ventricle volume"
    assert "WMH volume" not in trace.y
    assert len(trace.y) == len(SHOWN) - 2
    known = agreement.filter(pl.col("measure") == "ventricle_volume_ml").row(0, named=True)
    assert trace.x[0] == pytest.approx(known["icc"])
    assert trace.x[0] + trace.error_x.array[0] == pytest.approx(known["ci_high"])


def test_a_score_without_target_draws_none(data: ModelData) -> None:
    scores = data.of("scores", "study")
    assert not any(
        "target" in text for text in texts(scores_figure(scores, summary(scores), METRICS["recall"], TITLES))
    )


def test_curves_draw_the_mean_only_while_all_folds_train(data: ModelData) -> None:
    figure = curves_figure(data.of("curves", "cv5"), "loss", {**TITLES, "absent": "Absent"})
    thick = next(trace for trace in figure.data if trace.line.width == 3)
    assert (min(thick.x), max(thick.x)) == (1, 18)  # the fold that stopped first ended at epoch 18
    assert [trace.name for trace in figure.data if trace.showlegend] == [
        "mean of folds, training",
        "mean of folds, validation",
    ]
    assert "no curve recorded" in texts(figure)


def test_confusion_counts_pixels_and_shares_rows(data: ModelData) -> None:
    figure = confusion_figure(data.of("confusion", "study", "fake_unet"))
    [heat] = figure.data
    assert heat.z[2] == pytest.approx((100 * 9_000 / 40_000, 100 * 30 / 40_000, 100 * 30_970 / 40_000))
    assert "<b>0.07 %</b><br>30" in texts(figure)
    assert "<b>93 %</b><br>93,000" in texts(figure)


def test_confusion_of_a_class_that_nobody_outlined_is_empty_not_zero() -> None:
    rows = pl.DataFrame({"truth": ["background"], "predicted": ["wmh"], "n_pixels": [4]})
    figure = confusion_figure(rows)
    assert figure.data[0].z[1] == [None, None, None]
    assert "<b>–</b><br>0" in texts(figure)


def test_calibration_weighs_bins_by_their_pixels(data: ModelData) -> None:
    rows = data.of("calibration", "cv5", DEFAULT_MODEL)
    figure = calibration_figure(rows)
    assert [trace.name.split(" (")[0] for trace in figure.data] == ["perfect", "Ventricles", "WMH"]
    wmh = rows.filter(pl.col("class") == "wmh")
    by_hand = (
        sum(abs(o - p) * n for p, o, n in wmh.select("predicted", "observed", "n_pixels").iter_rows())
        / wmh["n_pixels"].sum()
    )
    assert calibration_error(wmh) == pytest.approx(by_hand)
    assert f"{by_hand:.3f}" in figure.data[2].name


def test_volumes_show_everyone_and_the_limits() -> None:
    volumes = pl.DataFrame(
        {
            "subject_id": ["a", "b", "c"],
            "class": ["wmh"] * 3,
            "manual_ml": [10.0, 20.0, 30.0],
            "found_ml": [11.0, 22.0, 33.0],
        }
    )
    figure = volumes_figure(volumes, {"wmh": bland_altman([10, 20, 30], [11, 22, 33])})
    dots = figure.data[1]
    assert (list(dots.x), list(dots.y)) == ([10.5, 21.0, 31.5], [1.0, 2.0, 3.0])
    assert {" mean<br> +2.0", " +1.96 SD<br> +4.0", " −1.96 SD<br> +0.0"} <= set(texts(figure))
    low, high = figure.layout.yaxis2.range
    assert low < 0.04 and high > 3.96 and math.isfinite(low + high)
