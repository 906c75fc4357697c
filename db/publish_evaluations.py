"""Publish how good the models are: who they are, their scores, how training went, calibration, confusion, speed."""

from collections.abc import Mapping

import duckdb
import polars as pl
from polars.exceptions import PolarsError

from db.errors import RunFolderError
from db.publish_table import read_or_migrate
from db.snapshot import Snapshot
from db.sql_files import statements
from db.store import Store
from vocabulary.evaluation_contract import SCHEMAS
from vocabulary.messages import first_line, printable

_REQUIRED = {"models": ("model_id", "title", "architecture", "description")}
"""The other frames must have whatever identifies a row, and the store's tables see to it."""


def publish_models(store: Store, frames: Mapping[str, pl.DataFrame]) -> bool:
    """Replace what the store says of these models, unless it already says exactly this; other models stay.

    Of a model whose weights are the same as before, splits that are not told of stay, too.

    Parameters
    ----------
    frames : some or all of ``SCHEMAS``. ``models`` says which models are replaced, in every table: a table that is not
        given is empty for them. Empty text in ``missing_reason`` counts as none.

    Returns
    -------
    bool : False when nothing changed, and there is no new version

    Raises
    ------
    RunFolderError : a frame is not known, lacks a column, or tells of a model that ``models`` does not describe.
    StoreError : the store refuses a row, such as a share above 1 or a score without value and reason.
    """
    told = {name: _conform(name, frames.get(name, pl.DataFrame(schema=schema))) for name, schema in SCHEMAS.items()}
    unknown = sorted(set(frames) - set(SCHEMAS))
    if unknown:
        raise RunFolderError(f"unknown tables about models: {', '.join(unknown)}; expected {', '.join(SCHEMAS)}")
    _check(told)
    with store.lock():
        snapshot = read_or_migrate(store)
        if snapshot is not None:
            with snapshot:
                held = {name: _conform(name, frame) for name, frame in _held(snapshot).items()}
                told = _with_other_splits(told, held)
                if _same(held, told):
                    return False
        with store.write("scores of models") as connection:
            _write(connection, told)
    return True


def _conform(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    schema = SCHEMAS[name]
    absent = [column for column in schema if column not in frame.columns]
    if absent:
        raise RunFolderError(f"the table '{name}' about models lacks the columns {', '.join(absent)}")
    try:
        frame = frame.select(pl.col(column).cast(kind) for column, kind in schema.items())
    except PolarsError as error:
        raise RunFolderError(
            f"the table '{name}' about models has a column of another type: {first_line(error)}"
        ) from error
    if name == "scores":
        frame = frame.with_columns(pl.col("missing_reason").replace("", None), pl.col("value").fill_nan(None))
    return frame


def _check(told: Mapping[str, pl.DataFrame]) -> None:
    for name, columns in _REQUIRED.items():
        for column in columns:
            if told[name][column].null_count():
                raise RunFolderError(f"a row of the table '{name}' about models has no {column}")
    for name, frame in told.items():
        strangers = frame.join(told["models"], on="model_id", how="anti")
        if strangers.height:
            raise RunFolderError(
                f"the table '{name}' tells of the model '{printable(str(strangers['model_id'][0]))}', which the table "
                "'models' does not describe"
            )


def _held(snapshot: Snapshot) -> dict[str, pl.DataFrame]:
    return {
        "models": snapshot.models(),
        "scores": snapshot.model_scores(),
        "measures": snapshot.model_measures(),
        "curves": snapshot.model_curves(),
        "calibration": snapshot.model_calibration(),
        "confusion": snapshot.model_confusion(),
        "speed": snapshot.model_speed(),
    }


def _with_other_splits(told: Mapping[str, pl.DataFrame], held: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Add what the store holds of the same weights on splits that nothing is told of, and seconds where none are."""
    same = told["models"].join(held["models"], on=["model_id", "weights_sha256"], how="semi").select("model_id")
    news = told["scores"].select("model_id", "split").unique()
    full = dict(told)
    for name in held.keys() - {"models"}:
        key = ["model_id", "split"] if "split" in SCHEMAS[name] else ["model_id"]
        known = news if len(key) > 1 else told[name].select("model_id")
        stays = held[name].join(same, on="model_id", how="semi").join(known, on=key, how="anti")
        full[name] = pl.concat([told[name], stays])
    return full


def _same(held: Mapping[str, pl.DataFrame], told: Mapping[str, pl.DataFrame]) -> bool:
    return all(
        frame.join(told["models"], on="model_id", how="semi").sort(pl.all()).equals(told[name].sort(pl.all()))
        for name, frame in held.items()
    )


def _write(connection: duckdb.DuckDBPyConnection, told: Mapping[str, pl.DataFrame]) -> None:
    for name, frame in told.items():
        connection.register(f"incoming_{name}", frame.to_arrow())
    for statement in connection.extract_statements(statements("queries")["write_models"]):
        connection.execute(statement)
    for name in told:
        connection.unregister(f"incoming_{name}")
