"""A further table about people who are there already: joined by their codes, whole or not at all."""

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from db.errors import ImportConflict, NotInStore, TableError
from db.import_table import import_table
from db.join_table import JoinReport, join_table
from db.store import Store
from db.tables.choices import EVERYBODY, ExtraChoice, TableChoices
from vocabulary.measures import PUBLISHED_PROTOCOL

ALL = TableChoices(extras=(ExtraChoice(EVERYBODY),))
CLINICAL = 'id,EDSS,Course,Dose (mg)\nP001,"2,5",RRMS,240\np-4,6,SPMS,\nP999,1,RRMS,5\n'

Join = Callable[..., JoinReport]


@pytest.fixture
def join(filled_store: Store, tmp_path: Path) -> Join:
    """Return a function that joins a text as a table to the four people."""

    def run(text: str, choices: TableChoices = ALL, name: str = "clinical.csv", **options: bool) -> JoinReport:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return join_table(filled_store, path, "tabriz", choices=choices, **options)

    return run


def further(store: Store) -> pl.DataFrame:
    with store.read() as snapshot:
        assert not any(snapshot.audit().values())
        frame = snapshot.cohort("tabriz")
        return frame.select("subject_id", *frame.columns[frame.columns.index("reader_verdict") + 1 :])


def test_columns_come_typed_to_the_right_people(join: Join, filled_store: Store) -> None:
    report = join(CLINICAL)
    assert (report.changed, report.version, report.before) == (True, 2, 1)
    assert (report.n_rows, report.n_matched, report.unmatched_rows) == (3, 2, ["P999"])
    assert (report.n_people, report.n_people_matched, report.people_without_row) == (4, 2, ["P002", "P003"])
    assert [(e.name, e.kind, e.unit) for e in report.extras] == [
        ("edss", "number", ""),
        ("course", "category", ""),
        ("dose_mg", "number", "mg"),
    ]
    assert report.n_values == {"edss": 2, "course": 2, "dose_mg": 1}
    assert any("'p-4' of the table is P004 here" in note for note in report.notes)
    assert further(filled_store).rows() == [
        ("P001", 2.5, "RRMS", 240.0),
        ("P002", None, None, None),
        ("P003", None, None, None),
        ("P004", 6.0, "SPMS", None),
    ]
    with filled_store.read() as snapshot:
        assert snapshot.extra_sources("tabriz") == dict.fromkeys(("edss", "course", "dose_mg"), "clinical.csv")
        told = snapshot.joined_tables("tabriz").select("source_name", "n_rows", "n_matched")
    assert told.rows() == [("clinical.csv", 3, 2)]


def test_the_same_table_twice_changes_nothing(join: Join, filled_store: Store, make_table) -> None:
    first = join(CLINICAL)
    again = join(CLINICAL)
    assert (again.changed, again.version, again.content_sha256) == (False, 2, first.content_sha256)
    # Nor does the dataset's own table, which says less.
    own = import_table(filled_store, make_table(name="filled.csv"), PUBLISHED_PROTOCOL)
    assert (own.changed, own.version, own.content_sha256) == (False, 2, first.content_sha256)


def test_a_second_table_adds_to_the_first_and_contradicts_it_only_when_asked(join: Join, filled_store: Store) -> None:
    join(CLINICAL)
    join("id,EDSS\nP002,0\n", name="controls.csv")
    assert further(filled_store)["edss"].to_list() == [2.5, 0.0, None, 6.0]
    with pytest.raises(ImportConflict, match=r"other values for 1 scan, such as tabriz/P001: 2.5 there, 3.0 in the"):
        join("id,EDSS\nP001,3\n")
    assert join("id,EDSS\nP001,3\n", replace=True).changed
    assert further(filled_store)["edss"].to_list() == [3.0, 0.0, None, 6.0]
    with pytest.raises(ImportConflict, match="holds a number without a unit, the table a category"):
        join("id,EDSS\nP001,mild\n")


def test_what_was_unknown_of_a_person_becomes_known(join: Join, filled_store: Store) -> None:
    report = join("id,age,sex,group\nP003,51,F,HC\n")
    assert report.filled == {"group": 0, "sex": 0, "age_years": 1}
    with filled_store.read() as snapshot:
        assert snapshot.cohort("tabriz")["age_years"].to_list() == [44.0, 28.0, 51.0, 61.5]
        assert snapshot.missing_values("tabriz").filter(pl.col("column_name") == "age_years").is_empty()
        assert not any(snapshot.audit().values())


def test_another_sex_or_group_may_be_another_person(join: Join, filled_store: Store) -> None:
    with pytest.raises(ImportConflict, match=r"another sex to 1 person, such as P001 \(M in row 2, F here\)"):
        join("id,sex,EDSS\nP001,M,2\n")
    current = filled_store.current()
    assert current is not None
    assert current.number == 1
    join("id,sex,EDSS\nP001,M,2\n", replace=True)
    with filled_store.read() as snapshot:
        assert snapshot.cohort("tabriz")["sex"][0] == "M"


REFUSED = {
    "nobody": ("id,EDSS\nX1,2\nX2,3\n", "nobody in it is in the dataset"),
    "no codes": ("EDSS,site\n2,A\n", "no column of codes among EDSS"),
    "nothing": ("id,wmh_area_mm2\nP001,4\n", "nothing to join"),
    "twice": ("id,EDSS\nP001,2\np1,3\n", "rows 2 and 3 both speak of tabriz/P001"),
    "the same twice": ("id,EDSS\nP001,2\nP001,3\n", "appears more than once"),
    "a name": ("id,EDSS\nP001,2\nAnn Lee,3\n", "not a pseudonymous code"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_trusted_is_refused_whole(join: Join, filled_store: Store, case: str) -> None:
    text, said = REFUSED[case]
    with pytest.raises(TableError, match=said):
        join(text)
    assert [version.number for version in filled_store.versions()] == [1]


def test_sound_rows_are_joined_when_asked(join: Join, filled_store: Store) -> None:
    report = join("id,EDSS\nP001,2\nAnn Lee,3\n", accept_valid=True)
    assert (report.n_rejected, report.n_matched) == (1, 1)
    assert further(filled_store)["edss"].to_list() == [2.0, None, None, None]


def test_measures_are_not_joined(join: Join) -> None:
    report = join("id,EDSS,wmh_area_mm2\nP001,2,5\n")
    assert report.ignored_columns == ["wmh_area_mm2"]
    with pytest.raises(TableError, match="brings no measures"):
        join("id,EDSS,load\nP001,2,5\n", TableChoices({"load": "wmh_area_mm2"}))


def test_ages_in_months_are_converted(join: Join, filled_store: Store) -> None:
    join("id,Age (months)\nP003,600\n")
    with filled_store.read() as snapshot:
        assert snapshot.cohort("tabriz")["age_years"][2] == 50.0


def test_a_dataset_that_is_not_there(filled_store: Store, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,EDSS\nP001,2\n")
    for store in (filled_store, Store(tmp_path / "empty")):
        with pytest.raises(NotInStore, match="no dataset 'none'"):
            join_table(store, path, "none", choices=ALL)


def test_a_replaced_dataset_leaves_no_joined_column_behind(join: Join, filled_store: Store, make_table) -> None:
    join(CLINICAL)
    import_table(filled_store, make_table("P001,44.0,0,MS,116000,560,180,23,134,23"), PUBLISHED_PROTOCOL, replace=True)
    assert further(filled_store).columns == ["subject_id"]
    with filled_store.read() as snapshot:
        assert snapshot.joined_tables("tabriz").is_empty()
