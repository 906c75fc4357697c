"""`mscohort model`: the models there are, and one clear line for what cannot be made."""

import json
from pathlib import Path

import pytest

from app.cli import main
from pipeline.segmentation.bundled_models import list_models


def test_the_shipped_models_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["model", "list", "--json"]) == 0
    models = json.loads(capsys.readouterr().out)["models"]
    assert [model["model_id"] for model in models] == [card.model_id for card in list_models()]
    assert main(["model", "list"]) == 0
    assert "mscohort-2: MS Cohort Explorer 2, compact_attention_unet, 1 member" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["bundle"], 2, "needs the folder of at least one training"),
        (["bundle", "nowhere", "--out", "m", "--decide", "threshold=1"], 2, "--decide threshold=1: expected NAME=X"),
        (["bundle", "nowhere", "--out", "m", "--decide", "core=nan"], 2, "--decide core=nan: expected NAME=X"),
        (["list", "--out", "x"], 2, "belong to 'bundle'"),
        (["bundle", "nowhere", "--out", "m"], 1, "neither a shipped model nor a folder that a training wrote"),
        (["bundle", "nowhere", "--out", "m", "--like", "none-such"], 1, "'none-such' is unknown"),
    ],
)
def test_what_cannot_be_made_is_said(
    words: list[str],
    code: int,
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["model", *words]) == code
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
@pytest.mark.parametrize("mirror", ["yes", "no", None])
def test_a_training_becomes_a_model_that_looks_as_often_as_was_asked(tmp_path: Path, mirror: str | None) -> None:
    pytest.importorskip("tensorflow")
    words = ["model", "bundle", "benchmarks/folds/quick/all", "--like", "mscohort-quick", "--out", str(tmp_path / "m")]
    assert main([*words, *(["--mirror", mirror] if mirror else [])]) == 0
    card = json.loads((tmp_path / "m" / "card.json").read_text())
    assert card["flips"] is (mirror == "yes")  # the shipped one does not, which --like takes over
    shipped = json.loads(Path("pipeline/models/mscohort-quick/card.json").read_text())
    assert card["members"] == shipped["members"]  # files and their SHA-256
