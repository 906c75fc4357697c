"""What the words of a file's or folder's name can say: whose scan it is, which visit, or only how it was made.

Only single names are read here; what a tree of them means together is decided in ``pipeline.inputs.identity``.
"""

import re
from dataclasses import dataclass
from typing import Literal

from pipeline.inputs.scan_names import words

Strength = Literal["code", "weak", "number", "series", "word", ""]
"""How well a name can be a person: a code such as P07; one that may also be a visit (M07, V1, scan2); digits alone;
digits behind a sequence's name, which may be a series number; a word without digits; or not at all."""


_SEQUENCE = words(
    "flair t2 t1 t2w tirm tir dark fluid darkfluid image images img imgs scan scans ax axial tra trans transversal sag"
    " sagittal cor coronal 2d 3d fs fatsat fat sat space spc cube vista brainview iso isotropic tse fse se ir propeller"
    " blade prop mvxd ns nd mm gd post contrast"
)
_PROCESSING = words(
    "pre raw data orig original native prepared preprocessed preproc processed processing proc reg registered coreg"
    " coregistered aligned resampled resliced rigid affine warped warp n4 n3 bias biascorr biascorrected corrected corr"
    " norm normalised normalized denoised brain bet stripped skullstripped skull masked cropped crop defaced deface"
    " anon anonymized anonymised in on to the middle space mni mni152 template std standard final new old copy"
    " temp tmp mri mr anat nifti niftis nii dicom dicoms dcm output outputs out result results derivatives"
    " bids rawdata source sourcedata input inputs files file unprocessed untouched main modalities sequences"
)
_COLLECTION = words(
    "site sites center centre centers centres hospital clinic clinics scanner scanners group groups batch batches"
    " part parts cohort cohorts dataset datasets database study studies project projects challenge wave arm set sets"
    " train training test testing val valid validation fold folds patients controls subjects cases participants"
    " volunteers people healthy ms hc msc rrms spms ppms cis female females male males women men all home users user"
    " desktop documents downloads mnt media volumes root var work workspace private shared share public"
    " siemens philips ge prisma skyra trio aera avanto vida ingenia achieva signa discovery"
    " january february march april may june july august september october november december"
)
_LABELS = words("patient pat subject subj sub case control ctrl participant volunteer vol person id mrn ms hc pt p s")
_VISIT_LABELS = words("ses session visit time timepoint tp month year week wk day followup fu")
_VISIT = re.compile(
    r"(ses(sion)?|visit|time(point)?|tp|month|year|week|wk|day|fu|follow-?up)[-.]?\d{1,4}|baseline|bl|follow-?up|screening",
    re.I,
)
_WEAK = re.compile(r"(scan|study|m|y|v|t|w)[-.]?\d{1,4}", re.I)
_NOBODY = re.compile(
    r"(?P<collection>(site|cent(er|re)|hospital|scanner|group|batch|part|cohort|dataset|project|wave|fold|set|user|disk|"
    r"ds|release|version|ver|rev)[-.]?\d+)"
    r"|(ge|siemens|philips|toshiba)?\d([.,]\d+)?t\d*|(ge|siemens|philips)\dt\d"  # field strengths: 3T, GE1T5
    r"|(se|st|pa|sr|srs|ser|series|stu)[-.]?0*\d+"  # folders of a DICOM export
    r"|\d+(\.\d+){4,}"  # a UID
    r"|\d+(\.\d+)?mm|v\d+\.\d+(\.\d+)*",  # resolution, version of a program
    re.I,
)
_ACCELERATION = re.compile(r"p[2-9]")  # in protocol names, behind the sequence: t2_space_dark-fluid_sag_p2_iso
_DATE = re.compile(
    r"(?:1[34]|19|20)\d\d[-.]?(?:0[1-9]|1[0-2])[-.]?(?:0[1-9]|[12]\d|3[01])(?:[-.tT]?\d{4,6}(?:\.\d+)?)?"
    r"|(?:19|20)\d\d[-.](?:0[1-9]|1[0-2])|(?:0[1-9]|[12]\d|3[01])[-.](?:0[1-9]|1[0-2])[-.](?:19|20)\d\d"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_TIME = re.compile(r"\d{1,2}(\.\d+)?|([01]\d|2[0-3])[0-5]\d([0-5]\d)?(\.\d+)?")
CODE = re.compile(
    r"[A-Za-z]{0,6}[-.]?[A-Za-z]?\d{1,8}(?:[-.]\d{1,6})?[A-Za-z]?|[A-Za-z]{1,3}\d{1,4}[-.]?[A-Za-z]{0,2}\d{1,6}"
)
"""What study codes look like: a few letters and a number."""


@dataclass(frozen=True)
class Reading:
    """What one name says.

    Attributes
    ----------
    person : the words that can be a person, as written; empty where none can
    strength : how well they can be one
    visits : words that name a visit, nearest to the end last
    dates : words that are dates
    also_visit : a weak word beside the person, such as the V2 of P7_V2
    doubt : why the words cannot be told apart, or empty
    """

    person: str = ""
    strength: Strength = ""
    visits: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    also_visit: str = ""
    doubt: str = ""


def read_name(name: str) -> Reading:
    """Read one name, without its ending.

    Examples
    --------
    >>> read_name("101228_T2_FLAIR").person, read_name("Raw_Data").person, read_name("3D_FLAIR_501").strength
    ('101228', '', 'series')
    >>> read_name("flair_time01_on_middle_space").visits, read_name("P7_V2_FLAIR").also_visit
    (('time01',), 'V2')
    >>> [read_name(name).strength for name in ("M07", "P-07", "second", "Patient_01")]
    ['weak', 'code', 'word', 'code']
    """
    tokens = _tokens(name)
    kinds = [_kind(token, after_date) for token, after_date in zip(tokens, _after_dates(tokens), strict=True)]
    visits = tuple(token for token, kind in zip(tokens, kinds, strict=True) if kind == "visit")
    dates = tuple(token for token, kind in zip(tokens, kinds, strict=True) if kind == "date")
    first = next((index for index, kind in enumerate(kinds) if kind == "sequence"), len(tokens))
    pairs = list(zip(tokens, kinds, strict=True))
    before = [pair for pair in pairs[:first] if pair[1] in _PERSONAL]
    after = [pair for pair in pairs[first:] if pair[1] in _PERSONAL]
    told = Reading(visits=visits, dates=dates)
    if all(kind == "collection" for _, kind in before):
        return _from_after(told, after)
    return _from_before(told, before, after)


_PERSONAL = ("code", "weak", "number", "word", "collection")


def _from_before(told: Reading, before: list[tuple[str, str]], after: list[tuple[str, str]]) -> Reading:
    also, doubt = "", ""
    if len(before) > 1 and before[-1][1] == "weak":
        also = before.pop()[0]
    elif (
        len(before) > 1
        and before[-1][1] == "number"
        and len(before[-1][0]) <= 2
        and before[-2][1] in ("code", "weak", "number")
    ):
        doubt = f"the {before[-1][0]} may be a visit, or part of the code"
    if not also:
        also = next((token for token, kind in after if kind == "weak"), "")
    kinds = [kind for _, kind in before]
    if len(before) == 1:
        strength: str = kinds[0]
    else:
        strength = "code" if not {"word", "collection"}.issuperset(kinds) else "word"
    person = "_".join(token for token, _ in before)
    return Reading(person, strength, told.visits, told.dates, also, doubt)  # type: ignore[arg-type]


def _from_after(told: Reading, after: list[tuple[str, str]]) -> Reading:
    for wanted, strength in (("code", "code"), ("weak", "weak"), ("number", "series"), ("word", "word")):
        for token, kind in after:
            if kind == wanted and not _ACCELERATION.fullmatch(token):
                return Reading(token, strength, told.visits, told.dates)  # type: ignore[arg-type]
    return told


def _tokens(name: str) -> list[str]:
    parted = re.sub(r"[-.]?flair[-.]?", "_flair_", name, flags=re.I)
    tokens = [token for token in re.split(r"[_ ]+", parted) if token]
    joined: list[str] = []
    for token in tokens:
        last = joined[-1] if joined else ""
        # "Patient_01" and "visit 2" are one word each; so is "sub_01".
        if re.fullmatch(r"\d{1,6}", token) and last.lower() in _VISIT_LABELS | _LABELS:
            joined[-1] = f"{last}_{token}"
        elif re.fullmatch(r"\d{1,3}", token) and last.lower() in (
            "site",
            "center",
            "centre",
            "group",
            "batch",
            "part",
            "series",
        ):
            joined[-1] = f"{last}{token}"
        else:
            joined.append(token)
    return joined


def _is_collection(parts: list[str]) -> bool:
    named = [part for part in parts if part in _COLLECTION]
    return bool(named) and all(part in named or _YEAR.fullmatch(part) for part in parts)


def _after_dates(tokens: list[str]) -> list[bool]:
    """Tell of each token whether it stands behind a date, with only numbers between: then it is a time of day."""
    behind, told = False, []
    for token in tokens:
        told.append(behind)
        behind = bool(_DATE.fullmatch(token)) or (behind and bool(_TIME.fullmatch(token)))
    return told


def _kind(token: str, after_date: bool) -> str:
    """Return what a token is: the first of the rules that fits."""
    low = token.lower()
    label, parted, _ = low.rpartition("_")
    parts = [part for part in re.split(r"[-.]", low) if part]
    nobody = _NOBODY.fullmatch(token)
    ends_in_year = re.search(r"(?<!\d)(19|20)\d\d$", token)
    rules = (
        ("visit", bool(parted) and label in _VISIT_LABELS),
        ("code", bool(parted)),
        ("sequence", low in _SEQUENCE or _all_in(parts, _SEQUENCE)),
        ("processing", low in _PROCESSING or _all_in(parts, _PROCESSING | _SEQUENCE)),
        ("date", bool(_DATE.fullmatch(token))),
        ("processing", after_date and bool(_TIME.fullmatch(token))),
        ("visit", bool(_VISIT.fullmatch(token))),
        ("collection", nobody is not None and bool(nobody["collection"])),
        ("processing", nobody is not None),
        ("weak", bool(_WEAK.fullmatch(token))),
        ("number", token.isascii() and token.isdigit()),
        ("collection", low in _COLLECTION or _is_collection(parts)),
        ("code", any(letter.isdigit() for letter in token) and not ends_in_year),
    )
    return next((kind for kind, fits in rules if fits), "word")


def _all_in(parts: list[str], known: frozenset[str]) -> bool:
    return bool(parts) and all(part in known for part in parts)


def is_sure_code(reading: Reading) -> bool:
    """Tell whether a name is what study codes look like, with a letter and a number."""
    words = re.split(r"[_-]", reading.person.lower())
    return (
        reading.strength in ("code", "weak")
        and any(letter.isalpha() for letter in reading.person)
        and not any(word in _COLLECTION - _LABELS or word in _PROCESSING for word in words)
        and bool(
            CODE.fullmatch(reading.person.replace("_", "-"))
            or re.fullmatch(r"[A-Za-z]+[-_]\d+|\d+_[A-Za-z]+_\d+", reading.person)
        )
    )
