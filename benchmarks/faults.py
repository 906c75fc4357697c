"""`python -m benchmarks.faults`: commands killed at random moments, disks that fail, two of everything at once.

A fault is survived when the store then opens, everything live in it was published whole (by its content hash, told and
found), every audit passes, the audit log has an entry for the live version, and the same command then ends well. Kills
that came after the command had ended prove nothing and are counted.

Commands run in processes forked from this one, so that the kills fall into their work and not into the start of Python;
those whose disk fails run as ever. `ingest` has thresholds in place of the network and everything else real, and
`evaluate` stands for what it does to the store: publishing the scores of an evaluation.
"""

import argparse
import json
import os
import random
import select
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from benchmarks.failing_disk import failing_disks
from db.audit_log import AuditLog
from db.store import Store

SEED = 20261126
PROTOCOL, DATASET = "bench", "people"
COMMANDS = ("import", "ingest", "rollback", "evaluate", "demo", "export")
CYCLE = ("import", "rollback", "evaluate", "import", "export", "rollback", "import", "evaluate", "rollback", "import",
         "demo", "ingest")  # fmt: skip
"""In which order commands are killed: scans and norms take longest, so they come once in twelve."""
PAIRS = (("import", "import"), ("import", "ingest"), ("rollback", "import"), ("evaluate", "demo"), ("export", "import"),
         ("rollback", "rollback"), ("ingest", "ingest"), ("demo", "demo"))  # fmt: skip
SHOWN = ("tried", "survived", "lost", "ended")
SCANS = 2
LONGEST = 600.0


def main() -> None:
    """Do harm, look, count, print; exit 1 when anything was lost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=60, metavar="N", help="kills, shared among the commands")
    parser.add_argument("--disks", type=int, default=24, metavar="N", help="failing disks; needs a C compiler")
    parser.add_argument("--pairs", type=int, default=16, metavar="N", help="two commands at once")
    parser.add_argument("--minutes", type=float, metavar="M", help="kill no longer than this")
    parser.add_argument("--people", type=int, default=300, metavar="N", help="synthetic people of each table")
    parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")
    args = parser.parse_args()
    commands = (f"app.commands.{name}_command" for name in ("import", "ingest", "store", "demo", "export"))
    for name in ("app.cli", "db.import_table", "db.publish_scans", "tests.pipeline.small_scans", *commands):
        import_module(name)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), args.people)
        counts = bench.kills(args.kills, args.minutes)
        if args.pairs:
            counts["two at once"] = bench.pairs(args.pairs)
        if args.disks:
            counts |= failing_disks(bench, args.disks)
    total = {what: sum(count[what] for count in counts.values()) for what in SHOWN}
    if args.json:
        sys.stdout.write(json.dumps({"faults": counts, "total": total}) + "\n")
    else:
        for name, count in (*counts.items(), ("all", total)):
            said = (f"{what} {count[what]}" for what in SHOWN)
            sys.stdout.write(f"{name:24}{', '.join(said)}\n")
    sys.exit(1 if total["lost"] else 0)


class Bench:
    """A store that is harmed, and what may be found in it.

    Attributes
    ----------
    folder : holds everything
    store : the store
    """

    def __init__(self, folder: Path, people: int) -> None:
        self.folder, self.store = folder, Store(folder / "store")
        self._random = random.Random(SEED)  # noqa: S311
        in_child(lambda: _make_inputs(folder, people), check=True)
        self.seconds: dict[str, float] = {}
        self.allowed: dict[str, set[str]] = {}
        for variant in (0, 1):
            for name in COMMANDS:
                began = time.monotonic()
                self.run(name, variant, check=True)
                self.seconds[name] = time.monotonic() - began
                self._learn()
        self.run("rollback", 0, check=True)

    def words(self, name: str, variant: int) -> list[str]:
        """Return the command line of a command; each has two variants, which take each other's place."""
        words = {
            "import": ["import", os.fspath(self.folder / f"{variant}.csv"), "--protocol", PROTOCOL, "--replace",
                       "--dataset", DATASET],
            "ingest": ["ingest", os.fspath(self.folder / "scans"), "--workers", "1"],
            "rollback": ["store", "rollback"],
            "demo": ["demo", "--subjects", "60", "--scans", "0", "--seed", str(variant)],
            "export": ["export", os.fspath(self.folder / f"export-{variant}"), "--format", "csv", "--dataset", DATASET],
        }[name]  # fmt: skip
        return [*words, "--store", os.fspath(self.store.root)]

    def run(self, name: str, variant: int, *, check: bool = False) -> int:
        """Run a command to its end and return its exit code."""
        return in_child(lambda: self._do(name, variant), check=check)

    def start(self, name: str, variant: int) -> int:
        """Start a command and return its process."""
        return fork(lambda: self._do(name, variant))

    def _do(self, name: str, variant: int) -> int:
        if name == "export":
            shutil.rmtree(self.folder / f"export-{variant}", ignore_errors=True)
        if name == "ingest":
            # The results of before would be found again, and nothing be measured.
            shutil.rmtree(self.store.root / "derivatives" / "scans" / "records", ignore_errors=True)
        if name == "evaluate":
            return _evaluate(Store(self.store.root), variant)
        from app import cli
        from pipeline.ingest import ingest
        from tests.pipeline.small_scans import prepare_stand_in

        ingest.prepare = prepare_stand_in
        return cli.main(self.words(name, variant))

    def _learn(self) -> None:
        for what, content in look(self.store).items():
            self.allowed.setdefault(what, set()).add(content)

    def sound(self) -> str:
        """Return what is wrong with the store, or an empty text."""
        try:
            found = look(self.store)
        except RuntimeError as error:
            return str(error)
        strange = [what for what, content in found.items() if content not in self.allowed.get(what, set()) | {"none"}]
        return f"holds {', '.join(strange)} as nobody published it" if strange else ""

    def judge(self, count: Counter[str], label: str, name: str, variant: int) -> None:
        """Count a fault as survived or lost."""
        count["tried"] += 1
        wrong = self.sound()
        # Where a command is refused for what another one did, such as no older version to go back to, an import tells.
        again = 0 if wrong else self.run("import" if name == "rollback" else name, variant)
        wrong = wrong or (f"the next {name} ends with {again}" if again else "") or self.sound()
        count["lost" if wrong else "survived"] += 1
        if wrong:
            sys.stderr.write(f"{label}: {wrong}\n")

    def kills(self, number: int, minutes: float | None = None) -> dict[str, Counter[str]]:
        """Kill commands at random moments, as often as asked for or as time allows."""
        ended = time.monotonic() + 60 * (minutes or float("inf"))
        counts = {name: Counter(dict.fromkeys(SHOWN, 0)) for name in COMMANDS}
        for kill in range(number):
            if time.monotonic() > ended:
                break
            name, variant = CYCLE[kill % len(CYCLE)], (kill + kill // len(CYCLE)) % 2
            process = self.start(name, variant)
            time.sleep(self.seconds[name] * self._random.random())
            counts[name]["ended"] += os.waitpid(process, os.WNOHANG)[0] != 0 or not _kill(process)
            self.judge(counts[name], f"kill {kill} of {name}", name, variant)
        return counts

    def pairs(self, number: int) -> Counter[str]:
        """Run two commands at once."""
        count = Counter(dict.fromkeys(SHOWN, 0))
        for pair in range(number):
            names = PAIRS[pair % len(PAIRS)]
            processes = [self.start(name, variant) for variant, name in enumerate(names)]
            for process in processes:
                os.waitpid(process, 0)
            self.judge(count, f"{names[0]} beside {names[1]}", names[0], pair % 2)
        return count


def _kill(process: int) -> bool:
    os.kill(process, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(process, 0)[1])


def fork(work: Callable[[], int], *, loud: bool = False) -> int:
    """Do work in a process of its own and return the process; the work's value is its exit code.

    Parameters
    ----------
    loud : what it says on stderr is seen
    """
    process = os.fork()
    if process:
        return process
    code = 70
    try:
        silent = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1) if loud else (0, 1, 2):
            os.dup2(silent, stream)
        code = work()
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(code)


def in_child(work: Callable[[], int], *, check: bool = False) -> int:
    """Do work in a process of its own and return its exit code."""
    status = os.waitpid(fork(work, loud=check), 0)[1]
    code = os.waitstatus_to_exitcode(status)
    if check and code:
        raise RuntimeError(f"what every fault is compared with ends with {code}")
    return code


def look(store: Store) -> dict[str, str]:
    """Return what the live version holds, by content; looked at in a process of its own.

    Raises
    ------
    RuntimeError : it cannot be read, contradicts itself, is not what it says, or has no entry in the audit log.
    """
    read, write = os.pipe()

    def work() -> int:
        try:
            said = json.dumps(_content(store))
        except Exception as error:
            said = json.dumps({"": f"{type(error).__name__}: {error}"})
        os.write(write, said.encode())
        return 0

    process = fork(work)
    os.close(write)
    with suppress(OSError):
        select.select([read], [], [], LONGEST)
    with os.fdopen(read, "rb") as pipe:
        told = json.loads(pipe.read() or b'{"": "no answer"}')
    os.waitpid(process, 0)
    if "" in told:
        raise RuntimeError(told[""])
    return dict(told)


def _content(store: Store) -> dict[str, str]:
    from db.content_hash import content_sha256
    from vocabulary.files import json_sha256

    found: dict[str, str] = {}
    with store.read() as snapshot:
        contradictions = {name: count for name, count in snapshot.audit().items() if count}
        if contradictions:
            raise AssertionError(f"version {snapshot.version} contradicts itself: {contradictions}")
        for row in snapshot.datasets().to_dicts():
            name = row["dataset_id"]
            found[name] = str(row["content_sha256"])
            if name == DATASET and content_sha256(snapshot.cohort(name), PROTOCOL) != found[name]:
                raise AssertionError(f"{name} is not what it says")
            if name == "scans":
                people = snapshot.cohort(name)
                if people.height != SCANS or people["subject_id"].n_unique() != SCANS:
                    raise AssertionError(f"{people.height} scans, expected {SCANS}")
                found[name] = "all of them"
        found["models"] = json_sha256(snapshot.model_scores().to_dicts())
        log = AuditLog(store.root).read()
        if AuditLog(store.root).last_version() != snapshot.version and not _unfinished(log.entries, snapshot.version):
            raise AssertionError(f"the audit log does not know that version {snapshot.version} is live")
        if log.problems:
            raise AssertionError(f"the audit log: {log.problems[0]}")
    return found


def _unfinished(entries: list[dict[str, object]], live: int) -> bool:
    """Tell whether the last change was logged and its writer killed before it went live; the next one says so."""
    changes = [entry for entry in entries if entry["after"] is not None]
    return bool(changes) and changes[-1]["before"] == live


def _evaluate(store: Store, variant: int) -> int:
    import polars as pl

    from db.publish_evaluations import publish_models
    from tests.app.fake_evaluation import write_fake_evaluation
    from vocabulary.evaluation_contract import SCHEMAS

    with tempfile.TemporaryDirectory() as folder:
        files = write_fake_evaluation(Path(folder), seed=variant)
        publish_models(store, {n: pl.read_csv(files / f"{n}.csv", schema=s) for n, s in SCHEMAS.items()
                               if (files / f"{n}.csv").is_file()})  # fmt: skip
    return 0


def _make_inputs(folder: Path, people: int) -> int:
    from analysis.synthetic.cohort import synthetic_cohort
    from tests.pipeline.small_scans import write_small_scan

    for variant in (0, 1):
        synthetic_cohort(variant + 1, people).write_csv(folder / f"{variant}.csv")
    for number in range(SCANS):
        write_small_scan(folder / "scans" / f"P{number}" / "FLAIR.nii.gz", number)
    return 0


if __name__ == "__main__":
    main()
