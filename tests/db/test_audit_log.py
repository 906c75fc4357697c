"""The audit log: every version has its entry, nothing that is written goes, and what was touched is noticed."""

import json
import os
import stat
from pathlib import Path
from threading import Thread

import pytest

from db.audit_log import ACTOR_VARIABLE, FILE, AuditLog, acting, user_of_this_machine
from db.store import Store


def entries(root: Path) -> list[tuple[str, str, int | None, int | None]]:
    log = AuditLog(root).read()
    assert log.problems == []
    return [(entry["who"], entry["what"], entry["before"], entry["after"]) for entry in log.entries]


def written(store: Store, what: str) -> None:
    with store.write(what):
        pass


def test_every_version_has_its_entry_and_its_author(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    written(store, "one")
    with acting("carl"):
        written(store, "two")
    monkeypatch.setenv(ACTOR_VARIABLE, "anna")
    written(store, "three")
    store.rollback(1)
    me = user_of_this_machine()
    assert entries(tmp_path) == [
        (me, "one", None, 1),
        ("carl", "two", 1, 2),
        ("anna", "three", 2, 3),
        ("anna", "went to version 1", 3, 1),
    ]


def test_what_is_not_published_is_not_logged(tmp_path: Path) -> None:
    store = Store(tmp_path)
    written(store, "one")
    with pytest.raises(RuntimeError), store.write("two"):
        raise RuntimeError
    assert [what for _, what, _, _ in entries(tmp_path)] == ["one"]


def test_no_version_goes_live_without_its_entry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(tmp_path)
    written(store, "one")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(AuditLog, "append", full)
    with pytest.raises(OSError, match="No space"):
        written(store, "two")
    monkeypatch.undo()
    current = Store(tmp_path).current()
    assert current is not None
    assert current.number == 1
    assert [version.number for version in store.versions()] == [1]


def test_a_version_whose_writer_died_before_it_went_live_is_said_to(tmp_path: Path) -> None:
    store = Store(tmp_path)
    written(store, "one")
    point = store._point_to
    store._point_to = lambda name: (_ for _ in ()).throw(KeyboardInterrupt)  # type: ignore[method-assign,assignment]
    with pytest.raises(KeyboardInterrupt):
        written(store, "two")
    store._point_to = point  # type: ignore[method-assign]
    written(store, "again")
    told = [(what, before, after) for _, what, before, after in entries(tmp_path)]
    assert told[0] == ("one", None, 1)
    assert told[1] == ("two", 1, 2)
    assert told[2][0].startswith("version 2 never went live")
    assert told[2][2] == 1
    assert told[3][0] == "again"
    assert told[3][1] == 1


def test_a_version_that_went_live_by_hand_is_noticed(tmp_path: Path) -> None:
    store = Store(tmp_path)
    written(store, "one")
    written(store, "two")
    (tmp_path / "CURRENT").write_text("cohort-000001.duckdb\n")
    written(store, "three")
    assert [(who, what, before, after) for who, what, before, after in entries(tmp_path) if who == "nobody known"] == [
        ("nobody known", "version 1 was live, without an entry", 2, 1)
    ]


@pytest.mark.parametrize("change", ["taken out", "changed", "swapped"])
def test_what_was_touched_is_noticed(tmp_path: Path, change: str) -> None:
    log = AuditLog(tmp_path)
    for what in ("one", "two", "three"):
        log.append("anna", what)
    lines = (tmp_path / FILE).read_text().splitlines(keepends=True)
    if change == "taken out":
        del lines[1]
    elif change == "changed":
        lines[1] = lines[1].replace("anna", "carl")
    else:
        lines[0], lines[1] = lines[1], lines[0]
    (tmp_path / FILE).write_text("".join(lines))
    assert log.read().problems


def test_half_a_line_of_a_killed_process_is_named_and_harms_no_other(tmp_path: Path) -> None:
    log = AuditLog(tmp_path)
    log.append("anna", "one")
    with (tmp_path / FILE).open("ab") as file:
        file.write(b'{"at": "2026-')
    log.append("anna", "two")
    found = log.read()
    assert [entry["what"] for entry in found.entries] == ["one", "two"]
    assert len(found.problems) == 1
    assert "line 2 is no entry" in found.problems[0]


def test_many_writers_at_once_lose_nothing(tmp_path: Path) -> None:
    def write(name: str) -> None:
        for number in range(20):
            AuditLog(tmp_path).append(name, str(number))

    threads = [Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(entries(tmp_path)) == 80


def test_a_line_never_breaks_the_file(tmp_path: Path) -> None:
    AuditLog(tmp_path).append('somebody\n{"who": "carl"}', 'two\r\nlines \u2028 and a quote " ä')
    assert len(entries(tmp_path)) == 1
    assert len((tmp_path / FILE).read_bytes().splitlines()) == 1
    assert json.loads((tmp_path / FILE).read_text())["who"].startswith("somebody")


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such modes")
def test_the_log_is_its_owners_alone(tmp_path: Path) -> None:
    AuditLog(tmp_path).append("anna", "one")
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
