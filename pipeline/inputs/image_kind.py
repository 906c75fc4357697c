"""Whether an image is FLAIR as far as its sidecar or DICOM header tells: one rule for every door.

What the pixels tell is judged in ``pipeline.inputs.modality``, and once the brain is known in
``pipeline.measures.quality_flags``.
"""

import re

from pipeline.inputs.image_facts import ImageFacts
from pipeline.inputs.scan_names import FLAIR_WORDS, printable

SHORTEST_ECHO_MS = 30.0
"""FLAIR has 80 ms or more, 3D FLAIR 200 or more; T1, T1 FLAIR among it, 2 to 25."""
SHORTEST_INVERSION_MS = 1000.0
"""Fluid is nulled at 1,500 to 2,800 ms; fat (STIR) at 100 to 250, T1 FLAIR uses 700 to 900."""

_KINDS = (
    ("a localizer", r"locali[sz]er|scout|survey|\bloc\b|3[- ]?plane|three[- ]?plane|aahead"),
    ("diffusion", r"\bdwi\b|\bdti\b|\badc\b|diff|\btrace|tensor|_b0\b|_b\d{3,4}\b|\bresolve\b"),
    ("EPI or perfusion", r"\bepi\b|ep2d|\bbold\b|fmri|\basl\b|pcasl|\bperf"),
    ("susceptibility or angiography", r"\bswi\b|\bswan\b|\btof\b|\bmra\b|angio|venogr|t2\W?star|t2\*"),
    ("spectroscopy", r"\bcsi\b|spectro|\bsvs\b"),
    ("T1", r"t1(?![a-z0-9]*space)|mprage|mp2rage|\bspgr\b|\bbravo\b|\bvibe\b|\btfl\b"),
)
_DIFFUSION_CODES = {"DIFFUSION", "ADC", "FA", "TRACEW", "TENSOR", "EADC"}
_LOCALIZER_CODES = {"LOCALIZER", "SCOUT"}
_REFORMATTED = {"MPR", "REFORMATTED", "REFORMAT", "PROJECTION IMAGE", "MIP", "RESAMPLED", "AVERAGE", "SUBTRACTION"}


def header_says_flair(facts: ImageFacts) -> bool:
    """Tell whether the descriptions call the image FLAIR."""
    return any(word in facts.words for word in FLAIR_WORDS)


def other_kind(facts: ImageFacts, *, name_says_flair: bool) -> str | None:
    """Say why an image is no FLAIR by its sidecar or header, or None.

    Parameters
    ----------
    facts : of the image
    name_says_flair : its name, or that of its folder, calls it FLAIR; where nothing at all is known, that is enough

    Examples
    --------
    >>> from pipeline.inputs.image_facts import facts_of
    >>> other_kind(facts_of({"Modality": "CT"}, "sidecar"), name_says_flair=True)
    "its sidecar says its modality is 'CT'; expected MR"
    >>> other_kind(facts_of({"SeriesDescription": "t1_se_tra"}, "DICOM header"), name_says_flair=False)
    "its DICOM header calls it T1 ('t1'); expected FLAIR"
    """
    if facts.modality is not None and facts.modality.upper() not in ("MR", "MRI"):
        return f"its {facts.source} says its modality is {printable(facts.modality, 20)}; expected MR"
    return _by_codes(facts) or _by_words(facts, name_says_flair) or _by_times(facts)


def _by_codes(facts: ImageFacts) -> str | None:
    codes = set(facts.image_type)
    for found, kind in ((codes & _DIFFUSION_CODES, "diffusion"), (codes & _LOCALIZER_CODES, "a localizer")):
        if found:
            return f"its {facts.source} says image type {sorted(found)[0]}: {kind}; expected FLAIR"
    if "EP" in facts.scanning_sequence:
        return f"its {facts.source} says it was acquired by echo-planar imaging (EPI); expected FLAIR"
    return None


def _by_words(facts: ImageFacts, name_says_flair: bool) -> str | None:
    flair = header_says_flair(facts)
    t1_flair = re.search(r"(?<![a-z0-9])t1w?i?[-_ ]*flair", facts.words)
    if t1_flair:
        return f"its {facts.source} calls it T1 FLAIR, whose contrast is that of T1; expected T2 FLAIR"
    for kind, pattern in _KINDS:
        found = re.search(pattern, facts.words.replace("_", " ")) or re.search(pattern, facts.words)
        # Of free text, in which a name may stand, only the word that was looked for is repeated.
        if found and not (flair and kind == "T1"):
            return f"its {facts.source} calls it {kind} ({printable(found[0].strip(' _'))}); expected FLAIR"
    if facts.source == "DICOM header" and not flair and not name_says_flair and not _times_of_flair(facts):
        what = "does not call it FLAIR" if facts.words else "has no description"
        return f"its DICOM header {what}, and nothing else does; name its folder FLAIR if it is"
    return None


def _times_of_flair(facts: ImageFacts) -> bool:
    times = facts.acquisition
    return (times.inversion_time_ms or 0) >= 1400 and (times.echo_time_ms or 0) >= 60


def _by_times(facts: ImageFacts) -> str | None:
    times, call = facts.acquisition, f"is called FLAIR, yet its {facts.source} gives"
    if times.echo_time_ms is not None and times.echo_time_ms < SHORTEST_ECHO_MS:
        return f"{call} an echo time of {times.echo_time_ms:g} ms, as T1 has; FLAIR has 80 ms or more"
    if times.inversion_time_ms is not None and times.inversion_time_ms < SHORTEST_INVERSION_MS:
        return (
            f"{call} an inversion time of {times.inversion_time_ms:g} ms, as STIR and T1 FLAIR have; "
            "FLAIR has 1,500 ms or more"
        )
    return None


_CHANGED_WORDS = {
    "registered or resampled": {"reg", "registered", "coreg", "coregistered", "aligned", "resampled", "resliced",
                                "rflair", "warped", "mni", "mni152", "wflair", "middle", "rmflair", "mrflair"},
    "bias-corrected": {"n4", "n3", "bias", "biascorr", "biascorrected", "mflair"},
    "brain-extracted": {"brain", "bet", "stripped", "skullstripped", "masked"},
    "preprocessed": {"preprocessed", "preproc", "prepared", "normalized", "normalised", "processed", "denoised"},
    "defaced": {"defaced", "deface"},
}  # fmt: skip
_PROGRAMS = re.compile(r"fsl|spm|ants|freesurfer|n4|niftyreg|afni|3d[A-Z]\w+|mricron|itk|lst", re.I)


def changes(name: str, facts: ImageFacts, descrip: str = "") -> list[str]:
    """Return what an image's name, sidecar and header say was done to it since the scanner made it.

    Parameters
    ----------
    name : of the file, and of the folder it lies in
    facts : of its sidecar or DICOM header
    descrip : free text of a NIfTI header; only names of known programs are looked for

    Examples
    --------
    >>> changes("sub-1_space-MNI152_desc-brain_FLAIR", ImageFacts())
    ['registered or resampled, says its name', 'brain-extracted, says its name']
    """
    words = set(re.split(r"[^a-z0-9]+", name.lower()))
    if re.search(r"(^|_)space-", name.lower()):
        words.add("registered")
    found = [f"{what}, says its name" for what, known in _CHANGED_WORDS.items() if words & known]
    if facts.skull_stripped:
        found.append("brain-extracted, says its sidecar")
    reformatted = sorted(set(facts.image_type) & _REFORMATTED)
    if reformatted:
        found.append(f"not as acquired ({', '.join(reformatted)}), says its {facts.source}")
    program = _PROGRAMS.match(descrip.strip())
    if program:
        found.append(f"written by another program ({program[0]}), says its header")
    return found
