"""What a scan's result files are called, and what a file's name says of the image: FLAIR, another sequence, a mask."""

import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.inputs.known_layouts import bulk_item, timepoint_of
from vocabulary.identifiers import ALLOWED, LONGEST, is_identifier


def words(text: str) -> frozenset[str]:
    """Return the words of a text, as a set to look them up in."""
    return frozenset(text.split())


SUFFIXES = (".nii.gz", ".nii")
FLAIR_WORDS = ("flair", "dark-fluid", "dark_fluid", "dark fluid", "darkfluid", "tirm")
"""What vendors and people call it; Siemens writes ``t2_tirm_tra_dark-fluid``."""
_OTHER_SEQUENCES = words(
    "t1 t1w t1wi t1ce t1gd t2w t2wi t2star pd pdw dwi dti adc bold asl swi mra ct pet mprage localizer localiser scout"
    " epi fmri b0 trace"
)
_NOT_IMAGES = words(
    "mask masks dseg probseg seg segmentation label labels lesion lesions wmh manual gt prob probability probmap ples"
    " lpa lga pve roi rois consensus groundtruth truth annotation lesionmask brainmask thresh jacobian xfm"
)
_BIDS_SUFFIXES = words(
    "t1w t2w pdw t2starw t1rho t1map t2map t2star t2starmap r1map r2map r2starmap pdmap pdt2 pdt2map inplanet1"
    " inplanet2 angio flash defacemask mp2rage unit1 irt1 vfa mese megre mpm mts mtr mtrmap mtsat mtvmap mwfmap chimap"
    " s0map m0map tb1afi tb1dam tb1epi tb1rfm tb1tfl tb1srge tb1map rb1cor rb1map bold boldref cbv phase sbref noref"
    " dwi epi fieldmap magnitude magnitude1 magnitude2 phase1 phase2 phasediff asl m0scan asllabeling pet svs mrsi"
    " unloc mrsref meg eeg ieeg nirs motion mask dseg probseg xfm"
)
"""Suffixes of BIDS, lower case, but for FLAIR."""
_T1_FLAIR = re.compile(r"(?<![a-z0-9])t1w?i?[-_ ]*flair", re.I)


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
        if not is_identifier(value) or not _plain(value):
            return f"{printable(value)} is not a pseudonymous code; use only {ALLOWED}, no names, no spaces"
    return None


def says_flair(path: Path) -> bool:
    """Tell whether a name speaks of a FLAIR image, and of no mask drawn on one.

    Examples
    --------
    >>> [says_flair(Path(name)) for name in ("P1_t2_tirm_tra_dark-fluid.nii", "FLAIR_mask.nii", "Ax T1 FLAIR.nii")]
    [True, False, False]
    """
    name = bare(path).lower()
    item = bulk_item(bare(path))
    return (any(word in name for word in FLAIR_WORDS) or (item is not None and item.is_flair)) and not says_other(path)


def says_other(path: Path) -> str | None:
    """Return the word of a name that says it is something else than a FLAIR image, or None.

    Examples
    --------
    >>> says_other(Path("sub-1_T1w.nii.gz")), says_other(Path("brain_mask.nii")), says_other(Path("t2_flair.nii"))
    ('T1w', 'mask', None)
    >>> says_other(Path("ples_lpa_mrFLAIR.nii")), says_other(Path("T1_FLAIR.nii")), says_other(Path("FLAIR_to_T1.nii"))
    ('ples', 'T1_FLAIR', None)
    >>> says_other(Path("sub-1_acq-FLAIR_T2w.nii")), says_other(Path("sub-1_space-FLAIR_T1w.nii"))
    ('T2w', 'T1w')
    """
    name = bare(path)
    if timepoint_of(path) is not None:
        name = name.rpartition("_")[2]  # the T1 before it is a time
    suffix = name.rpartition("_")[2]
    if re.match(r"sub-[^_]+_", name) and suffix.lower() in _BIDS_SUFFIXES:
        return suffix  # of a BIDS name the suffix says what it is, whatever its entities say
    words = re.split(r"[^A-Za-z0-9]+", name)
    for word in words:
        if word.lower() in _NOT_IMAGES:
            return word
    t1_flair = _T1_FLAIR.search(name)
    if t1_flair and not re.search(r"(to|in|on|2)[-_ ]?$", name[: t1_flair.start()], re.I):
        return t1_flair[0]
    if any(word in name.lower() for word in FLAIR_WORDS):
        return None
    return next((word for word in words if word.lower() in _OTHER_SEQUENCES), None)


def printable(text: object, longest: int = 80) -> str:
    """Return text quoted for a message: control characters escaped, long text shortened, always one line."""
    said = str(text).encode("utf-8", "backslashreplace").decode()
    said = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in said)
    return f"'{said if len(said) <= longest else said[: longest - 3] + '...'}'"


def _plain(code: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", code)
