"""One person against the norms: the values at hand, the references of their protocol, scores, what was not possible."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from analysis.norms.reference import Reference
from analysis.norms.score import Score, score
from analysis.norms.values import SCORED, BadValue, person_values
from app.references import Library
from vocabulary.measures import MEASURES, PUBLISHED_PROTOCOL, ZONES

ASKED = ("ventricle_ratio_pct", "wmh_area_mm2", *(f"{zone}_area_mm2" for zone in ZONES), "intracranial_area_mm2")
"""Measures placed on the page, in this order; a ratio stands in for an area that is not at hand."""
NOT_FOUND = "the ventricles were not found, so they cannot be placed"


@dataclass(frozen=True)
class Patient:
    """One scan of one person, or typed values.

    Attributes
    ----------
    values : measure -> value
    content_sha256 : of the dataset the person is in; recognises members of a reference
    scan_id : of the store; None for typed values
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


@dataclass(frozen=True)
class Placed:
    """What can be said of a patient: scores among controls and patients, and what could not be said and why."""

    controls: Reference | None
    patients: Reference | None
    scores: tuple[Score, ...] = ()
    impossible: tuple[str, ...] = field(default_factory=tuple)

    def among(self, group: str) -> list[Score]:
        """Return the scores against one group that have an answer."""
        return [s for s in self.scores if s.group == group and not s.refused]


def patient_of(row: Mapping[str, Any], *, content_sha256: str, synthetic: bool) -> Patient:
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
    )


def place(patient: Patient, found: Library) -> Placed:
    """Place a patient among controls and among patients of the same protocol.

    Nothing is raised for a patient who cannot be placed: the reasons are part of the answer.
    """
    references = {group: next(iter(found.of_protocol(patient.protocol, group)), None) for group in ("HC", "MS")}
    impossible: list[str] = []
    if patient.age_years is None or patient.sex is None:
        missing = " and ".join(
            word
            for word, known in (("age", patient.age_years is not None), ("sex", patient.sex is not None))
            if not known
        )
        return Placed(
            *references.values(), impossible=(f"The {missing} of this person is not known, so nobody is like them.",)
        )
    if all(reference is None for reference in references.values()):
        return Placed(None, None, impossible=(no_reference(patient.protocol),))
    values = dict(patient.values)
    if values.get("ventricle_ratio_pct") == 0:
        del values["ventricle_ratio_pct"]
        impossible.append(f"Ventricle ratio: {NOT_FOUND}.")
    impossible += [
        f"{MEASURES[name].label}: not measured."
        for name in ASKED
        if name not in patient.values
        and name != ASKED[-1]
        and not (name == "wmh_area_mm2" and "wmh_ratio_pct" in values)
    ]
    scores: list[Score] = []
    for group, reference in references.items():
        if reference is None:
            who = {"HC": "controls", "MS": "patients"}[group]
            impossible.append(f"Among {who}: no reference measured under {patient.protocol}.")
            continue
        try:
            person = person_values(
                patient.age_years, patient.sex, patient.protocol, values, head_typical=reference.head_mm2
            )
        except BadValue as error:
            impossible.append(f"{str(error)[0].upper()}{str(error)[1:]}.")
            break
        member = bool(reference.content_sha256) and (
            patient.content_sha256 == reference.content_sha256 and patient.group == group
        )
        scores += score(reference, person, in_reference=member)
    impossible += dict.fromkeys(
        f"{MEASURES[s.measure].label} among {'controls' if s.group == 'HC' else 'patients'}: {s.refused}."
        for s in scores
        if s.refused
    )
    return Placed(references["HC"], references["MS"], tuple(_by_measure(scores)), tuple(impossible))


def no_reference(protocol: str) -> str:
    """Say why values of a protocol cannot be placed, and what to do."""
    text = (
        f"No controls measured under {protocol} are known, and numbers of different protocols are not compared. "
        "Fit a reference from your own controls, at least 100, with `mscohort norms fit`."
    )
    if protocol.startswith("mscohort-") and protocol != "mscohort-demo-1":
        text += (
            f" The released norms are of {PUBLISHED_PROTOCOL}, which finds far less ventricle and lesion in the same "
            "scan: read off them, this scan would look abnormal for that reason alone."
        )
    return text


def people_with_values(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the rows of a cohort frame that hold at least one value with a norm."""
    names = [name for name in SCORED if name in frame.columns]
    return frame.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in names)) if names else frame.clear()


def _by_measure(scores: list[Score]) -> list[Score]:
    order = {name: i for i, name in enumerate(("ventricle_ratio_pct", "wmh_area_mm2", "wmh_ratio_pct", *ASKED[2:]))}
    return sorted(scores, key=lambda s: (order.get(s.measure, 99), s.group != "HC"))
