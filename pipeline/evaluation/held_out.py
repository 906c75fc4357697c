"""Which weights may be judged on which patient: no model is tested on a patient it learned from.

A training folder may hold several trainings. Those that together leave out each patient once are a cross-validation,
and each patient is given to the one that did not see it; one that leaves out the study's test patients is the study's
split; one that leaves out nobody is tested on nobody.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.errors import ModelError
from pipeline.segmentation.bundled_models import ModelCard, list_models
from pipeline.segmentation.inference import BRAIN, Decision
from pipeline.training.labelled_scans import STUDY_TEST
from pipeline.training.weights import Weights, read_trainings, shipped_weights
from vocabulary.files import joint_sha256
from vocabulary.identifiers import MODEL_ID
from vocabulary.splits import OTHER_SPLIT, RAW, STUDY_SPLIT

Assignment = dict[str, Weights]
"""Patient -> the weights that never saw the patient."""


@dataclass(frozen=True)
class LeftOut:
    """A patient that is not evaluated, and why."""

    model_id: str
    patient: str
    reason: str


@dataclass(frozen=True)
class Trial:
    """One model on one split.

    Attributes
    ----------
    model_id : str
    split : "cv5" for five folds (likewise other numbers), "study", or "held-out"; on raw scans with ``RAW`` behind it
    patients : patient -> weights that never saw the patient, one per member; their probabilities are averaged
    """

    model_id: str
    split: str
    patients: dict[str, tuple[Weights, ...]]

    @property
    def trainings(self) -> tuple[Weights, ...]:
        """All weights that take part, member by member, each once."""
        columns = zip(*self.patients.values(), strict=True)
        return tuple({(w.name, w.folder): w for column in columns for w in column}.values())


@dataclass(frozen=True)
class Candidate:
    """A model to evaluate, and how its probabilities become labels.

    Attributes
    ----------
    model_id : what the store calls it
    decision, flips : of the shipped model of that name; else no smallest lesion, thresholds of 0.5, flips averaged
    trials : one per split
    left_out : patients it cannot be tested on
    card : the shipped model of that name, or None
    """

    model_id: str
    decision: Decision
    flips: bool
    trials: tuple[Trial, ...]
    left_out: tuple[LeftOut, ...]
    card: ModelCard | None = None

    @property
    def window(self) -> str:
        """What the networks are shown: as the shipped model's, else as a new model's."""
        return self.card.window if self.card else BRAIN

    def describe(self) -> dict[str, str | int | None]:
        """Return its row of the store's table of models."""
        if self.card:
            card = self.card
            return {
                "model_id": card.model_id,
                "title": card.title,
                "architecture": card.architecture,
                "weights_sha256": card.weights_sha256,
                "n_parameters": card.n_parameters,
                "description": card.description,
                "licence": card.licence,
            }
        members = next(iter(self.trials[0].patients.values()))
        digests = [weights.sha256 for trial in self.trials for weights in trial.trainings]
        return {
            "model_id": self.model_id,
            "title": self.model_id,
            "architecture": "+".join(dict.fromkeys(weights.network.architecture for weights in members)),
            "weights_sha256": joint_sha256(digests),
            "n_parameters": sum(weights.n_parameters for weights in members),
            "description": f"Networks: {', '.join(weights.network.name for weights in members)}.",
            "licence": None,
        }


def find_candidate(asked: str, patients: Sequence[str]) -> Candidate:
    """Understand what the command line names as a model.

    Parameters
    ----------
    asked : a shipped model, a training folder, or several joined by ``+``; ``ID=`` before it names it in the store, and
        where ID is a shipped model, takes over its decision: so the weights of a cross-validation speak for the model
        that was trained like them on everybody
    patients : labelled patients

    Raises
    ------
    ModelError : no such model, an unfinished cross-validation, or members that share no split.
    """
    given, equals, rest = asked.partition("=")
    parts = (rest if equals else asked).split("+")
    cards = {card.model_id: card for card in list_models()}
    model_id = given if equals else "+".join(part if part in cards else Path(part).name for part in parts)
    if not MODEL_ID.fullmatch(model_id):
        raise ModelError(f"model name {model_id!r}: expected letters, digits, '.', '_', '+' and '-'; name it with ID=")
    members = [_assign(cards[part], Path(), patients) if part in cards else _assign(None, Path(part), patients)
               for part in parts]  # fmt: skip
    shared = [split for split in members[0] if all(split in member for member in members)]
    if any(members) and not shared:
        found = "; ".join(f"{part}: {', '.join(member) or 'none'}" for part, member in zip(parts, members, strict=True))
        raise ModelError(f"{model_id}: its members share no split ({found}); train them on the same patients")
    trials = []
    for split in shared:
        both = [p for p in patients if all(p in member[split] for member in members)]
        ready = {p: tuple(member[split][p] for member in members) for p in both}
        ready = {p: weights for p, weights in ready.items() if all(one.finished for one in weights)}
        trials += [Trial(model_id, split, ready)] if ready else []
    left_out = tuple(
        LeftOut(model_id, patient, _why(patient, members))
        for patient in patients
        if not any(patient in trial.patients for trial in trials)
    )
    card = cards.get(model_id)
    return Candidate(
        model_id,
        card.decision if card else Decision(),
        card.flips if card else True,
        tuple(trials),
        left_out,
        card,
    )


def on_raw_scans(candidate: Candidate, known: Container[str]) -> Candidate:
    """Return the candidate to be judged on raw scans, without the patients that have none.

    Parameters
    ----------
    known : patients whose raw scan lies on the grid of their labels
    """
    trials, gone = [], []
    for trial in candidate.trials:
        there = {patient: weights for patient, weights in trial.patients.items() if patient in known}
        gone += [LeftOut(candidate.model_id, p, "has no raw scan") for p in trial.patients if p not in there]
        trials += [replace(trial, split=trial.split + RAW, patients=there)] if there else []
    return replace(candidate, trials=tuple(trials), left_out=(*candidate.left_out, *dict.fromkeys(gone)))


def _why(patient: str, members: Sequence[dict[str, Assignment]]) -> str:
    mine = [assignment[patient] for member in members for assignment in member.values() if patient in assignment]
    unfinished = [weights.name for weights in mine if not weights.finished]
    return f"{unfinished[0]} is not trained to its end" if unfinished else "learned from this patient"


def _assign(card: ModelCard | None, folder: Path, patients: Sequence[str]) -> dict[str, Assignment]:
    """Return, per split, the weights each patient may be tested with."""
    found = [shipped_weights(card)] if card else read_trainings(folder)
    tests = [(weights, [p for p in patients if p not in weights.seen]) for weights in found]
    tests = [(weights, unseen) for weights, unseen in tests if unseen]
    studys = [p for p in patients if p in STUDY_TEST]
    splits: dict[str, Assignment] = {}
    study = [weights for weights, unseen in tests if unseen == studys]
    if study:
        splits[STUDY_SPLIT] = dict.fromkeys(studys, study[-1])
    rest = [(weights, unseen) for weights, unseen in tests if weights not in study]
    if len(rest) == 1:
        splits[OTHER_SPLIT] = dict.fromkeys(rest[0][1], rest[0][0])
    elif rest:
        splits = {f"cv{len(rest)}": _cross_validation(folder, rest, patients), **splits}
    return splits


def _cross_validation(folder: Path, tests: Sequence[tuple[Weights, list[str]]], patients: Sequence[str]) -> Assignment:
    assignment: Assignment = {}
    for weights, unseen in tests:
        for patient in unseen:
            if patient in assignment:
                twice = f"{assignment[patient].name} and {weights.name}"
                raise ModelError(f"{folder}: both {twice} left out {patient}; expected folds that leave out each once")
            assignment[patient] = weights
    missing = [p for p in patients if p not in assignment]
    if missing:
        raise ModelError(
            f"{folder}: {len(tests)} folds leave out {len(assignment)} of {len(patients)} patients, none of them "
            f"{', '.join(missing)}; train the folds that are missing"
        )
    return assignment
