"""Scans that get in each other's way: copies, two images of one visit, codes that look alike, what was measured before.

One visit, one image: where several could be it, a stated rule or ``--prefer`` chooses, else all are refused. Nothing
takes the place of what was measured before unless that is asked for.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.inputs.file_search import PassedOver, Rejection, shown
from pipeline.inputs.identity import WAY_OUT
from pipeline.inputs.input_scan import InputScan
from pipeline.inputs.scan_names import bare, printable
from vocabulary.code_forms import file_form, same_form

DEFAULT_CHOICE = (
    "whole head before brain-extracted, as acquired before changed, then the lowest run, then the first name"
)


@dataclass(frozen=True)
class Known:
    """A scan that the dataset holds already.

    Attributes
    ----------
    subject_id : empty where it is not known
    stem : of its files
    source_sha256 : of its content
    source : where it was read from, as text
    """

    subject_id: str
    stem: str
    source_sha256: str
    source: str


def settle(
    scans: Sequence[InputScan], *, prefer: Sequence[str] = (), known: Iterable[Known] = (), replace: bool = False
) -> tuple[list[InputScan], list[PassedOver], list[Rejection]]:
    """Return the scans that may be measured, what was passed over for another, and what is refused."""
    kept, refused = _without_copies(scans)
    kept, passed_over, twofold = _one_per_visit(kept, prefer)
    kept, alike = _without_lookalikes(kept)
    kept, earlier = without_earlier(kept, known, replace=replace)
    return kept, passed_over, [*refused, *twofold, *alike, *earlier]


def _without_copies(scans: Sequence[InputScan]) -> tuple[list[InputScan], list[Rejection]]:
    refused: dict[int, str] = {}
    by_content = defaultdict(list)
    for index, scan in enumerate(scans):
        by_content[scan.source_sha256].append(index)
    for same in by_content.values():
        stems = {scans[index].stem for index in same}
        for index in same if len(stems) > 1 else same[1:]:
            other = next(i for i in same if (scans[i].stem != scans[index].stem or len(stems) == 1) and i != index)
            twin = f"{shown(scans[other].path)} ({_who(scans[other])})"
            refused[index] = (
                f"holds the same image as {twin}, so it is not clear whose scan it is; give the right one only"
                if len(stems) > 1
                else f"is a copy of {twin}; the scan is measured once"
            )
    return _parted(scans, refused)


def _one_per_visit(
    scans: Sequence[InputScan], prefer: Sequence[str]
) -> tuple[list[InputScan], list[PassedOver], list[Rejection]]:
    by_visit = defaultdict(list)
    for index, scan in enumerate(scans):
        by_visit[(scan.subject_id, scan.session)].append(index)
    refused: dict[int, str] = {}
    passed: dict[int, str] = {}
    for same in by_visit.values():
        if len(same) == 1:
            continue
        chosen, why = _choice([scans[index] for index in same], prefer)
        for index in same:
            if chosen is None:
                other = scans[next(i for i in same if i != index)]
                refused[index] = (
                    f"claims to be {_who(scans[index])}, and so does {shown(other.path)}; give one of them, name the "
                    f"visits ses-1, ses-2, say which with --prefer WORD (a word of its path), or {WAY_OUT}"
                )
            elif scans[index] is not chosen:
                passed[index] = (
                    f"another FLAIR of {_who(scans[index])} is measured, {chosen.path.name}: {why}; "
                    "--prefer WORD chooses by a word of the path"
                )
    kept = [scan for index, scan in enumerate(scans) if index not in refused and index not in passed]
    return (
        kept,
        [PassedOver(shown(scans[index].path), reason) for index, reason in sorted(passed.items())],
        [Rejection(shown(scans[index].path), reason) for index, reason in sorted(refused.items())],
    )


def _choice(same: Sequence[InputScan], prefer: Sequence[str]) -> tuple[InputScan | None, str]:
    """Return the image of a visit and why it is the one, or None where nothing tells the images apart."""
    left = list(same)
    for word in prefer:
        found = [scan for scan in left if word.lower() in scan.path.as_posix().lower()]
        left = found or left
        if len(left) == 1:
            return left[0], f"--prefer {word}"
    if len({scan.path.parent for scan in left}) > 1 and not _are_versions(left):
        return None, ""  # in different folders they may as well be of two visits, or of two people
    return min(left, key=_rank), DEFAULT_CHOICE


def _are_versions(same: Sequence[InputScan]) -> bool:
    """Tell whether images in different folders are one image, raw and changed: Raw_Data and Preprocessed_Data."""
    return len({bool(_changes(scan)) for scan in same}) == 2 and len({scan.path.parent.parent for scan in same}) == 1


def _changes(scan: InputScan) -> tuple[str, ...]:
    return scan.changed + tuple(re.findall(r"preproc|process(?!ing)|regist|bet\b", scan.path.parent.name.lower()))


def _rank(scan: InputScan) -> tuple[bool, int, int, str]:
    changed = _changes(scan)
    extracted = any(word.startswith("brain-extracted") for word in changed)
    run = re.search(r"(?:^|_)run-?(\d+)", bare(scan.path))
    return extracted, len(changed), int(run[1]) if run else 0, scan.path.as_posix()


def _without_lookalikes(scans: Sequence[InputScan]) -> tuple[list[InputScan], list[Rejection]]:
    """Refuse codes that people write in several ways (P-07, P07), and codes whose files would share a name."""
    refused: dict[int, str] = {}
    for key in (same_form, file_form):
        groups = defaultdict(list)
        for index, scan in enumerate(scans):
            groups[key(scan.subject_id)].append(index)
        for same in groups.values():
            for index in same:
                other = next((scans[i] for i in same if scans[i].subject_id != scans[index].subject_id), None)
                if other is not None:
                    refused.setdefault(index, _alike(scans[index].subject_id, other.subject_id, shown(other.path)))
    return _parted(scans, refused)


def _alike(code: str, other: str, where: str) -> str:
    return (
        f"its code {printable(code)} and {printable(other)} of {where} differ in nothing but punctuation, case or "
        f"leading zeros, so it is not clear whether they are one person; write the code in one way, or {WAY_OUT}"
    )


def without_earlier(
    scans: Sequence[InputScan], known: Iterable[Known], *, replace: bool
) -> tuple[list[InputScan], list[Rejection]]:
    """Refuse what would take the place of an image that was measured before, or shows the same image as another one.

    Parameters
    ----------
    known : what was measured before
    replace : another image of the same person and visit is welcome
    """
    held = list(known)
    by_content = {scan.source_sha256: scan for scan in held}
    by_stem = {scan.stem: scan for scan in held}
    named = [scan for scan in held if scan.subject_id]
    by_form = {key(scan.subject_id): scan for scan in named for key in (same_form, file_form)}
    refused: dict[int, str] = {}
    for index, scan in enumerate(scans):
        twin, before = by_content.get(scan.source_sha256), by_stem.get(scan.stem)
        forms = (same_form(scan.subject_id), file_form(scan.subject_id))
        alike = next((by_form[form] for form in forms if form in by_form), None)
        if alike is not None and alike.subject_id != scan.subject_id:
            refused[index] = _alike(scan.subject_id, alike.subject_id, f"{alike.source} (measured before)")
        elif twin is not None and twin.stem != scan.stem:
            refused[index] = (
                f"holds the same image as {twin.stem}, measured before from {twin.source}; remove that or leave this "
                "one out"
            )
        elif before is not None and before.source_sha256 != scan.source_sha256 and not replace:
            refused[index] = (
                f"is another image than {before.source}, from which {_who(scan)} was measured before; give it another "
                "visit, or let it take that one's place with --replace"
            )
    return _parted(scans, refused)


def _parted(scans: Sequence[InputScan], refused: dict[int, str]) -> tuple[list[InputScan], list[Rejection]]:
    kept = [scan for index, scan in enumerate(scans) if index not in refused]
    return kept, [Rejection(shown(scans[index].path), reason) for index, reason in sorted(refused.items())]


def _who(scan: InputScan) -> str:
    return f"subject {scan.subject_id}" + (f", session {scan.session}" if scan.session else "")
