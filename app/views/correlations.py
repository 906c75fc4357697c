"""Correlations: which measures go together in each group, and where MS and HC differ."""

from itertools import combinations

import polars as pl
import streamlit as st

from analysis import correlation
from analysis.correlation import Method, correlate, difference_of, sampled
from analysis.statistics.multiplicity import ADJUSTMENT_NAMES
from app.components import banner, linked
from app.components.adjustment_choice import adjusted_by, adjustment_choice
from app.components.figure_panel import figure_panel, printed_only
from app.components.filter_bar import filter_bar
from app.components.measure_choice import available_measures, number_columns
from app.components.second_opinion import check_correlations
from app.components.tables import numbers_table
from app.figures.cohort.correlation_matrix import difference_matrix, matrices
from app.figures.cohort.scatter import pair_scatter
from app.sentences.cohort import difference_sentence
from app.sentences.comparison import correlation_sentence, variable_phrase
from app.sentences.formatting import MISSING, format_interval, format_p, format_r
from app.sentences.labels import variable_label
from app.state import OpenedStore, Selection
from vocabulary.measures import GROUPS

DEFAULTS = (
    "age_years",
    "sex",
    "ventricle_ratio_pct",
    "wmh_ratio_pct",
    "periventricular_share_pct",
    "paraventricular_share_pct",
    "juxtacortical_share_pct",
)
MOST_VARIABLES = 12
TABLE_PIXELS = 560
METHODS: dict[Method, str] = {"spearman": "Spearman (ranks)", "pearson": "Pearson (straight line)"}
TABS = ("MS and HC", "Difference")


@st.cache_data(max_entries=64, show_spinner=False)
def _cells(
    key: str, _frame: pl.DataFrame, variables: tuple[str, ...], method: Method, partial: bool, adjustment: str
) -> pl.DataFrame:
    return correlate(sampled(_frame), variables, method=method, partial=partial, adjustment=adjustment)


def page(opened: OpenedStore | None) -> None:
    """Draw the page."""
    selection = filter_bar(opened)
    variables, method, partial, adjustment = _controls(selection)
    if len(variables) < 2:
        banner.answer("A correlation needs two variables: choose at least two above.", selection)
        return
    selection.command[:] = ["correlate", *variables, *adjusted_by(adjustment), *(["--partial"] if partial else [])]
    selection.command.extend([] if method == "spearman" else ["--method", method])
    cells = _cells(selection.key, selection.frame, variables, method, partial, adjustment)
    differences = difference_of(cells)
    selection.shown["tests"] = lambda: cells
    answer = difference_sentence(cells, differences)
    banner.answer(answer, selection)
    if selection.frame.height > correlation.MOST_CORRELATED:
        st.caption(
            f"Computed from a random sample of {correlation.MOST_CORRELATED:,} of {selection.frame.height:,} people."
        )
    name = ADJUSTMENT_NAMES[adjustment]
    how = _how(method, partial, name, cells["family_size"][0])
    tabs = linked.tabs(TABS, key="matrix")
    tested = f"{how} Difference tested by Fisher's z, {name} over {differences['family_size'][0]} tests."
    within = {"name": "matrices", "title": "Correlations in controls and in MS", "method": how}
    between = {"name": "difference", "title": "Correlation in MS minus correlation in controls", "method": tested}
    with tabs[0]:
        if tabs[0].open:
            figure_panel(matrices(cells, variables), cells, selection, **within, alt=answer)
        else:
            printed_only(lambda: matrices(cells, variables), selection, **within)
    with tabs[1]:
        if tabs[1].open:
            figure_panel(difference_matrix(differences, variables), differences, selection, **between, alt=answer)
        else:
            printed_only(lambda: difference_matrix(differences, variables), selection, **between)
    st.caption(
        f"Faint cells do not survive {name}'s adjustment. Hatched corners: the two correlate by construction, "
        "as a part with its whole, parts of one whole, or ratios to the same area. Click a cell, or choose a pair, "
        "to see its people."
    )
    _pair(selection, cells, differences, variables, how)
    with st.container(key="page-extras"):
        st.markdown("## Every pair")
        with st.container(height=TABLE_PIXELS if differences.height > 12 else "content", border=False):
            _table(cells, differences)
        st.caption(
            f"p adjusted by {name}, over {cells['family_size'][0]} correlations and over "
            f"{differences['family_size'][0]} differences. Sorted by how much the groups differ. † correlated by "
            "construction. Unadjusted p and q values are in the CSV of the figures."
        )
        check_correlations(selection, sampled(selection.frame), cells, adjustment)
        with st.expander("How this was computed"):
            st.markdown(how)
            st.markdown(
                "r runs from −1 to 1. Pairs correlated by construction have no interval; Pearson's r has one only "
                "among controls for age, sex and sizes, for it takes values to be normally distributed, and it never "
                "says that the groups differ. The difference of two correlations is tested on Fisher's scale, its "
                "interval is Zou's. A pair uses the people who have both values: shares exist only for people with "
                "lesions, and people of unknown age are left out of pairs with age. The sources are on the **Methods** "
                "page."
            )


def _controls(selection: Selection) -> tuple[tuple[str, ...], Method, bool, str]:
    options = ["age_years", "sex", *available_measures(selection), *number_columns(selection)]
    with (
        selection.controls,
        st.popover("Variables and method", width="content", key="controls-correlation"),
        st.container(key="correlation-panel"),
    ):
        chosen = linked.multiselect(
            "Variables",
            options,
            default=[v for v in DEFAULTS if v in options],
            key="variables",
            format_func=variable_label,
            max_selections=MOST_VARIABLES,
            width="stretch",
        )
        method = linked.segmented_control(
            "Coefficient",
            list(METHODS),
            default="spearman",
            required=True,
            key="method",
            format_func=lambda name: METHODS[name],
        )
        partial = linked.toggle(
            "Hold age and sex fixed",
            key="partial",
            help="Partial correlation: what is left of a pair once age and sex are taken out of both.",
        )
        adjustment = adjustment_choice()
    order = {name: i for i, name in enumerate(options)}
    return tuple(sorted(chosen, key=order.__getitem__)), method, partial, adjustment


def _how(method: Method, partial: bool, adjusted: str, family: int) -> str:
    name = "Spearman rank correlation" if method == "spearman" else "Pearson correlation"
    fixed = ", age and sex held fixed" if partial else ""
    interval = (
        "by Fisher's z with Bonett and Wright's variance" if method == "spearman" else "by Fisher's z, where it holds"
    )
    return f"{name} within each group{fixed}; 95 % CI {interval}; p adjusted by {adjusted} over {family} tests."


def _pair(
    selection: Selection, cells: pl.DataFrame, differences: pl.DataFrame, variables: tuple[str, ...], how: str
) -> None:
    pairs = {f"{x}~{y}": (x, y) for x, y in combinations(variables, 2)}
    _take_click(pairs)
    if st.session_state.get("pair") not in pairs:
        st.session_state.pop("pair", None)
    with st.container(key="controls-pair"):
        chosen = linked.selectbox(
            "Pair",
            list(pairs),
            index=list(pairs).index(_clearest(differences, pairs)),
            key="pair",
            format_func=lambda name: " and ".join(variable_label(v) for v in pairs[name]),
            width=420,
        )
    x, y = pairs[chosen]
    sentence = correlation_sentence(cells, differences, x, y)
    st.markdown(sentence)
    figure_panel(
        pair_scatter(selection.frame, x, y, _notes(cells, x, y)),
        lambda: selection.frame.select(*dict.fromkeys(["subject_id", "group", "sex", "age_years", x, y])),
        selection,
        name="pair",
        title=f"{variable_phrase(y, start=True)} against {variable_phrase(x)}",
        method=f"{how} Points are the measured values, nothing taken out.",
        alt=sentence,
        answer=sentence,
    )


def _take_click(pairs: dict[str, tuple[str, str]]) -> None:
    """Let a newly clicked cell of a matrix choose the pair."""
    for name in ("figure-matrices", "figure-difference"):
        points = (st.session_state.get(name) or {}).get("selection", {}).get("points", [])
        clicked = next((tuple(p["customdata"][:2]) for p in points if p.get("customdata")), None)
        if clicked and clicked != st.session_state.get(f"{name}-seen"):
            st.session_state["pair"] = next((k for k, pair in pairs.items() if set(pair) == set(clicked)), None)
        st.session_state[f"{name}-seen"] = clicked


def _clearest(differences: pl.DataFrame, pairs: dict[str, tuple[str, str]]) -> str:
    tested = differences.filter(~pl.col("part_whole")).drop_nulls("z").sort(pl.col("z").abs(), descending=True)
    return f"{tested['x'][0]}~{tested['y'][0]}" if tested.height else next(iter(pairs))


def _notes(cells: pl.DataFrame, x: str, y: str) -> dict[str, str]:
    rows = cells.filter((pl.col("x") == x) & (pl.col("y") == y)).drop_nulls("r").iter_rows(named=True)
    return {row["group"]: f"r = {format_r(row['r'])}{_interval(row)}" for row in rows}


def _interval(row: dict[str, float | None]) -> str:
    low, high = row["ci_low"], row["ci_high"]
    return "" if low is None or high is None else f" ({format_interval(low, high, format_r)})"


def _table(cells: pl.DataFrame, differences: pl.DataFrame) -> None:
    found = {(row["group"], row["x"], row["y"]): row for row in cells.iter_rows(named=True)}
    rows = []
    for gap in differences.sort(pl.col("z").abs(), descending=True, nulls_last=True).iter_rows(named=True):
        mark = " †" if gap["part_whole"] else ""
        row = {"Pair": f"{variable_label(gap['x'])} and {variable_label(gap['y'])}{mark}"}
        for group in GROUPS:
            cell = found[group, gap["x"], gap["y"]]
            row |= {
                f"{group} r (95 % CI)": _r(cell["r"], cell),
                f"{group} p": format_p(cell["p_adjusted"]),
                f"{group} n": f"{cell['n']:,}",
            }
        row |= {
            "MS − HC (95 % CI)": _r(gap["difference"], gap),
            "p": format_p(gap["p_adjusted"]),
        }
        rows.append(row)
    numbers_table(pl.DataFrame(rows), left=("Pair",))


def _r(value: float | None, row: dict[str, float | None]) -> str:
    return MISSING if value is None else f"{format_r(value)}{_interval(row)}"
