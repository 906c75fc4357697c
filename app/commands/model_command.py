"""`mscohort model list|bundle`: the models that can be used, and making one of trainings."""

import argparse
import math
import os
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from pipeline.segmentation.bundled_models import ModelCard, find_model, list_models
from pipeline.segmentation.inference import Decision
from vocabulary.measures import RESEARCH_ONLY
from vocabulary.messages import counted


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the actions of `model`."""
    parser.add_argument(
        "action", choices=("list", "bundle"), help="list the models that come with the software; make one of trainings"
    )
    parser.add_argument("runs", type=Path, nargs="*", metavar="RUN", help="folders of finished trainings, one a member")
    parser.add_argument("--out", type=Path, metavar="DIR", help="folder of the new model, named as the model")
    parser.add_argument(
        "--like", metavar="NAME", help="take title, words, licence and decision of this model where none are given"
    )
    parser.add_argument("--title", metavar="TEXT", help="what people call it (default: its name)")
    parser.add_argument("--description", metavar="TEXT", help="what it is and whom it learned from")
    parser.add_argument("--licence", metavar="TEXT", help="of the weights")
    parser.add_argument(
        "--mirror",
        choices=("yes", "no"),
        help="average with the mirrored slices, in twice the time (default: as the model of --like, else yes)",
    )
    parser.add_argument(
        "--decide",
        action="append",
        default=[],
        metavar="NAME=X",
        help=f"one number of the decision, repeatable: {', '.join(field.name for field in fields(Decision))}",
    )


def run(args: argparse.Namespace) -> dict[str, Any]:
    """List the models, or write a new one.

    Returns
    -------
    dict : action, and models (their cards) or model (the new card) with out, its folder
    """
    from app.cli import UsageError

    if args.action == "list":
        if args.runs or args.out:
            raise UsageError("RUN and --out belong to 'bundle'")
        return {"action": "list", "models": [asdict(card) for card in list_models()]}
    if not args.runs or args.out is None:
        raise UsageError("bundle needs the folder of at least one training, and --out")
    return {"action": "bundle", "model": asdict(_bundle(args)), "out": os.fspath(args.out)}


def _bundle(args: argparse.Namespace) -> ModelCard:
    from pipeline.segmentation.keras_start import start_keras
    from pipeline.training.bundle import Description, write_bundle
    from pipeline.training.weights import read_trainings

    like = find_model(args.like) if args.like else None
    about = (
        Description(like.title, like.description, like.licence, like.decision, like.flips, like.window)
        if like
        else Description(args.out.name, "", "not stated", Decision(), True)
    )
    decision = replace(about.decision, **_numbers(args.decide))
    words = {name: value for name in ("title", "description", "licence") if (value := getattr(args, name)) is not None}
    flips = about.flips if args.mirror is None else args.mirror == "yes"
    trainings = [training for folder in args.runs for training in read_trainings(folder)]
    start_keras("cpu")
    return write_bundle(trainings, args.out, replace(about, decision=decision, flips=flips, **words))


def _numbers(given: list[str]) -> dict[str, float]:
    """Read numbers of a decision.

    Examples
    --------
    >>> _numbers(["wmh_threshold=0.6", "smallest_lesion_mm2=5"])
    {'wmh_threshold': 0.6, 'smallest_lesion_mm2': 5.0}
    """
    from app.cli import UsageError

    names = [field.name for field in fields(Decision)]
    numbers = {}
    for text in given:
        name, _, value = text.partition("=")
        try:
            numbers[name] = float(value)
        except ValueError:
            numbers[name] = math.nan
        if name not in names or not math.isfinite(numbers[name]):
            raise UsageError(f"--decide {text}: expected NAME=X, a number for one of {', '.join(names)}")
    return numbers


def show(result: dict[str, Any]) -> str:
    """Say what models there are, or what was made."""
    if result["action"] == "list":
        return "\n".join(_line(card) for card in result["models"])
    card = result["model"]
    lines = [
        f"{_line(card)}",
        f"  in {result['out']}; to ship it, put that folder into pipeline/models",
        f"  it has seen {counted(len(card['trained_on']), 'patient')}; no score on them is honest",
        f"  {RESEARCH_ONLY}",
    ]
    return "\n".join(lines)


def _line(card: dict[str, Any]) -> str:
    members = counted(len(card["members"]), "member")
    return (
        f"{card['model_id']}: {card['title']}, {card['network']}, {members}, {card['n_parameters']:,} parameters, "
        f"licence {card['licence']}"
    )
