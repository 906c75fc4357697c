"""Choose how p values are adjusted for the number of tests; kept in the URL and across pages."""

from analysis.statistics.multiplicity import ADJUSTMENT_NAMES
from app.components import linked


def adjustment_choice() -> str:
    """Draw the select box and return the method: holm, bonferroni or bh."""
    return str(
        linked.selectbox(
            "p adjusted by",
            list(ADJUSTMENT_NAMES),
            key="adjust",
            format_func=lambda name: ADJUSTMENT_NAMES[name],
            width=190,
            help="Holm and Bonferroni bound the chance of any false alarm, Holm without being stricter than needed; "
            "Benjamini-Hochberg bounds the share of false alarms among the findings.",
        )
    )


def adjusted_by(adjustment: str) -> list[str]:
    """Return the words by which a command is told the adjustment; none for its default."""
    return [] if adjustment == "holm" else ["--adjust", adjustment]
