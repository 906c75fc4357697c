"""One version of the store, open for reading: what every page and command asks."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, cached_property
from pathlib import Path
from threading import Lock
from types import TracebackType

import duckdb
import polars as pl
import pyarrow as pa

from db.auditing import audit
from db.constant_columns import in_pieces, kept_once
from db.errors import NotInStore, StoreDamaged, StoreIncompatible
from db.extras import with_extras
from db.migrating import check_not_newer, latest_schema, migrate, relations, schema_of
from db.sql_files import statements
from vocabulary.extra_columns import ExtraColumn
from vocabulary.messages import first_line

READER = {
    "enable_external_access": "false",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "lock_configuration": "true",
    # What a large answer took goes back to the machine within seconds: of a million people more than half a gigabyte.
    "allocator_background_threads": "true",
}

MANY_PEOPLE = 100_000
"""After so many people are read what the database keeps of its file in memory, a hundred megabytes, is given back."""


class Snapshot:
    """One version, read-only; it never changes, whatever is imported meanwhile.

    May be used from several threads: every query runs on a cursor of its own.

    Attributes
    ----------
    version : number of the version
    """

    def __init__(self, version: int, path: Path) -> None:
        self.version = version
        self._path = path
        self._root = path.absolute().parent.parent
        self._changing, self._asking = Lock(), 0
        self._connection = self._connected()
        try:
            schema = schema_of(self._connection)
        except duckdb.Error as error:
            self.close()
            raise damaged(path, error) from error
        if schema != latest_schema():
            self.close()
            check_not_newer(schema)
            raise StoreIncompatible(
                f"the store has schema {schema}, this mscohort expects {latest_schema()}; "
                "'mscohort store update' brings it up to date"
            )

    def __enter__(self) -> "Snapshot":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; the snapshot cannot be used afterwards."""
        self._connection.close()

    def datasets(self) -> pl.DataFrame:
        """Return one row per dataset, the one to show by default first.

        That is one whose groups are known, real before synthetic, both groups before a single one, newest first.

        Columns: dataset_id, title, synthetic, citation, licence, content_sha256, protocol_ids (list), n
        (people), n_hc, n_ms, n_scans, finished_at (of the latest run).
        """
        return self._all_datasets

    @cached_property
    def _all_datasets(self) -> pl.DataFrame:
        # Counting a million people takes half a second, and a version never changes.
        return self._query("datasets")

    def protocols(self) -> pl.DataFrame:
        """Return one row per protocol: protocol_id, title, description, zone_rule, citation, n_scans."""
        return self._query("protocols")

    def runs(self) -> pl.DataFrame:
        """Return one row per import, ingest or demo build, newest first."""
        return self._query("runs")

    def cohort(self, dataset_id: str, protocol_id: str | None = None) -> pl.DataFrame:
        """Return the cohort frame: one row per scan, as in the view ``cohort``, by subject identifier.

        reader_verdict is the last verdict of a reader (pass, doubt, fail or null). Further columns of the dataset
        follow, numbers as Float64 and categories as String.

        Parameters
        ----------
        protocol_id : needed only for a dataset measured under several protocols

        Raises
        ------
        NotInStore : no such dataset, not measured under this protocol, or under several and none was named:
            numbers of different protocols are never pooled.
        """
        protocols = self._protocols_of(dataset_id)
        if protocol_id is None and len(protocols) > 1:
            raise NotInStore(f"dataset '{dataset_id}' has several protocols, name one of: {', '.join(protocols)}")
        if protocol_id is not None and protocol_id not in protocols:
            raise NotInStore(f"dataset '{dataset_id}' has no protocol '{protocol_id}', only: {', '.join(protocols)}")
        protocol = protocol_id or (protocols or [""])[0]
        people = self._read(
            "cohort", lambda asked: in_pieces(asked, MANY_PEOPLE), dataset_id=dataset_id, protocol_id=protocol
        )
        frame = self._with_extras(kept_once(people), dataset_id)
        if frame.height >= MANY_PEOPLE:
            self._forget_pages()
        return frame

    def extra_columns(self, dataset_id: str) -> list[ExtraColumn]:
        """Return the further columns of a dataset, such as EDSS; they stand at the end of its cohort frame."""
        rows = self._query("extra_columns", dataset_id=dataset_id)
        return [ExtraColumn(name, kind, label, unit) for name, kind, label, unit, _ in rows.iter_rows()]

    def extra_sources(self, dataset_id: str) -> dict[str, str]:
        """Return further column -> name of the joined table it came with; without those of the dataset's own table."""
        rows = self._query("extra_columns", dataset_id=dataset_id).drop_nulls("source_name")
        return dict(rows.select("column_name", "source_name").iter_rows())

    def people_at_scans(self, dataset_id: str) -> pl.DataFrame:
        """Return one row per scan, of any protocol: scan_id, subject_id, session, group, sex, age_years (at it)."""
        self._protocols_of(dataset_id)
        return self._query("people_at_scans", dataset_id=dataset_id)

    def extra_values(self, dataset_id: str) -> pl.DataFrame:
        """Return one row per scan and further column with a value: scan_id, column_name, number_value, text_value."""
        return self._query("extra_values", dataset_id=dataset_id)

    def joined_tables(self, dataset_id: str) -> pl.DataFrame:
        """Return one row per table joined to a dataset: source_name, source_sha256, settings (JSON), joined_at (UTC).

        Then n_rows, and n_matched: those whose code is one of the dataset.
        """
        return self._query("joined_tables", dataset_id=dataset_id)

    def missing_values(self, dataset_id: str) -> pl.DataFrame:
        """Return one row per value that is NULL for a reason: subject_id, scan_id, protocol_id, column_name, reason."""
        self._protocols_of(dataset_id)
        return self._query("missing_values", dataset_id=dataset_id)

    def rejections(self, run_id: str | None = None) -> pl.DataFrame:
        """Return one row per refused input, of one run or of all, newest run first.

        Columns: run_id, dataset_id, kind (of the run), finished_at, input, row_number, column_name, reason.
        """
        return self._query("rejections", run_id=run_id)

    def scans(self, dataset_id: str | None = None) -> pl.DataFrame:
        """Return one row per scan that was measured from images, and protocol.

        Columns: dataset_id, synthetic, who (subject_id, scan_id, session, group, sex, age_years), file_name, stem,
        derivatives (full path of the folder of its files), source_sha256, geometry (n_slices, pixel_mm_x, pixel_mm_y,
        slice_spacing_mm), protocol_id, model_id, zone_rule, run_id, finished_at (of the run), every measure, and flags
        (list of names; ``scan_flags`` has the details), reader_verdict (pass, doubt, fail or null). Group, sex and age
        are null where nobody gave them.
        """
        if dataset_id is not None:
            self._protocols_of(dataset_id)
        frame = self._query("scans", dataset_id=dataset_id)
        # Joining leaves a full path as it is.
        folders = [os.fspath(self._root / folder) for folder in frame["derivatives"]]
        return frame.with_columns(pl.Series("derivatives", folders, pl.String))

    def scan_flags(self, scan_id: str | None = None, dataset_id: str | None = None) -> pl.DataFrame:
        """Return one row per reason to doubt a scan: dataset_id, subject_id, scan_id, protocol_id, flag, detail."""
        return self._query("scan_flags", scan_id=scan_id, dataset_id=dataset_id)

    def reliability(self, scan_id: str | None = None, dataset_id: str | None = None) -> pl.DataFrame:
        """Return one row per scan that was measured from images: how far it can be trusted.

        Columns: dataset_id, subject_id, scan_id, protocol_id, wmh_low_ml and wmh_high_ml (95 % of outlines by hand lie
        between) or no_range_reason, unlikeness (1: the limit of scans like those of the training) and unlike_in, null
        where not known.
        """
        return self._query("reliability", scan_id=scan_id, dataset_id=dataset_id)

    def reviews(self, scan_id: str | None = None, dataset_id: str | None = None) -> pl.DataFrame:
        """Return one row per verdict of a reader, newest first.

        Columns: dataset_id, subject_id, scan_id, protocol_id, review_number, verdict, reason, initials, reviewed_at
        (UTC), run_id, current (whether it counts: the last one, on the measurement held now).
        """
        return self._query("reviews", scan_id=scan_id, dataset_id=dataset_id)

    def lesion_reviews(self, dataset_id: str | None = None, subject_id: str | None = None) -> pl.DataFrame:
        """Return one row per verdict of a reader on a lesion that differs between two visits, newest first.

        Columns: dataset_id, subject_id, earlier_scan_id, later_scan_id, protocol_id, kind (new, enlarged, vanished),
        slice_index, centroid_x_mm, centroid_y_mm, centroid_z_mm (of the later scan), before_ml, after_ml,
        n_candidates (of the two visits), review_number, verdict (yes, no, unsure), initials, reviewed_at (UTC),
        current (whether it counts: the last one on this candidate, on the measurements held now).
        """
        return self._query("lesion_reviews", dataset_id=dataset_id, subject_id=subject_id)

    def corrections(self, dataset_id: str | None = None, subject_id: str | None = None) -> pl.DataFrame:
        """Return one row per value about a person or visit that was corrected by hand, newest first.

        Columns: dataset_id, subject_id, correction_number, scan_id (null: of the person), what (group, sex, age_years,
        session), before, after, initials, corrected_at (UTC).
        """
        return self._query("corrections", dataset_id=dataset_id, subject_id=subject_id)

    def saved_cohorts(self) -> pl.DataFrame:
        """Return one row per saved cohort, by name.

        Columns: name, dataset_id, protocol_id, rule (JSON of the filter), rule_sha256, n and content_sha256 (when it
        was saved), saved_at (UTC).
        """
        return self._query("saved_cohorts")

    def lesions(self, scan_id: str | None = None, dataset_id: str | None = None) -> pl.DataFrame:
        """Return one row per lesion and slice: zone, region, side, area_mm2, volume_ml, distances and centroid in mm.

        Rows of one whole_lesion_number touch across slices. A distance is null in a slice without ventricle or
        cortical border, a zone where it could not be decided.
        """
        if dataset_id is not None:
            self._protocols_of(dataset_id)
        return self._query("lesions", scan_id=scan_id, dataset_id=dataset_id)

    def region_loads(self, scan_id: str | None = None, dataset_id: str | None = None) -> pl.DataFrame:
        """Return one row per scan, protocol and region: region_number, region, side, and what lies there.

        That is area_mm2, volume_ml, lesion_count; and region_volume_ml, 0 where the scan does not show the region.
        """
        return self._query("region_loads", scan_id=scan_id, dataset_id=dataset_id)

    def registrations(self, scan_id: str | None = None, dataset_id: str | None = None) -> pl.DataFrame:
        """Return one row per scan measured from images, and protocol: how its regions came about, or why it has none.

        Columns: dataset_id, subject_id, scan_id, protocol_id, atlas, space, brain_overlap, ventricle_overlap,
        unassigned_area_mm2, unassigned_volume_ml, unassigned_count, moved_volume_ml, reason (null where there are
        regions), to_template (16 numbers).
        """
        return self._query("registrations", scan_id=scan_id, dataset_id=dataset_id)

    def lesion_maps(self, dataset_id: str | None = None, protocol_id: str | None = None) -> pl.DataFrame:
        """Return one row per scan whose lesions lie on the common grid (``vocabulary.lesion_grid``), and protocol.

        Columns: dataset_id, subject_id, scan_id, protocol_id, lesion_voxels, seen_runs (lists of numbers).
        """
        return self._query("lesion_maps", dataset_id=dataset_id, protocol_id=protocol_id)

    def results(self, dataset_id: str) -> pl.DataFrame:
        """Return what a run of scans is compared with: scan_id, protocol_id, run_id, settings (JSON), result_sha256."""
        return self._query("results", dataset_id=dataset_id)

    def column_comments(self) -> dict[tuple[str, str], str]:
        """Return (table, column) -> what the column holds and in what unit."""
        return {(table, column): text for table, column, text in self._query("column_comments").iter_rows()}

    def models(self) -> pl.DataFrame:
        """Return one row per model that measured scans or was evaluated.

        Columns: model_id, title, architecture, weights_sha256, n_parameters, description, licence.
        """
        return self._query("models")

    def model_scores(self) -> pl.DataFrame:
        """Return one row per score: model_id, split, subject_id, class, metric, value, missing_reason."""
        return self._query("model_scores")

    def model_measures(self) -> pl.DataFrame:
        """Return one row per measure of an evaluated patient: model_id, split, subject_id, measure, manual, found."""
        return self._query("model_measures")

    def model_curves(self) -> pl.DataFrame:
        """Return one row per epoch and metric of a training: model_id, split, fold, epoch, metric, value."""
        return self._query("model_curves")

    def model_calibration(self) -> pl.DataFrame:
        """Return one row per bin of probability: model_id, split, class, bin, predicted, observed (0-1), n_pixels."""
        return self._query("model_calibration")

    def model_confusion(self) -> pl.DataFrame:
        """Return one row per true and predicted class: model_id, split, truth, predicted, n_pixels."""
        return self._query("model_confusion")

    def model_speed(self) -> pl.DataFrame:
        """Return one row per model and device it was timed on.

        Columns: model_id, device, seconds_per_scan, peak_memory_mb, n_slices, n_scans.
        """
        return self._query("model_speed")

    def rows_of(self, dataset_id: str) -> list[pa.Table]:
        """Return everything a dataset consists of, one table after the other; see ``db.undo``."""
        try:
            with self._cursor() as cursor:
                asked = cursor.extract_statements(statements("queries")["dataset_rows"])
                return [cursor.sql(one.query, params={"dataset_id": dataset_id}).to_arrow_table() for one in asked]
        except duckdb.Error as error:
            raise damaged(self._path, error) from error

    def audit(self) -> dict[str, int]:
        """Return how many rows violate each audit.

        Raises
        ------
        StoreDamaged : a table or view that the schema has is gone.
        """
        try:
            with self._cursor() as cursor:
                gone = sorted(_complete() - relations(cursor))
                if gone:
                    raise StoreDamaged(
                        f"{self._path.name} of the store lacks {', '.join(gone)}; 'mscohort store rollback' goes back"
                    )
                return audit(cursor)
        except duckdb.Error as error:
            raise damaged(self._path, error) from error

    def _connected(self) -> duckdb.DuckDBPyConnection:
        try:
            return duckdb.connect(self._path, read_only=True, config=dict(READER))
        except duckdb.Error as error:
            raise damaged(self._path, error) from error

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """Yield a cursor, counted: a connection that is closed ends its cursors, too."""
        with self._changing:
            cursor = self._connection.cursor()
            self._asking += 1
        try:
            with cursor:
                yield cursor
        finally:
            with self._changing:
                self._asking -= 1

    def _forget_pages(self) -> None:
        """Give back what the database keeps of its file; not while others ask, nor where the file is gone."""
        with self._changing:
            if self._asking or not self._path.exists():
                return
            self._connection.close()
            self._connection = self._connected()

    def _with_extras(self, frame: pl.DataFrame, dataset_id: str) -> pl.DataFrame:
        columns = self.extra_columns(dataset_id)
        if not columns:
            return frame
        return with_extras(frame, columns, self._query("extra_values", dataset_id=dataset_id))

    def _protocols_of(self, dataset_id: str) -> list[str]:
        datasets = self.datasets()
        found = datasets.filter(pl.col("dataset_id") == dataset_id)
        if found.is_empty():
            known = ", ".join(datasets["dataset_id"]) or "none"
            raise NotInStore(f"the store has no dataset '{dataset_id}'; it has: {known}")
        return list(found["protocol_ids"][0])

    def _query(self, name: str, **values: str | None) -> pl.DataFrame:
        return self._read(name, duckdb.DuckDBPyRelation.pl, **values)

    def _read(
        self, name: str, read: Callable[[duckdb.DuckDBPyRelation], pl.DataFrame], /, **values: str | None
    ) -> pl.DataFrame:
        try:
            with self._cursor() as cursor:
                return read(cursor.sql(statements("queries")[name], params=values))
        except duckdb.Error as error:
            raise damaged(self._path, error) from error


@cache
def _complete() -> frozenset[str]:
    """Return the tables and views of a sound store."""
    with duckdb.connect() as connection:
        migrate(connection)
        return relations(connection)


def damaged(path: Path, error: duckdb.Error) -> StoreDamaged:
    """Return what to say of a version that the database cannot read: half a file, or one that lacks a table or view."""
    return StoreDamaged(
        f"{path.name} of the store cannot be opened or read: {first_line(error)}; 'mscohort store rollback' goes back"
    )
