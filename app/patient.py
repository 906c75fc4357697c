"""One person against the norms: the values at hand, the references of their protocol, scores, what was not possible."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from analysis.norms.bridge import score_bridged
from analysis.norms.reference import Reference
from analysis.norms.score import Score, score
from analysis.norms.values import SCORED, BadValue, person_values
from app.references import Library, bridge_for
from vocabulary.acquisition import STUDY_HEAD
from vocabulary.measures import ZONES

ASKED = ("ventricle_ratio_pct", "wmh_area_mm2", *(f"{zone}_area_mm2" for zone in ZONES), "intracranial_area_mm2")
"""Measures placed on the page, in this order; a ratio stands in for an area that is not at hand."""


OTHER_GEOMETRY = ("slice_spacing", "coarse_plane", "tilted")
"""Flags of scans unlike those of the people who were measured under both protocols."""
SIZES = ("ventricle_ratio_pct", "ventricle_area_mm2", "intracranial_area_mm2")


@dataclass(frozen=True)
class Patient:
    """One scan of one person, or typed values.

    Attributes
    ----------
    values : measure -> value
    content_sha256 : of the dataset the person is in; recognises members of a reference
    scan_id : of the store; None for typed values
    flags : names of the reasons to doubt the scan
    study_head_mm2 : head size by the Tabriz study's definition, which a bridge carries
    model_id : what segmented the scan; None for values that came without one
    """

    subject_id: str
    group: str | None
    sex: str | None
    age_years: float | None
    protocol: str
    values: Mapping[str, float]
    session: str | None = None
    scan_id: str | None = None
    dataset_id: str = ""
    content_sha256: str = ""
    synthetic: bool = False
    flags: tuple[str, ...] = ()
    study_head_mm2: float | None = None
    model_id: str | None = None


@dataclass(frozen=True)
class Impossible:
    """Something that could not be said of a patient.

    Attributes
    ----------
    code : unknown_age, unknown_sex, unknown_age_and_sex, no_reference, no_reference_of_group, ventricles_not_found,
        not_measured, contradiction, age_outside, geometry, other_model, not_carried, refused
    measure, group : which, where the reason concerns one
    detail : protocol, or an error's own words, by the code
    """

    code: str
    measure: str = ""
    group: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Placed:
    """What can be said of a patient: scores among controls and patients, and what could not be said and why.

    ``bridged`` are controls of another protocol, reached by a bridge: the person's own value has no place on their
    chart.
    """

    controls: Reference | None
    patients: Reference | None
    bridged: Reference | None = None
    scores: tuple[Score, ...] = ()
    impossible: tuple[Impossible, ...] = ()

    def among(self, group: str) -> list[Score]:
        """Return the scores against one group that have an answer."""
        return [s for s in self.scores if s.group == group and not s.refused]


def patient_of(row: Mapping[str, Any], *, content_sha256: str, synthetic: bool, flags: tuple[str, ...] = ()) -> Patient:
    """Return the patient of a row of a cohort frame."""
    values = {name: float(row[name]) for name in ASKED if row.get(name) is not None}
    if "wmh_area_mm2" not in values and row.get("wmh_ratio_pct") is not None:
        values["wmh_ratio_pct"] = float(row["wmh_ratio_pct"])
    return Patient(
        subject_id=row["subject_id"],
        group=row["group"],
        sex=row["sex"],
        age_years=row["age_years"],
        protocol=row["protocol_id"],
        values=values,
        session=row.get("session"),
        scan_id=row.get("scan_id"),
        dataset_id=row.get("dataset_id", ""),
        content_sha256=content_sha256,
        synthetic=synthetic,
        flags=flags,
        study_head_mm2=row.get(STUDY_HEAD.name),
        model_id=row.get("model_id"),
    )


def place(patient: Patient, found: Library) -> Placed:
    """Place a patient among controls and among patients of the same protocol.

    Nothing is raised for a patient who cannot be placed: the reasons are part of the answer.
    """
    references = {group: next(iter(found.of_protocol(patient.protocol, group)), None) for group in ("HC", "MS")}
    impossible: list[Impossible] = []
    unknown = [word for word, value in (("age", patient.age_years), ("sex", patient.sex)) if value is None]
    if patient.age_years is None or patient.sex is None:
        return Placed(references["HC"], references["MS"], impossible=(Impossible(f"unknown_{'_and_'.join(unknown)}"),))
    if all(reference is None for reference in references.values()):
        return _over_a_bridge(patient, found)
    values = dict(patient.values)
    if values.get("ventricle_ratio_pct") == 0:
        del values["ventricle_ratio_pct"]
        impossible.append(Impossible("ventricles_not_found", "ventricle_ratio_pct"))
    impossible += [Impossible("not_measured", name) for name in ASKED if not _has(patient, name)]
    scores: list[Score] = []
    for group, reference in references.items():
        if reference is None:
            impossible.append(Impossible("no_reference_of_group", group=group, detail=patient.protocol))
            continue
        try:
            person = person_values(
                patient.age_years, patient.sex, patient.protocol, values, head_typical=reference.head_mm2
            )
        except BadValue as error:
            impossible.append(Impossible("contradiction", detail=str(error)))
            break
        member = bool(reference.content_sha256) and (
            patient.content_sha256 == reference.content_sha256 and patient.group == group
        )
        scores += score(reference, person, in_reference=member)
    return Placed(
        references["HC"],
        references["MS"],
        None,
        tuple(_by_measure(scores)),
        (*impossible, *_refusals(patient, scores, references)),
    )


def _over_a_bridge(patient: Patient, found: Library) -> Placed:
    """Place a patient whose protocol has no reference of its own, where a bridge leads to one that has."""
    nobody = Impossible("no_reference", detail=patient.protocol)
    bridge = bridge_for(found, patient.protocol)
    if bridge is None or patient.age_years is None or patient.sex is None:
        return Placed(None, None, impossible=(nobody,))
    if set(patient.flags) & set(OTHER_GEOMETRY):
        return Placed(None, None, impossible=(nobody, Impossible("geometry")))
    reference = found.for_protocol(bridge.target_protocol)
    values = {name: value for name, value in patient.values.items() if value > 0 or name not in SIZES}
    reasons = [nobody]
    if patient.model_id not in (None, bridge.model):
        # What another network finds is another measurement; head size by the study's definition needs none.
        reasons.append(Impossible("other_model", detail=f"{patient.model_id} ({bridge.model})"))
        if patient.study_head_mm2 is None:
            return Placed(None, None, impossible=tuple(reasons))
        values = {"intracranial_area_mm2": patient.study_head_mm2}
    try:
        person = person_values(
            patient.age_years, patient.sex, patient.protocol, values, head_typical=reference.head_mm2
        )
    except BadValue as error:
        return Placed(None, None, impossible=(nobody, Impossible("contradiction", detail=str(error))))
    scores = score_bridged(bridge, reference, person, patient.study_head_mm2)
    refused = tuple(Impossible("not_carried", s.measure, "HC", str(s.refused)) for s in scores if s.refused)
    return Placed(None, None, reference, tuple(_by_measure(scores)), (*reasons, *refused))


def _has(patient: Patient, name: str) -> bool:
    stand_in = name == "wmh_area_mm2" and "wmh_ratio_pct" in patient.values
    # Head size is no finding: without it nothing is missing but the scale of areas, which a note says.
    return name in patient.values or stand_in or name == "intracranial_area_mm2"


def _refusals(
    patient: Patient, scores: list[Score], references: Mapping[str, Reference | None]
) -> Iterator[Impossible]:
    """Yield one line for an age outside a reference, and one for every other refusal."""
    for group, reference in references.items():
        refused = [s for s in scores if s.group == group and s.refused]
        if reference is None or not refused or patient.age_years is None:
            continue
        low, high = reference.age_range(str(patient.sex))
        if not low <= patient.age_years <= high:
            yield Impossible("age_outside", group=group, detail=f"{low:g}-{high:g}")
        else:
            yield from (Impossible("refused", s.measure, group, str(s.refused)) for s in refused)


def people_with_values(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of a cohort frame that hold at least one value with a norm."""
    names = [name for name in SCORED if name in frame.columns]
    return frame.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in names)) if names else frame.clear()


def _by_measure(scores: list[Score]) -> list[Score]:
    order = {name: i for i, name in enumerate(("ventricle_ratio_pct", "wmh_area_mm2", "wmh_ratio_pct", *ASKED[2:]))}
    return sorted(scores, key=lambda s: (order.get(s.measure, 99), s.group != "HC"))
