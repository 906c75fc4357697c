"""The study's 21 output files rebuilt as text, in the study's own layout, from the recomputed numbers."""

from collections.abc import Iterable, Iterator
from itertools import pairwise

from analysis.published.recompute import FILE_MEASURES, GROUPS, PANELS, SEXES, SUBGROUPS, Key, Number
from analysis.published.study_rules import AGE_BINS, LESION_TYPES

AGE_CENTRES = ("23.5", "34.5", "44.5", "54.5", "64.5")
"""What the study prints as the centre of each bin; 64.5 is that of 60 to 69."""

Numbers = dict[Key, Number]
Lines = Iterator[tuple[str, ...]]


def output_files(numbers: Numbers) -> dict[str, str]:
    """Lay the recomputed numbers out as the study's own CSV files.

    Parameters
    ----------
    numbers : dict of Key to Number
        from ``recompute.output_numbers``.

    Returns
    -------
    dict of file name to text : 21 files, lines ending in a line feed. On the released table, under the study's
        rules, each equals the study's file but for its line endings.
    """
    files: dict[str, str] = {}
    for stem in FILE_MEASURES:
        files[f"{stem}_detailed_stats.csv"] = _text(_detailed(numbers, stem))
        files[f"{stem}_contributions.csv"] = _text(_contributions(numbers, stem))
        if stem != "lesion_ratio":
            files[f"{stem}_plot_data.csv"] = _text(_plot(numbers, stem))
    files["lesion_area_stacked_data.csv"] = _text(_stacked_by_sex(numbers))
    for kind in ("area", "ratio"):
        stem = f"ms_subgroup_{kind}"
        files[f"{stem}_detailed_stats.csv"] = _text(_zone_detailed(numbers, stem))
        files[f"{stem}_plot_data.csv"] = _text(_zone_plot(numbers, stem))
        files[f"{stem}_stacked_data.csv"] = _text(_zone_stacked(numbers, stem))
        files[f"{stem}_summary_stats.csv"] = _text(_zone_summary(numbers, stem))
    files["burden_analysis_regression_results.csv"] = _text(_burden(numbers))
    return files


def _text(lines: Iterable[tuple[str, ...]]) -> str:
    return "".join(",".join(line) + "\n" for line in lines)


def _detailed(numbers: Numbers, stem: str) -> Lines:
    names = ("N", "Mean", "SD", "Min", "Max", "Median", "IQR_25", "IQR_75")
    yield ("Group", "Age Group", "Gender", *names)
    for group in GROUPS:
        for age in AGE_BINS:
            for sex in SEXES:
                cells = (numbers[f"seed:{stem}_detailed_stats.csv", name, group, sex, age].text for name in names)
                yield (group, age, sex, *cells)


def _contributions(numbers: Numbers, stem: str) -> Lines:
    names = (
        "Combined_Mean",
        "Male_Contribution",
        "Female_Contribution",
        "Male_Prop_of_Mean",
        "Female_Prop_of_Mean",
        "Male_Sample_Prop",
        "Female_Sample_Prop",
        "Total_N",
    )
    yield ("Group", "Age_Group", *names)
    for group in GROUPS:
        for age in AGE_BINS:
            yield (group, age, *(_shared(numbers, stem, name, group, age) for name in names))


def _shared(numbers: Numbers, stem: str, name: str, group: str, age: str) -> str:
    return numbers[f"seed:{stem}_contributions.csv", name, group, "Male+Female", age].text


def _plot(numbers: Numbers, stem: str) -> Lines:
    shared = ("Combined_Mean", "Male_Contribution", "Female_Contribution")
    of_group = ("Male_Mean", "Female_Mean", *shared)
    sizes = tuple((group, sex) for group in GROUPS for sex in SEXES)
    headers = (f"{group}_{name}" for group in GROUPS for name in of_group)
    yield ("Age_Group", "Age_Center", *headers, *(f"{group}_{sex}_N" for group, sex in sizes))
    source = f"seed:{stem}_plot_data.csv"
    for age, centre in zip(AGE_BINS, AGE_CENTRES, strict=True):
        cells: list[str] = []
        for group in GROUPS:
            cells += [numbers[source, "Mean", group, sex, age].text for sex in SEXES]
            cells += [_shared(numbers, stem, name, group, age) for name in shared]
        yield (age, centre, *cells, *(numbers[source, "N", group, sex, age].text for group, sex in sizes))


def _stacked_by_sex(numbers: Numbers) -> Lines:
    yield (
        "Group",
        "Age Group",
        "Male Layer (0 to Male)",
        "Female Layer (Male to Total)",
        "Total Height",
        "Male Contribution",
        "Female Contribution",
    )
    for group in GROUPS:
        for age in AGE_BINS:
            male, female = (numbers["seed:lesion_area_plot_data.csv", "Mean", group, sex, age].text for sex in SEXES)
            height = numbers["seed:lesion_area_stacked_data.csv", "Total Height", group, "Male+Female", age].text
            yield (group, age, f"0.00 to {male}", f"{male} to {height}", height, male, female)


def _zone_rows() -> Iterator[tuple[str, str, str]]:
    for sex in SUBGROUPS:
        for age, centre in zip(AGE_BINS, AGE_CENTRES, strict=True):
            yield sex, age, centre


def _zone_mean(numbers: Numbers, stem: str, zone: str, sex: str, age: str) -> Number:
    return numbers[f"seed:{stem}_detailed_stats.csv", f"{zone} Mean", "MS", sex, age]


def _zone_detailed(numbers: Numbers, stem: str) -> Lines:
    names = ("N", "Mean", "SD", "Median", "Q25", "Q75", "Min", "Max")
    source = f"seed:{stem}_detailed_stats.csv"
    yield ("Subgroup", "Age Group", "Lesion Type", *names)
    for sex, age, _ in _zone_rows():
        for zone in LESION_TYPES:
            cells = (numbers[source, f"{zone} {name}", "MS", sex, age].text for name in names)
            yield (f"{sex} MS Patients", age, zone, *cells)


def _zone_plot(numbers: Numbers, stem: str) -> Lines:
    means, sizes = (tuple(f"{zone} {name}" for zone in LESION_TYPES) for name in ("Mean", "N"))
    yield ("Subgroup", "Age Group", "Age Center", *means, *sizes, "Total Mean")
    for sex, age, centre in _zone_rows():
        cells = (numbers[f"seed:{stem}_detailed_stats.csv", name, "MS", sex, age].text for name in (*means, *sizes))
        total = numbers[f"seed:{stem}_plot_data.csv", "Total Mean", "MS", sex, age].text
        yield (f"{sex} MS Patients", age, centre, *cells, total)


def _zone_stacked(numbers: Numbers, stem: str) -> Lines:
    layers, parts, shares = (tuple(f"{z} {name}" for z in LESION_TYPES) for name in ("Layer", "Contribution", "%"))
    yield ("Subgroup", "Age Group", *layers, "Total Height", *parts, *shares)
    for sex, age, _ in _zone_rows():
        means = [_zone_mean(numbers, stem, zone, sex, age) for zone in LESION_TYPES]
        height = numbers[f"seed:{stem}_plot_data.csv", "Total Mean", "MS", sex, age].text
        edges = ["0.00", *_running_totals(means)]
        spans = (f"{low} to {high}" for low, high in pairwise(edges))
        percents = (numbers[f"seed:{stem}_stacked_data.csv", name, "MS", sex, age].text for name in shares)
        yield (f"{sex} MS Patients", age, *spans, height, *(m.text for m in means), *percents)


def _running_totals(means: Iterable[Number]) -> Iterator[str]:
    total = 0.0
    for part in means:
        total += float("nan") if part.value is None else part.value
        yield f"{total:.2f}"


def _zone_summary(numbers: Numbers, stem: str) -> Lines:
    yield (
        "Subgroup",
        "Lesion Type",
        "Total N",
        "Age Groups",
        "Mean of Means",
        "Median of Medians",
        "Range of Means",
        "Range of Medians",
    )
    for sex in SUBGROUPS:
        for zone in LESION_TYPES:
            means = _summary_texts(
                numbers, stem, sex, zone, ("Total N", "Mean of Means", "Range of Means lo", "Range of Means hi")
            )
            medians = _summary_texts(
                numbers, stem, sex, zone, ("Median of Medians", "Range of Medians lo", "Range of Medians hi")
            )
            yield (
                f"{sex} MS Patients",
                zone,
                means[0],
                str(len(AGE_BINS)),
                means[1],
                medians[0],
                f"{means[2]} - {means[3]}",
                f"{medians[1]} - {medians[2]}",
            )


def _summary_texts(numbers: Numbers, stem: str, sex: str, zone: str, names: Iterable[str]) -> list[str]:
    source = f"seed:{stem}_summary_stats.csv"
    return [numbers[source, f"{zone} {name}", "MS", sex, "all"].text for name in names]


def _burden(numbers: Numbers) -> Lines:
    coefficients = tuple(f"Coefficient_{i}" for i in range(3))
    yield (
        "Panel",
        "Group",
        "Regression_Successful",
        "Polynomial_Degree",
        *coefficients,
        "R_Squared",
        "Age_Normalization_Mean",
        "Age_Normalization_SD",
        "Trend_Points",
        "Error_Message",
    )
    source = "seed:burden_analysis_regression_results.csv"
    for panel, (measure, sex) in PANELS.items():
        fitted = (*(f"{measure} {name}" for name in (*coefficients, "R_Squared")), "age mean", "age SD")
        for group in GROUPS:
            cells = (numbers[source, f"Panel {panel} {name}", group, sex, "all"].text for name in fitted)
            yield (panel, group, "Yes", "2", *cells, "100", "None")
