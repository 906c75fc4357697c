"""Atlases of users: what belongs together is kept and found again, what contradicts itself is refused in one line."""

from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from pipeline.errors import AtlasError
from pipeline.regions.atlas import find_atlas, keep_atlas, kept_atlases, parcellate, read_atlas, remove_atlas
from pipeline.registration.affine import judged
from pipeline.registration.icbm152 import icbm152
from tests.pipeline.registration.head import AFFINE, head

SHAPE = (40, 48, 36)
GRID = np.diag([-4.0, 4.0, 4.0, 1.0])  # stored right to left
NAMES = "# number name\n0 Background\n1 FRONTAL_left 10 20 30 255\n2 FRONTAL_right 10 20 30 255\n3 ARCH 1 2 3 255\n"


def write(path: Path, volume: np.ndarray, kind: type = np.int16, grid: np.ndarray = GRID) -> Path:
    """Write a volume given left to right; GRID stores it mirrored."""
    stored = volume[::-1] if grid[0, 0] < 0 else volume
    nib.save(nib.Nifti1Image(np.ascontiguousarray(stored.astype(kind)), grid), path)
    return path


def labels() -> np.ndarray:
    volume = np.zeros(SHAPE)
    volume[8:20, 20:30, 10:20], volume[20:32, 20:30, 10:20], volume[18:22, 10:20, 10:20] = 1, 2, 3
    return volume


def brain() -> np.ndarray:
    volume = np.zeros(SHAPE)
    volume[6:34, 6:40, 6:30] = np.random.default_rng(0).uniform(50, 100, (28, 34, 24))
    return volume


@pytest.fixture
def add(tmp_path: Path) -> Callable:
    def add(*, volume=None, names=NAMES, template=None, kind=np.int16, grid=GRID, space="test space", further=None):
        table = tmp_path / "names.txt"
        table.write_text(names, encoding="utf-8")
        return read_atlas(
            "mine",
            write(tmp_path / "labels.nii.gz", labels() if volume is None else volume, kind),
            table,
            write(tmp_path / "template.nii.gz", brain() if template is None else template, np.float32, grid),
            space=space,
            names=further,
        )

    return add


def test_regions_with_their_sides(add: Callable) -> None:
    atlas = add()
    assert [(r.number, r.name, r.side) for r in atlas.regions] == [
        (1, "FRONTAL", "left"),
        (2, "FRONTAL", "right"),
        (3, "ARCH", "both"),
    ]


@pytest.mark.parametrize(
    "names",
    [
        "number,name\n1,FRONTAL_left\n2,FRONTAL_right\n3,ARCH\n",
        "index\tname\n1\tFRONTAL_left\n2\tFRONTAL_right\n3\tARCH\n",
    ],
)
def test_tables_of_names(add: Callable, names: str) -> None:
    assert [r.name for r in add(names=names).regions] == ["FRONTAL", "FRONTAL", "ARCH"]


def test_a_side_is_seen_where_no_name_says_it(add: Callable) -> None:
    assert [r.side for r in add(names="1 A\n2 B\n3 C\n").regions] == ["left", "right", "both"]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"names": "1 A\n2 B\n"}, "has no name for number 3"),
        ({"names": NAMES + "9 MORE\n"}, "no voxel of number 9"),
        ({"names": NAMES + "2 AGAIN\n"}, "number 2 stands there twice"),
        ({"names": "one A\n"}, "expected a whole number and a name"),
        ({"names": "# nothing\n"}, "is empty"),
        (
            {"names": NAMES.replace("FRONTAL_left", "FRONTAL_right", 1).replace("2 FRONTAL_right", "2 FRONTAL_left")},
            "mirrored",
        ),
        ({"space": "  "}, "state the space"),
        ({"volume": labels() * 0.5, "kind": np.float32}, "whole numbers"),
        ({"volume": -labels()}, "whole numbers"),
        ({"volume": np.zeros(SHAPE)}, "every voxel is 0"),
        ({"template": np.ones((40, 48, 35)) * np.arange(35)}, "grid"),
        ({"grid": np.diag([-4.0, 4.0, 5.0, 1.0])}, "grid"),
        ({"template": brain() + 1}, "brain without skull"),
    ],
)
def test_what_does_not_belong_together_is_refused(add: Callable, changed: dict, message: str) -> None:
    with pytest.raises(AtlasError, match=message) as error:
        add(**changed)
    assert "\n" not in str(error.value)


def test_a_missing_name_can_be_given(add: Callable) -> None:
    assert [r.name for r in add(names="1 A\n2 B\n", further={3: "C"}).regions] == ["A", "B", "C"]


def test_an_absent_part_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AtlasError, match="no such file"):
        read_atlas("mine", tmp_path / "no.nii", tmp_path / "no.txt", tmp_path / "no.nii", space="s")
    with pytest.raises(AtlasError, match="cannot be an atlas' name"):
        read_atlas("../x", tmp_path / "no.nii", tmp_path / "no.txt", tmp_path / "no.nii", space="s")


def test_kept_found_listed_removed(add: Callable, tmp_path: Path) -> None:
    atlas, root = add(), tmp_path / "store" / "atlases"
    keep_atlas(atlas, root)
    found = find_atlas("mine", root)
    assert found.regions == atlas.regions
    assert (found.labels == atlas.labels).all()
    assert [card.name for card in kept_atlases(root)] == ["mine"]
    with pytest.raises(AtlasError, match="already"):
        keep_atlas(atlas, root)
    remove_atlas("mine", root)
    assert kept_atlases(root) == ()
    with pytest.raises(AtlasError, match="no atlas 'mine'; known: bullseye"):
        find_atlas("mine", root)


def test_only_its_own_template_will_do(add: Callable) -> None:
    atlas = add()
    registration = judged(head().to_template, head().brain, AFFINE, icbm152())
    with pytest.raises(AtlasError, match="drawn in test space"):
        parcellate(atlas, registration, head().brain)
