"""Scores of a segmentation as people read them: names, units, which way is better, the targets set beforehand."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from types import MappingProxyType

from vocabulary.splits import RAW

TISSUES = ("ventricle", "wmh")
TISSUE_LABELS = {"ventricle": "Ventricles", "wmh": "White matter hyperintensities (WMH)"}
_SPLITS = {
    "cv5": ("Five-fold cross-validation", "Every patient was tested once, by networks trained on the other folds."),
    "study": ("The study's split", "Trained on the study's seven patients, tested on its other three."),
    "held-out": ("Patients held out", "Tested on the patients that this training left out."),
}
_RAW_NOTE = "Shown are the scans as the scanner made them, not the study's prepared copies; who has none is left out."


def split_label(split: str) -> str:
    """Return how training and test patients were parted, in words, and which scans were shown.

    Examples
    --------
    >>> split_label("cv5"), split_label("cv10-raw"), split_label("study")
    ('Five-fold cross-validation', '10-fold cross-validation, raw scans', "The study's split")
    """
    if split.endswith(RAW):
        return f"{split_label(split.removesuffix(RAW))}, raw scans"
    if split in _SPLITS:
        return _SPLITS[split][0]
    return f"{split[2:]}-fold cross-validation" if split[:2] == "cv" and split[2:].isdigit() else split


def split_in_sentence(split: str) -> str:
    """Return ``split_label`` as it stands within a sentence.

    Examples
    --------
    >>> split_in_sentence("cv5")
    'five-fold cross-validation'
    """
    label = split_label(split)
    return label[0].lower() + label[1:]


def split_note(split: str) -> str:
    """Return one or two sentences on a split; empty for one that is not known."""
    if split.endswith(RAW):
        return f"{split_note(split.removesuffix(RAW))} {_RAW_NOTE}".strip()
    known = "cv5" if split.startswith("cv") else split
    return _SPLITS[known][1] if known in _SPLITS else ""


def in_order(splits: Iterable[str]) -> list[str]:
    """Return splits, cross-validation first, then the study's, then others.

    Examples
    --------
    >>> in_order({"study", "held-out", "cv5"})
    ['cv5', 'study', 'held-out']
    """
    return sorted(splits, key=lambda split: (not split.startswith("cv"), split != "study", split))


@dataclass(frozen=True)
class Metric:
    """One score of one patient and tissue.

    Attributes
    ----------
    name : as in the store's ``model_score``
    label : on axes and in tables, without the unit
    unit : empty for a share of 1
    better : 'higher', 'lower' or 'zero', which is the nearer the better, from either side
    meaning : one sentence
    targets : tissue -> value to reach on patients never seen in training, mean per patient
    tissues : those it is computed for
    """

    name: str
    label: str
    unit: str
    better: str
    meaning: str
    targets: dict[str, float] = field(default_factory=dict)
    tissues: tuple[str, ...] = TISSUES

    @property
    def axis_title(self) -> str:
        """Label with its unit."""
        return f"{self.label} ({self.unit})" if self.unit else self.label

    def reached(self, tissue: str, value: float) -> bool:
        """Tell whether a mean is at least as good as the tissue's target."""
        target = self.targets[tissue]
        if self.better == "zero":
            return abs(value) <= target
        return value >= target if self.better == "higher" else value <= target

    def worst(self, low: float, high: float) -> float:
        """Return the end of an interval that is furthest from being good."""
        if self.better == "zero":
            return max(low, high, key=abs)
        return low if self.better == "higher" else high

    @property
    def way(self) -> str:
        """Say in words where a target lies."""
        return {"higher": "at least", "lower": "at most", "zero": "within"}[self.better]

    @property
    def sign(self) -> str:
        """Say in a sign where a target lies."""
        return {"higher": "≥", "lower": "≤", "zero": "±"}[self.better]


METRICS = MappingProxyType(
    {
        metric.name: metric
        for metric in (
            Metric(
                "dice", "Dice", "", "higher",
                "Overlap with the manual outline: twice the shared pixels over the sum of both; 1 is perfect.",
                {"ventricle": 0.90, "wmh": 0.74},
            ),
            Metric("precision", "Precision", "", "higher", "Share of the marked pixels that a rater marked, too."),
            Metric("recall", "Recall", "", "higher", "Share of the rater's pixels that were marked."),
            Metric(
                "lesion_f1", "Lesion-wise F1", "", "higher",
                "Lesions found and lesions real, in balance; a lesion counts as found when one pixel of it overlaps.",
                {"wmh": 0.77}, ("wmh",),
            ),
            Metric(
                "lesion_precision", "Lesion-wise precision", "", "higher",
                "Share of the marked lesions that touch a real one.", {}, ("wmh",),
            ),
            Metric(
                "lesion_recall", "Lesion-wise recall", "", "higher",
                "Share of the real lesions that were touched.", {}, ("wmh",),
            ),
            Metric(
                "hd95_3d_mm", "HD95 in 3D", "mm", "lower",
                "How far apart the outlines are, 95th percentile, slices counted at their true distance.",
                {"ventricle": 4.0, "wmh": 12.0},
            ),
            Metric(
                "hd95_2d_mm", "HD95 within slices", "mm", "lower",
                "The same within each slice where both outlines have pixels, then the mean over slices.",
            ),
            Metric(
                "absolute_volume_error_pct", "Absolute volume error", "%", "lower",
                "How far the volume is off, whichever way, in percent of the manual volume.",
                {"ventricle": 10.0, "wmh": 18.0},
            ),
            Metric(
                "volume_error_pct", "Volume error", "%", "zero",
                "How far the volume is off in percent of the manual volume; above zero: too much was marked.",
                {"wmh": 10.0},
            ),
        )
    }
)  # fmt: skip
"""In the order of the page's table."""
