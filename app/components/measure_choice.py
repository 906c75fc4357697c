"""Choose a measure: only those that somebody in the dataset has, kept in the URL and across pages."""

from app.components import linked
from app.components.empty_states import no_measure
from app.components.language import language
from app.state import Selection
from vocabulary.measures import MEASURES


def available_measures(selection: Selection) -> list[str]:
    """Return the measures with at least one value in the dataset, in the vocabulary.measures's order."""
    frame = selection.everyone
    return [m for m in MEASURES if m in frame.columns and frame[m].null_count() < frame.height]


def number_columns(selection: Selection) -> list[str]:
    """Return the further columns that are numbers, of which somebody has one."""
    frame = selection.everyone
    return [e.name for e in selection.extras if e.kind == "number" and frame[e.name].null_count() < frame.height]


def covariate_choice(selection: Selection) -> list[str]:
    """Ask which further columns are held fixed with age, sex and head size; nothing is drawn where there are none."""
    titles = {e.name: e.axis_title for e in selection.extras if selection.everyone[e.name].n_unique() > 1}
    if not titles:
        return []
    return linked.multiselect(
        "Adjust also for",
        list(titles),
        key="covariates",
        format_func=lambda name: titles[name],
        placeholder="age, sex, head size only",
        width=300,
        help="People without a value are left out of the adjusted answers. What only one group has, such as EDSS, "
        "leaves nothing to compare.",
    )


def measure_choice(selection: Selection, *, key: str = "measure", default: str = "wmh_ratio_pct") -> str:
    """Draw the select box and return the chosen measure's name."""
    names = available_measures(selection)
    if not names:
        no_measure()
    selection.chosen["measure"] = str(
        linked.selectbox(
            "Measure",
            names,
            index=names.index(default) if default in names else 0,
            key=key,
            format_func=lambda n: MEASURES[n].label,
            width=230 if language() == "en" else 285,
            label_visibility="collapsed",
        )
    )
    return selection.chosen["measure"]
