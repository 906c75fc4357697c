"""Where a person's code stands in a path, said by whoever knows the files instead of read off the layout."""

import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import ParticipantsError
from pipeline.inputs.identity import WAY_OUT, Doubt, Identity
from pipeline.inputs.name_words import read_name
from pipeline.inputs.scan_names import Name, bare, printable


@dataclass(frozen=True)
class SubjectFrom:
    """Where the code stands, said by whoever knows the files.

    Attributes
    ----------
    how : "folder", "name", "dicom" or "pattern"
    pattern : of how "pattern", searched in the path with / between folders
    """

    how: str
    pattern: re.Pattern[str] | None = None

    def identify(self, path: Path, *, is_series: bool = False) -> Identity | Doubt:
        """Return whose scan a file is by this rule alone; ``dicom`` is answered by whoever reads the header."""
        if self.pattern is not None:
            return self._by_pattern(path.absolute().as_posix())
        return self._by_name(path) if self.how == "name" and not is_series else self._by_folder(path, is_series)

    def _by_name(self, path: Path) -> Identity | Doubt:
        reading = read_name(bare(path))
        if reading.person:
            visit = next(iter((*reading.visits, *reading.dates)), reading.also_visit or None)
            return Identity(Name(reading.person, visit), "file name (as asked)", "file name" if visit else "")
        return Doubt(f"its name holds no code, though --subject-from name was asked; {WAY_OUT}")

    def _by_folder(self, path: Path, is_series: bool) -> Identity | Doubt:
        visits = list(read_name(bare(path)).visits)
        folders = list(path.absolute().parents)
        for folder in [path.absolute(), *folders] if is_series else folders:
            told = read_name(folder.name)
            if told.person and told.strength != "series":
                visit = next(iter(visits), told.also_visit or None)
                said_by = f"folder {printable(folder.name)} (as asked)"
                return Identity(Name(told.person, visit), said_by, "folder" if visit else "")
            visits += [*told.visits, *told.dates]
        return Doubt(f"no folder above it holds a code, though --subject-from folder was asked; {WAY_OUT}")

    def _by_pattern(self, text: str) -> Identity | Doubt:
        found = self.pattern.search(text) if self.pattern else None
        if found is None:
            return Doubt(f"the pattern of --subject-from does not match it; {WAY_OUT}")
        named = found.groupdict()
        session = named.pop("session", None)
        groups = (
            [named["subject"]]
            if named.get("subject")
            else [part for part in found.groups() if part and part != session]
        )
        subject = "-".join(groups) if groups else found[0]
        return Identity(Name(subject, session), "pattern", "pattern" if session else "")


def subject_from(text: str) -> SubjectFrom:
    r"""Read what ``--subject-from`` asks for.

    A pattern is a regular expression; its group ``subject``, else all its groups joined by hyphens, else the whole
    match is the code, and its group ``session`` the visit.

    Raises
    ------
    ParticipantsError : not a regular expression.

    Examples
    --------
    >>> rule = subject_from(r"Center_(\d+)/Patient_(\d+)")
    >>> rule.identify(Path("/d/Center_01/Patient_03/FLAIR.nii")).name
    Name(subject_id='01-03', session=None)
    """
    if text in ("folder", "name", "dicom"):
        return SubjectFrom(text)
    try:
        return SubjectFrom("pattern", re.compile(text))
    except re.error as error:
        raise ParticipantsError(
            f"--subject-from {printable(text)}: not a pattern ({error}); expected folder, name, dicom or a pattern"
        ) from error
