"""What the report says, as strings of one language: renderers only lay it out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version

from analysis.norms.curves import centile_curves
from analysis.norms.reference import Reference
from analysis.norms.score import FEW_NEAR, VERY_FEW_NEAR, Score
from app.patient import Impossible, Patient, Placed
from app.report.chart import age_chart
from app.report.languages import Language
from app.report.regions import ScanLoads, regions_line
from app.sentences.norms import ONE_SIDED_ABOVE, ONE_SIDED_BELOW, format_centile
from vocabulary.measures import MEASURES, PUBLISHED_PROTOCOL

CHARTED = ("ventricle_ratio_pct", "wmh_area_mm2")
LONGEST_ANSWER = 2
CENTILES = (3.0, 50.0, 97.0)
COLUMNS = ("measure", "value", "controls", "interval", "patients", "interval", "near")
HEADINGS = ("answer", "numbers", "regions", "impossible", "flags", "method")
LOADS = ("wmh_area_mm2", "wmh_ratio_pct")


@dataclass(frozen=True)
class Chart:
    """A chart of the report: its title and an SVG drawing."""

    title: str
    svg: str


@dataclass(frozen=True)
class Content:
    """One page in one language, every text final.

    Attributes
    ----------
    answers : sentences of the opening box
    rows : cells under ``headers``; the first column is text
    regions : where the lesions of the scan are, empty where no region is known
    picture : JPEG of the scan, or None
    """

    lang: str
    direction: str
    title: str
    who: str
    protocol: str
    synthetic: str
    research_only: str
    headings: dict[str, str]
    answers: list[str]
    notes: list[str]
    headers: list[str]
    rows: list[list[str]]
    charts: list[Chart]
    chart_note: str
    impossible: list[str]
    flags: list[str]
    method: list[str]
    regions: str = ""
    picture: bytes | None = field(default=None, repr=False)
    picture_note: str = ""


def report_content(
    language: Language,
    patient: Patient,
    placed: Placed,
    *,
    store_version: int | None,
    flags: Sequence[str] = (),
    picture: bytes | None = None,
    earlier: Sequence[str] = (),
    expected_ml: tuple[float, float] | None = None,
    regions: ScanLoads | None = None,
) -> Content:
    """Put the report of a patient into words.

    Parameters
    ----------
    flags : names of ``pipeline.measures.quality_flags.FLAGS`` raised for this scan
    picture : JPEG of one slice with its zones
    earlier : names of the person's earlier visits
    expected_ml : lowest and highest lesion load that an outline by hand may hold, 95 % of such patients
    regions : lesions of the scan by region, None where it has no regions

    Raises
    ------
    LanguageError : the language's table lacks a text
    """
    t = language.text
    references = [r for r in (placed.controls, placed.patients) if r is not None]
    behind = references or [r for r in (placed.bridged,) if r is not None and placed.scores]
    charts = _charts(language, patient, references[0]) if references else []
    who = _who(language, patient)
    if earlier:
        who += f" · {t('page.visits', visits=', '.join(earlier))}"
    return Content(
        lang=language.code,
        direction=language.direction,
        title=t("page.title"),
        who=who,
        protocol=t("page.protocol", protocol=patient.protocol),
        synthetic=t("page.synthetic") if patient.synthetic or any(r.synthetic for r in references) else "",
        research_only=t("page.research_only"),
        headings={name: t(f"page.{name}") for name in HEADINGS}
        # Without curves the scan stands under its own heading.
        | ({"charts": t("page.charts"), "scan": t("page.scan")} if charts else {"charts": t("page.scan"), "scan": ""}),
        answers=_answers(language, patient, placed),
        notes=[*_range(language, expected_ml), *_notes(language, placed)],
        headers=[
            t(f"table.{name}") for name in ("measure", "value", "controls", "interval", "patients", "interval", "near")
        ],
        rows=_rows(language, placed),
        charts=charts,
        chart_note=t("page.chart_note", members=_members(language, references[0].group, patient.sex))
        if references
        else "",
        impossible=[impossible(language, line) for line in placed.impossible],
        flags=[t(f"flags.{name}") if language.has(f"flags.{name}") else name for name in flags],
        method=_method(language, patient, behind, store_version),
        regions="" if regions is None else regions_line(language, regions),
        picture=picture,
        picture_note=t("page.picture_note") if picture else "",
    )


def sentence(language: Language, score: Score) -> str:
    """Say where a value lies, in one or two sentences of a language."""
    t = language.text
    values: dict[str, object] = {
        "what": t(f"measure.{score.measure}"),
        "value": language.number(score.value),
        "unit": _unit(language, score),
        "who": _members(language, score.group, score.sex),
        "age": language.number(score.age),
        "centile": _centile(language, score.centile),
        "low": _centile(language, score.centile_low),
        "high": _centile(language, score.centile_high),
    }
    lead = ""
    if score.n_near_age < VERY_FEW_NEAR:
        lead = t("sentence.few", n=language.number(score.n_near_age), who=values["who"]) + " "
    if score.any_pct is not None:
        return lead + _rate(language, score, values)
    if score.none_found:
        values["centile"] = _centile(language, score.centile_at_or_below)
        values["low"], values["high"] = (
            _centile(language, limit) for limit in (score.at_or_below_low, score.at_or_below_high)
        )
        return lead + t("sentence.none", **values)
    kind = "load" if MEASURES[score.measure].nature == "load" else "size"
    if score.centile_low is not None and score.centile_low >= ONE_SIDED_ABOVE:
        kind = "at_least"
        values["low"] = _bare(language, score.centile_low)
    elif score.centile_high is not None and score.centile_high <= ONE_SIDED_BELOW:
        kind = "at_most"
        values["high"] = _bare(language, score.centile_high)
    elif score.centile is None:
        kind = "too_wide"
    text = lead + t(f"sentence.{kind}", **values)
    if score.most_of_sex is not None and score.measure.endswith("_area_mm2") and score.value > score.most_of_sex:
        member = t(f"people.one_{score.group}_{score.sex}")
        text += " " + t("sentence.nobody_more", member=member, most=language.number(score.most_of_sex))
    return text


def impossible(language: Language, line: Impossible) -> str:
    """Say what could not be said, and why, in a language."""
    return language.text(
        f"impossible.{line.code}",
        what=language.text(f"measure.{line.measure}") if line.measure else "",
        people=language.text(f"people.all_{line.group}") if line.group else "",
        detail=language.localised(line.detail) if line.code == "age_outside" else line.detail,
    )


def _answers(language: Language, patient: Patient, placed: Placed) -> list[str]:
    """Return what stands on top: two values among controls and, unless a control, the lesion load among patients."""
    controls, patients = placed.among("HC"), placed.among("MS")
    chosen = (controls or patients)[:LONGEST_ANSWER]
    if controls and patient.group != "HC":
        chosen = [*chosen, *(s for s in patients if s.measure in LOADS)]
    return [sentence(language, s) for s in chosen] or [impossible(language, line) for line in placed.impossible[:1]]


def _chart_note(language: Language, references: Sequence[Reference], sex: str | None) -> str:
    if not references:
        return ""
    return language.text("page.chart_note", members=_members(language, references[0].group, sex))


def _rate(language: Language, score: Score, values: dict[str, object]) -> str:
    def percent(points: float | None) -> str:
        return language.localised(f"{points or 0.0:.1f}")

    people = language.text(f"people.all_{score.group}")
    if score.none_found:
        share = percent(100 - (score.any_pct or 0.0))
        return language.text("sentence.rate_none", what=values["what"], share=share, people=people)
    counts = {"k": language.number(score.n_as_much), "n": language.number(score.n_reference), "people": people}
    limits = {"any": percent(score.any_pct), "low": percent(score.any_low), "high": percent(score.any_high)}
    kind = "rate" if score.n_as_much else "rate_nobody"
    return language.text(f"sentence.{kind}", **(values | counts | limits))


def _who(language: Language, patient: Patient) -> str:
    t = language.text
    if patient.sex is None or patient.age_years is None:
        return t("page.who_unknown", subject=patient.subject_id)
    text = t(
        "page.who",
        subject=patient.subject_id,
        group=t(f"people.{patient.group or 'none'}"),
        sex=t(f"people.{patient.sex}"),
        age=language.number(patient.age_years),
    )
    return text + (f" · {t('page.session', session=patient.session)}" if patient.session else "")


def _members(language: Language, group: str, sex: str | None) -> str:
    return language.text(f"people.{group}_{sex}" if sex else f"people.all_{group}")


def _centile(language: Language, points: float | None) -> str:
    text = format_centile(points)
    if text[:1] == ">":
        return language.text("sentence.above", value=language.localised(text[2:]))
    if text[:1] == "<":
        return language.text("sentence.below", value=language.localised(text[2:]))
    return language.localised(text)


def _bare(language: Language, points: float) -> str:
    return language.localised(format_centile(points).lstrip("<> "))


def _unit(language: Language, score: Score) -> str:
    return language.text("unit.mm2" if score.unit == "mm²" else "unit.pct")


def _range(language: Language, expected_ml: tuple[float, float] | None) -> list[str]:
    if expected_ml is None:
        return []
    low, high = (language.localised(f"{end:.1f}") for end in expected_ml)
    return [language.text("note.range", low=low, high=high)]


def _notes(language: Language, placed: Placed) -> list[str]:
    notes = []
    if any(s.widened and s.n_near_age < FEW_NEAR for s in placed.scores):
        notes.append(language.text("note.widened"))
    if any(s.left_out for s in placed.scores):
        notes.append(language.text("note.left_out"))
    if any(s.bridge and not s.refused for s in placed.scores):
        notes.append(language.text("note.bridged"))
    if any("of the protocol" in s.note for s in placed.scores):
        notes.append(language.text("note.asked_back"))
    return notes


def _rows(language: Language, placed: Placed) -> list[list[str]]:
    by_measure: dict[str, dict[str, Score]] = {}
    for score in placed.scores:
        if not score.refused:
            by_measure.setdefault(score.measure, {})[score.group] = score
    rows = []
    for measure, found in by_measure.items():
        one = next(iter(found.values()))
        cells = [language.text(f"measure.{measure}"), f"{language.number(one.value)} {_unit(language, one)}"]
        for group in ("HC", "MS"):
            cells += _cells(language, found.get(group))
        rows.append([*cells, language.number((found.get("HC") or one).n_near_age)])
    return rows


def _cells(language: Language, score: Score | None) -> list[str]:
    if score is None:
        return ["–", "–"]
    if score.any_pct is not None:
        counts = {"k": language.number(score.n_as_much), "n": language.number(score.n_reference)}
        return ["–", language.text("table.rate" if score.n_as_much else "table.rate_nobody", **counts)]
    low, high = _centile(language, score.centile_low), _centile(language, score.centile_high)
    return [_centile(language, score.centile), low if low == high else f"{low} – {high}"]


def _charts(language: Language, patient: Patient, reference: Reference) -> list[Chart]:
    if patient.sex is None or patient.age_years is None:
        return []
    charts = []
    for measure in CHARTED:
        value = patient.values.get(measure)
        if value is None or reference.model(measure) is None:
            continue
        curves = centile_curves(reference, measure, patient.sex, CENTILES)
        unit = language.text("unit.pct" if measure.endswith("_pct") else "unit.mm2")
        svg = age_chart(
            curves,
            reference.ages[patient.sex],
            age=patient.age_years,
            value=value,
            log=measure.endswith("_area_mm2"),
            group=reference.group,
            sex=patient.sex,
            write=lambda n: language.localised(f"{n:,.4g}" if n < 1000 else f"{n:,.0f}"),
        )
        charts.append(Chart(f"{language.text(f'measure.{measure}')} ({unit})", svg))
    return charts


def _method(
    language: Language, patient: Patient, references: Sequence[Reference], store_version: int | None
) -> list[str]:
    t = language.text
    lines = [f"{t('method.estimand')} {t('method.models')}"]
    if any(r.protocol == PUBLISHED_PROTOCOL for r in references):
        lines.append(t("method.tabriz"))
    lines += [
        t(
            "method.reference",
            title=r.title,
            name=r.name,
            n=language.number(r.n),
            protocol=r.protocol,
            date=language.localised(r.fitted_on),
            hash=r.content_sha256[:16],
        )
        for r in references
    ]
    lines.append(
        t(
            "method.software",
            version=version("mscohort"),
            store="–" if store_version is None else language.number(store_version),
            dataset=patient.dataset_id or "–",
            hash=patient.content_sha256[:16] or "–",
        )
    )
    return lines
