"""The models that come with the software: their cards, and loading their weights after checking them.

Each model is a folder of ``pipeline/models``: ``card.json`` says what it is, one ``.npz`` per member holds float16
weights in the order of the network's own list, and beside it lies the same member as ``.onnx``, for processors. A model
may have several members; their probabilities are averaged.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pipeline.errors import ModelError
from pipeline.segmentation.expected_load import LoadError
from pipeline.segmentation.familiarity import Familiarity
from pipeline.segmentation.half_weights import import_half
from pipeline.segmentation.inference import HEAD, Decision
from pipeline.segmentation.lesion_chance import LesionChance
from pipeline.segmentation.networks.registry import build_network, find_preset
from pipeline.segmentation.onnx_network import OnnxNetwork
from pipeline.segmentation.runtime import ONNX, choose_runtime
from vocabulary.files import file_sha256, joint_sha256, read_json

if TYPE_CHECKING:
    import keras

MODELS_FOLDER = Path(__file__).parents[1] / "models"
CARD_FILE = "card.json"
DEFAULT_MODEL = "mscohort-2"


@dataclass(frozen=True)
class Member:
    """One set of weights.

    Attributes
    ----------
    file : name beside the card
    sha256 : of the file's bytes
    onnx : the same weights for ONNX Runtime, a name beside the card; "" where there are none
    onnx_sha256 : of that file's bytes
    """

    file: str
    sha256: str
    onnx: str = ""
    onnx_sha256: str = ""


@dataclass(frozen=True)
class ModelCard:
    """What is known about a model without loading it.

    Attributes
    ----------
    model_id : str, what the command line and the store call it
    title : str
    network : preset of ``pipeline.networks.registry`` that all members share
    members : one or more sets of weights
    recipe : preprocessing recipe the members were trained with
    decision : thresholds that make labels of probabilities
    flips : bool, average over left-right mirrored slices
    n_parameters : int, of all members together
    licence : str, of the weights
    description : str
    trained_on : patients whose manual masks the members learned from; no score on them is honest
    load_error : how far the load by hand may be from that found, where it was measured
    familiarity : what scans like those of the training are like, where it was measured
    lesion_chance : how sure a found lesion is, where it was measured
    window : of ``pipeline.segmentation.inference``, what the networks are shown of an image
    """

    model_id: str
    title: str
    network: str
    members: tuple[Member, ...]
    recipe: str
    decision: Decision
    flips: bool
    n_parameters: int
    licence: str
    description: str
    trained_on: tuple[str, ...]
    load_error: LoadError | None = None
    familiarity: Familiarity | None = None
    lesion_chance: LesionChance | None = None
    window: str = HEAD

    @property
    def architecture(self) -> str:
        """Builder of ``pipeline.networks.registry``."""
        return find_preset(self.network).architecture

    @property
    def weights_sha256(self) -> str:
        """One digest for all members: of the members' digests in order."""
        return joint_sha256(member.sha256 for member in self.members)


@dataclass(frozen=True)
class LoadedModel:
    """A card and its networks, ready to run."""

    card: ModelCard
    networks: "tuple[keras.Model | OnnxNetwork, ...]"


def read_card(folder: Path) -> ModelCard:
    """Read ``card.json`` of one model folder.

    Raises
    ------
    ModelError : the card is absent, is no JSON, or lacks a field.
    """
    path = folder / CARD_FILE
    try:
        return read_json(path, ModelCard)
    except FileNotFoundError as error:
        raise ModelError(f"{path}: no such model card; expected a folder with {CARD_FILE} and its weights") from error
    except ValueError as error:
        raise ModelError(f"{path}: not a model card ({error}); install the software again") from error


def list_models() -> tuple[ModelCard, ...]:
    """Return the cards of all models that come with the software, the default one first."""
    cards = [read_card(path.parent) for path in MODELS_FOLDER.glob(f"*/{CARD_FILE}")]
    return tuple(sorted(cards, key=lambda card: (card.model_id != DEFAULT_MODEL, card.model_id)))


def find_model(name: str = DEFAULT_MODEL) -> ModelCard:
    """Return the card of that name.

    Raises
    ------
    ModelError : no such model; the message lists those there are.
    """
    cards = {card.model_id: card for card in list_models()}
    if name not in cards:
        raise ModelError(f"model {name!r} is unknown: choose one of {', '.join(cards) or '(none installed)'}")
    return cards[name]


def check_weights(card: ModelCard, folder: Path | None = None) -> list[Path]:
    """Return the paths of a model's weights (.npz) after comparing each file, and its .onnx, with the card's digests.

    Raises
    ------
    ModelError : a file is absent or was changed.
    """
    return _checked(card, folder, [(member.file, member.sha256) for member in card.members], onnx_too=True)


def _checked(
    card: ModelCard, folder: Path | None, files: Sequence[tuple[str, str]], *, onnx_too: bool = False
) -> list[Path]:
    if onnx_too:
        _checked(card, folder, [(member.onnx, member.onnx_sha256) for member in card.members if member.onnx])
    paths = []
    for name, digest in files:
        path = (folder or MODELS_FOLDER / card.model_id) / name
        if not path.is_file():
            raise ModelError(f"{path}: the weights of model {card.model_id!r} are missing; install the software again")
        found = file_sha256(path)
        if found != digest:
            raise ModelError(
                f"{path}: the weights are damaged (SHA-256 {found[:12]}..., the card says {digest[:12]}...); "
                "install the software again"
            )
        paths.append(path)
    return paths


def load_model(
    card: ModelCard, folder: Path | None = None, *, runtime: str | None = None, threads: int = 0
) -> LoadedModel:
    """Load a model's networks, for ONNX Runtime or, importing it, for Keras.

    Parameters
    ----------
    card : ModelCard
    folder : where the weights lie; the installed models by default
    runtime : of ``pipeline.segmentation.runtime``, chosen there by default; a model without .onnx files takes Keras
    threads : how many processor threads ONNX Runtime may use; 0 is all

    Raises
    ------
    ModelError : weights are absent or damaged, or what runs them is not installed.
    """
    if (runtime or choose_runtime()) == ONNX and all(member.onnx for member in card.members):
        files = _checked(card, folder, [(member.onnx, member.onnx_sha256) for member in card.members])
        return LoadedModel(card, tuple(OnnxNetwork(path, threads) for path in files))
    return LoadedModel(card, _keras_networks(card, folder))


def _keras_networks(card: ModelCard, folder: Path | None) -> "tuple[keras.Model, ...]":
    """Build a model's networks and load their weights; this imports Keras.

    Raises
    ------
    ModelError : weights are absent or damaged, or Keras or its backend is not installed.
    """
    paths = _checked(card, folder, [(member.file, member.sha256) for member in card.members])
    try:
        import keras
    except ImportError as error:
        raise ModelError(
            f"segmentation needs TensorFlow, which is not installed ({error}); install the extra 'cpu' or 'gpu'"
        ) from error
    keras.config.set_dtype_policy("float32")
    preset = find_preset(card.network)
    networks = []
    for path in paths:
        network = build_network(preset, None if preset.any_size else 256)
        import_half(network, path)
        networks.append(network)
    return tuple(networks)
