"""What a page shows: one version of the store, opened once per run of the page, its datasets and their frames."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from threading import local
from typing import Any

import polars as pl
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from analysis.filters import Filter, with_group_and_sex
from app.access.current import PersonsStore
from app.figures.printed import PrintedFigure
from db.errors import StoreDamaged
from db.held_frame import HeldFrame
from db.snapshot import MANY_PEOPLE, Snapshot
from db.store import Store, Version, default_root
from vocabulary.extra_columns import ExtraColumn
from vocabulary.measures import GROUPS
from vocabulary.messages import counted


@dataclass(frozen=True)
class Dataset:
    """People measured under one protocol; numbers of different protocols are never pooled."""

    dataset_id: str
    protocol_id: str
    title: str
    synthetic: bool
    citation: str
    content_sha256: str
    n_subjects: int
    n_ms: int
    n_hc: int
    version: int

    @property
    def key(self) -> str:
        """Name of the dataset in links and select boxes."""
        return f"{self.dataset_id}:{self.protocol_id}"


Frames = tuple[pl.DataFrame, pl.DataFrame]
FORGOTTEN = ("everyone", "frame")
_runs = local()


@dataclass(frozen=True)
class Selection:
    """What a page shows: the people left by the filter, out of everyone in the dataset.

    Attributes
    ----------
    colour : further column by which people are coloured in figures; None: by group
    shown : what makes what goes with the people when they are exported, such as the "tests" of the page
    said : the answer of the page, which its exported figures repeat
    chosen : what the page let its reader choose, such as the "measure"
    command : words of the command that prints the answer of the page; empty where none does
    uncited : what writes the citation of a figure that was drawn before the page had its answer
    figures : the figures of the page by name, for its PDF
    person : code of who is marked in every figure; None: nobody
    names : of two groups that take the places of MS and HC; None where they are these
    controls : place in the filter bar for what a page lets its reader choose, such as the measure
    again : what finds the people again once they are forgotten; see ``found_again_by``
    """

    dataset: Dataset
    filter: Filter
    everyone: pl.DataFrame
    frame: pl.DataFrame
    extras: tuple[ExtraColumn, ...] = ()
    colour: ExtraColumn | None = None
    shown: dict[str, Callable[[], pl.DataFrame]] = field(default_factory=dict, compare=False, repr=False)
    said: list[str] = field(default_factory=list, compare=False, repr=False)
    chosen: dict[str, str] = field(default_factory=dict, compare=False, repr=False)
    command: list[str] = field(default_factory=list, compare=False, repr=False)
    uncited: list[Callable[[], None]] = field(default_factory=list, compare=False, repr=False)
    figures: dict[str, PrintedFigure] = field(default_factory=dict, compare=False, repr=False)
    person: str | None = None
    names: tuple[str, str] | None = None
    controls: DeltaGenerator = field(default_factory=st.container, compare=False, repr=False)
    again: Callable[[], Frames] | None = field(default=None, init=False, compare=False, repr=False)

    def found_again_by(self, again: Callable[[], Frames]) -> None:
        """Let ``release`` forget the people when the page is drawn, for ``again`` returns everyone and those shown.

        What a page hands out, such as its downloads, holds on to the selection until the page is drawn anew. One that
        ``dataclasses.replace`` made, of other people, is not forgotten unless it is told this, too.
        """
        if self.everyone.height >= MANY_PEOPLE:
            object.__setattr__(self, "again", again)
            _of_this_run().append(self)

    def __getattr__(self, name: str) -> Any:
        """Find the people again whom ``release`` forgot; asked only for what is not there."""
        again = self.__dict__.get("again")
        if again is None or name not in FORGOTTEN:
            raise AttributeError(name)
        people: dict[str, pl.DataFrame] = dict(zip(FORGOTTEN, again(), strict=True))
        self.__dict__.update(people)
        _of_this_run().append(self)
        return people[name]

    @property
    def key(self) -> str:
        """Identifies the data behind every cached answer."""
        return answer_key(self.dataset, self.filter, self.names)

    @cached_property
    def comparable(self) -> pl.DataFrame:
        """Return the people whose group and sex are known, once each: those a filter chooses from."""
        return self.filter.everyone().apply(self.everyone)

    @property
    def left_out(self) -> list[str]:
        """Say how many rows are in no answer whatever the filter, and why."""
        known = with_group_and_sex(self.everyone).height
        unknown, again = self.everyone.height - known, known - self.comparable.height
        said = [f"{unknown:,} without group or sex"] if unknown else []
        return said + ([f"{counted(again, 'later scan')} of the same people"] if again else [])

    @property
    def counts_in_words(self) -> str:
        """Return n of each group shown, by its name."""
        names = {"MS": self.names[0], "HC": self.names[1]} if self.names else {}
        groups = GROUPS if self.names else [g for g in GROUPS if g in self.filter.groups]
        return ", ".join(f"{names.get(group, group)} n = {self.counts[group]:,}" for group in groups)

    @property
    def who(self) -> str:
        """Return whom the page shows, as its exports say it: dataset, filter, n of each group."""
        return f"{self.dataset.title}: {self.filter.describe()}; {self.counts_in_words}"

    @cached_property
    def counts(self) -> dict[str, int]:
        """Return n per group after filtering."""
        return {g: int((self.frame["group"] == g).sum()) for g in GROUPS}


@dataclass(frozen=True)
class OpenedStore:
    """One version of the store, opened read-only once per run of a page and handed down to all that draws it.

    Whatever is imported meanwhile, everything on a page comes from this version; nothing that draws may ask for the
    current one, which can be another by then.

    Attributes
    ----------
    key : identifies this version in the key of every cached answer
    snapshot : answers the questions
    """

    key: str
    snapshot: Snapshot

    @property
    def number(self) -> int:
        """Return the version's number."""
        return self.snapshot.version

    def datasets(self) -> list[Dataset]:
        """Return the datasets, real before synthetic, newest first."""
        return _datasets(self.key, self)

    def everyone(self, dataset: Dataset) -> pl.DataFrame:
        """Return the cohort frame of a dataset, unfiltered; others may have the same one: it is not to be changed."""
        return _everyone(self.key, self, dataset.dataset_id, dataset.protocol_id).frame()

    def extras(self, dataset: Dataset) -> list[ExtraColumn]:
        """Return the further columns of a dataset, such as EDSS."""
        return _extras(self.key, self, dataset.dataset_id)

    def saved_cohorts(self) -> pl.DataFrame:
        """Return the saved cohorts."""
        return _saved_cohorts(self.key, self)

    def runs(self) -> pl.DataFrame:
        """Return what brought the data into the store, one row per import, ingest or demo build, newest first."""
        return _runs_of(self.key, self)

    def scans(self) -> pl.DataFrame:
        """Return every scan measured from images; empty when there is none."""
        return _scans(self.key, self)


def release() -> None:
    """Forget the people of this run's selections where there are many, now that their page is drawn."""
    selections = _of_this_run()
    for selection in selections:
        for name in (*FORGOTTEN, "comparable"):
            selection.__dict__.pop(name, None)
    selections.clear()


def _of_this_run() -> list[Selection]:
    """Return the selections that can be found again; Streamlit gives every run of a page its own thread."""
    if not hasattr(_runs, "selections"):
        _runs.selections = []
    found: list[Selection] = _runs.selections
    return found


def answer_key(dataset: Dataset, chosen: Filter, names: tuple[str, str] | None = None) -> str:
    """Return what identifies the data behind a cached answer: who is shown, and of which content."""
    return f"{dataset.version}/{dataset.key}/{dataset.content_sha256}/{chosen!r}/{names}"


def store() -> Store:
    """Return the store this app shows: the folder named by MSCOHORT_STORE, else the per-user one.

    For what writes to the store or lists its versions; what a page shows comes from its ``OpenedStore``. Whoever may
    not write is refused by it.
    """
    return PersonsStore(default_root())


def open_store() -> OpenedStore | None:
    """Open the current version, or return None when the store is empty; called once per run of a page.

    Raises
    ------
    StoreDamaged, StoreIncompatible : the version cannot be read.
    """
    while True:
        version = store().current()
        if version is None:
            return None
        key = version_key(version)
        try:
            return OpenedStore(key, _open(key, version))
        except StoreDamaged:
            # Publishing prunes old versions: this one may have gone between the pointer and the file.
            if store().current() == version:
                raise


def open_version(number: int) -> OpenedStore | None:
    """Open a version that is still kept, or return None where it is not.

    Raises
    ------
    StoreDamaged, StoreIncompatible : the version cannot be read.
    """
    for version in store().versions():
        if version.number == number:
            key = version_key(version)
            return OpenedStore(key, _open(key, version))
    return None


def version_key(version: Version) -> str:
    """Return what identifies a version's content in the keys of caches: its file, which never changes."""
    return os.fspath(version.path)


@st.cache_resource(max_entries=3, show_spinner=False)
def _open(key: str, _version: Version) -> Snapshot:
    return Snapshot(_version.number, _version.path)


@st.cache_data(max_entries=8, show_spinner=False)
def _datasets(key: str, _opened: OpenedStore) -> list[Dataset]:
    return [
        Dataset(
            dataset_id=row["dataset_id"],
            protocol_id=protocol_id,
            title=row["title"],
            synthetic=row["synthetic"],
            citation=row["citation"] or "",
            content_sha256=row["content_sha256"],
            n_subjects=row["n"],
            n_ms=row["n_ms"],
            n_hc=row["n_hc"],
            version=_opened.number,
        )
        for row in _opened.snapshot.datasets().iter_rows(named=True)
        for protocol_id in row["protocol_ids"]
    ]


@st.cache_resource(max_entries=6, show_spinner=False)
def _everyone(key: str, _opened: OpenedStore, dataset_id: str, protocol_id: str) -> HeldFrame:
    return HeldFrame(_opened.snapshot.cohort(dataset_id, protocol_id))


@st.cache_data(max_entries=8, show_spinner=False)
def _extras(key: str, _opened: OpenedStore, dataset_id: str) -> list[ExtraColumn]:
    return _opened.snapshot.extra_columns(dataset_id)


@st.cache_resource(max_entries=4, show_spinner=False)
def _scans(key: str, _opened: OpenedStore) -> pl.DataFrame:
    return _opened.snapshot.scans()


@st.cache_resource(max_entries=4, show_spinner=False)
def _saved_cohorts(key: str, _opened: OpenedStore) -> pl.DataFrame:
    return _opened.snapshot.saved_cohorts()


@st.cache_resource(max_entries=4, show_spinner=False)
def _runs_of(key: str, _opened: OpenedStore) -> pl.DataFrame:
    return _opened.snapshot.runs()
