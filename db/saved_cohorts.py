"""Save people chosen by a rule under a name, and take a name away; every change is a new version of the store."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from db.errors import ImportConflict, NotInStore
from db.publish_table import read_or_migrate
from db.sql_files import statements
from db.store import Store
from vocabulary.messages import printable

LONGEST_NAME = 60


@dataclass(frozen=True)
class SavedCohort:
    """A rule with a name.

    Attributes
    ----------
    dataset_id, protocol_id : what its people are chosen from
    rule : the filter as JSON text, keys in order, as ``rule_text`` writes it
    n : people it had when it was saved
    content_sha256 : content of the dataset then
    saved_at : UTC, without a time zone
    """

    name: str
    dataset_id: str
    protocol_id: str
    rule: str
    n: int
    content_sha256: str
    saved_at: datetime

    @property
    def rule_sha256(self) -> str:
        """SHA-256 of the rule: two cohorts of one rule have the same."""
        return hashlib.sha256(self.rule.encode()).hexdigest()


def rule_text(rule: Mapping[str, Any]) -> str:
    """Return a filter as the one JSON text that is hashed.

    Examples
    --------
    >>> rule_text({"sexes": ["F"], "age_min": 30})
    '{"age_min":30,"sexes":["F"]}'
    """
    return json.dumps(rule, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def save_cohort(store: Store, cohort: SavedCohort, *, replace: bool = False) -> bool:
    """Save a cohort; the same one again changes nothing.

    Returns
    -------
    bool : whether a new version was published

    Raises
    ------
    ImportConflict : the name is none, or taken by another rule and ``replace`` is not given
    StoreBusy : another process is writing
    """
    name = cohort.name
    if not name.strip() or name != " ".join(name.split()) or len(name) > LONGEST_NAME or not name.isprintable():
        raise ImportConflict(
            f"'{printable(name[:80])}' cannot name a cohort: 1 to {LONGEST_NAME} letters, digits and single blanks"
        )
    with store.lock():
        held = _held(store)
        known = held.filter(pl.col("name") == name)
        if known.height:
            same = known.select("dataset_id", "protocol_id", "rule").row(0) == (
                cohort.dataset_id, cohort.protocol_id, cohort.rule,
            )  # fmt: skip
            if same:
                return False
            if not replace:
                raise ImportConflict(
                    f"a cohort '{name}' is saved already, with another rule; replace it or choose another name"
                )
        with store.write(f"saved the cohort {printable(name)}") as connection:
            connection.execute(statements("queries")["delete_saved_cohort"], {"name": name})
            connection.execute(
                statements("queries")["insert_saved_cohort"],
                {
                    "name": name,
                    "dataset_id": cohort.dataset_id,
                    "protocol_id": cohort.protocol_id,
                    "rule": cohort.rule,
                    "rule_sha256": cohort.rule_sha256,
                    "n": cohort.n,
                    "content_sha256": cohort.content_sha256,
                    "saved_at": cohort.saved_at,
                },
            )
    return True


def remove_cohort(store: Store, name: str) -> None:
    """Take a saved cohort away; the people stay.

    Raises
    ------
    NotInStore : no cohort of that name; the message names those there are
    StoreBusy : another process is writing
    """
    with store.lock():
        names = _held(store)["name"].to_list()
        if name not in names:
            raise NotInStore(f"no cohort '{printable(name[:80])}' is saved; there is: {', '.join(names) or 'none'}")
        with store.write(f"forgot the cohort {printable(name)}") as connection:
            connection.execute(statements("queries")["delete_saved_cohort"], {"name": name})


def _held(store: Store) -> pl.DataFrame:
    snapshot = read_or_migrate(store)
    if snapshot is None:
        raise NotInStore("the store holds no dataset; run 'mscohort demo' or 'mscohort import'")
    with snapshot:
        return snapshot.saved_cohorts()
