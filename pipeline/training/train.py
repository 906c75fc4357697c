"""Train a network on labelled patients: resumption after a kill, history and configuration on disk."""

import json
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import keras

from pipeline.errors import TrainingError
from pipeline.segmentation.networks.registry import NetworkPreset, build_network, find_preset
from pipeline.training.augmentation import NONE
from pipeline.training.checkpoint import Checkpoint, last_epoch, save_whole
from pipeline.training.distillation import distillation, taught
from pipeline.training.labelled_scans import LabelledScan
from pipeline.training.lesion_paste import PastableLesion
from pipeline.training.losses import build_loss
from pipeline.training.patch_pool import PatchPool
from pipeline.training.patches import PatchBatches, PoolBatches
from pipeline.training.presets import TrainingPreset
from pipeline.training.weights import CONFIG_FILE, HISTORY_FILE, WEIGHTS_FILE, Weights
from vocabulary.files import sweep, write_json

Batches = PatchBatches | PoolBatches
Progress = Callable[[int, int, int, int, float], None]
"""Called after each batch with epoch, epochs, batch, batches, and the mean loss of the epoch so far."""


def _optimizer(preset: TrainingPreset) -> keras.optimizers.Optimizer:
    total = preset.epochs * preset.steps
    rate: Any = preset.rate
    if preset.schedule == "cosine":
        warmup = max(total * 3 // 100, 1)
        rate = keras.optimizers.schedules.CosineDecay(
            preset.rate / 20, max(total - warmup, 1), warmup_target=preset.rate, warmup_steps=warmup
        )
    average = {"use_ema": True, "ema_momentum": preset.ema} if preset.ema else {}
    return keras.optimizers.AdamW(rate, weight_decay=preset.weight_decay, clipnorm=1.0, **average)


class _Log(keras.callbacks.Callback):
    """Append one JSON line per epoch, so that progress survives a kill and can be followed from outside."""

    def __init__(self, path: Path):
        super().__init__()
        self.path, self.started = path, time.monotonic()

    def on_epoch_end(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Write the epoch's means and the seconds since the start of this process."""
        line = {"epoch": epoch + 1, "seconds": round(time.monotonic() - self.started, 1)}
        line.update({key: float(value) for key, value in (logs or {}).items()})
        with self.path.open("a") as file:
            file.write(json.dumps(line) + "\n")


class _Turn(keras.callbacks.Callback):
    """Tell the batches which epoch it is, also after a resumption."""

    def __init__(self, batches: Batches):
        super().__init__()
        self.batches = batches

    def on_epoch_begin(self, epoch: int, logs: Mapping[str, float] | None = None) -> None:
        """Choose the epoch's random numbers."""
        self.batches.epoch = epoch


class _Report(keras.callbacks.Callback):
    """Tell whoever asked how far training is, also after a resumption."""

    def __init__(self, batches: Batches, epochs: int, progress: Progress):
        super().__init__()
        self.batches, self.epochs, self.progress = batches, epochs, progress

    def on_train_batch_end(self, batch: int, logs: Mapping[str, float] | None = None) -> None:
        """Report the batch."""
        loss = float((logs or {}).get("loss", float("nan")))
        self.progress(self.batches.epoch + 1, self.epochs, batch + 1, len(self.batches), loss)


def train(
    network_name: str,
    preset: TrainingPreset,
    scans: Sequence[LabelledScan],
    out: Path,
    *,
    validation: Sequence[LabelledScan] = (),
    seed: int = 0,
    start_from: Weights | None = None,
    template: Sequence[LabelledScan] = (),
    shapes: Sequence[PastableLesion] = (),
    pool: PatchPool | None = None,
    teachers: Sequence[Weights] = (),
    workers: int = 0,
    progress: Progress | None = None,
) -> keras.Model:
    """Train one network and write weights, configuration and history.

    A second call with the same ``out`` goes on where the first was killed, and returns at once if that one finished.

    Parameters
    ----------
    network_name : a preset of ``pipeline.networks.registry``
    preset : TrainingPreset
    scans : patients to learn from
    validation : patients that steer "plateau" and early stopping; never the test patients
    out : Path, folder for ``weights.weights.h5``, ``config.json``, ``history.jsonl`` and the resumption state
    seed : int, decides initial weights and every batch
    start_from : a finished training, or a shipped model, of the same network to start from; the patients it saw
        count as seen by this one
    template, shapes : scans of nobody and lesions to paint, as the preset asks for; see ``pipeline.patches``
    pool : patches drawn already, to learn from those of ``scans``; the preset says how they were drawn
    teachers : finished trainings whose answers are learned, too; whom they saw counts as seen by this one
    workers : processes that draw batches ahead; their number does not change what is learned
    progress : called after each batch

    Returns
    -------
    keras.Model with the trained (averaged) weights

    Raises
    ------
    TrainingError : ``out`` holds a training with other patients or settings; going on would mix the two.
    """
    out.mkdir(parents=True, exist_ok=True)
    keras.utils.set_random_seed(seed)
    keras.config.set_dtype_policy(preset.precision)
    network = find_preset(network_name)
    model = build_network(network, None if network.any_size else preset.size)
    config = {"network": asdict(network), "preset": asdict(preset), "seed": seed, "parameters": model.count_params()}
    config |= {"patients": [scan.patient for scan in scans], "validation": [scan.patient for scan in validation]}
    before = [{"sha256": one.sha256, "patients": sorted(one.seen)} for one in (start_from, *teachers) if one]
    config |= {"start": before[0]} if start_from else {}
    config |= {"teachers": before[-len(teachers) :]} if teachers else {}
    _check_same(out, config)
    if (out / WEIGHTS_FILE).exists():
        model.load_weights(out / WEIGHTS_FILE)
        return model
    if start_from is not None:
        start_from.copy_into(model)
    sweep(out)
    write_json(config, out / CONFIG_FILE, indent=2)

    if pool is None:
        batches: Batches = _batches(preset, scans, network, seed, template=template, shapes=shapes, workers=workers)
    else:
        batches = _pooled(preset, scans, network, seed, pool, workers)
    pupil, model = model, _with_teachers(model, teachers, preset.precision)
    held_out = _batches(preset, validation, network, seed + 1, plain=True) if validation else None
    halves = [(preset.loss, preset.loss_settings, preset.epochs)]
    if preset.second_loss:
        halves = [(preset.loss, preset.loss_settings, preset.epochs // 2), (preset.second_loss, {}, preset.epochs)]
    optimizer = _optimizer(preset)
    done, state = last_epoch(out / "state")
    callbacks = [_Turn(batches), _Log(out / HISTORY_FILE), Checkpoint(out / "state"), *_steering(preset, held_out)]
    callbacks += [_Report(batches, preset.epochs, progress)] if progress else []
    for number, (loss, settings, end) in enumerate(halves):
        if done >= end and number + 1 < len(halves):
            continue
        judged = build_loss(loss, **settings)
        model.compile(optimizer, distillation(judged, preset.teacher_share) if teachers else judged)
        if state is not None:
            optimizer.build(model.trainable_variables)  # its state is loaded with the weights
            model.load_weights(state)
            state = None
        try:
            model.fit(
                batches,
                initial_epoch=max(done, halves[number - 1][2] if number else 0),
                epochs=end,
                validation_data=held_out,
                callbacks=callbacks,
                shuffle=False,
                verbose=0,
            )
        finally:
            batches.close()
    save_whole(pupil, out / WEIGHTS_FILE)
    shutil.rmtree(out / "state", ignore_errors=True)
    return pupil


def _with_teachers(pupil: keras.Model, teachers: Sequence[Weights], precision: str) -> keras.Model:
    """Return the network that is trained: the pupil alone, or beside its teachers."""
    if not teachers:
        return pupil
    return taught(pupil, [network for one in teachers for network in one.load(ready=False, precision=precision)])


def _check_same(out: Path, config: dict[str, Any]) -> None:
    """Refuse to go on with, or to return, a training of other patients or settings."""
    path = out / CONFIG_FILE
    if not path.is_file():
        return
    before, now = json.loads(path.read_text()), json.loads(json.dumps(config))
    changed = sorted(
        name
        for part in ("preset", "network")
        for name in before.get(part, {}).keys() | now[part].keys()
        if before.get(part, {}).get(name) != now[part].get(name)
    ) + sorted(name for name in now.keys() - {"preset", "network"} if before.get(name) != now[name])
    if changed:
        raise TrainingError(
            f"{out} holds a training with another {', '.join(changed)}; repeat the command that began it, or choose "
            "another folder"
        )


def _batches(
    preset: TrainingPreset,
    scans: Sequence[LabelledScan],
    network: NetworkPreset,
    seed: int,
    plain: bool = False,
    template: Sequence[LabelledScan] = (),
    shapes: Sequence[PastableLesion] = (),
    workers: int = 0,
) -> PatchBatches:
    variation, paste, strip = (
        (NONE, 0.0, 0.0) if plain else (preset.variation, preset.paste_chance, preset.strip_chance)
    )
    return PatchBatches(
        scans,
        network.channels,
        network.classes,
        size=preset.size,
        batch=preset.batch,
        steps=preset.steps,
        workers=workers,
        variation=variation,
        paste_chance=paste,
        strip_chance=strip,
        lesion_share=preset.lesion_share,
        ventricle_share=preset.ventricle_share,
        template=template,
        template_share=preset.template_share,
        shapes=shapes,
        shape_chance=preset.shape_chance,
        quiet_chance=0.0 if plain else preset.quiet_chance,
        seed=seed,
    )


def _pooled(
    preset: TrainingPreset,
    scans: Sequence[LabelledScan],
    network: NetworkPreset,
    seed: int,
    pool: PatchPool,
    workers: int,
) -> PoolBatches:
    names = [scan.patient for scan in scans]
    return PoolBatches(pool, names, network.classes, batch=preset.batch, steps=preset.steps, seed=seed, workers=workers)


def _steering(preset: TrainingPreset, held_out: PatchBatches | None) -> list[keras.callbacks.Callback]:
    """Callbacks that act on the validation loss, where there is one."""
    if held_out is None:
        return []
    steering: list[keras.callbacks.Callback] = []
    if preset.schedule == "plateau":
        steering.append(keras.callbacks.ReduceLROnPlateau(factor=0.5, patience=max(preset.patience // 2, 1)))
    if preset.patience:
        steering.append(keras.callbacks.EarlyStopping(patience=preset.patience, restore_best_weights=True))
    return steering
