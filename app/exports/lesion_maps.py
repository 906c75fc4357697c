"""Lesion maps to take away: NIfTI on the common grid, and a CSV of every voxel that holds a lesion."""

import gzip
from collections.abc import Mapping
from pathlib import Path

import nibabel
import numpy as np
import polars as pl
from numpy.typing import NDArray

from analysis.lesion_map_comparison import VoxelTest
from analysis.lesion_maps import GroupMap, difference
from app.export import csv_bytes
from pipeline.errors import OutputError, writing
from vocabulary.files import private_folder, write_whole
from vocabulary.lesion_grid import AFFINE, N_VOXELS, image_of, places_of


def map_images(groups: Mapping[str, GroupMap], tested: VoxelTest | None = None) -> dict[str, NDArray[np.float32]]:
    """Return one value per voxel of every map there is, by what its file is called.

    Per group the frequency (0 to 1, NaN where no scan shows the place) and the scans that show it; MS minus HC where
    both have people; of a test the statistic and 1 - p, 0 where nothing was tested.
    """
    there = {group: held for group, held in groups.items() if held.n}
    images = {f"frequency-{group}": held.frequency() for group, held in there.items()}
    images |= {f"n-{group}": held.n_seen.astype(np.float32) for group, held in there.items()}
    if len(there) > 1:
        images["difference-MS-HC"] = difference(groups["MS"], groups["HC"])
    if tested is not None:
        for name, values in (
            ("z-MS-HC", tested.z), ("1-p-voxel", 1 - tested.p_voxel), ("1-p-cluster", 1 - tested.p_cluster),
        ):  # fmt: skip
            if values.size == tested.voxels.size:
                images[name] = np.zeros(N_VOXELS, np.float32)
                images[name][tested.voxels] = values
    return images


def nifti_bytes(values: NDArray[np.float32], *, synthetic: bool = False) -> bytes:
    """Return one value per voxel as a gzipped NIfTI image in ICBM152 coordinates; the same values, the same bytes.

    The description of a synthetic one says so.
    """
    image = nibabel.Nifti1Image(np.asarray(image_of(values), np.float32), AFFINE)
    image.header.set_xyzt_units("mm")
    image.header["descrip"] = b"SYNTHETIC: nobody was scanned" if synthetic else b"lesion map, research use only"
    image.set_sform(AFFINE, code="mni")
    image.set_qform(AFFINE, code="mni")
    return gzip.compress(image.to_bytes(), 6, mtime=0)


def map_table(groups: Mapping[str, GroupMap], tested: VoxelTest | None = None) -> pl.DataFrame:
    """Return one row per voxel in which anybody has a lesion: its place (ICBM152, mm) and every count."""
    there = {group: held for group, held in groups.items() if held.n}
    numbers = np.flatnonzero(sum(held.n_lesion for held in there.values())) if there else np.zeros(0, np.int64)
    places = places_of(numbers)
    columns: dict[str, NDArray[np.generic]] = {f"{axis}_mm": places[:, i] for i, axis in enumerate("xyz")}
    for group, held in there.items():
        columns |= {f"n_with_lesion_{group}": held.n_lesion[numbers], f"n_seen_{group}": held.n_seen[numbers]}
    table = pl.DataFrame({"voxel": numbers, **columns})
    if tested is not None and tested.p_cluster.size == tested.voxels.size:
        found = {"voxel": tested.voxels, "z": tested.z, "p_voxel": tested.p_voxel, "p_cluster": tested.p_cluster}
        table = table.join(pl.DataFrame(found), on="voxel", how="left")
    return table.drop("voxel")


def write_maps(
    out: Path, groups: Mapping[str, GroupMap], tested: VoxelTest | None = None, *, synthetic: bool = False
) -> dict[str, Path]:
    """Write the maps and the table into a folder, each file whole; returns name -> path.

    Raises
    ------
    OutputError : the folder or a file cannot be written.
    """
    try:
        private_folder(out)
    except OSError as error:
        raise OutputError(f"{out}: the folder cannot be made ({error.strerror}); choose another") from error
    paths = {}
    for name, values in map_images(groups, tested).items():
        paths[name] = out / f"space-ICBM152_desc-{name.replace('-', '')}_map.nii.gz"
        with writing(paths[name]):
            write_whole(nifti_bytes(values, synthetic=synthetic), paths[name])
    paths["voxels"] = out / "lesion_map.csv"
    with writing(paths["voxels"]):
        write_whole(csv_bytes(map_table(groups, tested), synthetic=synthetic), paths["voxels"])
    return paths
