"""Atlases of a user's own: a label image, a table of names and a template in one space, checked together and kept.

An atlas without its own template is refused: labels drawn on another head than the one that is registered land beside
their regions, and nothing would say so.
"""

import csv
import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import msgspec
import nibabel as nib
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from pipeline.errors import AtlasError, ImageError, ImageMissing, OutputError
from pipeline.inputs.nifti import Scan, read_scan
from pipeline.regions.parcellation import Parcellation, Region, Side
from pipeline.registration.affine import Registration
from pipeline.registration.template import Template
from vocabulary.files import file_sha256, whole_folder, write_json
from vocabulary.identifiers import is_identifier

BUILT_IN = "bullseye"
MOST_REGIONS = 1000
ONE_SIDE = 0.9
"""A region lies on one side when so much of it does; a name that says the other side is refused."""
_SIDE_WORD = re.compile(r"(?i)(?:^|[\s_.,()-])(left|right|lh|rh|l|r)(?:$|[\s_.,()-])")
_SIDES: dict[str, Side] = {"left": "left", "lh": "left", "l": "left", "right": "right", "rh": "right", "r": "right"}
_FILES = {"labels": "labels.nii.gz", "table": "table.tsv", "template": "template.nii.gz"}
_CARD = "atlas.json"


@dataclass(frozen=True)
class AtlasCard:
    """What is known of an atlas.

    Attributes
    ----------
    name : by which commands and pages call it
    space : the coordinates it is drawn in, as its source states them
    licence, source : who may use it for what, and where it is from
    n_regions : how many regions have a number
    sha256 : of its files, by role
    """

    name: str
    space: str
    licence: str
    source: str
    n_regions: int
    sha256: dict[str, str]


@dataclass(frozen=True)
class Atlas:
    """A checked atlas: its card, regions, label image on the template's grid, and template."""

    card: AtlasCard
    regions: tuple[Region, ...]
    labels: NDArray[np.uint16]
    template: Template


def read_atlas(
    name: str,
    labels: Path,
    table: Path,
    template: Path,
    *,
    space: str,
    licence: str = "not stated",
    source: str = "not stated",
    names: dict[int, str] | None = None,
) -> Atlas:
    """Read an atlas and check that its parts belong together.

    Parameters
    ----------
    name : identifier
    labels : NIfTI image of whole numbers, 0 where there is no region
    table : numbers and names: CSV or TSV with columns ``number`` (or ``index``, ``label``) and ``name``, or a text of
        ``NUMBER NAME`` a line, in which ``#`` begins a comment and four trailing colour values are dropped
    template : NIfTI image of the head the labels are drawn on, brain extracted, on the labels' grid
    space : name of its coordinates
    names : further names by number, where the table lacks some

    Raises
    ------
    AtlasError : a part is missing, contradicts another, or says nothing of the space; one clear line.
    """
    if not is_identifier(name) or name == BUILT_IN:
        raise AtlasError(f"'{name}' cannot be an atlas' name; use letters, digits and . _ - (not '{BUILT_IN}')")
    if not space.strip():
        raise AtlasError(f"{name}: state the space the atlas is drawn in (--space), such as JHU-MNI-ss or ICBM152")
    image, affine = _label_image(labels)
    head = _volume(template, "template")
    if head.data.shape != image.shape or not np.allclose(head.affine, affine, atol=1e-3):
        raise AtlasError(
            f"{template}: the template's grid {head.data.shape} is not that of the labels {image.shape}; "
            "an atlas needs the image its labels are drawn on"
        )
    named = {**_names(table), **(names or {})}
    present = [int(number) for number in np.unique(image) if number]
    if not present:
        raise AtlasError(f"{labels}: holds no region, only zeros")
    if unnamed := [number for number in present if number not in named]:
        raise AtlasError(
            f"{table}: has no name for {_few(unnamed)} of {labels.name}; add the lines, or --name NUMBER=NAME"
        )
    if absent := sorted(number for number in named if number and number not in present):
        raise AtlasError(f"{labels}: holds no voxel of {_few(absent)}, which the table names; are they of one atlas?")
    brain = head.data > 0
    if not 0.02 < brain.mean() < 0.9:
        raise AtlasError(f"{template}: {brain.mean():.0%} of it is above 0; expected a brain without skull on 0")
    shown = Template(space.strip(), head.data, head.affine, ndimage.binary_fill_holes(brain))
    regions = tuple(_region(number, named[number], image, shown) for number in present)
    digests = {role: file_sha256(path) for role, path in (("labels", labels), ("table", table), ("template", template))}
    card = AtlasCard(name, space.strip(), licence, source, len(regions), digests)
    return Atlas(card, regions, image, shown)


def keep_atlas(atlas: Atlas, root: Path) -> Path:
    """Keep a checked atlas in a folder of atlases, whole or not at all, and return its folder.

    Raises
    ------
    AtlasError : another atlas has the name.
    OutputError : it cannot be written.
    """
    folder = root / atlas.card.name
    if folder.exists():
        raise AtlasError(f"there is an atlas '{atlas.card.name}' already; choose another name, or remove {folder}")
    try:
        root.mkdir(parents=True, exist_ok=True)
        with whole_folder(folder) as unfinished:
            for role, volume, kind in (
                ("labels", atlas.labels, np.uint16),
                ("template", atlas.template.image, np.float32),
            ):
                nib.save(nib.Nifti1Image(volume.astype(kind), atlas.template.affine), unfinished / _FILES[role])
            lines = ["number\tname\tside", *(f"{r.number}\t{r.name}\t{r.side}" for r in atlas.regions)]
            (unfinished / _FILES["table"]).write_text("\n".join(lines) + "\n", encoding="utf-8")
            write_json(msgspec.to_builtins(atlas.card), unfinished / _CARD, indent=2)
    except OSError as error:
        raise OutputError(
            f"{folder}: the atlas cannot be kept ({error.strerror}); check the folder and free space"
        ) from error
    return folder


def kept_atlases(root: Path) -> tuple[AtlasCard, ...]:
    """Return the cards of the atlases kept in a folder, by name.

    Raises
    ------
    AtlasError : a card cannot be read.
    """
    return tuple(_card(path) for path in sorted(root.glob(f"*/{_CARD}")) if not path.parent.name.startswith("."))


def find_atlas(name: str, root: Path) -> Atlas:
    """Return a kept atlas.

    Raises
    ------
    AtlasError : there is none of that name, or its files were changed since.
    """
    folder = root / name
    if not is_identifier(name) or not (folder / _CARD).is_file():
        known = ", ".join([BUILT_IN, *(card.name for card in kept_atlases(root))])
        raise AtlasError(f"there is no atlas '{name}'; known: {known}. `mscohort atlas add` adds one")
    card = _card(folder / _CARD)
    image, affine = _label_image(folder / _FILES["labels"])
    head = _volume(folder / _FILES["template"], "template")
    with (folder / _FILES["table"]).open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t"))
    regions = tuple(Region(int(row["number"]), row["name"], msgspec.convert(row["side"], Side)) for row in rows)
    template = Template(card.space, head.data, affine, ndimage.binary_fill_holes(head.data > 0))
    return Atlas(card, regions, image, template)


def remove_atlas(name: str, root: Path) -> None:
    """Remove a kept atlas; errors as of ``find_atlas``."""
    find_atlas(name, root)
    shutil.rmtree(root / name)


def parcellate(atlas: Atlas, registration: Registration, brain: NDArray[np.bool_]) -> Parcellation:
    """Return an atlas' regions on a scan's grid; the registration must be of the atlas' own template.

    Raises
    ------
    AtlasError : another template was registered.
    """
    if registration.template.space != atlas.card.space:
        raise AtlasError(
            f"{atlas.card.name} is drawn in {atlas.card.space}, but a template in {registration.template.space} "
            "was registered"
        )
    image = np.where(brain, registration.labels(atlas.labels), 0).astype(np.uint16)
    left = registration.labels(_left_of_midline(atlas.template).astype(np.uint8)) > 0
    return Parcellation(atlas.card.name, atlas.regions, image, left)


def _region(number: int, name: str, image: NDArray[np.uint16], template: Template) -> Region:
    """Return a region with the side it lies on; a name that says the other side makes the whole atlas doubtful."""
    share = float(_left_of_midline(template)[image == number].mean())
    side: Side = "left" if share >= ONE_SIDE else "right" if share <= 1 - ONE_SIDE else "both"
    words = _SIDE_WORD.findall(name)
    said = _SIDES[words[-1].lower()] if words else None
    if said and side not in (said, "both"):
        raise AtlasError(
            f"region {number}, '{name}', lies on the {side} of the template; the labels or the template are mirrored"
        )
    plain = _SIDE_WORD.sub(" ", name) if words else name
    return Region(number, re.sub(r"[\s_]+", " ", plain).strip(" ,-") or name, said or side)


def _left_of_midline(template: Template) -> NDArray[np.bool_]:
    """Return the voxels left of the middle of the template's brain; axes are RAS+, so left comes first."""
    columns = np.flatnonzero(template.brain.any((1, 2)))
    middle = (columns[0] + columns[-1]) / 2
    left = np.arange(template.brain.shape[0]) < middle
    return np.broadcast_to(left[:, None, None], template.brain.shape)


def _label_image(path: Path) -> tuple[NDArray[np.uint16], NDArray[np.float64]]:
    volume = _volume(path, "label image")
    values = volume.data
    odd = values[(values != np.round(values)) | (values < 0)]
    if odd.size:
        raise AtlasError(f"{path}: holds {odd[0]:g}; expected whole numbers from 0, one for each region")
    if values.max() > np.iinfo(np.uint16).max or len(np.unique(values)) > MOST_REGIONS + 1:
        raise AtlasError(f"{path}: holds more than {MOST_REGIONS} numbers; expected a label image")
    return values.astype(np.uint16), volume.affine


def _volume(path: Path, role: str) -> Scan:
    try:
        return read_scan(path)
    except (ImageError, ImageMissing) as error:
        raise AtlasError(f"the atlas' {role}: {error}") from error


def _names(path: Path) -> dict[int, str]:
    """Read numbers and names from a table or a plain list."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise AtlasError(f"{path}: the table of names cannot be read ({error})") from error
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if not lines:
        raise AtlasError(f"{path}: the table of names is empty")
    mark = "\t" if "\t" in lines[0] else ","
    header = [cell.strip().lower() for cell in lines[0].split(mark)]
    number = next((header.index(word) for word in ("number", "index", "label", "id") if word in header), None)
    if number is not None and "name" in header:
        rows = list(csv.reader(lines[1:], delimiter=mark))
        pairs = [(row[number], row[header.index("name")]) for row in rows if len(row) == len(header)]
    else:
        pairs = [_list_line(line, path) for line in lines]
    found: dict[int, str] = {}
    for written, name in pairs:
        if not written.strip().isdigit() or not name.strip():
            raise AtlasError(f"{path}: '{written} {name}': expected a whole number and a name")
        if int(written) in found and int(written):
            raise AtlasError(f"{path}: number {written} stands there twice")
        found[int(written)] = name.strip()
    return {key: name for key, name in found.items() if key}


def _list_line(line: str, path: Path) -> tuple[str, str]:
    words = line.split()
    if len(words) > 5 and all(word.isdigit() for word in words[-4:]):
        words = words[:-4]
    if len(words) < 2:
        raise AtlasError(f"{path}: '{line.strip()}': expected a whole number and a name")
    return words[0], " ".join(words[1:])


def _card(path: Path) -> AtlasCard:
    try:
        return msgspec.json.decode(path.read_bytes(), type=AtlasCard)
    except (OSError, msgspec.MsgspecError) as error:
        raise AtlasError(
            f"{path}: not the card of an atlas ({error}); remove the folder and add the atlas again"
        ) from error


def _few(numbers: list[int]) -> str:
    shown = ", ".join(map(str, numbers[:5]))
    return f"{'number' if len(numbers) == 1 else 'numbers'} {shown}{' ...' if len(numbers) > 5 else ''}"
