"""In words: how each number of the output files is computed, and where its label says something else."""

from analysis.published.recompute import Key

TWO_GROUP_RULES = {
    "N": "people",
    "Mean": "mean",
    "SD": "standard deviation (n - 1)",
    "Min": "smallest value",
    "Max": "largest value",
    "Median": "median",
    "IQR_25": "median - SD / 2",
    "IQR_75": "median + SD / 2",
    "Combined_Mean": "mean of men and women together",
    "Male_Contribution": "sum over men / people of both sexes",
    "Female_Contribution": "sum over women / people of both sexes",
    "Male_Prop_of_Mean": "sum over men / sum over both sexes",
    "Female_Prop_of_Mean": "sum over women / sum over both sexes",
    "Male_Sample_Prop": "men / people",
    "Female_Sample_Prop": "women / people",
    "Total_N": "people of both sexes",
    "Total Height": "mean of men + mean of women",
}
ZONE_RULES = {
    **{name: TWO_GROUP_RULES[name] for name in ("N", "Mean", "SD", "Median", "Min", "Max")},
    "Q25": "lower quartile, linear interpolation",
    "Q75": "upper quartile, linear interpolation",
    "%": "zone mean / sum of the three zone means",
    "Total N": "people in the five bins",
    "Mean of Means": "unweighted mean of the five bin means",
    "Median of Medians": "median of the five bin medians",
    "Range of Means lo": "smallest of the five bin means",
    "Range of Means hi": "largest of the five bin means",
    "Range of Medians lo": "smallest of the five bin medians",
    "Range of Medians hi": "largest of the five bin medians",
}
BURDEN_RULES = {
    "Coefficient_0": "constant of a least-squares quadratic in (age - mean) / SD",
    "Coefficient_1": "linear term of a least-squares quadratic in (age - mean) / SD",
    "Coefficient_2": "square term of a least-squares quadratic in (age - mean) / SD",
    "R_Squared": "r squared of a straight line in age",
    "age mean": "mean age",
    "age SD": "standard deviation of age (n - 1)",
}
LABELS_THAT_MISLEAD = {
    "IQR_25": "labelled a quartile; it is not one, and can fall below zero for an area",
    "IQR_75": "labelled a quartile; it is not one",
    "R_Squared": "printed as the fit of a quadratic; it is that of a straight line",
    "Total Height": "the sum of two means is the mean of nobody",
    "Mean of Means": "a bin of 5 people weighs as much as one of 123",
    "Median of Medians": "a bin of 5 people weighs as much as one of 123",
    "Range of Means lo": "a range of bins, not of people",
    "Range of Means hi": "a range of bins, not of people",
    "Range of Medians lo": "a range of bins, not of people",
    "Range of Medians hi": "a range of bins, not of people",
}
BINS = "after outlier removal; 60+ ends below 69"
ALL_AGES = "after outlier removal, rows with an age"
ZEROS = "lesion-free people as 0 %"


def split(key: Key) -> tuple[str, str]:
    """Return what a number of an output file is about (zone, panel and measure, or nothing) and what it is.

    Examples
    --------
    >>> split(("seed:ms_subgroup_area_detailed_stats.csv", "PEWMH Mean", "MS", "All", "18-29"))
    ('PEWMH', 'Mean')
    >>> split(("seed:burden_analysis_regression_results.csv", "Panel A age mean", "MS", "All", "all"))
    ('Panel A', 'age mean')
    """
    source, quantity = key[0], key[1]
    if source.startswith("seed:burden"):
        words = quantity.split(" ")
        about = 2 if words[2] == "age" else 3
        return " ".join(words[:about]), " ".join(words[about:])
    if source.startswith("seed:ms_subgroup") and quantity != "Total Mean":
        zone, _, name = quantity.partition(" ")
        return zone, name
    return "", quantity


def rule(key: Key) -> str:
    """Return the rule that gives a number of an output file, in words."""
    source, name = key[0], split(key)[1]
    if source.startswith("seed:burden"):
        return f"{BURDEN_RULES[name]}; {ALL_AGES}"
    if not source.startswith("seed:ms_subgroup"):
        return f"{TWO_GROUP_RULES[name]}; {BINS}"
    words = "sum of the three zone means" if name == "Total Mean" else ZONE_RULES[name]
    return f"{words}; {ZEROS}; {BINS}" if "_ratio_" in source else f"{words}; {BINS}"


def why(key: Key) -> str | None:
    """Return what is misleading about the label of a number of an output file; None where nothing is."""
    return LABELS_THAT_MISLEAD.get(split(key)[1])
