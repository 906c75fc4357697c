"""What the store says about models is replaced model by model, and only when it changed."""

from pathlib import Path

import polars as pl
import pytest

from db.errors import RunFolderError, StoreError
from db.publish_evaluations import publish_models
from db.publish_scans import publish_scans
from db.publish_table import DatasetCard
from db.store import Store
from tests.app.fake_evaluation import write_fake_evaluation
from tests.db.fake_run import patients, write_run
from vocabulary.evaluation_contract import SCHEMAS


@pytest.fixture
def frames(tmp_path: Path) -> dict[str, pl.DataFrame]:
    folder = write_fake_evaluation(tmp_path / "models")
    return {name: pl.read_csv(folder / f"{name}.csv", schema_overrides=schema) for name, schema in SCHEMAS.items()}


def test_everything_is_read_back(store: Store, frames: dict[str, pl.DataFrame]) -> None:
    assert publish_models(store, frames)
    with store.read() as snapshot:
        held = {
            "models": snapshot.models(),
            "scores": snapshot.model_scores(),
            "measures": snapshot.model_measures(),
            "curves": snapshot.model_curves(),
            "calibration": snapshot.model_calibration(),
            "confusion": snapshot.model_confusion(),
            "speed": snapshot.model_speed(),
        }
    for name, frame in held.items():
        assert frame.columns == list(SCHEMAS[name])
        key = [column for column in frame.columns if column != "value"]
        expected = frames[name].select(frame.columns).sort(key)
        for column in frame.columns:
            assert frame.sort(key)[column].to_list() == expected[column].to_list(), (name, column)


def test_the_same_twice_makes_no_version(store: Store, frames: dict[str, pl.DataFrame]) -> None:
    assert publish_models(store, frames)
    assert not publish_models(store, {name: frame.reverse() for name, frame in frames.items()})
    assert len(store.versions()) == 1


def test_one_model_is_replaced_and_others_stay(store: Store, frames: dict[str, pl.DataFrame]) -> None:
    publish_models(store, frames)
    mine = {name: frame.filter(pl.col("model_id") == "fake_unet") for name, frame in frames.items()}
    assert publish_models(store, mine | {"scores": mine["scores"].head(2), "speed": mine["speed"].clear()})
    with store.read() as snapshot:
        counts = dict(snapshot.model_scores().group_by("model_id").len().iter_rows())
        assert counts["fake_unet"] == 2
        assert counts["fake_trans_unet"] == frames["scores"].filter(pl.col("model_id") == "fake_trans_unet").height
        assert "fake_unet" not in snapshot.model_speed()["model_id"]


def test_other_splits_of_the_same_weights_stay(store: Store, frames: dict[str, pl.DataFrame]) -> None:
    card = frames["models"].filter(pl.col("model_id") == "fake_unet").with_columns(weights_sha256=pl.lit("a" * 64))
    mine = {
        name: frame.join(card, on="model_id", how="semi") for name, frame in frames.items() if name != "models"
    } | {"models": card}  # fmt: skip
    raw = {
        name: mine[name].filter(pl.col("split") == "cv5").with_columns(split=pl.lit("cv5-raw"))
        for name in ("scores", "measures", "curves", "calibration", "confusion")
    } | {"models": card}  # fmt: skip
    publish_models(store, mine)
    assert publish_models(store, raw)
    assert not publish_models(store, raw)
    with store.read() as snapshot:
        assert set(snapshot.model_scores()["split"]) == {"cv5", "study", "cv5-raw"}
        assert set(snapshot.model_measures()["split"]) == {"cv5", "study", "cv5-raw"}
        assert snapshot.model_speed().height == 1
    others = card.with_columns(weights_sha256=pl.lit("b" * 64))
    assert publish_models(store, raw | {"models": others})
    with store.read() as snapshot:
        assert set(snapshot.model_scores()["split"]) == {"cv5-raw"}
        assert snapshot.model_speed().is_empty()


def test_a_model_that_measured_scans_may_be_described_anew(
    store: Store, frames: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    publish_scans(
        store, write_run(tmp_path / "run", patients(2), derivatives=tmp_path), DatasetCard("scans", "Scans")
    )  # fmt: skip
    card = frames["models"].head(1).with_columns(model_id=pl.lit("fake-1"), title=pl.lit("A better name"))
    assert publish_models(store, {"models": card})
    with store.read() as snapshot:
        assert snapshot.models()["title"].to_list() == ["A better name"]
        assert snapshot.scans()["model_id"].to_list() == ["fake-1", "fake-1"]


def test_nan_and_empty_reasons_count_as_none(store: Store, frames: dict[str, pl.DataFrame]) -> None:
    scores = frames["scores"].with_columns(
        value=pl.col("value").fill_null(float("nan")), missing_reason=pl.col("missing_reason").fill_null("")
    )
    publish_models(store, frames)
    assert not publish_models(store, frames | {"scores": scores})


def test_wrong_frames_are_refused(store: Store, frames: dict[str, pl.DataFrame]) -> None:
    first = frames["models"]["model_id"][0]
    with pytest.raises(RunFolderError, match=f"tells of the model '{first}'"):
        publish_models(store, frames | {"models": frames["models"].slice(1)})
    with pytest.raises(RunFolderError, match="'speed' about models lacks the columns device"):
        publish_models(store, frames | {"speed": frames["speed"].drop("device")})
    with pytest.raises(RunFolderError, match="unknown tables about models: score;"):
        publish_models(store, {"score": frames["scores"]})
    with pytest.raises(RunFolderError, match="has no title"):
        publish_models(store, {"models": frames["models"].with_columns(title=pl.lit(None, pl.String))})
    with pytest.raises(StoreError, match="refused the data"):
        publish_models(store, frames | {"scores": frames["scores"].with_columns(missing_reason=pl.lit("why"))})
    assert store.current() is None
