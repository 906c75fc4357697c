"""Uploads: harmless names, temporary copies that vanish, one line without paths, guessed columns."""

from pathlib import Path

import pytest

from app.sentences.as_written import as_written
from app.uploads.tables import IncomingError, guess_columns, plain_errors, safe_name, temporary_file
from db.errors import ImportConflict, StoreBusy, StoreDamaged, TableError


@pytest.mark.parametrize(
    "name",
    [
        "../../x.csv",
        "..\\..\\x.csv",
        "/etc/passwd",
        "a\x00b.csv",
        "CON.csv\n",
        ".",
        "..",
        "",
        "a" * 500 + ".csv",
        "=cmd|' /C'!A0.csv",
    ],
)
def test_names_stay_in_their_folder(name: str, tmp_path: Path) -> None:
    safe = safe_name(name)
    assert (tmp_path / safe).resolve().parent == tmp_path.resolve()
    assert safe.isprintable()
    assert 0 < len(safe) < 100


def test_the_copy_is_gone_afterwards_even_after_an_error() -> None:
    with temporary_file("../a.csv", b"x") as path:
        assert path.read_bytes() == b"x"
        folder = path.parent
    assert not folder.exists()
    with pytest.raises(IncomingError), temporary_file("a.csv", b"x") as path:
        folder = path.parent
        raise TableError("no")
    assert not folder.exists()


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (TableError("a.csv is empty\nmore"), "a.csv is empty"),
        (StoreDamaged("the store in /srv/data is damaged"), "the store in the folder is damaged"),
        (StoreBusy("another process holds /srv/data"), "Another import is running"),
        (ImportConflict("use --replace"), "say that it may be replaced"),
        (PermissionError(13, "Permission denied", "/srv/data/x"), "could not be read or written (Permission denied)"),
    ],
)
def test_errors_are_one_line_without_a_path(error: Exception, expected: str) -> None:
    with pytest.raises(IncomingError) as caught, plain_errors("/srv/data"):
        raise error
    assert expected in str(caught.value)
    assert "/srv" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_mistake_of_ours_is_not_dressed_up() -> None:
    with pytest.raises(KeyError), plain_errors():
        raise KeyError("x")


def test_columns_are_guessed_once_each() -> None:
    headers = [
        "Participant",
        "Age",
        "Gender",
        "Diagnosis",
        "ICV",
        "Ventricles",
        "Lesion total",
        "PEWMH",
        "Deep WM",
        "Juxta",
    ]
    guessed = guess_columns(headers)
    assert guessed == dict(
        zip(
            ("subject_id", "age_years", "sex", "group", "intracranial_area_mm2", "ventricle_area_mm2", "wmh_area_mm2",
             "periventricular_area_mm2", "paraventricular_area_mm2", "juxtacortical_area_mm2"),
            headers,
            strict=True,
        )
    )  # fmt: skip
    assert guess_columns(["colour"]) == {}


def test_markdown_of_a_file_is_shown_as_written() -> None:
    assert as_written("![x](http://a_b)") == r"!\[x\](http\://a\_b)"
