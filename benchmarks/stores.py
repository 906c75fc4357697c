"""Into the store and out of it: build the demo, import a table, open, read everyone."""

import tempfile
from pathlib import Path

import polars as pl

from analysis.synthetic.cohort import synthetic_cohort
from benchmarks.timing import Result, Stopwatch, measure
from db.import_table import import_frame, import_table
from db.publish_table import SYNTHETIC_PROTOCOL
from db.store import Store


def build(root: Path, n: int) -> Result:
    """Draw n synthetic people and import them into a new store, once."""

    def run(watch: Stopwatch, _i: int) -> None:
        with watch.stage("draw"):
            cohort = synthetic_cohort(seed=1, n=n)
        with watch.stage("import"):
            import_frame(Store(root), cohort, dataset="demo", protocol_id=SYNTHETIC_PROTOCOL)

    return measure(f"build a store of {n:,} synthetic people", run, runs=1, warm_up=0)


def import_file(n: int, *, runs: int) -> Result:
    """Import a CSV table of n people into an empty store."""
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "table.csv"
        synthetic_cohort(seed=2, n=n).write_csv(table)

        def run(_watch: Stopwatch, i: int) -> None:
            with tempfile.TemporaryDirectory(dir=folder) as root:
                import_table(Store(Path(root)), table, "bench", dataset=f"table-{i}")

        return measure(f"import a CSV of {n:,} people", run, runs=runs)


def read(root: Path, *, runs: int) -> tuple[Result, pl.DataFrame]:
    """Open the store and read everyone; return the cohort frame, too."""
    frames: list[pl.DataFrame] = []

    def run(watch: Stopwatch, _i: int) -> None:
        with watch.stage("open"):
            snapshot = Store(root).read()
        with watch.stage("read"), snapshot:
            frames[:] = [snapshot.cohort("demo")]

    result = measure("read", run, runs=runs)
    [frame] = frames
    return Result(**vars(result) | {"name": f"open the store and read {frame.height:,} people"}), frame
