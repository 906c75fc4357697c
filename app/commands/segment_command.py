"""`mscohort segment FLAIR --out DIR`: one scan to label images in its own grid, and its measures."""

import argparse
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.commands.progress import still_starting
from app.sentences.reliability import range_sentence, unlikeness_sentence
from pipeline.measures.zoning import DEFAULT_RULE, RULE_NAMES
from pipeline.segmentation.bundled_models import DEFAULT_MODEL
from vocabulary.measures import MEASURES, RESEARCH_ONLY, ZONE_NOTICE
from vocabulary.messages import counted

if TYPE_CHECKING:
    import polars as pl

    from pipeline.measures.reliability import Reliability

_STEPS = {"load": "loading the model", "read": "reading", "segment": "segmenting", "zone": "zoning"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `segment`."""
    parser.add_argument(
        "flair", type=Path, metavar="FLAIR", help="NIfTI file (.nii or .nii.gz), or folder of one DICOM series"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the results")
    parser.add_argument("--model", default=DEFAULT_MODEL, metavar="NAME", help=f"default: {DEFAULT_MODEL}")
    parser.add_argument(
        "--zone-rule",
        choices=RULE_NAMES,
        default=DEFAULT_RULE,
        help=f"what makes a zone (default: {DEFAULT_RULE})",
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Measure the scan, write its files, and return what was found."""
    from pipeline.errors import ImageError
    from pipeline.ingest.derivatives import write_derivatives
    from pipeline.ingest.measure_scan import PROTOCOL, measure_scan, with_notes
    from pipeline.inputs.dicom import converted
    from pipeline.inputs.discovery import content_sha256, image_problem
    from pipeline.inputs.identity import Identity, Layout, identify
    from pipeline.inputs.image_facts import read_sidecar
    from pipeline.inputs.image_kind import changes
    from pipeline.inputs.modality import check_is_mri
    from pipeline.inputs.nifti import read_scan
    from pipeline.inputs.scan_names import Name, bare
    from pipeline.measures.quantification import ratios_and_shares
    from pipeline.measures.zoning import find_rule
    from pipeline.segmentation.bundled_models import find_model, load_model
    from pipeline.segmentation.runtime import start_runtime

    card = find_model(args.model)
    reason = image_problem(args.flair) if args.flair.is_file() else None
    if reason:
        raise ImageError(f"{args.flair}: {reason}")
    with converted(args.flair) as image:
        check_is_mri(read_scan(image.path))  # before the seconds that loading a network takes
        _progress("load")
        runtime = start_runtime(still_starting)
        result = measure_scan(image.path, load_model(card, runtime=runtime), find_rule(args.zone_rule), step=_progress)
        changed = [] if args.flair.is_dir() else changes(bare(args.flair), read_sidecar(args.flair))
        result = replace(result, flags=with_notes(result.flags, changed, image.warnings))
    source = {"Sources": [args.flair.name], "SourceSHA256": content_sha256(args.flair)}
    # Files need a name, not a person: where nobody can say who it is, the file's own name will do.
    whose = identify(args.flair, Layout([args.flair]), is_series=args.flair.is_dir())
    name = whose.name if isinstance(whose, Identity) else Name(bare(args.flair), None)
    paths = write_derivatives(result, args.out, name.stem, source)
    values = result.quantities.values
    trust = result.reliability
    return {
        "scan": os.fspath(args.flair),
        **{key: os.fspath(path) for key, path in paths.items()},
        "measures": {**values, **ratios_and_shares(values)},
        "not_measured": result.quantities.reasons,
        "wmh_expected_ml": _rounded(trust.wmh_low_ml, trust.wmh_high_ml),
        "reliability": _reliability(trust, result.properties),
        "lesions_sure": None if card.lesion_chance is None else _n_sure(result.lesions),
        "flags": [{"name": flag.name, "detail": flag.detail} for flag in result.flags],
        "seconds": {name: round(taken, 3) for name, taken in result.seconds.items()},
        "model": card.model_id,
        "weights_sha256": card.weights_sha256,
        "zone_rule": result.rule.name,
        "protocol": PROTOCOL,
        "source_sha256": source["SourceSHA256"],
        "n_slices": result.scan.data.shape[2],
        "spacing_mm": list(result.scan.spacing_mm),
    }


def _reliability(found: "Reliability", properties: "Mapping[str, float]") -> dict[str, Any]:
    """Return how far the scan can be trusted, as JSON."""
    return {
        "unlikeness": None if found.unlikeness is None else round(found.unlikeness, 3),
        "unlike_in": found.unlike_in,
        "no_range_reason": found.no_range_reason or None,
        "properties": {name: round(value, 4) for name, value in properties.items()},
    }


def _rounded(low: float | None, high: float | None) -> list[float] | None:
    return None if low is None or high is None else [round(low, 2), round(high, 2)]


def _n_sure(lesions: "pl.DataFrame") -> int:
    return int(lesions.filter("sure")["whole_lesion_number"].n_unique())


def show(result: dict[str, Any]) -> str:
    """Summarise what was found, doubts first."""
    spacing = " x ".join(f"{mm:.3g}" for mm in result["spacing_mm"])
    lines = [f"{result['scan']}: {result['n_slices']} axial slices, voxels of {spacing} mm"]
    lines += [f"  look at this scan: {flag['detail']}" for flag in result["flags"]]
    for name, value in result["measures"].items():
        about = MEASURES[name]
        if value is not None:
            digits = 0 if about.nature == "count" or about.unit == "mm²" else 2
            lines.append(f"  {about.label:<30} {value:>12,.{digits}f} {about.unit}".rstrip())
        elif name in result["not_measured"]:
            lines.append(f"  {about.label:<30} not measured: {result['not_measured'][name]}")
    lines += [f"  {line}" for line in _trust_lines(result)]
    lines += [
        f"  labels {result['labels']}",
        f"  zones  {result['zones']} (rule {result['zone_rule']})",
        f"  model {result['model']}, protocol {result['protocol']}, {sum(result['seconds'].values()):.1f} s",
        f"  {ZONE_NOTICE}",
        f"  {RESEARCH_ONLY}",
    ]
    return "\n".join(lines)


def _trust_lines(result: dict[str, Any]) -> list[str]:
    """Say how far the numbers can be trusted."""
    known = result["reliability"]
    low, high = result["wmh_expected_ml"] or (None, None)
    sentences = [range_sentence(low, high, known["no_range_reason"])]
    if known["unlikeness"] is not None:
        sentences.append(unlikeness_sentence(known["unlikeness"], known["unlike_in"]))
    if result["lesions_sure"] is not None and result["measures"]["lesion_count"]:
        n = int(result["measures"]["lesion_count"])
        sentences.append(f"{result['lesions_sure']} of {counted(n, 'lesion')} are sure, by the model's card")
    return [sentence.rstrip(".") for sentence in sentences if sentence]


def _progress(step: str) -> None:
    if sys.stderr.isatty() and step in _STEPS:
        sys.stderr.write(f"{_STEPS[step]} ...\n")
