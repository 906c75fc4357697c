"""The figures of findings as files of a bundle: what the pages draw, with title, answer, people and method."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from typing import TYPE_CHECKING

import polars as pl

from analysis.age_bands import with_age_band
from analysis.composition import by_volume, composition, measured_by
from analysis.correlation import correlate
from analysis.filters import lesion_measure
from analysis.overview import zero_rates
from analysis.strata import strata
from analysis.trend import age_trend
from app.export import can_draw_images, image_bytes
from app.figures.cohort.age_trend import age_trend_figure
from app.figures.cohort.composition import strata_shares
from app.figures.cohort.correlation_matrix import matrices
from app.figures.cohort.raincloud import raincloud
from app.figures.cohort.strata import strata_figure
from app.figures.cohort.zero_rates import zero_rates_figure
from app.figures.cohort.zone_rows import people_in_rows, with_rows
from app.figures.theme import Format, captioned
from app.slides.colophon import Colophon
from app.slides.findings import Finding
from vocabulary.measures import SYNTHETIC_NOTICE

if TYPE_CHECKING:
    import plotly.graph_objects as go

FOR_SLIDES = Format("16:9")
WITHOUT = "Share of people whose lesion load is zero, by group and sex; Wilson 95 % interval."


def figure_files(
    frame: pl.DataFrame, findings: Sequence[Finding], about: Colophon, *, synthetic: bool
) -> dict[str, bytes]:
    """Return PNG and SVG of every finding that a page draws; none where no browser is there to draw with.

    Parameters
    ----------
    frame : cohort frame, filtered
    findings : of ``app.slides.findings.findings``
    about : their source, versions and warnings
    synthetic : watermark the figures
    """
    if not can_draw_images():
        return {}
    files: dict[str, bytes] = {}
    for finding, drawn in _drawn(frame, findings):
        # What is synthetic is said above all of it.
        warnings = " ".join(warning for warning in about.warnings if warning != SYNTHETIC_NOTICE)
        told = [finding.answer, about.source, finding.method, f"{about.version}. {warnings}"]
        caption = "<br>".join(escape(line, quote=False) for line in told)
        page = captioned(drawn, caption, synthetic=synthetic, title=finding.title, fit=FOR_SLIDES)
        stem = f"figures/{'-'.join([finding.kind, *_measure(finding)])}"
        files |= {f"{stem}.{kind}": image_bytes(page, kind) for kind in ("png", "svg")}
    return files


def _measure(finding: Finding) -> list[str]:
    """Return the measure a finding is about, as its command names it; nothing where it is about several."""
    return finding.command.split()[1:] if finding.kind in ("compare", "trend", "age-sex") else []


def _drawn(frame: pl.DataFrame, findings: Sequence[Finding]) -> Iterator[tuple[Finding, "go.Figure"]]:
    for finding in findings:
        for name in _measure(finding):
            if finding.kind == "compare":
                yield finding, raincloud(frame, name)
            elif finding.kind == "trend":
                yield finding, age_trend_figure(frame, age_trend(frame, name), name)
            else:
                people = with_age_band(frame.select("subject_id", "group", "sex", "age_years", name))
                yield finding, strata_figure(people, strata(frame, name), name)
        if finding.kind == "correlations":
            variables = finding.command.split()[1:]
            yield finding, matrices(correlate(frame, variables), variables)
        elif finding.kind == "zones":
            figure = _zones(frame)
            if figure is not None:
                yield finding, figure
        elif finding.kind == "lesion-free":
            load = lesion_measure(frame)
            if load is not None:
                without = replace(finding, title="Who has no lesion at all", method=WITHOUT)
                yield without, zero_rates_figure(zero_rates(frame, [load], by=("group", "sex")))


def _zones(frame: pl.DataFrame) -> "go.Figure | None":
    """Draw the zones by group, as the finding says them; nothing where no zone was measured or nobody has a lesion."""
    measured = measured_by(frame)
    if measured is None:
        return None
    of = by_volume(frame) if measured == "volume" else frame
    by = ("group",)
    people = people_in_rows(of, by)
    if not people.of:
        return None
    return strata_shares(people, with_rows(composition(of, by=by), by))
