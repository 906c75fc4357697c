"""Models: how far the segmentation can be trusted, network by network, on patients it never saw."""

import polars as pl
import streamlit as st

from analysis.model_scores.summary import paired, summary, target_rows
from analysis.model_scores.targets import METRICS, Metric, in_order, split_label, split_note
from app.components import banner, linked
from app.components.models.model_details import one_model
from app.components.models.model_figure import PATIENTS, model_figure
from app.components.models.study_networks import networks_beside_ours
from app.components.tables import numbers_table
from app.figures.models.learning_curves import VALIDATION, curves_figure, metric_label
from app.figures.models.scores import scores_figure
from app.model_data import ModelData, shipped_models, stored_models
from app.sentences.formatting import MISSING, format_interval, format_number, format_p
from app.sentences.models import answer_sentence, score_table, target_sentence
from app.state import OpenedStore
from pipeline.segmentation.bundled_models import DEFAULT_MODEL

PARTS = ("Every score", "Model against model", "Training", "One model, closely", "Size and speed")
LIMIT = (
    "Ten patients of one centre, scanner and rater are few, and intervals are wide; on another scanner expect less. "
    "The targets are ours, set before the networks were trained; they are no clinical limits."
)


@st.cache_data(max_entries=8, show_spinner=False)
def _summary(key: str, _scores: pl.DataFrame) -> pl.DataFrame:
    return summary(_scores)


@st.cache_data(max_entries=8, show_spinner=False)
def _paired(key: str, _scores: pl.DataFrame, models: tuple[str, ...]) -> pl.DataFrame:
    return paired(_scores, models)


def page(opened: OpenedStore | None) -> None:
    """Draw the page."""
    data = _data(opened)
    if data.scores.is_empty():
        _no_scores()
        return
    held = in_order(set(data.scores["split"]))
    opening = st.container()
    with st.container(key="controls-models", horizontal=True, vertical_alignment="bottom", gap="medium"):
        split = linked.segmented_control(
            "Tested by", held, default=held[0], required=True, format_func=split_label, key="split",
            help=" ".join(f"{split_label(name)}: {split_note(name)}" for name in held),
        )  # fmt: skip
        scores = data.of("scores", split)
        asked = [name for name in METRICS if name in set(scores["metric"])]
        metric = METRICS[
            linked.selectbox(
                "Score",
                asked,
                format_func=lambda name: METRICS[name].label,
                key="score",
                width=260,
            )
        ]
    titles = {model: title for model, title in data.titles.items() if model in set(scores["model_id"])}
    key = f"{opened.key if opened else None}/{data.source}/{split}"
    summaries = _summary(key, scores)
    with opening:
        _answer(summaries, titles, split)
    scored, paired_up, trained, close, cost = linked.tabs(PARTS, key="models-part")
    with scored:
        _scores(data, split, scores, summaries, titles, metric)
    with paired_up, st.container(key="page-extras"):
        _against_each_other(key, scores, titles)
        networks_beside_ours(data, summaries, titles)
    with trained:
        _curves(data, titles, split)
    with close:
        st.markdown("## One model, closely")
        model = linked.selectbox("Model", list(titles), format_func=lambda name: titles[name], key="model", width=320)
        one_model(data, model, split)
    with cost, st.container(key="page-extras-more"):
        _cost(data, titles)
    _how(data)


def _scores(
    data: ModelData,
    split: str,
    scores: pl.DataFrame,
    summaries: pl.DataFrame,
    titles: dict[str, str],
    metric: Metric,
) -> None:
    """Draw every patient's score, and the table of all scores."""
    model_figure(
        scores_figure(scores, summaries, metric, titles),
        scores.filter(pl.col("metric") == metric.name),
        split=split,
        source=data.source,
        name="scores",
        title=f"{metric.label}, patient by patient",
        method="A dot is a patient, joined across models; diamonds are means with 95 % bootstrap intervals.",
        alt=f"{metric.label} of every test patient and model; the table below has means and intervals.",
    )
    st.caption(f"{metric.meaning} {split_note(split)}")
    with st.container(key="page-extras-scores"):
        st.markdown("## Every score")
        table = score_table(summaries, titles)
        numbers_table(table, left=("Tissue", "Score"), wrap=True)
        st.caption("Means over patients, 95 % bootstrap intervals; patients without a value are counted, not guessed.")


def _data(opened: OpenedStore | None) -> ModelData:
    stored = stored_models(opened.snapshot) if opened is not None else None
    return stored if stored is not None and not stored.scores.is_empty() else shipped_models()


def _no_scores() -> None:
    banner.answer("How good the networks are cannot be shown: no evaluation is in the store.")
    st.header("No evaluation yet")
    st.markdown(
        "`mscohort demo` puts the evaluation that comes with the software into the store. To evaluate a model on "
        "images with manual outlines of your own, run `mscohort evaluate`."
    )


def _answer(summaries: pl.DataFrame, titles: dict[str, str], split: str) -> None:
    chosen = DEFAULT_MODEL if DEFAULT_MODEL in titles else next(iter(titles))
    title = "default" if chosen == DEFAULT_MODEL else titles[chosen]
    banner.answer(answer_sentence(summaries, chosen, title, split))
    st.markdown(f"{target_sentence(target_rows(summaries, chosen))} {LIMIT}")


def _against_each_other(key: str, scores: pl.DataFrame, titles: dict[str, str]) -> None:
    st.markdown("## Model against model, on the same patients")
    tests = _paired(key, scores, tuple(titles))
    if tests.is_empty():
        st.markdown("Only one model was tested in this way.")
        return
    rows = [
        {
            "Score": f"{METRICS[row['metric']].label}, {'WMH' if row['class'] == 'wmh' else 'ventricles'}",
            "Model": titles[row["model"]],
            "Against": titles[row["other"]],
            "Difference": format_number(row["difference"]),
            "95 % CI": MISSING if row["ci_low"] is None else format_interval(row["ci_low"], row["ci_high"]),
            "p": format_p(row["p_value"]),
            f"p (Holm, {row['family_size']})": format_p(row["p_adjusted"]),
            "n": f"{row['n']:,}",
        }
        for row in tests.iter_rows(named=True)
    ]
    sure = tests.filter(pl.col("p_adjusted") < 0.05).height
    n = int(tests["n"].max() or 0)  # type: ignore[arg-type]
    floor = f" With n = {n} the smallest possible p is {format_p(2.0 ** (1 - n))}, before Holm." if n else ""
    st.markdown(
        f"{'No difference is' if not sure else f'{sure} of {tests.height} differences are'} clear after Holm's "
        f"adjustment. Differences are Model minus Against; Wilcoxon's signed-rank test.{floor}"
    )
    with st.expander(f"All {tests.height} comparisons", expanded=tests.height <= 12):
        numbers_table(pl.DataFrame(rows), left=("Score", "Model", "Against"))


def _curves(data: ModelData, titles: dict[str, str], split: str) -> None:
    curves = data.of("curves", split)
    st.markdown("## How training went")
    recorded = curves["metric"].str.strip_prefix(VALIDATION).unique().sort().to_list()
    if not recorded:
        st.markdown("No learning curves were recorded for this split.")
        return
    first = recorded.index("loss") if "loss" in recorded else 0
    with st.container(key="controls-curves"):
        metric = linked.selectbox("Curve", recorded, index=first, format_func=metric_label, key="curve", width=260)
    model_figure(
        curves_figure(curves, metric, titles),
        curves.filter(pl.col("metric").is_in([metric, VALIDATION + metric])),
        split=split,
        source=data.source,
        name="curves",
        title=f"{metric_label(metric)} over the epochs",
        method="One thin line per fold, their mean while all train; losses of two networks may be different sums.",
        alt="Learning curves, one panel per model; the numbers are in the CSV file.",
    )


def _cost(data: ModelData, titles: dict[str, str]) -> None:
    st.markdown("## Size and speed")
    known = {row["model_id"]: row for row in data.models.iter_rows(named=True)}
    rows = []
    for model, title in titles.items():
        about = known.get(model, {})
        timed = data.speed.filter(pl.col("model_id") == model).to_dicts() or [{}]
        for row in timed:
            parameters = about.get("n_parameters")
            seconds, memory = row.get("seconds_per_scan"), row.get("peak_memory_mb")
            rows.append(
                {
                    "Model": title,
                    "Parameters (million)": MISSING if parameters is None else f"{parameters / 1e6:.1f}",
                    "Device": row.get("device") or MISSING,
                    "Seconds per scan": format_number(seconds),
                    "Slices per scan": format_number(row.get("n_slices")),
                    "Peak memory (MB)": MISSING if memory is None else f"{memory:,.0f}",
                    "Timed on (scans)": format_number(row.get("n_scans")),
                }
            )
    numbers_table(pl.DataFrame(rows), left=("Model", "Device"))
    st.caption(
        "Segmentation of one scan with the networks loaded, whatever else the machine was doing. A dash: not timed."
    )


def _how(data: ModelData) -> None:
    with st.expander("How this was computed"):
        st.markdown(f"{PATIENTS}. No score is from a patient a network was trained on.")
        for split in in_order(set(data.scores["split"])):
            st.markdown(f"- **{split_label(split)}**: {split_note(split)}")
        for metric in METRICS.values():
            st.markdown(f"- **{metric.axis_title}**: {metric.meaning}")
        st.markdown(
            "Scores are per patient, then averaged; a score without meaning, such as the distance to an empty mask, is "
            f"left out and counted. Figures: {data.source}. `mscohort evaluate` computes the same."
        )
        for row in data.models.iter_rows(named=True):
            title = data.titles.get(row["model_id"], row["model_id"])
            licence = f" Licence: {row['licence']}." if row["licence"] else ""
            st.markdown(f"- **{title}** (`{row['model_id']}`): {row['description']}{licence}")
