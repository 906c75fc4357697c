"""One model looked at closely: volumes, calibration, confusion, its best and its worst patients."""

import polars as pl
import streamlit as st

from analysis.model_scores.agreement import measure_agreement
from analysis.model_scores.summary import volume_agreement, volumes
from analysis.model_scores.targets import TISSUE_LABELS, TISSUES
from app import state
from app.components import linked
from app.components.models.model_figure import model_figure
from app.components.tables import numbers_table
from app.figures.models.agreement import agreement_figure
from app.figures.models.calibration import calibration_figure
from app.figures.models.confusion import confusion_figure
from app.figures.models.volumes import volumes_figure
from app.model_data import ModelData
from app.sentences.agreement import agreement_sentence, agreement_table, patients_table
from app.sentences.formatting import format_number
from app.sentences.models import volume_sentence
from pipeline.measures.zoning import DEFAULT_RULE
from vocabulary.splits import RAW, STUDY_SPLIT

OVERLAYS = "evaluations"
"""Folder of the store in which `mscohort evaluate --overlays` leaves its pictures."""


def one_model(data: ModelData, model: str, split: str) -> None:
    """Draw every figure about one model."""
    _volumes(data, model, split)
    _measures(data, model, split)
    left, right = st.columns(2, gap="large")
    with left:
        _calibration(data, model, split)
    with right:
        _confusion(data, model, split)
    _cases(data, model, split)


def _volumes(data: ModelData, model: str, split: str) -> None:
    rows = volumes(data.of("scores", split, model))
    if rows.is_empty():
        _nothing("Volumes against the manual outlines", "no volumes were recorded")
        return
    agreement = volume_agreement(rows)
    said = volume_sentence(agreement)
    model_figure(
        volumes_figure(rows, {tissue: limits for tissue, (limits, _) in agreement.items()}),
        rows,
        split=split,
        source=data.source,
        name="volumes",
        title="Volumes against the manual outlines",
        method="Bland and Altman: difference against mean, bias and 1.96 standard deviations of the differences.",
        alt=said,
    )
    st.markdown(said)


def _measures(data: ModelData, model: str, split: str) -> None:
    rows = data.of("measures", split, model).select("subject_id", "measure", "manual", "found")
    title = "Which measures can be believed?"
    if rows.is_empty():
        _nothing(title, "no measures were recorded; `mscohort evaluate` records them")
        return
    agreement = measure_agreement(rows)
    said = agreement_sentence(agreement)
    model_figure(
        agreement_figure(agreement),
        rows,
        split=split,
        source=data.source,
        name="measures",
        title=title,
        method="Each measure of the model's labels against that of the manual outlines, by the same code and zone rule "
        f"({DEFAULT_RULE}): intraclass correlation ICC(2,1) with its 95 % interval. 1 is full agreement.",
        alt=said,
    )
    st.markdown(said)
    with st.expander("Bias and limits of agreement of every measure"):
        numbers_table(agreement_table(agreement), left=("Measure",))
    with st.expander("Every patient: by hand, by the model"):
        numbers_table(patients_table(rows), left=("Patient",))


def _calibration(data: ModelData, model: str, split: str) -> None:
    rows = data.of("calibration", split, model)
    if rows.is_empty():
        _nothing("Can its probabilities be believed?", "no calibration was recorded for this split")
        return
    model_figure(
        calibration_figure(rows),
        rows,
        split=split,
        source=data.source,
        name="calibration",
        title="Can its probabilities be believed?",
        method="Pixels binned by the probability of a tissue; larger dots hold more pixels. On the diagonal the "
        "probability is the truth; below it the model is too sure.",
        alt="Reliability curves of both tissues; the numbers are in the CSV file.",
    )


def _confusion(data: ModelData, model: str, split: str) -> None:
    rows = data.of("confusion", split, model)
    if rows.is_empty():
        _nothing("What is taken for what", "no confusion matrix was recorded for this split")
        return
    model_figure(
        confusion_figure(rows),
        rows,
        split=split,
        source=data.source,
        name="confusion",
        title="What is taken for what",
        method="Pixels of all test patients together; percentages are shares of each row.",
        alt="Confusion matrix of background, ventricle and WMH; the numbers are in the CSV file.",
    )


def _how_to_draw(model: str, split: str) -> str:
    """Say how to get pictures of patients, with commands that exist: only networks that left a patient out may."""
    parted, raw = split.removesuffix(RAW), " --raw" if split.endswith(RAW) else ""
    folds = f"--split folds --folds {parted[2:]}" if parted.startswith("cv") else ""
    training = "--split study" if parted == STUDY_SPLIT else folds
    way = (
        f" FOLDER holds networks that left these patients out: `mscohort train DATA --architecture NAME {training} "
        "--out FOLDER` writes them. Their scores then take the place of those here."
        if training
        else ""
    )
    return (
        "No pictures here: patients' images are not part of the software. With labelled images in a folder DATA, "
        f"`mscohort evaluate DATA --model {model}{'=FOLDER' if training else ''}{raw} --overlays` draws each test "
        f"patient's outlines, manual and found, and this page shows the best and the worst.{way}"
    )


def _cases(data: ModelData, model: str, split: str) -> None:
    st.markdown("**Best and worst cases**")
    tissue = linked.segmented_control(
        "Judged by the Dice of",
        TISSUES,
        default="wmh",
        required=True,
        format_func=lambda name: TISSUE_LABELS[name],
        key="cases-by",
    )
    ranked = (
        data.of("scores", split, model)
        .filter((pl.col("metric") == "dice") & (pl.col("class") == tissue))
        .drop_nulls("value")
        .sort("value", descending=True)
    )
    folder = state.store().root / OVERLAYS / model / split
    pictures = {row["subject_id"]: folder / f"{row['subject_id']}.png" for row in ranked.iter_rows(named=True)}
    there = ranked.filter(pl.col("subject_id").is_in([who for who, path in pictures.items() if path.is_file()]))
    if there.is_empty():
        if not ranked.is_empty():
            best, worst = ranked.row(0, named=True), ranked.row(-1, named=True)
            st.markdown(
                f"Best: patient {best['subject_id']}, Dice {format_number(best['value'])}. "
                f"Worst: patient {worst['subject_id']}, Dice {format_number(worst['value'])}."
            )
        st.info(_how_to_draw(model, split))
        return
    dice = {row["subject_id"]: row["value"] for row in there.iter_rows(named=True)}
    best, *between, worst = list(dice) if len(dice) > 1 else [*dice, ""]
    for word, who in (("Best", best), ("Worst", worst)):
        if who:
            st.image(pictures[who], caption=f"{word}: patient {who}, Dice {format_number(dice[who])}", width="stretch")
    if between:
        other = linked.selectbox(
            "Another patient", between, index=None, key="case", width=320,
            format_func=lambda who: f"{who} (Dice {format_number(dice[who])})", placeholder="by rank",
        )  # fmt: skip
        if other:
            st.image(pictures[other], caption=f"Patient {other}, Dice {format_number(dice[other])}", width="stretch")
    st.caption(
        "Upper row outlined by hand, lower row by the model: ventricles sky blue, WMH vermilion. The person's left is "
        "on the left here."
    )


def _nothing(title: str, why: str) -> None:
    st.markdown(f"**{title}**")
    st.markdown(f"Not shown: {why}.")
