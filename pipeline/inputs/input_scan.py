"""One scan that will be measured: where it is, whose it is, what said so, and what is known of it beforehand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.inputs.image_facts import NOTHING, ImageFacts
from pipeline.inputs.name_words import read_name
from pipeline.inputs.scan_names import SUFFIXES, bare
from vocabulary.code_forms import same_form


@dataclass(frozen=True)
class InputScan:
    """One scan that will be measured.

    Attributes
    ----------
    path : NIfTI file, or a folder that holds one DICOM series
    subject_id : pseudonymous code
    session : which visit, or None
    group, sex, age_years : MS or HC, F or M, years; None where nobody said
    stem : what its result files are called, such as ``sub-01_ses-2``
    source_sha256 : of the file's content (of a series: of its files' digests, sorted)
    files : of the series, where its folder holds others too
    sources : subject_id, session, group, sex, age_years -> what said so
    facts : what its sidecar or DICOM header says
    changed : what was done to the image since the scanner made it, as far as it is said
    reader : what the reader said of its DICOM headers
    """

    path: Path
    subject_id: str
    session: str | None
    group: str | None
    sex: str | None
    age_years: float | None
    stem: str
    source_sha256: str
    files: tuple[Path, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    facts: ImageFacts = NOTHING
    changed: tuple[str, ...] = ()
    reader: tuple[str, ...] = ()

    @property
    def is_dicom(self) -> bool:
        """Whether the path is a folder of DICOM files."""
        return not self.path.name.lower().endswith(SUFFIXES)

    @property
    def file_name(self) -> str:
        """What the source is called in the store: its name, unless that holds another code than the person's."""
        told = read_name(bare(self.path)).person
        if self.is_dicom or not told or same_form(self.subject_id) in same_form(told):
            return self.path.name
        return f"{self.stem}{self.path.name[len(bare(self.path)) :]}"

    @property
    def identity_from(self) -> str:
        """What said who it is, in words: "subject from BIDS entity; group, sex, age from row 2 of participants.tsv"."""
        words = {"subject_id": "subject", "session": "visit", "group": "group", "sex": "sex", "age_years": "age"}
        by_source: dict[str, list[str]] = {}
        for key, word in words.items():
            if key in self.sources:
                by_source.setdefault(self.sources[key], []).append(word)
        return "; ".join(f"{', '.join(told)} from {source}" for source, told in by_source.items())
