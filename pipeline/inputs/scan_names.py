"""Whose scan a file is, read from its name and its folders; nothing is guessed beyond that.

BIDS entities (``sub-``, ``ses-``) decide where they are written. Elsewhere the file's name does, without the words that
only name the sequence; where nothing else is left (``FLAIR.nii.gz``), the folder's name.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from vocabulary.identifiers import ALLOWED, LONGEST, is_identifier

SUFFIXES = (".nii.gz", ".nii")
_SEQUENCE_WORDS = frozenset(
    {"flair", "t2flair", "t2", "tirm", "dark", "fluid", "image", "img", "scan", "brain", "raw", "prepared"}
    | {"preprocessed", "ax", "axial", "tra", "2d", "3d", "fs", "reg", "n4"}
)
_OTHER_SEQUENCES = frozenset(
    {"t1", "t1w", "t1wi", "t1ce", "t1gd", "t2w", "t2wi", "t2star", "pd", "pdw", "dwi", "adc", "bold", "asl", "swi"}
    | {"mra", "ct", "pet"}
)
_NOT_IMAGES = frozenset(
    {"mask", "masks", "dseg", "probseg", "seg", "segmentation", "label", "labels", "lesion", "lesions", "wmh"}
    | {"manual", "gt"}
)
_VISIT = re.compile(
    r"(ses(sion)?|visit|study|time(point)?|tp|scan|year|month|m|y|v|t)[-_]?\d+|baseline|follow-?up\d*", re.I
)
_SKIPPED_FOLDERS = frozenset({"anat", "nifti", "nii", "dicom", "dcm"})


@dataclass(frozen=True)
class Name:
    """Whose scan it is.

    Attributes
    ----------
    subject_id : as written, without ``sub-``
    session : as written, without ``ses-``; None where nothing names one
    """

    subject_id: str
    session: str | None

    @property
    def stem(self) -> str:
        """What the scan's result files are called: BIDS entities, whose values hold letters and digits only.

        Examples
        --------
        >>> Name("P-07", "visit 2").stem
        'sub-P07_ses-visit2'
        """
        session = f"_ses-{_plain(self.session)}" if self.session else ""
        return f"sub-{_plain(self.subject_id)}{session}"


def bare(path: Path) -> str:
    """Return a file's name without its NIfTI ending.

    Examples
    --------
    >>> bare(Path("a/FLAIR.nii.gz"))
    'FLAIR'
    """
    for suffix in SUFFIXES:
        if path.name.lower().endswith(suffix):
            return path.name[: -len(suffix)]
    return path.name


def name_of(path: Path) -> Name:
    """Return whose scan a file (or a folder of DICOM files) is.

    Examples
    --------
    >>> name_of(Path("sub-01/ses-2/anat/sub-01_ses-2_FLAIR.nii.gz"))
    Name(subject_id='01', session='2')
    >>> name_of(Path("/data/101228/flair_prepared.nii.gz")), name_of(Path("/data/P7_T2_FLAIR.nii"))
    (Name(subject_id='101228', session=None), Name(subject_id='P7', session=None))
    >>> name_of(Path("/data/P7/visit2/FLAIR.nii.gz")), name_of(Path("/data/P7/study1_FLAIR.nii.gz"))
    (Name(subject_id='P7', session='visit2'), Name(subject_id='P7', session='study1'))
    """
    folders = [folder for folder in reversed(path.absolute().parent.parts) if folder.lower() not in _SKIPPED_FOLDERS]
    entities = _entities(bare(path))
    for folder in folders:
        entities = {**_entities(folder), **entities}
    if "sub" in entities:
        return Name(entities["sub"], entities.get("ses"))
    session = None
    for candidate in (_without_sequence(bare(path)), *map(_without_sequence, folders)):
        if not candidate:
            continue
        if session is None and _VISIT.fullmatch(candidate):
            session = candidate
            continue
        return Name(candidate, session)
    return Name(bare(path), session)


def problem_of(name: Name) -> str | None:
    """Say why a name cannot be used, or None: only plain pseudonymous codes go into the store.

    Examples
    --------
    >>> problem_of(Name("Müller, Anna", None))
    "'Müller, Anna' is not a pseudonymous code; use only letters (A-Z), digits and . _ -, no names, no spaces"
    """
    for value in (name.subject_id, name.session):
        if value is None:
            continue
        if len(value) > LONGEST:
            return f"the code {printable(value)} is longer than {LONGEST} characters; rename the file or its folder"
        if not is_identifier(value):
            return f"{printable(value)} is not a pseudonymous code; use only {ALLOWED}, no names, no spaces"
    return None


def says_flair(path: Path) -> bool:
    """Tell whether a name speaks of a FLAIR image, and of no mask drawn on one."""
    words = _words(bare(path))
    return any("flair" in word for word in words) and not words & _NOT_IMAGES


def says_other(path: Path) -> str | None:
    """Return the word of a name that says it is something else than a FLAIR image, or None.

    Examples
    --------
    >>> says_other(Path("sub-1_T1w.nii.gz")), says_other(Path("brain_mask.nii")), says_other(Path("t2_flair.nii"))
    ('T1w', 'mask', None)
    """
    words = re.split(r"[^A-Za-z0-9]+", bare(path))
    for word in words:
        if word.lower() in _NOT_IMAGES:
            return word
    if any("flair" in word.lower() for word in words):
        return None
    return next((word for word in words if word.lower() in _OTHER_SEQUENCES), None)


def printable(text: object, longest: int = 80) -> str:
    """Return text quoted for a message: control characters escaped, long text shortened, always one line."""
    said = str(text).encode("utf-8", "backslashreplace").decode()
    said = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in said)
    return f"'{said if len(said) <= longest else said[: longest - 3] + '...'}'"


def _words(name: str) -> set[str]:
    return set(re.split(r"[^a-z0-9]+", name.lower()))


def _entities(name: str) -> dict[str, str]:
    return dict(re.findall(r"(?:^|_)(sub|ses)-([^_]+)", name))


def _without_sequence(name: str) -> str:
    parts = re.split(r"([_ ]+)", name)
    kept = [word for word in parts[::2] if word.lower() not in _SEQUENCE_WORDS]
    return "_".join(kept)


def _plain(code: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", code)
