"""Every way in which a page changes or hands out something goes through a door that asks who it is."""

import ast
from pathlib import Path

import pytest

from app.access.current import PersonsStore, Visitor
from app.access.roles import NotAllowed, Person
from app.jobs.job import Request, new_folder, put_job_away, read_job, start_job, stop_job
from db.audit_log import AuditLog
from vocabulary.files import write_json

APP = Path(__file__).resolve().parents[3] / "app"
PAGES = [*(APP / "views").rglob("*.py"), *(APP / "components").rglob("*.py"), APP / "main.py"]
REQUEST = Request((), None, "scans", "mscohort-1", "study-code", False, None, 0)


def calls(path: Path, name: str) -> list[int]:
    """Return the lines in which a module calls something of this name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and name in (getattr(node.func, "attr", None), getattr(node.func, "id", None))
    ]


def test_files_are_handed_out_by_one_door() -> None:
    found = {path.name for path in PAGES if calls(path, "download_button")}
    assert found == {"download.py"}, "hand files out by app.components.download.download, which asks who it is and logs"


@pytest.mark.parametrize("name", ["Store", "write_whole", "write_json", "unlink", "rmtree"])
def test_no_page_goes_around_the_persons_store(name: str) -> None:
    assert [path.name for path in PAGES if calls(path, name)] == []


@pytest.mark.parametrize("role", [None, "viewer", "analyst"])
def test_only_a_curator_writes_whatever_the_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, role: str) -> None:
    monkeypatch.setenv("MSCOHORT_STORE", str(tmp_path))
    monkeypatch.setattr(Visitor, "person", lambda self: Person("anna", role))  # type: ignore[arg-type]
    store = PersonsStore(tmp_path)
    with pytest.raises(NotAllowed), store.write("anything"):
        pass
    with pytest.raises(NotAllowed):
        store.rollback(1)
    with pytest.raises(NotAllowed), store.lock():
        pass
    told = AuditLog(tmp_path).read().entries
    assert [entry["what"] for entry in told] == ["refused: write to the store"] * 3
    assert store.versions() == []


def test_a_curator_writes_under_their_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Visitor, "person", lambda self: Person("carl", "curator"))
    with PersonsStore(tmp_path).write("something"):
        pass
    assert [(entry["who"], entry["what"]) for entry in AuditLog(tmp_path).read().entries] == [("carl", "something")]


@pytest.mark.parametrize("role", [None, "viewer", "analyst"])
def test_only_a_curator_starts_stops_and_puts_away_measurements(tmp_path: Path, role: str) -> None:
    folder = new_folder(tmp_path)
    by = Person("anna", role)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        start_job(folder, REQUEST, by)
    assert not folder.exists(), "the uploads of somebody who may not measure stay nowhere"
    folder = new_folder(tmp_path)
    write_json(vars(REQUEST), folder / "request.json")
    job = read_job(folder)
    with pytest.raises(NotAllowed):
        stop_job(job, by)
    with pytest.raises(NotAllowed):
        put_job_away(job, by)
    assert not (folder / "stop").exists()
    assert not (folder / "seen").exists()


@pytest.mark.parametrize(("role", "passes"), [(None, False), ("viewer", False), ("analyst", True), ("curator", True)])
def test_a_file_is_made_for_those_who_may_when_they_ask(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, role: str, passes: bool
) -> None:
    from app.access.current import taken_away

    monkeypatch.setenv("MSCOHORT_STORE", str(tmp_path))
    monkeypatch.setattr(Visitor, "person", lambda self: Person("anna", role))  # type: ignore[arg-type]
    made: list[int] = []

    def make() -> bytes:
        made.append(1)
        return b"rows"

    content = taken_away(make, "people.csv")
    if passes:
        assert content() == b"rows"
    else:
        with pytest.raises(NotAllowed):
            content()
    assert len(made) == int(passes)
    what = "took away people.csv" if passes else "refused: take away people.csv"
    assert [entry["what"] for entry in AuditLog(tmp_path).read().entries] == [what]
