"""The study's 21 output files rebuilt and held against its own files, and against deliberately wrong rules."""

import csv
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from analysis.published.published_numbers import published_numbers
from analysis.published.recompute import describe, output_numbers, quadratic
from analysis.published.reproduce import verdict
from analysis.published.study_rules import STUDY, Rules, sample
from tests.analysis.published.output_files import output_files

pytestmark = pytest.mark.reference


@pytest.fixture(scope="module")
def outputs(reference: Path) -> Path:
    return reference / "published" / "outputs"


def test_every_file_is_the_study_s_to_the_byte(released_frame: pl.DataFrame, outputs: Path) -> None:
    files = output_files(output_numbers(sample(released_frame, STUDY)))
    assert sorted(files) == sorted(path.name for path in outputs.iterdir())
    assert len(files) == 21
    for name, text in files.items():
        assert text.replace("\n", "\r\n").encode() == (outputs / name).read_bytes(), name


def test_every_cell_is_the_study_s(released_frame: pl.DataFrame, outputs: Path) -> None:
    files = output_files(output_numbers(sample(released_frame, STUDY)))
    cells = 0
    for name, text in files.items():
        with (outputs / name).open(newline="") as theirs:
            for line, (row, expected) in enumerate(zip(csv.reader(text.splitlines()), csv.reader(theirs), strict=True)):
                assert row == expected, f"{name}, line {line + 1}"
                cells += len(row)
    assert cells == sum(line.count(",") + 1 for path in outputs.iterdir() for line in path.read_text().splitlines())


@pytest.mark.parametrize(
    ("rules", "matching"),
    [
        (STUDY, 2128),
        (Rules(remove_outliers=False), 849),
        (Rules(last_edge=79.0), 2024),
    ],
    ids=["the study's rules", "without outlier removal", "last bin edge 79"],
)
def test_only_the_study_s_rules_match(released_frame: pl.DataFrame, rules: Rules, matching: int) -> None:
    numbers = output_numbers(sample(released_frame, rules))
    printed = {key: text for key, text in published_numbers().items() if key[0].startswith("seed:")}
    assert set(numbers) == set(printed)
    assert sum(verdict(text, numbers[key]) == "exact" for key, text in printed.items()) == matching


def test_a_changed_value_is_noticed(released_frame: pl.DataFrame, outputs: Path) -> None:
    first_ms = pl.int_range(pl.len()).eq(released_frame["group"].to_list().index("MS"))
    changed = released_frame.with_columns(
        pl.when(first_ms)
        .then(pl.col("ventricle_area_mm2") + 50)
        .otherwise(pl.col("ventricle_area_mm2"))
        .alias("ventricle_area_mm2")
    )
    files = output_files(output_numbers(sample(changed, STUDY)))
    different = [
        name for name, text in files.items() if text.replace("\n", "\r\n").encode() != (outputs / name).read_bytes()
    ]
    assert "ventricular_area_detailed_stats.csv" in different
    assert "lesion_area_detailed_stats.csv" not in different


def test_quartiles_are_those_of_numpy() -> None:
    random = np.random.default_rng(7)
    for n in (1, 2, 3, 4, 5, 6, 7, 8, 101):
        values = random.gamma(2.0, 30.0, n)
        one = describe(values)
        expected = np.quantile(values, (0, 0.25, 0.5, 0.75, 1))
        np.testing.assert_allclose([one.minimum, one.q1, one.median, one.q3, one.maximum], expected, rtol=1e-14)


def test_quadratic_of_a_parabola_is_the_parabola() -> None:
    age = np.array([20.0, 30.0, 40.0, 50.0, 60.0])
    z = (age - 40) / age.std(ddof=1)
    coefficients, r2 = quadratic(age, 1 + 2 * z + 3 * z**2)
    np.testing.assert_allclose(coefficients, (1, 2, 3), atol=1e-12)
    # Linear part: var(2z) against var(2z) + var(3z^2): by hand 12.8 / (12.8 + 9 * 5.6 * .16).
    assert r2 == pytest.approx(4 * (z @ z) / (4 * (z @ z) + 9 * (((z**2) - (z**2).mean()) ** 2).sum()))
