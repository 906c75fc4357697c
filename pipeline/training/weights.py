"""Weights that exist, and the patients they must not be judged by: shipped models, and folders a training wrote."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.errors import ModelError, OutputError
from pipeline.segmentation.bundled_models import LoadedModel, ModelCard, check_weights, load_model
from pipeline.segmentation.half_weights import export_half, import_half
from pipeline.segmentation.inference import predict_slices
from pipeline.segmentation.networks.registry import NetworkPreset, build_network, find_preset
from pipeline.segmentation.preprocessing import CANVAS
from vocabulary.files import file_sha256, whole_folder, write_json

if TYPE_CHECKING:
    import keras

CONFIG_FILE = "config.json"
WEIGHTS_FILE = "weights.weights.h5"
SMALL_FILE = "weights.npz"
"""In its place: the weights as float16, as models ship, of a training that is kept (``keep_small``)."""
HISTORY_FILE = "history.jsonl"
_RASTER = 16


@dataclass(frozen=True)
class Weights:
    """What one training left behind, or one shipped model.

    Attributes
    ----------
    name : folder and training, such as "attention/fold0", or the shipped model's id
    network : architecture and size
    recipe : preprocessing recipe it was trained with
    seen : patients it learned from or was steered by, in the training it started from and by its teachers, too
    folder : where its files lie
    settings : the training's configuration; empty for a shipped model
    card : the shipped model's card, else None
    """

    name: str
    network: NetworkPreset
    recipe: str
    seen: frozenset[str]
    folder: Path
    settings: dict[str, Any] = field(default_factory=dict)
    card: ModelCard | None = None

    @property
    def finished(self) -> bool:
        """Whether the training ended and left its weights."""
        return self.card is not None or self.file.is_file()

    @property
    def file(self) -> Path:
        """Where a training's weights lie, or will lie."""
        small = self.folder / SMALL_FILE
        return small if small.is_file() else self.folder / WEIGHTS_FILE

    @property
    def n_parameters(self) -> int:
        """Number of parameters of the network, or of all members of a shipped model."""
        return self.card.n_parameters if self.card else int(self.settings["parameters"])

    @property
    def sha256(self) -> str:
        """Digest of the weights."""
        if self.card:
            return self.card.weights_sha256
        return file_sha256(self.file)

    def copy_into(self, network: "keras.Model") -> None:
        """Give a network of the same kind these weights, to go on from.

        Raises
        ------
        ModelError : a shipped model of several members, of which none is the one to go on from; or damaged weights.
        """
        if self.card is None:
            _read_into(network, self.file)
            return
        paths = check_weights(self.card)
        if len(paths) != 1:
            raise ModelError(f"{self.name} has {len(paths)} members; go on from a model of one, or from a training")
        import_half(network, paths[0])

    def load(self, ready: bool = True, precision: str = "float32") -> tuple["keras.Model", ...]:
        """Build the network and load its weights; imports Keras.

        Parameters
        ----------
        ready : bool, also compile it by a first run on nothing
        precision : Keras precision policy of a training's network; a shipped model has float32

        Raises
        ------
        ModelError : the weights are absent, damaged or of another network.
        """
        if self.card is not None:
            loaded: LoadedModel = load_model(self.card, runtime="keras")
            networks = loaded.networks
        else:
            networks = (self._load_trained(precision),)
        # A second size makes a network that takes any ready for all of them, as heads differ.
        sides = (CANVAS, CANVAS - _RASTER) if self.network.any_size else (CANVAS,)
        for side in sides if ready else ():
            predict_slices(networks, np.zeros((side, side, 1), np.float32), self.network.channels)
        return networks

    def _load_trained(self, precision: str) -> "keras.Model":
        import keras

        if not self.finished:
            raise ModelError(f"{self.file}: no weights; finish the training by running the same command again")
        keras.config.set_dtype_policy(precision)
        size = int(self.settings["preset"]["size"])
        model = build_network(self.network, None if self.network.any_size else size)
        try:
            _read_into(model, self.file)
        except (OSError, ValueError, KeyError) as error:
            raise ModelError(f"{self.file}: not weights of the network {CONFIG_FILE} names ({error})") from error
        return model

    def history(self) -> list[dict[str, float]]:
        """Return the training's epochs, oldest first; an epoch repeated after a kill counts once, as done last."""
        path = self.folder / HISTORY_FILE
        if self.card is not None or not path.is_file():
            return []
        lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        return [line for _, line in sorted({int(line["epoch"]): line for line in lines}.items())]


def _read_into(network: "keras.Model", path: Path) -> None:
    if path.name == SMALL_FILE:
        import_half(network, path)
    else:
        network.load_weights(path)


def keep_small(weights: Weights, out: Path) -> None:
    """Write a finished training anew in a ninth of its room: to be judged again by anybody, not to be gone on with.

    Parameters
    ----------
    out : folder of the training; it must not exist

    Raises
    ------
    ModelError : the weights are absent or damaged.
    OutputError : the folder exists.
    """
    if out.exists():
        raise OutputError(f"{out}: exists already; choose another folder")
    [network] = weights.load(ready=False)
    with whole_folder(out) as unfinished:
        export_half(network, unfinished / SMALL_FILE)
        digest = file_sha256(unfinished / SMALL_FILE)
        write_json({**weights.settings, "weights_sha256": digest}, unfinished / CONFIG_FILE, indent=2)
        (unfinished / HISTORY_FILE).write_bytes((weights.folder / HISTORY_FILE).read_bytes())


def shipped_weights(card: ModelCard) -> Weights:
    """Return a shipped model's weights after checking their digests; none are loaded."""
    check_weights(card)
    return Weights(
        card.model_id,
        find_preset(card.network),
        card.recipe,
        frozenset(card.trained_on),
        Path(),
        card=card,
    )


def read_trainings(folder: Path) -> list[Weights]:
    """Return the trainings of a folder: itself, or its subfolders such as fold0 to fold4, in order of name.

    Raises
    ------
    ModelError : there is none, or its configuration cannot be read.
    """
    if not folder.is_dir():
        raise ModelError(f"{folder}: neither a shipped model nor a folder that a training wrote")
    here = [folder] if (folder / CONFIG_FILE).is_file() else []
    folders = here or sorted(path.parent for path in folder.glob(f"*/{CONFIG_FILE}"))
    if not folders:
        raise ModelError(f"{folder}: no training; expected {CONFIG_FILE} in it or in its subfolders")
    return [_read(path, folder.name if here else f"{folder.name}/{path.name}") for path in folders]


def _read(folder: Path, name: str) -> Weights:
    path = folder / CONFIG_FILE
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
        said = dict(settings["network"])
        said["settings"] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in said["settings"].items()
        }
        network, recipe = NetworkPreset(**said), settings["preset"]["recipe"]
        before = [settings["start"]] if "start" in settings else []
        learned = [who for one in (*before, *settings.get("teachers", ())) for who in one["patients"]]
        seen = frozenset(map(str, (*settings["patients"], *settings["validation"], *learned)))
    except (json.JSONDecodeError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise ModelError(f"{path}: not a training's configuration ({error})") from error
    return Weights(name, network, recipe, seen, folder, settings)
