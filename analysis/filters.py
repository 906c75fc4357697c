"""Choose people from a cohort frame, and say in words who was chosen."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import polars as pl

from analysis import matching, outliers
from vocabulary.extra_columns import extra_named
from vocabulary.measures import GROUP_LABELS, GROUPS, MEASURES, SEX_LABELS, SEXES


@dataclass(frozen=True)
class Filter:
    """Who is looked at. The default is everybody whose group and sex are known, once.

    Scans may come without a table of people, and a person may have several: those whose group or sex nobody gave, and
    later sessions of the same person, are in no answer. ``steps`` counts both.

    Parameters
    ----------
    dataset : identifier; None takes the frame as it is
    groups, sexes : which to keep, in any order
    age_min, age_max : inclusive, years; a limit leaves out people of unknown age
    lesion_positive : keep only people with a WMH area above zero
    outliers : rule of ``analysis.outliers``; "keep" leaves nobody out
    protocol : identifier of how the numbers were measured; needed when the dataset has several
    matched : controls kept for each MS patient, the nearest of the same sex and age; 0 keeps all. Matching comes last,
        among the people the rest leaves, and does nothing where only one group is chosen.
    caliper : largest difference of age of a matched control, years
    where : (column, values) of further columns, measures or any column of the frame: words or numbers parted by
        commas, or for a number a range such as 0:3.5; people without a value are left out
    cohort : a saved cohort's name and rule; the rest of the filter chooses among its people

    Raises
    ------
    ValueError : a group, sex, age limit or rule that does not exist; the message lists those that do. When applied: a
        column or word of ``where`` that the frame does not have.

    Examples
    --------
    >>> Filter(groups=("MS",), age_max=39, lesion_positive=True).describe()
    'multiple sclerosis, aged up to 39, with lesions'
    """

    dataset: str | None = None
    groups: tuple[str, ...] = GROUPS
    sexes: tuple[str, ...] = SEXES
    age_min: float | None = None
    age_max: float | None = None
    lesion_positive: bool = False
    outliers: str = "keep"
    protocol: str | None = None
    matched: int = 0
    caliper: float = matching.CALIPER_YEARS
    where: tuple[tuple[str, str], ...] = ()
    cohort: "tuple[str, Filter] | None" = None

    def __post_init__(self) -> None:
        _check_known("group", self.groups, GROUPS)
        _check_known("sex", self.sexes, SEXES)
        _check_known("outlier rule", (self.outliers,), tuple(outliers.RULES))
        if self.matched:
            matching.check_matching(self.matched, self.caliper)
        if self.age_min is not None and self.age_max is not None and self.age_min > self.age_max:
            raise ValueError(f"age {self.age_min:g}:{self.age_max:g} is empty: the first age exceeds the second")

    def apply(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return the rows of a cohort frame that pass; outliers are judged within the whole dataset.

        Raises
        ------
        ValueError : the rows left come from several protocols and none was chosen; numbers measured in
            different ways are never pooled.
        """
        return list(self.steps(frame))[-1][1]

    def steps(self, frame: pl.DataFrame) -> Iterator[tuple[str, pl.DataFrame]]:
        """Yield (what was asked, rows left) from everyone to those who pass, one step per active filter."""
        if self.dataset is not None:
            frame = _kept(frame, pl.col("dataset_id") == self.dataset)
        if self.protocol is not None:
            frame = _kept(frame, pl.col("protocol_id") == self.protocol)
        _check_one_protocol(frame)
        yield "everyone in the dataset", frame
        if self.cohort is not None:
            name, rule = self.cohort
            frame = rule.apply(frame)
            yield f"in the cohort {name}", frame
        for label, kept in (("group and sex known", with_group_and_sex), ("first scan of a person", first_scans)):
            fewer = kept(frame)
            if fewer.height < frame.height:
                frame = fewer
                yield label, frame
        if self.outliers != "keep":
            frame = frame.filter(~outliers.flag(frame, self.outliers))
            yield "not an outlier", frame
        for label, condition in self._conditions(frame):
            frame = _kept(frame, condition)
            yield label, frame
        if self.matches:
            pairs = matching.matched_pairs(frame, self.matched, self.caliper)
            yield self._matching(), matching.keep_matched(frame, pairs)

    @property
    def matches(self) -> bool:
        """Whether controls are matched to patients: asked for, and both groups are looked at."""
        return self.matched > 0 and set(self.groups) == set(GROUPS)

    def unmatched(self) -> "Filter":
        """Return the same filter without matching: those the matched are chosen from."""
        return replace(self, matched=0)

    def describe(self) -> str:
        """Say in one line who is looked at."""
        if not self.groups or not self.sexes:
            return "nobody"
        words = [" and ".join(GROUP_LABELS[g].lower() for g in GROUPS if g in self.groups)]
        if set(self.sexes) != set(SEXES):
            words.append(" and ".join(SEX_LABELS[s].lower() for s in SEXES if s in self.sexes))
        if age := self._ages():
            words.append(f"aged {age}")
        if self.lesion_positive:
            words.append("with lesions")
        words += [where_in_words(column, value) for column, value in self.where]
        if self.outliers != "keep":
            words.append(outliers.RULES[self.outliers])
        if self.matches:
            words.append(self._matching())
        if self.protocol:
            words.append(f"protocol {self.protocol}")
        if self.cohort is not None:
            name, rule = self.cohort
            words.append(f"of the cohort {name} ({replace(rule, protocol=None).describe()})")
        return ", ".join(words)

    def to_dict(self) -> dict[str, Any]:
        """Return the filter as plain JSON values; ``cohort`` only where there is one."""
        values = asdict(self) | {
            "groups": list(self.groups),
            "sexes": list(self.sexes),
            "where": [list(pair) for pair in self.where],
        }
        del values["cohort"]
        if self.cohort is not None:
            name, rule = self.cohort
            values["cohort"] = {"name": name, "rule": rule.to_dict()}
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Filter":
        """Return the filter that ``to_dict`` wrote.

        Raises
        ------
        ValueError : not what ``to_dict`` writes.

        Examples
        --------
        >>> Filter.from_dict(Filter(sexes=("F",), where=(("edss", "0:3"),)).to_dict()).describe()
        'healthy controls and multiple sclerosis, women, edss 0 to 3'
        """
        known = {field.name for field in fields(cls)}
        if unknown := set(values) - known:
            raise ValueError(f"a filter has no '{sorted(unknown)[0]}'")
        given = dict(values)
        for name in ("groups", "sexes"):
            if name in given:
                given[name] = tuple(given[name])
        given["where"] = tuple((str(column), str(value)) for column, value in given.get("where", ()))
        cohort = given.pop("cohort", None)
        if cohort is not None:
            given["cohort"] = (str(cohort["name"]), cls.from_dict(cohort["rule"]))
        return cls(**given)

    def everyone(self) -> "Filter":
        """Return the same dataset and protocol without any restriction."""
        return replace(Filter(), dataset=self.dataset, protocol=self.protocol)

    def _conditions(self, frame: pl.DataFrame) -> Iterator[tuple[str, pl.Expr]]:
        if set(self.groups) != set(GROUPS):
            label = " or ".join(GROUP_LABELS[g].lower() for g in self.groups) or "no group"
            yield label, pl.col("group").is_in(list(self.groups))
        if set(self.sexes) != set(SEXES):
            label = " or ".join(SEX_LABELS[s].lower() for s in self.sexes) or "no sex"
            yield label, pl.col("sex").is_in(list(self.sexes))
        if age := self._ages():
            low = pl.lit(True) if self.age_min is None else pl.col("age_years") >= self.age_min
            high = pl.lit(True) if self.age_max is None else pl.col("age_years") <= self.age_max
            yield f"age known and {age}", pl.col("age_years").is_not_null() & low & high
        if self.lesion_positive:
            yield "with lesions", has_lesions(frame)
        for column, value in self.where:
            yield where_in_words(column, value), where_condition(frame, column, value)

    def _matching(self) -> str:
        nearest = "the nearest control" if self.matched == 1 else f"the {self.matched} nearest controls"
        years = f"{self.caliper:g} year{'' if self.caliper == 1 else 's'} of age"
        return f"each patient with {nearest} of the same sex within {years}"

    def _ages(self) -> str:
        if self.age_min is None and self.age_max is None:
            return ""
        if self.age_max is None:
            return f"{self.age_min:g} or more"
        if self.age_min is None:
            return f"up to {self.age_max:g}"
        if self.age_min == self.age_max:
            return f"{self.age_min:g}"
        return f"{self.age_min:g} to {self.age_max:g}"


def lesion_measure(frame: pl.DataFrame) -> str | None:
    """Return what tells whether a person has lesions: the first of area, volume, ratio and count that anybody has.

    Examples
    --------
    >>> lesion_measure(pl.DataFrame({"wmh_area_mm2": [None], "wmh_volume_ml": [0.0]}))
    'wmh_volume_ml'
    """
    known = ("wmh_area_mm2", "wmh_volume_ml", "wmh_ratio_pct", "lesion_count")
    return next((n for n in known if n in frame.columns and frame[n].null_count() < frame.height), None)


def has_lesions(frame: pl.DataFrame) -> pl.Expr:
    """Return whether a person has any lesion, by ``lesion_measure``.

    Raises
    ------
    ValueError : the frame has no measure of lesions.
    """
    name = lesion_measure(frame)
    if name is not None:
        return pl.col(name) > 0
    if frame.is_empty():
        return pl.lit(False)
    raise ValueError("nobody's lesions were measured, so none can be asked for: no WMH area, volume, ratio or count")


def where_in_words(column: str, value: str) -> str:
    """Say in words what a condition on a column asks for.

    Examples
    --------
    >>> where_in_words("disease_duration", "0:3.5"), where_in_words("scanner", "A,B")
    ('disease duration 0 to 3.5', 'scanner A or B')
    """
    label = MEASURES[column].label if column in MEASURES else extra_named(column).label
    # Two capitals begin an abbreviation; any other label is written small within a sentence.
    label = label if label[:2].isupper() else label[:1].lower() + label[1:]
    low, colon, high = value.partition(":")
    if colon and low and high:
        return f"{label} {low} to {high}"
    if colon:
        return f"{label} {low} or more" if low else f"{label} up to {high}"
    return f"{label} {' or '.join(word.strip() for word in value.split(','))}"


def where_condition(frame: pl.DataFrame, column: str, value: str) -> pl.Expr:
    """Return the condition of ``Filter.where`` on one column; NULL never passes.

    Raises
    ------
    ValueError : the frame has no such column, nobody has such a value, or a number is none; the message says what there
        is.
    """
    kept = [name for name in frame.columns if name not in ("dataset_id", "scan_id", "run_id")]
    if column not in kept:
        known = ", ".join(name for name in kept if frame[name].null_count() < frame.height)
        raise ValueError(f"the cohort has no column '{column}'; it has: {known}")
    words = [word.strip() for word in value.split(",")]
    if frame.schema[column] == pl.String:
        known_words = frame[column].drop_nulls().unique().sort().to_list()
        unknown = [word for word in words if word not in known_words]
        if unknown:
            raise ValueError(
                f"nobody has {column} '{unknown[0]}'; there is: {', '.join(known_words[:20]) or 'nothing'}"
            )
        return pl.col(column).is_in(words)
    try:
        low, colon, high = value.partition(":")
        if colon:
            limits = (float(low) if low else -math.inf, float(high) if high else math.inf)
            if any(math.isnan(limit) for limit in limits) or not (low or high) or limits[0] > limits[1]:
                raise ValueError
            return pl.col(column).is_between(*limits)
        return pl.col(column).cast(pl.Float64).is_in([float(word) for word in words])
    except ValueError:
        raise ValueError(f"{column} is a number: '{value}' is neither one nor a range such as 0:3.5") from None


def with_group_and_sex(frame: pl.DataFrame) -> pl.DataFrame:
    """Return the people who can be compared: those whose group and sex are known.

    Examples
    --------
    >>> with_group_and_sex(pl.DataFrame({"group": ["MS", None], "sex": ["F", "F"]})).height
    1
    """
    known = [name for name in ("group", "sex") if name in frame.columns]
    return frame.drop_nulls(known) if any(frame[name].null_count() for name in known) else frame


def first_scans(frame: pl.DataFrame) -> pl.DataFrame:
    """Return one scan per person, the first by name of session: statistics here take rows as independent people.

    Examples
    --------
    >>> first_scans(pl.DataFrame({"subject_id": ["a", "a"], "session": ["2", "1"]})).rows()
    [('a', '1')]
    """
    if "session" not in frame.columns or frame["session"].null_count() == frame.height:
        return frame
    person = [name for name in ("dataset_id", "subject_id") if name in frame.columns]
    session = pl.col("session").fill_null("")
    return frame.filter(session == session.min().over(person))


def _kept(frame: pl.DataFrame, condition: pl.Expr) -> pl.DataFrame:
    """Return the rows that pass: the frame itself where all do, for a copy of a million people takes 100 MB."""
    passed = frame.select(condition.alias("passed"))["passed"]
    return frame if len(passed) == frame.height and passed.all(ignore_nulls=False) else frame.filter(condition)


def _check_known(what: str, given: tuple[str, ...], known: tuple[str, ...]) -> None:
    for value in given:
        if value not in known:
            raise ValueError(f"unknown {what} '{value}'; expected one of: {', '.join(known)}")


def _check_one_protocol(frame: pl.DataFrame) -> None:
    if "protocol_id" not in frame.columns:
        return
    # The first and the last by name: of a column kept as one value they are there without looking at a million.
    protocol = pl.col("protocol_id")
    first, last = frame.select(first=protocol.min(), last=protocol.max()).row(0)
    if first != last:
        names = ", ".join(sorted(frame["protocol_id"].drop_nulls().unique()))
        raise ValueError(f"the dataset was measured under several protocols, which are never pooled; choose: {names}")
