"""Any two groups of people in the places of MS and HC: values of a column, or saved cohorts, by the same tests."""

from dataclasses import dataclass, replace

import polars as pl

from analysis.filters import Filter

FIRST, SECOND = "MS", "HC"
"""The places the two groups take in a cohort frame: every direction is the first relative to the second."""


@dataclass(frozen=True)
class TwoGroups:
    """Two groups that a comparison is about.

    Parameters
    ----------
    names : what the first and the second are called
    rules : who they are

    Raises
    ------
    ValueError : both have the same name.
    """

    names: tuple[str, str]
    rules: tuple[Filter, Filter]

    def __post_init__(self) -> None:
        if self.names[0] == self.names[1]:
            raise ValueError(f"both groups are called '{self.names[0]}'; two different ones are compared")

    def take_places(self, everyone: pl.DataFrame) -> "Placed":
        """Choose the people of both groups from a cohort frame and put the groups in the places of MS and HC.

        Returns
        -------
        Placed : people in both groups are in neither, and counted

        Raises
        ------
        ValueError : as ``Filter.apply``.
        """
        first, second = (rule.apply(everyone) for rule in self.rules)
        both = first.join(second, on=["dataset_id", "scan_id"], how="semi")
        shared = both.select("dataset_id", "scan_id")
        placed = pl.concat(
            [
                members.join(shared, on=["dataset_id", "scan_id"], how="anti").with_columns(group=pl.lit(place))
                for members, place in ((first, FIRST), (second, SECOND))
            ]
        )
        return Placed(placed.with_columns(pl.col("group").cast(everyone.schema["group"])), both.height)


@dataclass(frozen=True)
class Placed:
    """The people of two groups, ``group`` telling which place theirs took.

    Attributes
    ----------
    n_in_both : people who belong to both, left out of the frame
    """

    frame: pl.DataFrame
    n_in_both: int


def by_column(chosen: Filter, column: str, first: str, second: str, names: tuple[str, str]) -> TwoGroups:
    """Return the two groups that two values of a column make, among those a filter chooses.

    Parameters
    ----------
    first, second : words or ranges, as ``analysis.filters.Filter.where`` has them
    names : what the groups are called

    Examples
    --------
    >>> by_column(Filter(), "course", "RRMS", "SPMS", ("RRMS", "SPMS")).rules[0].where
    (('course', 'RRMS'),)
    """
    rules = tuple(replace(chosen, where=(*chosen.where, (column, value)), matched=0) for value in (first, second))
    return TwoGroups(names, (rules[0], rules[1]))
