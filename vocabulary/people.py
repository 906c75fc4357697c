"""How tables say who a person is: headers, and words for group, sex, age and what is missing. One list for all."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

OLDEST = 120
"""Years; an age beyond it is none."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in text.split("|"))


MISSING_WORDS = frozenset(
    _words(
        "| na | n/a | n.a. | #n/a | nan | null | #null! | none | unknown | unk | u | missing | not known"
        "| not available | not given | . | - | -- | ?"
    )
)
"""Words, in lower case, that say a cell has no value."""

_MS = _words(
    "ms | multiple sclerosis | ms patient | ms patients | pwms | people with ms | person with ms"
    "| rrms | spms | ppms | prms | rr ms | sp ms | pp ms | pr ms"
    "| relapsing remitting ms | secondary progressive ms | primary progressive ms | progressive relapsing ms"
    "| relapsing remitting multiple sclerosis | secondary progressive multiple sclerosis"
    "| primary progressive multiple sclerosis | encephalomyelitis disseminata | multiple sklerose"
    "| sclérose en plaques | esclerosis múltiple | ام اس"
)
_HC = _words(
    "hc | hcs | control | controls | ctrl | ctl | healthy | healthy control | healthy controls | healthy volunteer"
    "| healthy volunteers | healthy subject | healthy subjects | normal control | normal controls | hv"
    "| gesund | kontrolle | kontrollen | gesunde kontrolle | témoin | sano | sana | سالم"
)
GROUP_WORDS: Mapping[str, str] = {**dict.fromkeys(_MS, "MS"), **dict.fromkeys(_HC, "HC")}
"""Word -> group. What may mean either, such as 'patient', or another disease, such as 'CIS', is not in it."""

_FEMALE = _words("f | female | woman | women | girl | w | weiblich | frau | femme | féminin | mujer | زن | مونث")
_MALE = _words("m | male | man | men | boy | männlich | mann | homme | masculin | hombre | مرد | مذکر")
SEX_WORDS: Mapping[str, str] = {**dict.fromkeys(_FEMALE, "F"), **dict.fromkeys(_MALE, "M")}
"""Word -> sex. No number is in it: 0, 1 and 2 mean different things in different tables."""

_HEADERS: Mapping[str, tuple[str, ...]] = {
    "subject_id": _words(
        "participant id | participant | subject id | subject | subjectid | patient id | patientid | id | pseudonym"
        "| case id | record id"
    ),
    "session": _words("session id | session | visit | visit id | timepoint | time point"),
    "group": _words(
        "group | studygroup | study group | diagnosis | diagnosis group | dx | gruppe | diagnose | groupe | grupo"
    ),
    "sex": _words("sex | gender | patientsex | patient sex | biological sex | m/f | f/m | geschlecht | sexe | sexo"),
    "age_years": _words(
        "age | age years | ageyears | age yrs | patientage | patient age | age at scan | age at mri | age at visit"
        "| age at session | alter | âge | edad"
    ),
}


@dataclass(frozen=True)
class Age:
    """An age as a cell gives it, in years.

    Attributes
    ----------
    years : float
    unit : "years", or what was converted: "months", "weeks" or "days"
    at_least : the cell names only a lower limit, as 89+ does
    """

    years: float
    unit: str = "years"
    at_least: bool = False


def folded(cell: str) -> str:
    """Return a word as the lists here write it: lower case, single blanks, no underscores or hyphens within.

    Examples
    --------
    >>> folded(" Relapsing-Remitting_MS ")
    'relapsing remitting ms'
    >>> folded("--"), folded("n/a")
    ('--', 'n/a')
    """
    word = " ".join(cell.strip().casefold().split())
    return " ".join(re.sub(r"(?<=\w)[-_](?=\w)", " ", word).split())


def is_missing(cell: str) -> bool:
    """Say whether a cell has no value.

    Examples
    --------
    >>> is_missing(" N/A "), is_missing("0")
    (True, False)
    """
    return folded(cell) in MISSING_WORDS


def group_of(cell: str) -> str | None:
    """Return MS or HC, None for a word that is neither.

    Examples
    --------
    >>> group_of("RRMS"), group_of("Healthy_Controls"), group_of("patient")
    ('MS', 'HC', None)
    """
    return GROUP_WORDS.get(folded(cell))


def sex_of(cell: str) -> str | None:
    """Return F or M, None for a word that is neither.

    Examples
    --------
    >>> sex_of("Woman"), sex_of("0")
    ('F', None)
    """
    return SEX_WORDS.get(folded(cell))


def sexes_contradict(cells: Iterable[str]) -> bool:
    """Say whether a column writes H and M without F: M may then be *mujer*, a woman.

    Examples
    --------
    >>> sexes_contradict(["H", "M"]), sexes_contradict(["F", "M"])
    (True, False)
    """
    words = {folded(cell) for cell in cells}
    return "h" in words and "m" in words and not words & {"f", "w"}


_YEARS = _words("| y | yr | yrs | year | years | y.o. | y.o | yo | j | jahre | jahr | ans | años | سال")
_AGE_UNITS = {
    **dict.fromkeys(_YEARS, ("years", 1.0)),
    **dict.fromkeys(_words("mo | mos | month | months | monate"), ("months", 12.0)),
    **dict.fromkeys(_words("wk | wks | week | weeks"), ("weeks", 365.25 / 7)),
    **dict.fromkeys(_words("day | days"), ("days", 365.25)),
}
# DICOM's age string: three digits and a letter. Elsewhere 44M may be a man of 44.
_DICOM_UNITS = {"m": "months", "w": "weeks", "d": "days"}
_AGE = re.compile(
    r"(?P<more>[>≥]\s*=?\s*)?(?P<number>\d+(?:[.,]\d+)?)\s*(?P<plus>\+)?\s*(?P<unit>[^\W\d_][^\d+]*)?(?P<late>\+)?"
)


def age_of(cell: str) -> Age | None:
    """Read an age: 44, 44.5, 44,5, 044Y, ``40 years``, ``18 months``, 89+, >89. None for what is no age from 0 to 120.

    Examples
    --------
    >>> age_of("040Y"), age_of("6 months").years, age_of("89+").at_least, age_of("1980-02-01")
    (Age(years=40.0, unit='years', at_least=False), 0.5, True, None)
    """
    found = _AGE.fullmatch(cell.strip().casefold())
    if found is None:
        return None
    unit = (found["unit"] or "").strip().rstrip(".")
    if unit in _DICOM_UNITS and len(found["number"]) == 3:
        unit = _DICOM_UNITS[unit]
    named = _AGE_UNITS.get(unit)
    if named is None:
        return None
    unit, per_year = named
    years = float(found["number"].replace(",", ".")) / per_year
    at_least = bool(found["more"] or found["plus"] or found["late"])
    return Age(years, unit, at_least) if 0 <= years <= OLDEST else None


def identity_of(header: str) -> str | None:
    """Return what a column holds by its header: subject_id, session, group, sex or age_years; None for any other.

    A unit or a key in brackets at the end is not looked at: ``Age (years)``, ``Gender (M/F)``.

    Examples
    --------
    >>> identity_of("participant_id"), identity_of("Gender (M/F)"), identity_of("EDSS")
    ('subject_id', 'sex', None)
    """
    name = folded(re.sub(r"\s*[(\[][^)\]]*[)\]]\s*$", "", header))
    return next((what for what, names in _HEADERS.items() if name in names), None)
