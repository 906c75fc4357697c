"""The scores of the study's networks: what its README prints against its own file, and ours beside them."""

import polars as pl
import pytest

from analysis.published.networks import beside_ours, iou, network_numbers


def test_every_network_tissue_and_score_is_there() -> None:
    numbers = network_numbers()
    assert numbers.height == 48
    assert numbers.select("architecture", "tissue", "metric").is_unique().all()
    fractions = numbers.filter(pl.col("metric") != "hd95_px")["value"]
    assert fractions.is_between(0.5, 1).all()


def test_the_file_is_consistent_with_itself() -> None:
    wide = network_numbers().pivot("metric", index=["architecture", "tissue"], values="value")
    single = wide.filter(pl.col("tissue") != "overall")
    # Pooled over pixels Dice is the harmonic mean of precision and recall.
    harmonic = 2 * single["precision"] * single["recall"] / (single["precision"] + single["recall"])
    assert (single["dice"] - harmonic).abs().max() < 1e-6
    for architecture, rows in wide.partition_by("architecture", as_dict=True).items():
        of = {row["tissue"]: row["dice"] for row in rows.iter_rows(named=True)}
        assert of["overall"] == pytest.approx((of["ventricle"] + of["wmh"]) / 2, abs=1e-6), architecture


def test_the_readme_is_judged_against_the_file() -> None:
    judged = network_numbers().drop_nulls("readme")
    assert judged.height == 20
    assert dict(judged["verdict"].value_counts().iter_rows()) == {"exact": 17, "rounding": 3}
    cut = judged.filter(pl.col("verdict") == "rounding").select("architecture", "metric", "readme").rows()
    assert sorted(cut) == [
        ("deeplab", "hd95_px", "17.8"), ("trans_unet", "hd95_px", "16.8"), ("unet", "dice", "0.856"),
    ]  # fmt: skip


def test_ours_stand_beside_those_of_the_same_architecture() -> None:
    summaries = pl.DataFrame(
        {
            "model_id": ["a", "a", "b"], "class": ["ventricle", "wmh", "wmh"], "metric": ["dice"] * 3,
            "n": [3, 3, 3], "n_missing": [0, 0, 0], "mean": [0.8, 0.7, 0.6], "ci_low": [0.7, 0.6, 0.5],
            "ci_high": [0.9, 0.8, 0.7],
        }
    )  # fmt: skip
    table = beside_ours(summaries, {"a": "unet", "b": "unet"})
    dice = table.filter((pl.col("architecture") == "unet") & (pl.col("metric") == "dice"))
    assert dice.select("tissue", "model_id", "ours").rows() == [
        ("ventricle", "a", 0.8), ("wmh", "a", 0.7), ("wmh", "b", 0.6),
    ]  # fmt: skip
    assert table.filter(pl.col("architecture") == "deeplab")["ours"].null_count() == 6


def test_iou_of_a_perfect_and_of_no_overlap() -> None:
    assert (iou(1.0), iou(0.0)) == (1, 0)
