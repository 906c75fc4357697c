"""Which scans to measure: files, folders, BIDS datasets and DICOM series become a list; the rest has a reason.

Nothing is measured here. Every file is read once for its SHA-256, by which copies are found and finished work is
recognised.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pipeline.errors import PipelineError
from pipeline.inputs.clashes import Known, settle
from pipeline.inputs.dicom import converter_problem, is_dicom, series_files, series_problem
from pipeline.inputs.dicom_headers import DicomSeries, read_series, series_digest
from pipeline.inputs.file_search import Candidate, PassedOver, Rejection, look, shown
from pipeline.inputs.identity import WAY_OUT, Doubt, Identity, Layout, identify
from pipeline.inputs.image_facts import NOTHING, ImageFacts, read_sidecar
from pipeline.inputs.image_kind import changes, header_says_flair, other_kind
from pipeline.inputs.input_scan import InputScan
from pipeline.inputs.nifti import check_file
from pipeline.inputs.participants import Match
from pipeline.inputs.people_of_scans import People, PeopleFile, TableMatch
from pipeline.inputs.scan_names import SUFFIXES, Name, bare, problem_of, says_flair, says_other
from pipeline.inputs.subject_from import SubjectFrom
from vocabulary.files import file_sha256

LARGEST_FILE_BYTES = 1 << 31
"""A file beyond 2 GiB is refused unread: a FLAIR volume has a few to a hundred MiB."""


@dataclass(frozen=True)
class Choices:
    """What whoever gives the scans says about them.

    Attributes
    ----------
    participants : table of people for all scans; by default each BIDS dataset's own ``participants.tsv``
    subject_from : where the code stands; by default the layout says so, or nobody can
    prefer : words of a path that decide between several FLAIRs of one visit, the first that tells them apart
    replace : an image may take the place of another that was measured under the same code and visit
    """

    participants: Path | None = None
    subject_from: SubjectFrom | None = None
    prefer: Sequence[str] = ()
    replace: bool = False


@dataclass(frozen=True)
class Survey:
    """Everything that was found.

    Attributes
    ----------
    scans : to be measured, in order of stem
    passed_over : seen and left alone: what is no FLAIR image, folders that are not searched, the FLAIR not chosen
    refused : what was given, or called FLAIR, and cannot be measured
    participants : how the tables of people match
    tables : these tables
    """

    scans: list[InputScan] = field(default_factory=list)
    passed_over: list[PassedOver] = field(default_factory=list)
    refused: list[Rejection] = field(default_factory=list)
    participants: TableMatch = field(default_factory=TableMatch)
    tables: tuple[PeopleFile, ...] = ()


def discover(
    paths: Sequence[Path], participants: Path | None = None, progress: Callable[[int, int], None] | None = None
) -> tuple[list[InputScan], list[Rejection]]:
    """Return the scans and the refusals of ``survey``."""
    found = survey(paths, Choices(participants), progress=progress)
    return found.scans, found.refused


def survey(
    paths: Sequence[Path],
    choices: Choices | None = None,
    *,
    known: Iterable[Known] = (),
    progress: Callable[[int, int], None] | None = None,
) -> Survey:
    """Find every scan in what was given, and who it shows.

    Parameters
    ----------
    paths : NIfTI files; folders, searched for NIfTI files whose name or sidecar says FLAIR and for DICOM series; BIDS
        datasets, or a person's folder of one
    choices : Choices
    known : what the dataset holds already: nothing of it is replaced unasked
    progress : called with files read so far and files in all

    Returns
    -------
    Survey. Two files with one content and one person are one scan, and the second is refused. Two files with one
    content and two persons, or two contents for one person and session that nothing tells apart, are all refused.

    Raises
    ------
    ParticipantsError : a participants table cannot be read.
    """
    choices = choices or Choices()
    found = Survey()
    candidates: list[Candidate] = []
    for item in (item for path in paths for item in look(path)):
        if isinstance(item, Candidate):
            candidates.append(item)
        else:
            _note(found, item)
    # Overlapping folders, or a file named twice, are not copies.
    unique = list({item.path.resolve(): item for item in reversed(candidates)}.values())[::-1]
    given = {path.absolute() for path in paths}
    people = People(choices.participants, unique)
    reader = _Reader(choices, people, Layout(item.path for item in unique), given)
    for number, item in enumerate(unique, 1):
        for told in reader.read(item):
            found.scans.append(told) if isinstance(told, InputScan) else _note(found, told)
        if progress:
            progress(number, len(unique))
    kept, passed_over, refused = settle(found.scans, prefer=choices.prefer, known=known, replace=choices.replace)
    kept.sort(key=lambda scan: scan.stem)
    return Survey(
        kept,
        [*found.passed_over, *passed_over],
        _once([*found.refused, *refused]),
        people.matching(kept),
        people.files(kept),
    )


def _note(found: Survey, item: Rejection) -> None:
    if isinstance(item, PassedOver):
        found.passed_over.append(item)
    else:
        found.refused.append(item)


def _once(refused: list[Rejection]) -> list[Rejection]:
    """Return one line for each input, the first: the graver reasons come first."""
    return list({rejection.input: rejection for rejection in reversed(refused)}.values())[::-1]


class _Reader:
    """Judges candidates one by one: what they are, whose they are."""

    def __init__(self, choices: Choices, people: People, layout: Layout, given: set[Path]) -> None:
        self.choices, self.people, self.layout, self.given = choices, people, layout, given

    def read(self, item: Candidate) -> list[InputScan | Rejection]:
        try:
            return list(self._series(item)) if item.path.is_dir() else [self._file(item)]
        except OSError as error:
            return [Rejection(shown(item.path), f"cannot be read ({error.strerror or error}); check its permissions")]

    def _file(self, item: Candidate) -> InputScan | Rejection:
        path = item.path
        facts = read_sidecar(path) if path.name.lower().endswith(SUFFIXES) else NOTHING
        match = self._named(item)
        if isinstance(match, Rejection):
            return match
        if item.unsaid and match is None and path.absolute() not in self.given and not header_says_flair(facts):
            return PassedOver(
                shown(path), "neither its name nor its sidecar says FLAIR; name the file itself to measure it"
            )
        reason = _problem(path) or other_kind(facts, name_says_flair=True)
        identity = None if reason else self._whose(item, match, is_series=False)
        if isinstance(identity, Doubt):
            reason = identity.reason
        elif identity is not None:
            reason = problem_of(identity.name) or _damage(path)
        if reason or not isinstance(identity, Identity):
            return Rejection(shown(path), reason or WAY_OUT)
        digest = file_sha256(path)
        changed = changes(bare(path), facts)
        return self._described(item, _scan(path, identity, digest, facts, changed), match)

    def _series(self, item: Candidate) -> Iterable[InputScan | Rejection]:
        folder, files = item.path, series_files(item.path)
        if converter_problem():
            yield Rejection(shown(folder), converter_problem() or "")
            return
        found, unreadable = read_series(files)
        if not found:
            yield Rejection(shown(folder), "holds DICOM files that cannot be read; dcm2niix makes no image of them")
            return
        if unreadable:
            yield Rejection(
                shown(folder),
                f"{unreadable} of its {len(files)} DICOM files cannot be read; copy or export the series again",
            )
            return
        flair = [series for series in found if not series_problem(series)]
        for series in found:
            place = shown(folder) if series.alone else f"{shown(folder)}, series of {len(series.files)} files"
            reason = series_problem(series)
            if reason and (flair or len(found) > 1 or folder.absolute() not in self.given):
                other = other_kind(series.facts, name_says_flair=says_flair(folder))
                yield PassedOver(place, reason) if other else Rejection(place, reason)
            elif reason:
                yield Rejection(place, reason)
            elif len(flair) > 1:
                yield Rejection(place, f"its folder holds {len(flair)} FLAIR series; give each its own folder")
            else:
                yield self._one_series(item, series, place)

    def _one_series(self, item: Candidate, series: DicomSeries, place: str) -> InputScan | Rejection:
        match = self._named(item)
        if isinstance(match, Rejection):
            return match
        identity = self._whose(item, match, is_series=True, patient_id=series.patient_id)
        if isinstance(identity, Doubt):
            return Rejection(place, identity.reason)
        reason = problem_of(identity.name)
        if reason:
            return Rejection(place, reason)
        files = () if series.alone and len(series.files) == len(series_files(item.path)) else series.files
        digest = series_digest(series.files)
        scan = _scan(item.path, identity, digest, series.facts, changes("", series.facts))
        return self._described(item, replace(scan, files=files, reader=series.said), match)

    def _named(self, item: Candidate) -> Match | Rejection | None:
        """Return the row of a table that names this very file."""
        table = self.people.table(item)
        found = table.named(item.path) if table else []
        if len({(match.subject_id, match.session) for match in found}) > 1:
            rows = " and ".join(str(match.line) for match in found)
            return Rejection(
                shown(item.path), f"rows {rows} of the table name it for different people or visits; correct one"
            )
        return found[0] if found else None

    def _whose(
        self, item: Candidate, match: Match | None, *, is_series: bool, patient_id: str = ""
    ) -> Identity | Doubt:
        if match is not None:
            said_by = f"row {match.line} of {getattr(self.people.table(item), 'name', '')}"
            return Identity(Name(match.subject_id, match.session), said_by, said_by if match.session else "")
        rule = self.choices.subject_from
        if rule is None:
            return identify(item.path, self.layout, is_series=is_series)
        if rule.how != "dicom":
            return rule.identify(item.path, is_series=is_series)
        if not patient_id:
            return Doubt(f"no DICOM header names a patient, though --subject-from dicom was asked; {WAY_OUT}")
        return Identity(Name(patient_id, None), "DICOM header (as asked)")

    def _described(self, item: Candidate, scan: InputScan, match: Match | None) -> InputScan | Rejection:
        """Add group, sex and age: from the table, else the person's sessions, else the header."""
        table, name = self.people.table(item), Name(scan.subject_id, scan.session)
        match = match or (table.match(name) if table else None)
        sources = dict(scan.sources)
        told: dict[str, str | float | None] = {"group": None, "sex": None, "age_years": None}
        if table is not None and match is not None:
            if match.person.problem:
                return Rejection(shown(scan.path), match.person.problem)
            told = {key: getattr(match.person, key) for key in told}
            sources |= {key: f"row {match.line} of {table.name}" for key, value in told.items() if value is not None}
        # What a table says of this very visit goes before what it says of the person.
        sessions = (
            self.people.session_age(scan.path, name, own=True) if match is None or match.session is None else None
        )
        if sessions is None and told["age_years"] is None:
            sessions = self.people.session_age(scan.path, name, own=False)
        if sessions:
            told["age_years"], sources["age_years"] = sessions
        for key in ("sex", "age_years"):
            value = getattr(scan.facts, key)
            if told[key] is None and value is not None:
                told[key], sources[key] = value, scan.facts.source
        scan = replace(scan, **told, sources=sources)  # type: ignore[arg-type]
        if table is not None and match is not None:
            self.people.use(scan, table, match)
        return scan


def _scan(path: Path, identity: Identity, digest: str, facts: ImageFacts, changed: list[str]) -> InputScan:
    name = identity.name
    sources = {"subject_id": identity.subject_from, "session": identity.session_from}
    return InputScan(
        path=path,
        subject_id=name.subject_id,
        session=name.session,
        group=None,
        sex=None,
        age_years=None,
        stem=name.stem,
        source_sha256=digest,
        sources={key: value for key, value in sources.items() if value},
        facts=facts,
        changed=tuple(changed),
    )


def image_problem(path: Path) -> str | None:
    """Say why a NIfTI file is no FLAIR image by its name, size, sidecar or header, or None; pixels are not read."""
    return _problem(path) or other_kind(read_sidecar(path), name_says_flair=True) or _damage(path)


def _problem(path: Path) -> str | None:
    """Say why a file cannot be a FLAIR scan, as far as its name and size tell."""
    if not path.name.lower().endswith(SUFFIXES):
        if is_dicom(path):
            return "is one DICOM file; give the folder of its whole series"
        return "expected a NIfTI file (.nii or .nii.gz), a folder, or a DICOM series"
    other = says_other(path)
    if other:
        return f"its name says {other}; expected a FLAIR image"
    size = path.stat().st_size
    if not 0 < size <= LARGEST_FILE_BYTES:
        return f"has {size / 2**30:.1f} GiB; expected at most {LARGEST_FILE_BYTES >> 30} GiB" if size else "is empty"
    return None


def _damage(path: Path) -> str | None:
    """Say what is wrong with a file's header, or None."""
    try:
        check_file(path)
    except PipelineError as error:
        return " ".join(str(error).split()).removeprefix(f"{' '.join(str(path).split())}: ")
    return None


def content_sha256(path: Path) -> str:
    """Return the SHA-256 of a file; of a folder's DICOM series, that of its files' digests, sorted."""
    return series_digest(series_files(path)) if path.is_dir() else file_sha256(path)
