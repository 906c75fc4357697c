"""The scores the study printed for its four networks, beside one another and beside ours."""

from functools import cache
from importlib.resources import files

import polars as pl

from analysis.published.recompute import Number
from analysis.published.reproduce import decimals, verdict

FILE_SOURCE = "model_comparison.csv of the run of 6 January 2026, commit 8d914d6"
README_SOURCE = "README, commit d946551"
README_MS_PER_IMAGE = "32"
NOT_AT_HAND = (
    "Tables 3 and 4 of the article are Word files: what only they print, such as the milliseconds of each network, is "
    "not listed. IoU is worked out from Dice, D / (2 − D), which is exact where both are pooled."
)
COMPARABLE = (
    "What compares: the tissues, the centre, the scanner and the preprocessed slices. What does not: the study pools "
    "all pixels of its test slices into one Dice, ours is a mean over patients, in which one with few lesions counts "
    "as much as one with many; the study trained on 90 patients and tested on ten whose scans are not all public, ours "
    "learned from at most nine; the study's Hausdorff distance is in pixels of single slices, empty ones left out, "
    "though its README says mm."
)
ARCHITECTURES = {
    "unet": "U-Net",
    "attention_unet": "Attention U-Net",
    "trans_unet": "Trans-U-Net",
    "deeplab": "DeepLabV3+",
}
TISSUES = {"ventricle": "Ventricles", "wmh": "WMH", "overall": "Both, averaged"}


@cache
def network_numbers() -> pl.DataFrame:
    """Return every score the study printed for its networks.

    Read off the study's repository; facts only. Its README prints some of the scores of its own file again, rounded.

    Returns
    -------
    polars.DataFrame, one row per architecture, tissue ("ventricle", "wmh", "overall") and metric ("precision",
    "recall", "dice", "hd95_px"): architecture, tissue, metric, value (of the file), readme (as printed; null where it
    prints none), verdict (of the README against the file, as in ``analysis.published.reproduce``)
    """
    table = pl.read_csv((files("analysis.published") / "networks.csv").read_bytes(), infer_schema=False)
    rows = []
    for architecture, tissue, metric, value, readme in table.iter_rows():
        number = float(value)
        judged = None
        if readme:
            judged = verdict(readme, Number(number, f"{number:.{decimals(readme)}f}"))
        rows.append((architecture, tissue, metric, number, readme or None, judged))
    columns = ("architecture", "tissue", "metric", "value", "readme", "verdict")
    return pl.DataFrame(rows, schema=columns, orient="row")


def iou(dice: float) -> float:
    """Intersection over union of two masks whose Dice coefficient is known.

    Examples
    --------
    >>> round(iou(0.8), 4)
    0.6667
    """
    return dice / (2 - dice)


def beside_ours(summaries: pl.DataFrame, architectures: dict[str, str]) -> pl.DataFrame:
    """Set the study's scores beside those of our networks of the same architecture.

    Parameters
    ----------
    summaries : answer of ``analysis.model_scores.summary.summary``, of one split
    architectures : model_id -> architecture

    Returns
    -------
    polars.DataFrame, one row per architecture, tissue and metric (precision, recall, dice): architecture, tissue,
    metric, study, model_id, ours (mean over patients), ci_low, ci_high, n; the last five null where no network of ours
    was tested
    """
    named = pl.DataFrame(
        {"model_id": list(architectures), "architecture": list(architectures.values())},
        schema={"model_id": pl.String, "architecture": pl.String},
    )
    ours = summaries.join(named, on="model_id").select(
        "architecture", pl.col("class").alias("tissue"), "metric", "model_id", pl.col("mean").alias("ours"), "ci_low",
        "ci_high", "n",
    )  # fmt: skip
    study = network_numbers().filter((pl.col("metric") != "hd95_px") & (pl.col("tissue") != "overall"))
    return study.select("architecture", "tissue", "metric", pl.col("value").alias("study")).join(
        ours, on=["architecture", "tissue", "metric"], how="left", maintain_order="left"
    )
