"""Answers as tables: numbers right-aligned with sensible digits, the unrounded ones one click away."""

from collections.abc import Mapping
from functools import partial
from html import escape
from typing import Any

import polars as pl
import streamlit as st

from app.components.language import language, words
from app.sentences.formatting import MISSING, format_interval, format_number, format_p
from app.sentences.labels import EFFECT_LABELS, TEST_LABELS, adjustment_name
from app.sentences.terms import met_in, span
from app.sentences.two_groups import said_of
from app.sentences.typography import with_dashes
from app.words.markup import WRITTEN, unbroken
from app.words.numbers import persian_numbers
from app.words.translating import translated

SENTENCE = 40
"""Characters from which on a cell is a sentence more than a name."""
SPELLED_OUT = {"WMH", "HC"}
"""Terms that every page explains above its tables."""


def numbers_table(
    frame: pl.DataFrame, *, left: tuple[str, ...] = (), wrap: bool = False, as_read: bool = False
) -> None:
    """Show a small table for reading; the columns in ``left`` are text, the others right-aligned numbers.

    It is plain HTML: Streamlit's own table draws every cell as a document of Markdown, which takes the browser a fifth
    of a click. Cells are text already formatted, shown as it is written. ``wrap`` lets numbers break at their blanks;
    ``as_read`` leaves heads and cells as they are in every language, for they are those of somebody's file.
    """
    if not as_read:
        frame = _in_words(_dashes_set(frame, left))
        left = tuple(map(words, left))
    kinds = [_kind(frame[name]) if name in left else "" for name in frame.columns]
    head = "".join(map(partial(_cell, "th scope=col"), kinds, frame.columns))
    body = "".join(f"<tr>{''.join(map(partial(_cell, 'td'), kinds, row))}</tr>" for row in frame.iter_rows())
    kind = " wrapping" if wrap else ""
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    st.html(f'{WRITTEN}{kind}">{table}</div>{_explained(frame)}')


def _kind(column: pl.Series) -> str:
    """Return the class of a column of text: sentences keep a width at which they can be read where there is no room."""
    longest = max((len(str(cell)) for cell in column if cell is not None), default=0)
    return ' class="text sentences"' if longest > SENTENCE else ' class="text"'


def _cell(tag: str, kind: str, content: object) -> str:
    return f"<{tag}{kind}>{'' if content is None else escape(str(content))}</{tag.split(maxsplit=1)[0]}>"


def _explained(frame: pl.DataFrame) -> str:
    """Return the line below a table that explains the terms in it; empty where there are none."""
    code = language()
    texts = [*frame.columns, *(str(text) for column in frame.iter_columns() for text in column if text)]
    spelled_out = met_in(map(words, SPELLED_OUT), code)
    said = " · ".join(span(term, code) for term in met_in(texts, code) if term not in spelled_out)
    return f'<p class="terms">{words("Explained")}: {said}</p>' if said else ""


def _dashes_set(frame: pl.DataFrame, left: tuple[str, ...]) -> pl.DataFrame:
    """Return a table whose columns of numbers have en dashes in ranges."""
    numbers = [name for name, kind in frame.schema.items() if kind == pl.String and name not in left]
    return frame.with_columns(pl.col(numbers).map_elements(with_dashes, pl.String))


def _in_words(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a table with its heads and texts in the language of the page."""
    code = language()
    if code == "en":
        return frame
    texts = [name for name, kind in frame.schema.items() if kind == pl.String]
    made = frame.with_columns(
        pl.Series(name, [None if cell is None else unbroken(translated(cell, code)) for cell in frame[name]], pl.String)
        for name in texts
    )
    return made.rename({name: translated(name, code) for name in frame.columns})


def columns_in_words(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of ``st.dataframe`` with labels and help in the language of the page."""
    return {
        name: {**column, **{key: words(column[key]) for key in ("label", "help") if column.get(key)}}
        for name, column in columns.items()
    }


def cells_in_words(frame: pl.DataFrame, *names: str) -> pl.DataFrame:
    """Return a table with the texts of some columns in the language of the page."""
    code = language()
    held = [name for name in names if name in frame.columns]
    return frame.with_columns(
        pl.Series(name, [None if cell is None else translated(cell, code) for cell in frame[name]], dtype=pl.String)
        for name in held
    )


def tests_table(tests: pl.DataFrame, *, names: tuple[str, str] | None = None) -> None:
    """Show the answer of `analysis.comparison.compare`, the headline first, each test with its n and its method.

    ``names`` are those of two groups in the places of MS and HC.
    """
    rows = []
    for test in tests.sort("headline", descending=True, maintain_order=True).iter_rows(named=True):
        rows.append(
            {
                "Question": TEST_LABELS[test["name"]] + (" (headline)" if test["headline"] else ""),
                "Effect": said_of(EFFECT_LABELS[test["effect"]], names),
                "Size": format_number(test["effect_size"]),
                "95 % CI": MISSING if test["ci_low"] is None else format_interval(test["ci_low"], test["ci_high"]),
                "p": format_p(test["p_value"]),
                f"p ({adjustment_name(test)}, {test['family_size']})": format_p(test["p_adjusted"]),
                said_of("n HC", names): f"{test['n_hc']:,}",
                said_of("n MS", names): f"{test['n_ms']:,}",
                "Left out": f"{test['n_missing']:,}",
                "How": said_of(test["note"] or test["method"], names),
            }
        )
    numbers_table(pl.DataFrame(rows), left=("Question", "Effect", "How"))


def normality_table(shape: pl.DataFrame) -> None:
    """Show the answer of `analysis.normality.normality`."""
    rows = [
        {
            "Group": row["group"],
            "Scale": "logarithm, zeros left out" if row["scale"] == "log" else "as measured",
            "n": f"{row['n']:,}",
            "Left out": f"{row['n_missing']:,}",
            "Skewness": format_number(row["skewness"]),
            "Excess kurtosis": format_number(row["excess_kurtosis"]),
            "Shapiro-Wilk W": format_number(row["statistic"]),
            "p": format_p(row["p_value"]),
            "Note": row["note"] or "",
        }
        for row in shape.iter_rows(named=True)
    ]
    numbers_table(pl.DataFrame(rows), left=("Group", "Scale", "Note"))


def numbers_in_words(frame: pl.DataFrame, columns: Mapping[str, Any]) -> tuple[pl.DataFrame, dict[str, Any]]:
    """Return a frame and its columns for ``st.dataframe`` in the words and digits of the page's language.

    Streamlit draws numbers in Latin digits alone. In a language with its own they become texts of one width, which sort
    as the numbers do; no column that is shown so has negative ones.
    """
    told = columns_in_words(columns)
    if language() == "en":
        return frame, told
    made = []
    for name, column in told.items():
        kind = column.get("type_config") or {}
        if name not in frame.columns or kind.get("type") != "number":
            continue
        form = (kind.get("format") or "%d").removeprefix("%").removesuffix("d")
        texts = [None if value is None else f"{value:{form}}" for value in frame[name]]
        widest = max((len(text) for text in texts if text), default=0)
        cells = [text and "\u00a0" * (widest - len(text)) + persian_numbers(text) for text in texts]
        made.append(pl.Series(name, cells, pl.String))
        told[name] = {**column, "type_config": {"type": "text"}, "alignment": "right"}
    return frame.with_columns(made), told
