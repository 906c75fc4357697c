"""Trainings become a model that ships: its weights, for Keras and ONNX Runtime, and a card of whom they have seen."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from pipeline.errors import ModelError, OutputError, writing
from pipeline.segmentation.bundled_models import CARD_FILE, Member, ModelCard
from pipeline.segmentation.half_weights import export_half, import_half
from pipeline.segmentation.inference import BRAIN, Decision
from pipeline.segmentation.networks.registry import find_preset
from pipeline.training.export_onnx import export_onnx
from pipeline.training.weights import Weights
from vocabulary.files import file_sha256, whole_folder, write_json
from vocabulary.identifiers import MODEL_ID


@dataclass(frozen=True)
class Description:
    """What a training cannot say of itself.

    Attributes
    ----------
    title, description, licence : for people
    decision : thresholds that make labels of probabilities; to be chosen on patients the networks never saw
    flips : average over left-right mirrored slices
    window : of ``pipeline.segmentation.inference``, what the networks are shown
    """

    title: str
    description: str
    licence: str
    decision: Decision
    flips: bool
    window: str = BRAIN


def write_bundle(trainings: Sequence[Weights], out: Path, about: Description) -> ModelCard:
    """Write trainings as one model whose members' probabilities are averaged; this imports Keras.

    Parameters
    ----------
    trainings : finished, of one network and one preprocessing recipe
    out : folder of the new model, named as the model; it must not exist
    about : Description

    Returns
    -------
    The card as written. Whoever the trainings have seen, in any wave, is in ``trained_on``.

    Raises
    ------
    ModelError : a training is unfinished, they do not belong together, or the name is none.
    OutputError : ``out`` exists or cannot be written.
    """
    _check(trainings, out)
    first = trainings[0]
    with writing(out), whole_folder(out) as unfinished:
        members = []
        for number, training in enumerate(trainings, 1):
            [network] = training.load()
            path = unfinished / f"member-{number}.npz"
            export_half(network, path)
            import_half(network, path)  # rounded, as it ships
            onnx = path.with_suffix(".onnx")
            export_onnx(network, onnx)
            members.append(Member(path.name, file_sha256(path), onnx.name, file_sha256(onnx)))
        card = ModelCard(
            model_id=out.name,
            title=about.title,
            network=first.network.name,
            members=tuple(members),
            recipe=first.recipe,
            decision=about.decision,
            flips=about.flips,
            window=about.window,
            n_parameters=sum(training.n_parameters for training in trainings),
            licence=about.licence,
            description=about.description,
            trained_on=tuple(sorted(frozenset().union(*(training.seen for training in trainings)))),
        )
        write_json(asdict(card), unfinished / CARD_FILE, indent=2)
    return card


def _check(trainings: Sequence[Weights], out: Path) -> None:
    if not MODEL_ID.fullmatch(out.name):
        raise ModelError(f"model name {out.name!r}: expected letters, digits, '.', '_', '+' and '-'; rename --out")
    if out.exists():
        raise OutputError(f"{out}: exists already; a model is never replaced in place, choose another --out")
    if not trainings:
        raise ModelError("no training to make a model of")
    for training in trainings:
        if training.card is not None:
            raise ModelError(f"{training.name} is a model already; give the folder of a training")
        if not training.finished:
            raise ModelError(f"{training.folder}: not trained to its end; run the command that began it again")
    first = trainings[0]
    if find_preset(first.network.name) != first.network:
        raise ModelError(f"{first.folder}: its network is not the {first.network.name} of this version; train it again")
    for other in trainings[1:]:
        if (other.network, other.recipe) != (first.network, first.recipe):
            raise ModelError(
                f"{other.folder}: {other.network.name} with recipe {other.recipe!r}; "
                f"expected {first.network.name} with recipe {first.recipe!r}, as {first.folder}"
            )
