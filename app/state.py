"""What the dashboard has open: the store's current version, its datasets and their frames, cached per version."""

import os
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import streamlit as st

from analysis.filters import Filter, with_group_and_sex
from db.snapshot import Snapshot
from db.store import Store, default_root
from vocabulary.measures import GROUPS


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
    version: int
    path: str

    @property
    def key(self) -> str:
        """Name of the dataset in links and select boxes."""
        return f"{self.dataset_id}:{self.protocol_id}"


@dataclass(frozen=True)
class Selection:
    """What a page shows: the people left by the filter, out of everyone in the dataset."""

    dataset: Dataset
    filter: Filter
    everyone: pl.DataFrame
    frame: pl.DataFrame

    @property
    def key(self) -> str:
        """Identifies the data behind every cached answer."""
        return f"{self.dataset.version}/{self.dataset.key}/{self.dataset.content_sha256}/{self.filter!r}"

    @property
    def comparable(self) -> pl.DataFrame:
        """Return the people whose group and sex are known, once each: those a filter chooses from."""
        return self.filter.everyone().apply(self.everyone)

    @property
    def left_out(self) -> list[str]:
        """Say how many rows are in no answer whatever the filter, and why."""
        known = with_group_and_sex(self.everyone).height
        unknown, again = self.everyone.height - known, known - self.comparable.height
        said = [f"{unknown:,} without group or sex"] if unknown else []
        return said + ([f"{again:,} later {'scan' if again == 1 else 'scans'} of the same people"] if again else [])

    @property
    def counts(self) -> dict[str, int]:
        """Return n per group after filtering."""
        return {g: self.frame.filter(pl.col("group") == g).height for g in GROUPS}


@st.cache_resource(max_entries=3, show_spinner=False)
def _open(path: str, version: int) -> Snapshot:
    return Snapshot(version, Path(path))


def store() -> Store:
    """Return the store this app shows: the folder named by MSCOHORT_STORE, else the per-user one."""
    return Store(default_root())


def snapshot() -> Snapshot | None:
    """Return the current version, opened read-only, or None when the store is empty."""
    version = store().current()
    return _open(os.fspath(version.path), version.number) if version else None


def datasets() -> list[Dataset]:
    """Return the datasets of the current version, real before synthetic, newest first."""
    version = store().current()
    return _datasets(os.fspath(version.path), version.number) if version else []


@st.cache_data(max_entries=8, show_spinner=False)
def _datasets(path: str, version: int) -> list[Dataset]:
    return [
        Dataset(
            dataset_id=row["dataset_id"],
            protocol_id=protocol_id,
            title=row["title"],
            synthetic=row["synthetic"],
            citation=row["citation"] or "",
            content_sha256=row["content_sha256"],
            n_subjects=row["n"],
            version=version,
            path=path,
        )
        for row in _open(path, version).datasets().iter_rows(named=True)
        for protocol_id in row["protocol_ids"]
    ]


@st.cache_resource(max_entries=6, show_spinner=False)
def _frame(path: str, version: int, dataset_id: str, protocol_id: str) -> pl.DataFrame:
    return _open(path, version).cohort(dataset_id, protocol_id)


def everyone(dataset: Dataset) -> pl.DataFrame:
    """Return the cohort frame of a dataset, unfiltered."""
    return _frame(dataset.path, dataset.version, dataset.dataset_id, dataset.protocol_id)
