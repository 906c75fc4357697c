"""`mscohort train DATA --architecture NAME --out DIR`: a network from labelled patients, split by patient."""

import argparse
import math
import os
import sys
import time
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.commands.progress import ProgressLine, still_starting
from pipeline.segmentation.networks.registry import PRESETS
from vocabulary.measures import RESEARCH_ONLY

if TYPE_CHECKING:
    from pipeline.training.folds import Job
    from pipeline.training.labelled_scans import LabelledScan
    from pipeline.training.lesion_paste import PastableLesion
    from pipeline.training.patch_pool import PatchPool
    from pipeline.training.presets import TrainingPreset
    from pipeline.training.weights import Weights

_SPLITS = ("study", "folds", "all", "template")
_PAINTED_SEED = 0
"""Heads of nobody are the same in every training: none of them is ever tested on."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `train`."""
    parser.add_argument("data", type=Path, metavar="DATA", help="folder of labelled patients, or of the MS3SEG dataset")
    parser.add_argument(
        "--architecture", required=True, choices=tuple(PRESETS), metavar="NAME", help=", ".join(PRESETS)
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder for the trainings")
    parser.add_argument(
        "--preset",
        default="compact",
        metavar="NAME",
        help="how to train: compact (default), refine, template, mixed, comparison or study; on a graphics card: "
        "quiet, wide, refine_wide, teacher or pupil",
    )
    parser.add_argument("--split", choices=_SPLITS, default="folds", help="whom to hold out (default: folds)")
    parser.add_argument("--folds", type=int, default=5, metavar="K", help="number of folds (default: 5)")
    parser.add_argument("--fold", type=int, metavar="N", help="only this fold, counted from 0")
    parser.add_argument(
        "--validation", type=int, metavar="N", help="patients that steer the training (default: as the preset needs)"
    )
    parser.add_argument(
        "--rims", type=Path, metavar="DIR", help="pictures with the normal periventricular rim labelled"
    )
    parser.add_argument(
        "--lesion-shapes", type=Path, metavar="DIR", help="lesion masks of other people in template space, 1 mm"
    )
    parser.add_argument(
        "--start-from",
        type=Path,
        metavar="DIR",
        help="go on from finished trainings of the same split, from one that saw no patient, or from a shipped model",
    )
    parser.add_argument(
        "--teacher",
        type=Path,
        nargs="+",
        default=[],
        metavar="DIR",
        help="with --preset pupil: finished trainings of the same split, whose answers are learned, too",
    )
    parser.add_argument("--epochs", type=int, metavar="N", help="passes (default: the preset's)")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="default: 0")
    parser.add_argument("--device", choices=("auto", "cpu", "gpu"), default="auto", help="where networks run")
    parser.add_argument(
        "--workers",
        type=int,
        metavar="N",
        help="processes that draw batches ahead (default: none on a processor, half the cores beside a graphics card); "
        "what is learned does not depend on it",
    )
    parser.add_argument(
        "--pool",
        type=Path,
        metavar="DIR",
        help="where the presets teacher and pupil keep the patches that all their trainings learn from, 28 GB "
        "(default: pool in --out)",
    )
    parser.add_argument(
        "--heads", type=Path, metavar="FILE", help="keep the scans of nobody here, for further trainings to read"
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """Train what the split asks for; what is finished already is not repeated.

    Returns
    -------
    dict : data, out, architecture, preset, split, seed, device, trainings (name, patients, validation, held_out,
        folder, epochs, loss, seconds)
    """
    from app.cli import UsageError
    from pipeline.errors import PipelineError
    from pipeline.segmentation.keras_start import describe, start_keras

    if args.epochs is not None and args.epochs < 1:
        raise UsageError(f"--epochs {args.epochs}: expected 1 or more")
    if args.fold is not None and args.split != "folds":
        raise UsageError("--fold goes with --split folds")
    if args.workers is not None and args.workers < 0:
        raise UsageError(f"--workers {args.workers}: expected 0 or more")
    device = start_keras(args.device, still_starting)
    sys.stderr.write(f"networks run on {describe(device)}: {device.reason}\n")
    beside = (os.cpu_count() or 1) // 2 if device.kind == "gpu" else 0
    try:
        trainings = _train_all(args, beside if args.workers is None else args.workers)
    except KeyboardInterrupt:
        raise PipelineError("stopped; finished epochs are kept: run the same command again to go on") from None
    return {
        "data": os.fspath(args.data),
        "out": os.fspath(args.out),
        "architecture": args.architecture,
        "preset": args.preset,
        "split": args.split,
        "seed": args.seed,
        "device": describe(device),
        "trainings": trainings,
    }


def _train_all(args: argparse.Namespace, workers: int) -> list[dict[str, Any]]:
    import keras

    from pipeline.segmentation.preprocessing import find_recipe
    from pipeline.training.folds import plan_jobs
    from pipeline.training.labelled_folders import find_patients, load_patients, what_it_is
    from pipeline.training.rim_slices import load_rim_scans
    from pipeline.training.train import train
    from pipeline.training.weights import read_trainings

    preset = _preset(args)
    _check_words(args, preset)
    recipe = find_recipe(preset.recipe)
    patients = find_patients(args.data)
    if told := what_it_is(args.data, patients):
        sys.stderr.write(f"{told}\n")
    scans = load_patients(args.data, recipe, patients)
    steered = bool(preset.patience) or preset.schedule == "plateau"
    validation = args.validation if args.validation is not None else int(steered)
    jobs = plan_jobs(scans, args.split, folds=args.folds, fold=args.fold, validation=validation)
    template, shapes = _painted(args, preset, workers)
    everybody = scans + (load_rim_scans(args.rims, recipe) if args.rims else [])
    pool = _pool(args, preset, everybody, template, shapes, workers) if preset.pool else None
    line = _Line(len(jobs))
    answers = []
    for number, job in enumerate(jobs):
        folder = args.out / job.name
        sys.stderr.write(
            f"{job.name}: learns from {', '.join(job.patients)}; steered by {', '.join(job.validation) or 'nobody'}; "
            f"held out: {', '.join(job.held_out) or 'nobody'}\n"
        )
        start = _before(args, job, args.start_from, same=True) if args.start_from else None
        teachers = [_before(args, job, folder, same=False) for folder in args.teacher]
        known = {scan.patient: scan for scan in scans}
        learned = [known[patient] for patient in job.patients]
        if args.rims and args.split != "template":
            learned += load_rim_scans(args.rims, recipe, (*job.held_out, *job.validation))
        keras.backend.clear_session()
        begun = time.monotonic()
        train(
            args.architecture,
            preset,
            learned,
            folder,
            validation=[known[patient] for patient in job.validation],
            # Folds must not share their initial weights, or their errors would be alike.
            seed=args.seed + number if args.fold is None else args.seed + args.fold,
            start_from=start,
            template=template,
            shapes=shapes,
            pool=pool,
            teachers=teachers,
            workers=workers,
            progress=line.start(job.name),
        )
        line.keep()
        history = read_trainings(folder)[0].history()
        loss = history[-1].get("loss") if history else None
        answers.append(
            {
                **asdict(job),
                "folder": os.fspath(folder),
                "epochs": len(history),
                "loss": loss if loss is not None and math.isfinite(loss) else None,
                "seconds": round(time.monotonic() - begun, 1),
            }
        )
    return answers


def _check_words(args: argparse.Namespace, preset: "TrainingPreset") -> None:
    """Refuse what the preset would pass over in silence.

    Raises
    ------
    UsageError : teachers or a pool for a preset that has none, or no teacher for a pupil.
    """
    from app.cli import UsageError

    if preset.teacher_share and not args.teacher:
        raise UsageError(f"--preset {preset.name} learns from teachers: name their trainings with --teacher")
    if args.teacher and not preset.teacher_share:
        raise UsageError(f"--preset {preset.name} learns from no teacher: --teacher goes with --preset pupil")
    if args.pool and not preset.pool:
        raise UsageError(f"--preset {preset.name} keeps no pool: --pool goes with --preset teacher and pupil")


def _painted(
    args: argparse.Namespace, preset: "TrainingPreset", workers: int
) -> "tuple[list[LabelledScan], list[PastableLesion]]":
    """Return the scans of nobody and the lesions to paint that the preset asks for.

    Raises
    ------
    UsageError : it asks for some, and no folder of lesion masks is given.
    """
    import numpy as np

    from app.cli import UsageError
    from pipeline.segmentation.networks.registry import find_preset
    from pipeline.segmentation.preprocessing import find_recipe
    from pipeline.training.kept_heads import kept_heads
    from pipeline.training.lesion_shapes import load_lesion_shapes, paintable
    from pipeline.training.template_scans import template_scans

    if not preset.needs_shapes:
        return [], []
    if args.lesion_shapes is None:
        raise UsageError(f"--preset {preset.name} paints lesions: name the folder of their masks with --lesion-shapes")
    shapes = load_lesion_shapes(args.lesion_shapes)
    channels = find_preset(args.architecture).channels
    recipe = find_recipe(preset.recipe)
    make = partial(
        template_scans,
        _PAINTED_SEED,
        shapes,
        recipe,
        count=preset.template_scans,
        thinnest=preset.thinnest,
        workers=workers,
    )
    heads = kept_heads(args.heads, preset.template_scans, make) if args.heads and preset.template_scans else make()
    return heads, paintable(np.random.default_rng(_PAINTED_SEED), shapes, channels)


def _pool(
    args: argparse.Namespace,
    preset: "TrainingPreset",
    scans: "list[LabelledScan]",
    template: "list[LabelledScan]",
    shapes: "list[PastableLesion]",
    workers: int,
) -> "PatchPool":
    """Return the patches that all trainings of the preset learn from; drawn once, whatever the seed of a training."""
    from pipeline.segmentation.networks.registry import find_preset
    from pipeline.training.patch_pool import patch_pool

    return patch_pool(
        args.pool or args.out / "pool",
        scans,
        template,
        count=preset.pool,
        template_share=preset.template_share,
        workers=workers,
        channels=find_preset(args.architecture).channels,
        size=preset.size,
        variation=preset.variation,
        paste_chance=preset.paste_chance,
        strip_chance=preset.strip_chance,
        lesion_share=preset.lesion_share,
        ventricle_share=preset.ventricle_share,
        shapes=shapes,
        shape_chance=preset.shape_chance,
        quiet_chance=preset.quiet_chance,
        seed=_PAINTED_SEED,
    )


def _before(args: argparse.Namespace, job: "Job", folder: Path, *, same: bool) -> "Weights":
    """Return the training of the same name, or a shipped model, that must not have seen whom this one holds out.

    Parameters
    ----------
    folder : of trainings, or a shipped model's name
    same : bool, whether it must be of the network that is trained, and not only answer as many classes

    Raises
    ------
    TrainingError : it is not finished, is of another network, or learned from a patient that is held out here.
    """
    from pipeline.errors import TrainingError
    from pipeline.segmentation.bundled_models import list_models
    from pipeline.segmentation.networks.registry import find_preset
    from pipeline.training.weights import read_trainings, shipped_weights

    shipped = {card.model_id: card for card in list_models()}
    if (card := shipped.get(os.fspath(folder))) and not folder.is_dir():
        found = shipped_weights(card)
    else:
        named = folder / job.name
        [found] = read_trainings(named if named.is_dir() else folder / "template")
    whose = found.name if found.card else found.folder
    if not found.finished:
        raise TrainingError(f"{found.folder}: this training is not finished; run the command that began it again")
    wanted = find_preset(args.architecture)
    if same and found.network != wanted:
        raise TrainingError(f"{whose}: weights of {found.network.name}; expected those of {wanted.name}")
    if (found.network.channels, found.network.classes) != (wanted.channels, wanted.classes):
        raise TrainingError(
            f"{whose}: {found.network.name} sees {found.network.channels} slices and tells {found.network.classes} "
            f"classes; expected a teacher of {wanted.channels} and {wanted.classes}, as {wanted.name}"
        )
    if leaked := sorted(found.seen & {*job.held_out, *job.validation}):
        raise TrainingError(
            f"{whose} learned from {', '.join(leaked)}, whom {job.name} holds out; take trainings of the same split"
        )
    return found


def _preset(args: argparse.Namespace) -> "TrainingPreset":
    """Return the preset; a network of fixed size gets whole slices, as many pixels in a batch."""
    from pipeline.segmentation.preprocessing import CANVAS
    from pipeline.training.presets import find_training_preset

    preset = find_training_preset(args.preset)
    if args.epochs is not None:
        preset = replace(preset, epochs=args.epochs)
    if not PRESETS[args.architecture].any_size and preset.size != CANVAS:
        batch = max(1, preset.batch * preset.size**2 // CANVAS**2)
        preset = replace(preset, size=CANVAS, batch=batch)
    return preset


def show(result: dict[str, Any]) -> str:
    """Say what was trained and how to test it."""
    lines = [
        f"{row['name']}: {row['epochs']} epochs, loss {row['loss']:.3f}, {row['folder']}"
        if row["loss"] is not None
        else f"{row['name']}: {row['folder']}"
        for row in result["trainings"]
    ]
    if any(row["held_out"] for row in result["trainings"]):
        lines.append(f"Test it on patients it never saw: mscohort evaluate {result['data']} --model {result['out']}")
    else:
        lines.append("It learned from every patient given: only other patients can say how good it is.")
    return "\n".join([*lines, RESEARCH_ONLY])


class _Line(ProgressLine):
    """A line that is written over with every batch on a terminal, one line per epoch elsewhere."""

    def __init__(self, jobs: int) -> None:
        super().__init__()
        self._jobs, self._job, self._name, self._done = jobs, 0, "", 0

    def start(self, name: str) -> "_Line":
        """Begin the next training."""
        self._job, self._name = self._job + 1, name
        return self

    def __call__(self, epoch: int, epochs: int, batch: int, batches: int, loss: float) -> None:
        self._done += 1
        if not self.live and batch < batches:
            return
        remaining = (epochs - epoch + 1) * batches - batch + (self._jobs - self._job) * epochs * batches
        text = (
            f"{self._name} ({self._job} of {self._jobs}): epoch {epoch} of {epochs}, batch {batch} of {batches}, "
            f"loss {loss:.3f}{self.left(self._done, self._done + remaining)}"
        )
        if self.live:
            self.over(text)
        else:
            self.line(text)
