"""Where the lesions of a scan are, in a language of the report. No centile: there are no norms for regions."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.report.languages import Language

MOST = 4
"""Regions named; the others are counted."""


@dataclass(frozen=True)
class RegionLoad:
    """One region with a lesion: its name and side as the atlas has them, and the lesion volume there, mL."""

    name: str
    side: str
    volume_ml: float


@dataclass(frozen=True)
class ScanLoads:
    """Lesions of a scan by region: those that have any, and the volume that belongs to none, mL."""

    loads: Sequence[RegionLoad]
    unassigned_ml: float


def regions_line(language: Language, found: ScanLoads) -> str:
    """Say in which regions most lesion volume lies, and how much lies in none.

    Raises
    ------
    LanguageError : the language's table lacks a text
    """
    t = language.text
    total = sum(load.volume_ml for load in found.loads) + found.unassigned_ml
    if not total:
        return t("region.none")
    most = sorted(found.loads, key=lambda load: -load.volume_ml)[:MOST]
    told = [t("region.one", region=named(language, load), volume=language.number(load.volume_ml)) for load in most]
    more = len(found.loads) - len(most)
    return t(
        "region.line",
        regions=t("region.join").join(told),
        more=t("region.more", n=language.number(more)) if more else "",
        unassigned=language.number(found.unassigned_ml),
        total=language.number(total),
    )


def named(language: Language, load: RegionLoad) -> str:
    """Return a region's name in a language; one that the language has no word for stays as its atlas calls it."""

    def word(part: str) -> str:
        key = f"region.{part.replace(' ', '_')}"
        return language.text(key) if language.has(key) else part

    lobe, _, shell = load.name.partition(", ")
    text = language.text("region.shell", lobe=word(lobe), shell=word(shell)) if shell else word(lobe)
    return language.text(f"region.{load.side}", region=text)
