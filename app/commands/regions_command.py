"""`mscohort regions`: where the lesions of one scan are, of a file by any atlas, or of a scan in the store."""

import argparse
import csv
import os
from pathlib import Path
from typing import Any

import polars as pl

from db.store import default_root
from pipeline.segmentation.bundled_models import DEFAULT_MODEL
from vocabulary.measures import RESEARCH_ONLY

ATLASES = "atlases"
"""Folder of the store that keeps the atlases people added."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `regions`."""
    parser.add_argument(
        "flair",
        type=Path,
        metavar="SCAN",
        help="NIfTI file (.nii or .nii.gz), or folder of one DICOM series; or a scan in the store, as DATASET/sub-CODE",
    )
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder for the results of a file")
    parser.add_argument(
        "--atlas", default="bullseye", metavar="NAME", help="one of `mscohort atlas list` (default: bullseye)"
    )
    parser.add_argument(
        "--missing", action="store_true",
        help="for the scans of a dataset in the store, named in place of SCAN, that have no regions or no lesion map",
    )  # fmt: skip
    parser.add_argument(
        "--deformable", action="store_true", help="bend the template to the person as well (bullseye; several seconds)"
    )
    parser.add_argument("--model", default=DEFAULT_MODEL, metavar="NAME", help=f"default: {DEFAULT_MODEL}")


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Return a stored scan's regions; of a file, segment it, register the atlas to it and count its lesions by region.

    Raises
    ------
    UsageError : a file without ``--out``, or a stored scan with an atlas of one's own.
    NotInStore : neither a file nor a scan in the store.
    RegistrationError : the stored scan has no regions; the message says why.
    """
    from app.cli import UsageError

    if args.missing:
        return _missing(args)
    if not args.flair.exists():
        if args.deformable:
            raise UsageError("--deformable is for a file; what the store holds is affine")
        return _stored(args)
    if args.out is None:
        raise UsageError("a file needs --out DIR, the folder for its results")
    from app.commands import segment_command
    from pipeline.inputs.dicom import converted
    from pipeline.inputs.nifti import read_scan, write_like
    from pipeline.measures.zoning import DEFAULT_RULE
    from pipeline.regions.atlas import BUILT_IN, find_atlas
    from pipeline.regions.scan_regions import scan_regions
    from pipeline.registration.affine import require_greedy

    require_greedy()  # before the seconds that a segmentation takes
    root = (args.store or default_root()) / ATLASES
    atlas = None if args.atlas == BUILT_IN else find_atlas(args.atlas, root)
    segmented = segment_command.run(argparse.Namespace(**vars(args), zone_rule=DEFAULT_RULE))
    with converted(args.flair) as image:
        scan = read_scan(image.path)
    labels = read_scan(Path(segmented["labels"])).data.astype("uint8")
    brain = read_scan(Path(segmented["brain"])).data > 0
    found = scan_regions(scan, labels, brain, atlas, deformable=args.deformable)
    loads = found.loads
    stem = Path(segmented["labels"]).name.removesuffix("_desc-tissue_dseg.nii.gz")
    image_path = write_like(loads.image, scan, args.out / f"{stem}_desc-{args.atlas}_dseg.nii.gz")
    table_path = args.out / f"{stem}_desc-{args.atlas}_dseg.tsv"
    with table_path.open("w", encoding="utf-8", newline="") as stream:
        table = csv.writer(stream, delimiter="\t", lineterminator="\n")
        table.writerow(["index", "name", "side"])
        table.writerows([region.number, region.name, region.side] for region in found.regions)
    outlines_path = _outlines(args.out / f"{stem}_desc-{args.atlas}_registration.png", scan, labels, found.registration)
    return {
        "scan": os.fspath(args.flair),
        "atlas": args.atlas,
        "space": found.registration.template.space,
        "deformable": args.deformable,
        "brain_overlap": found.registration.brain_overlap,
        "ventricle_overlap": found.registration.ventricle_overlap,
        "to_template": found.registration.to_template.tolist(),
        "seconds": {**segmented["seconds"], **{name: round(taken, 3) for name, taken in found.seconds.items()}},
        "regions": [
            {
                "name": row["region"],
                "side": row["side"],
                "lesion_volume_ml": row["lesion_volume_ml"],
                "lesion_count": row["lesion_count"],
                "region_volume_ml": row["region_volume_ml"],
                "fraction_pct": row["fraction_pct"],
            }
            for row in loads.loads.iter_rows(named=True)
        ],
        "unassigned_ml": loads.unassigned_ml,
        "unassigned_count": loads.n_unassigned,
        "moved_ml": loads.moved_ml,
        "wmh_volume_ml": loads.wmh_volume_ml,
        "lesions": loads.lesions.to_dicts(),
        "labels": os.fspath(image_path),
        "table": os.fspath(table_path),
        "outlines": os.fspath(outlines_path),
        "flags": segmented["flags"],
        "model": segmented["model"],
    }


def _outlines(path: Path, scan: Any, labels: Any, placed: Any) -> Path:
    """Write a picture of the template's outlines on the scan, and return its path."""
    from app.registration_picture import registration_picture
    from app.scan_images import encoded_png
    from pipeline.errors import writing
    from pipeline.ingest.derivatives import windowed
    from vocabulary.files import write_whole

    template = placed.template
    brain = placed.labels(template.brain.astype("uint8")) > 0
    ventricle = None if template.ventricle is None else placed.labels(template.ventricle.astype("uint8")) > 0
    picture = registration_picture(windowed(scan.data, brain), brain, ventricle, labels == 1, scan.spacing_mm)
    with writing(path):
        return write_whole(encoded_png(picture), path)


def _missing(args: argparse.Namespace) -> dict[str, Any]:
    """Give the scans of a dataset the regions and lesion maps they lack; nothing is segmented again."""
    from app.commands.progress import ProgressLine
    from app.stored_regions import regions_of_stored
    from db.errors import NotInStore
    from db.publish_regions import publish_regions
    from db.store import Store
    from pipeline.registration.affine import require_greedy

    require_greedy()
    store, dataset = Store(args.store or default_root()), os.fspath(args.flair)
    with store.read() as snapshot:
        scans = snapshot.scans(dataset)
        every = snapshot.registrations(dataset_id=dataset)
        mapped = snapshot.lesion_maps(dataset)
    if scans.is_empty():
        raise NotInStore(f"'{dataset}' has no scan measured from images, so none can have regions")
    whole = every.filter(pl.col("reason").is_null()).join(mapped, on=["scan_id", "protocol_id"], how="semi")
    lacking = scans.join(whole, on=["scan_id", "protocol_id"], how="anti")
    line, done, version = ProgressLine(), [], None
    left: dict[str, str] = {}

    def step(scan_id: str) -> None:
        line.over(f"regions of {scan_id}")

    for (protocol_id,), part in lacking.group_by(["protocol_id"], maintain_order=True):
        tables, refused = regions_of_stored(part.iter_rows(named=True), step)
        left |= refused
        if tables.registrations.height:
            version = publish_regions(store, dataset, str(protocol_id), tables)
            done += tables.registrations.select("scan_id", "brain_overlap", "ventricle_overlap", "reason").to_dicts()
    line.clear()
    return {
        "dataset": dataset,
        "n_scans": scans.height,
        "n_had_them": scans.height - lacking.height,
        "scans": done,
        "left": [{"scan": scan_id, "reason": reason} for scan_id, reason in left.items()],
        "store_version": version,
    }


def _stored(args: argparse.Namespace) -> dict[str, Any]:
    """Return what the store holds of a scan's regions, as for a file."""
    from app.cli import UsageError
    from db.errors import NotInStore
    from db.store import Store
    from pipeline.errors import RegistrationError
    from pipeline.regions.atlas import BUILT_IN

    asked = args.flair.as_posix()
    with Store(args.store or default_root()).read() as snapshot:
        told = snapshot.registrations(scan_id=asked)
        if told.is_empty():
            raise NotInStore(
                f"{asked}: neither a file nor a scan in the store; name a scan as DATASET/sub-CODE, see the page Scans"
            )
        if args.atlas != BUILT_IN:
            raise UsageError(
                f"scans in the store have the regions of {BUILT_IN}; give the file for --atlas {args.atlas}"
            )
        found = told.row(0, named=True)
        if found["reason"] is not None:
            raise RegistrationError(f"{asked} has no regions: {found['reason']}")
        loads = snapshot.region_loads(scan_id=asked)
        scan = snapshot.scans(found["dataset_id"]).row(by_predicate=pl.col("scan_id") == asked, named=True)
        flags = snapshot.scan_flags(scan_id=asked).select("flag", "detail").to_dicts()
    return {
        "scan": asked,
        "atlas": found["atlas"],
        "space": found["space"],
        "brain_overlap": found["brain_overlap"],
        "ventricle_overlap": found["ventricle_overlap"],
        "to_template": [found["to_template"][i : i + 4] for i in range(0, 16, 4)],
        "seconds": {},
        "regions": [
            {
                "name": row["region"],
                "side": row["side"],
                "lesion_volume_ml": row["volume_ml"],
                "lesion_count": row["lesion_count"],
                "region_volume_ml": row["region_volume_ml"],
                "fraction_pct": 100 * row["volume_ml"] / row["region_volume_ml"] if row["region_volume_ml"] else None,
            }
            for row in loads.iter_rows(named=True)
        ],
        "unassigned_ml": found["unassigned_volume_ml"],
        "unassigned_count": found["unassigned_count"],
        "moved_ml": found["moved_volume_ml"],
        "wmh_volume_ml": scan["wmh_volume_ml"],
        "folder": scan["derivatives"],
        "flags": [{"name": flag["flag"], "detail": flag["detail"]} for flag in flags],
        "model": scan["model_id"],
    }


def show(result: dict[str, Any]) -> str:
    """Summarise where the lesions are, the most loaded regions first; or what was given to stored scans."""
    if "n_had_them" in result:
        return _show_missing(result)
    total = result["wmh_volume_ml"]
    lines = [
        f"{result['scan']}: WMH {total:.2f} mL by the regions of {result['atlas']}",
        f"  the template in {result['space']} covers the brain with an overlap (Dice) of {result['brain_overlap']:.3f}",
    ]
    lines += [f"  look at this scan: {flag['detail']}" for flag in result["flags"]]
    loaded = sorted((r for r in result["regions"] if r["lesion_volume_ml"]), key=lambda r: -r["lesion_volume_ml"])
    lines += [
        f"  {r['name'] + side_words(r['side']):<52} {r['lesion_volume_ml']:>8.2f} mL "
        f"{100 * r['lesion_volume_ml'] / total:>5.1f} %"
        for r in loaded
    ]
    lines += [
        f"  no lesion in {len(result['regions']) - len(loaded)} of {len(result['regions'])} regions",
        f"  unassigned: {result['unassigned_ml']:.2f} mL; {result['moved_ml']:.2f} mL lay in no region and went to the "
        "nearest within 5 mm",
        *_files(result),
        f"  {RESEARCH_ONLY}",
    ]
    return "\n".join(lines)


def _show_missing(result: dict[str, Any]) -> str:
    placed = [scan for scan in result["scans"] if scan["reason"] is None]
    lines = [
        f"{result['dataset']}: {len(placed)} of {result['n_scans']} scans were given regions and a lesion map, "
        f"{result['n_had_them']} had them"
    ]
    lines += [f"  {scan['scan_id']}: {scan['reason']}" for scan in result["scans"] if scan["reason"] is not None]
    lines += [f"  {scan['scan']} left as it is: {scan['reason']}" for scan in result["left"]]
    return "\n".join([*lines, f"  {RESEARCH_ONLY}"])


def _files(result: dict[str, Any]) -> list[str]:
    if "labels" not in result:
        return [f"  the scan's files lie in {result['folder']}"]
    return [f"  labels {result['labels']}", f"  look at the registration: {result['outlines']}"]


def side_words(side: str) -> str:
    """Return how a side stands behind a region's name."""
    return "" if side == "both" else f", {side}"
