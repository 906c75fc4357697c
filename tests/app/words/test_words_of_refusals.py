"""Every refusal that an import, a join or the way back can make is in Persian: they are read out of the code itself."""

import ast
import itertools
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

import app.uploads.tables
import db
import db.errors
from app.components.store.join_form import _in_page_words
from app.sentences.as_written import as_written
from app.words import translating
from app.words.translating import translated
from db.import_table import import_table
from db.store import Store
from db.tables.plausible import cause
from vocabulary.measures import MEASURES

ROOT = Path(db.__path__[0])
MODULES = (
    *sorted((ROOT / "tables").glob("*.py")),
    *(ROOT / f"{name}.py" for name in ("import_table", "join_table", "join_plan", "match_people", "extras")),
    *(ROOT / f"{name}.py" for name in ("publish_table", "undo", "store")),
    Path(app.uploads.tables.__file__),
)
A_NAME, A_NUMBER = "x1", "12"
"""What stands for what a refusal names; both pass as they are."""


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> Counter[tuple[str, str]]:
    """Return the count of texts that no table has, empty at the start of a test."""
    counted: Counter[tuple[str, str]] = Counter()
    monkeypatch.setattr(translating, "MISSING", counted)
    return counted


def _texts(node: ast.expr | None, said: dict[str, list[str]]) -> list[str]:
    """Return what an expression of text may come to, with names and numbers in the places of what is not known."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.Name):
        return said.get(node.id, [A_NAME])
    if isinstance(node, ast.IfExp):
        return _texts(node.body, said) + _texts(node.orelse, said)
    if isinstance(node, ast.BoolOp):
        return list(dict.fromkeys(text for value in node.values for text in _texts(value, said)))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return [a + b for a in _texts(node.left, said) for b in _texts(node.right, said)]
    if isinstance(node, ast.JoinedStr):
        parts = [
            _texts(part, said)
            if isinstance(part, ast.Constant)
            else [A_NUMBER]
            if isinstance(part, ast.FormattedValue) and part.format_spec is not None
            else _texts(part.value, said)
            if isinstance(part, ast.FormattedValue)
            else [A_NAME]
            for part in node.values
        ]
        return ["".join(chosen) for chosen in itertools.product(*parts)]
    return [A_NAME]


def _said_in(function: ast.AST) -> dict[str, list[str]]:
    """Return the texts that the variables of a function hold, where the code says them."""
    said: dict[str, list[str]] = {}
    for step in ast.walk(function):
        if isinstance(step, ast.Assign) and isinstance(step.targets[0], ast.Name):
            found = _texts(step.value, said)
            if found != [A_NAME]:
                said.setdefault(step.targets[0].id, []).extend(found)
        elif isinstance(step, ast.AugAssign) and isinstance(step.target, ast.Name) and step.target.id in said:
            said[step.target.id] += [a + b for a in said[step.target.id] for b in _texts(step.value, said)]
    return said


def _refusals() -> Iterator[tuple[str, str]]:
    for path in MODULES:
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(function, ast.FunctionDef):
                continue
            said = _said_in(function)
            for step in ast.walk(function):
                if isinstance(step, ast.Raise) and isinstance(step.exc, ast.Call) and step.exc.args:
                    for text in _texts(step.exc.args[0], said):
                        yield f"{path.name}:{step.lineno}", text


def test_every_refusal_of_a_table_has_its_persian(missing: Counter[tuple[str, str]]) -> None:
    refusals = dict.fromkeys(_refusals())
    assert len(refusals) > 80
    english = []
    for place, text in refusals:
        for shown in {text, _in_page_words(text)}:
            missing.clear()
            translated(as_written(shown), "fa")
            if missing:
                english.append((place, shown))
    assert english == []


def test_every_doubt_about_a_column_of_numbers_has_its_persian(missing: Counter[tuple[str, str]]) -> None:
    doubts = {cause(name, pl.Series([x])) for name in MEASURES for x in (1e-9, 1e-4, 0.2, 3.0, 70.0, 5e3, 1e7, 1e13)}
    doubts |= {cause("age_years", pl.Series([x])) for x in (480.0, 15_000.0, 1e9)}
    doubts.add(cause("periventricular_share_pct", pl.Series([0.2] * 30)))
    assert len(doubts) > 10
    for doubt in filter(None, doubts):
        translated(as_written(f"table.csv, column 'x1': {doubt}; nothing was imported"), "fa")
        translated(as_written(f"table.csv, column 'x1': {doubt}"), "fa")
    assert {text for _, text in missing} == set()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("blank.csv", "\n\n\n"),
        ("header.csv", "subject_id,group,sex,age_years,wmh_area_mm2\n"),
        ("twice.csv", "code,code,sex\nP1,P1,F\n"),
        ("ragged.csv", "code,group,sex,wmh_area_mm2\nP1,MS,F\nP2,HC,M,3\n"),
        ("quote.csv", 'code,group,sex,wmh_area_mm2\n"P1,MS,F,3\n'),
        ("none.csv", "height,weight\n1,2\n"),
        ("sheet.xlsx", "no workbook"),
        ("one.parquet", "no parquet"),
        ("doubt.csv", "code,group,sex,age_years,wmh_area_mm2\nP1,MS,F,30,1.234\nP2,HC,M,40,2.345\n"),
        ("words.csv", "code,group,sex,wmh_area_mm2\nP1,blue,F,3\nP2,green,M,4\n"),
        ("picture.csv", "\x89PNG\r\n\x1a\n"),
        ("notes.docx", "text"),
    ],
)
def test_tables_that_are_refused_are_so_in_persian(
    name: str, content: str, tmp_path: Path, missing: Counter[tuple[str, str]]
) -> None:
    path = tmp_path / name
    path.write_bytes(content.encode("latin-1"))
    with pytest.raises(db.errors.StoreError) as refused:
        import_table(Store(tmp_path / "store"), path, protocol_id="x-1")
    translated(as_written(str(refused.value).splitlines()[0]), "fa")
    assert {text for _, text in missing} == set()


@pytest.mark.parametrize(
    ("english", "persian"),
    [
        (
            "May.csv: 3 of 12 rows do not have the header's 5 fields (row 3 has 4, row 5 has 6, ...); "
            "check separators and quotes",
            "(ردیف ۳: ۴ خانه، ردیف ۵: ۶ خانه، …)",
        ),
        (
            "t.csv: no column for subject_id, sex; the table has Height, Weight of a person, ... (30 columns); say "
            "which is which with --map column=subject_id, or give everybody one with --value 'sex:*=F' ('sex:*=n/a' "
            "where nobody's is known)",
            "بگویید کدام چیست",
        ),
        (
            "x.csv: the column edss of 'demo' holds a number without a unit, the table number in years; rename the "
            "table's, or tick the box that lets the table's take their place",
            "عدد بی‌یکا دارد، جدول عدد به سال؛",
        ),
    ],
)
def test_lists_within_a_refusal_are_persian_too(english: str, persian: str, missing: Counter[tuple[str, str]]) -> None:
    assert persian in translated(as_written(english), "fa")
    assert not missing
