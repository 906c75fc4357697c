"""A bridge between two protocols: what a value would have been under the other, from people measured under both."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

import msgspec
import numpy as np
import polars as pl
import scipy
from numpy.typing import NDArray

from analysis.norms.centile import rank
from analysis.norms.people import one_person
from analysis.norms.reference import Reference
from analysis.norms.score import FEW_NEAR, HIGHEST, LOWEST, Score
from analysis.norms.values import PersonValues
from vocabulary.acquisition import STUDY_HEAD
from vocabulary.measures import MEASURES

Floats = NDArray[np.float64]

FOLDER = Path(__file__).parent / "bridges"
HEAD = "intracranial_area_mm2"
CARRIED = ("wmh_area_mm2", HEAD)
"""Measures a bridge may carry; the intervals of all others are too wide to say anything (see ``mean_width``)."""
WITH_CENTILE = (HEAD,)
"""Measures close enough under both protocols for a centile; of the others only one side is said."""
BRIDGED = (HEAD, "ventricle_area_mm2", "wmh_area_mm2", "periventricular_area_mm2", "paraventricular_area_mm2")
LEAST_PEOPLE = 6
ONE_SIDED_ABOVE, ONE_SIDED_BELOW = 90.0, 10.0


class NoBridge(ValueError):
    """Too few people were measured under both protocols."""


@dataclass(frozen=True)
class BridgedMeasure:
    """Log-linear regression of a measure under the target protocol on the same under the source protocol.

    Attributes
    ----------
    n : people; some have two scans
    intercept, slope, residual_sd : on natural logarithms; n - 2 degrees of freedom
    mean_log, squares_log : of the source values; for the prediction interval
    loo_factor : typical error of a person predicted by the others, as a factor (exp of the SD of the log errors)
    source_values : of the bridging people, rising: where a new value lies among them, and the range that is carried
    mean_width : mean width of these people's centile intervals through the bridge, points
    """

    measure: str
    n: int
    intercept: float
    slope: float
    residual_sd: float
    mean_log: float
    squares_log: float
    loo_factor: float
    source_values: tuple[float, ...]
    mean_width: float | None = None

    @property
    def interval_factor(self) -> float:
        """Half-width of the 95 % prediction interval at the middle of the bridging people, as a factor."""
        half = scipy.special.stdtrit(self.n - 2, 0.975) * self.residual_sd * np.sqrt(1 + 1 / self.n)
        return float(np.exp(half))

    def predict(self, value: float) -> tuple[float, float, float]:
        """Return the value under the target protocol and its 95 % prediction interval."""
        x = np.log(value)
        middle = self.intercept + self.slope * x
        leverage = 1 / self.n + (x - self.mean_log) ** 2 / self.squares_log
        half = scipy.special.stdtrit(self.n - 2, 0.975) * self.residual_sd * np.sqrt(1 + leverage)
        return float(np.exp(middle)), float(np.exp(middle - half)), float(np.exp(middle + half))


@dataclass(frozen=True)
class Bridge:
    """What people measured under both protocols say of one from the other.

    Attributes
    ----------
    how : which of the source values these are; only those of networks that never saw the person may be used
    """

    name: str
    source_protocol: str
    target_protocol: str
    group: str
    how: str
    measures: tuple[BridgedMeasure, ...]

    @property
    def model(self) -> str:
        """The network whose measures these are; another one's are not carried."""
        return self.how.partition(",")[0]

    def of(self, measure: str) -> BridgedMeasure | None:
        """Return the regression of a measure."""
        return next((m for m in self.measures if m.measure == measure), None)


def fit_bridge(
    pairs: pl.DataFrame, *, name: str, source: str, target: str, how: str, controls: Reference | None = None
) -> Bridge:
    """Fit a bridge.

    Parameters
    ----------
    pairs : one row per person and measure: subject_id, sex, age_years, measure, source, target (same unit); pairs
        with a zero carry no ratio and are left out
    controls : reference of the target protocol, to say how wide centiles become

    Raises
    ------
    NoBridge : fewer than six people were measured under both
    """
    fitted = []
    for measure in BRIDGED:
        rows = pairs.filter((pl.col("measure") == measure) & (pl.col("source") > 0) & (pl.col("target") > 0))
        if rows.height < LEAST_PEOPLE:
            continue
        people = rows["subject_id"].n_unique()
        one = _regress(measure, rows["source"].to_numpy(), rows["target"].to_numpy(), people)
        fitted.append(replace(one, mean_width=_mean_width(one, rows, controls)))
    if not fitted:
        raise NoBridge(f"fewer than {LEAST_PEOPLE} people were measured under both {source} and {target}")
    return Bridge(name, source, target, "MS", how, tuple(fitted))


def study_heads() -> pl.DataFrame:
    """Return the study's intracranial area of the public patients: subject_id, image (raw, prepared), source (mm²)."""
    frame = pl.read_csv(
        FOLDER / "study_intracranial.csv", schema_overrides={"subject_id": pl.String, STUDY_HEAD.name: pl.Float64}
    )
    return frame.rename({STUDY_HEAD.name: "source"})


def score_bridged(
    bridge: Bridge, reference: Reference, person: PersonValues, study_head_mm2: float | None = None
) -> list[Score]:
    """Score values of the bridge's source protocol against a reference of its target protocol.

    The centile interval runs from the rank of the lower end of the prediction interval to that of the upper, each
    with its own interval. Of head size, which the study's definition measures alike under both, the centile of the
    predicted value is given. Of the rest none is; where all of the interval lies above the 90th or below the 10th
    centile, that is said, everything else is refused.

    Parameters
    ----------
    study_head_mm2 : the person's intracranial area by the study's definition; it takes the place of the source
        protocol's own, which is another
    """
    given = [(value.asked, value.given) for value in person.values]
    if study_head_mm2 is not None:
        given = [(name, value) for name, value in given if name != HEAD] + [(HEAD, study_head_mm2)]
    scores = []
    for name, amount in given:
        blank = Score(
            measure=name,
            value=amount,
            unit=MEASURES[name].unit,
            group=reference.group,
            reference=reference.name,
            protocol=person.protocol,
            age=person.age,
            sex=person.sex,
            n_reference=reference.n,
            n_near_age=reference.n_near_age(person.age, person.sex),
            bridge=bridge.name,
        )
        own_head = name == HEAD and study_head_mm2 is None
        scores.append(_bridged(bridge, reference, blank, carried=name in CARRIED and not own_head))
    return scores


def _bridged(bridge: Bridge, reference: Reference, blank: Score, *, carried: bool) -> Score:
    low_age, high_age = reference.age_range(blank.sex)
    if not low_age <= blank.age <= high_age:
        span = f"{low_age:g} to {high_age:g} years in this sex"
        return replace(blank, refused=f"age {blank.age:g} is outside the reference, {span}")
    found = bridge.of(blank.measure)
    if found is None or not carried:
        own = blank.measure in CARRIED or found is None or found.mean_width is None
        wide = "" if own or found is None else f" (intervals {found.mean_width:.0f} points wide)"
        return replace(
            blank,
            refused=f"cannot be carried over from {bridge.source_protocol} to {bridge.target_protocol}{wide}",
        )
    if blank.measure in WITH_CENTILE:
        return _with_centile(found, reference, blank)
    return _one_sided(bridge, found, reference, blank)


def _one_sided(bridge: Bridge, found: BridgedMeasure, reference: Reference, blank: Score) -> Score:
    if blank.value < found.source_values[0]:
        return replace(
            blank,
            refused=f"less than in every patient measured under both protocols ({found.source_values[0]:,.0f} mm² and "
            "more), so nothing is known of it",
        )
    _, low, high = found.predict(blank.value)
    ends = _rank_interval(reference, blank, low, high)
    among = int(np.searchsorted(np.array(found.source_values), blank.value, "right"))
    if blank.n_near_age < FEW_NEAR:
        return replace(
            blank, refused=f"only {blank.n_near_age} controls of this sex within 5 years, and a bridge on top"
        )
    notes = (
        f"bridged from {bridge.source_protocol} by {found.n} patients measured under both, within a factor of "
        f"{found.interval_factor:.1f}; no control was",
        f"among these patients, {among} of {found.n} have as much or less",
    )
    if ends[0] < ONE_SIDED_ABOVE and ends[1] > ONE_SIDED_BELOW:
        return replace(
            blank,
            refused=f"the bridge is too uncertain here: anything from centile {ends[0]:.0f} to {ends[1]:.0f}",
            notes=notes,
        )
    return replace(blank, centile_low=max(ends[0], LOWEST), centile_high=min(ends[1], HIGHEST), notes=notes)


def _with_centile(found: BridgedMeasure, reference: Reference, blank: Score) -> Score:
    """Return the centile of the predicted value, between the ranks of the ends of its prediction interval."""
    middle, low, high = found.predict(blank.value)
    model = reference.model(blank.measure)
    if model is None:
        return replace(blank, refused=f"the reference {reference.name} has no norm for {blank.measure}")
    form, fitted = model.form(model.additive), model.additive.fit
    at = rank(form, fitted, one_person(blank.age, blank.sex, middle, middle)).middle
    ends = _rank_interval(reference, blank, low, high)
    note = (
        f"by the study's own definition, brought over by {found.n} patients measured under both, within a factor of "
        f"{found.interval_factor:.3f}; no control was"
    )
    return replace(
        blank,
        centile=min(max(100 * at, LOWEST), HIGHEST),
        centile_low=max(ends[0], LOWEST),
        centile_high=min(ends[1], HIGHEST),
        z=float(scipy.special.ndtri(np.clip(at, LOWEST / 100, HIGHEST / 100))),
        notes=(note,),
    )


def _rank_interval(reference: Reference, blank: Score, low: float, high: float) -> tuple[float, float]:
    measure = "ventricle_ratio_pct" if blank.measure.startswith("ventricle") else blank.measure
    model = reference.model(measure)
    if model is None:
        return 0.0, 100.0
    form, fitted = model.form(model.additive), model.additive.fit
    scale = 100 / reference.head_mm2 if measure == "ventricle_ratio_pct" else 1.0
    ends = [
        rank(form, fitted, one_person(blank.age, blank.sex, scale * value, reference.head_mm2)).interval[i]
        for i, value in enumerate((low, high))
    ]
    return 100 * ends[0], 100 * ends[1]


def _regress(measure: str, source: Floats, target: Floats, people: int) -> BridgedMeasure:
    """Regress on all scans; degrees of freedom and leverage are those of the people, who may have two scans each."""
    x, y = np.log(source), np.log(target)
    n, mean = people, float(x.mean())
    squares = float(((x - mean) ** 2).sum())
    slope = float(((x - mean) * (y - y.mean())).sum() / squares)
    intercept = float(y.mean() - slope * mean)
    rest = y - intercept - slope * x
    leverage = 1 / len(x) + (x - mean) ** 2 / squares
    left_out = rest / (1 - leverage)
    return BridgedMeasure(
        measure,
        n,
        intercept,
        slope,
        float(np.sqrt((rest**2).sum() / (n - 2))),
        mean,
        squares,
        float(np.exp(np.sqrt((left_out**2).mean()))),
        tuple(sorted(float(v) for v in source)),
    )


def _mean_width(found: BridgedMeasure, rows: pl.DataFrame, controls: Reference | None) -> float | None:
    if controls is None:
        return None
    widths = []
    for row in rows.drop_nulls(["age_years", "sex"]).iter_rows(named=True):
        blank = Score(
            found.measure, row["source"], "", "HC", controls.name, "", float(row["age_years"]), str(row["sex"])
        )
        _, low, high = found.predict(row["source"])
        ends = _rank_interval(controls, blank, low, high)
        widths.append(ends[1] - ends[0])
    return float(np.mean(widths)) if widths else None


def to_json(bridge: Bridge) -> bytes:
    """Return a bridge as JSON, the same bytes for the same bridge."""
    return msgspec.json.format(msgspec.json.encode(asdict(bridge)), indent=1) + b"\n"


@cache
def shipped_bridges() -> Mapping[str, Bridge]:
    """Return source protocol -> the bridge that ships."""
    found = [msgspec.json.decode(path.read_bytes(), type=Bridge) for path in sorted(FOLDER.glob("*.json"))]
    return {bridge.source_protocol: bridge for bridge in found}
