"""Who passes a filter, what it says about itself, and what it refuses."""

import json

import polars as pl
import pytest

from analysis.filters import Filter
from analysis.outliers import flag


def cohort(people) -> pl.DataFrame:
    return people(
        group=["HC", "HC", "MS", "MS", "MS"],
        sex=["F", "M", "F", "M", "F"],
        age=[25.0, 40.0, None, 39.0, 60.0],
        wmh=[0.0, 5.0, 9.0, 0.0, 70.0],
    )


@pytest.mark.parametrize(
    ("chosen", "left"),
    [
        (Filter(), "01234"),
        (Filter(groups=("MS",)), "234"),
        (Filter(sexes=("F",)), "024"),
        (Filter(age_min=39), "134"),
        (Filter(age_max=40), "013"),
        (Filter(age_min=39, age_max=40), "13"),
        (Filter(lesion_positive=True), "124"),
        (Filter(groups=("MS",), sexes=("F",), lesion_positive=True, age_min=18), "4"),
        (Filter(dataset="other"), ""),
        (Filter(groups=()), ""),
    ],
)
def test_filter_keeps_whom_it_says(people, chosen: Filter, left: str) -> None:
    assert [s.removeprefix("p") for s in chosen.apply(cohort(people))["subject_id"]] == list(left)


def test_steps_count_down_to_what_is_left(people) -> None:
    chosen = Filter(sexes=("F",), lesion_positive=True)
    assert [(step, left.height) for step, left in chosen.steps(cohort(people))] == [
        ("everyone in the dataset", 5),
        ("women", 3),
        ("with lesions", 2),
    ]


def test_filter_describes_itself() -> None:
    assert Filter().describe() == "healthy controls and multiple sclerosis"
    assert Filter(sexes=("M",), groups=("MS",), age_min=18).describe() == "multiple sclerosis, men, aged 18 or more"
    assert Filter(sexes=()).describe() == "nobody"
    assert "published study removed" in Filter(outliers="study").describe()


def test_filter_is_plain_json() -> None:
    said = json.loads(json.dumps(Filter(dataset="x", groups=("MS",), age_max=39.5).to_dict()))
    assert said == {
        "dataset": "x",
        "groups": ["MS"],
        "sexes": ["F", "M"],
        "age_min": None,
        "age_max": 39.5,
        "lesion_positive": False,
        "outliers": "keep",
        "protocol": None,
        "matched": 0,
        "caliper": 2.0,
        "where": [],
    }
    assert Filter(dataset="x", lesion_positive=True).everyone() == Filter(dataset="x")


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"groups": ("PD",)}, "unknown group 'PD'; expected one of: HC, MS"),
        ({"sexes": ("X",)}, "unknown sex 'X'"),
        ({"outliers": "all"}, "unknown outlier rule 'all'; expected one of: keep, far, study"),
        ({"age_min": 50, "age_max": 40}, "age 50:40 is empty"),
    ],
)
def test_filter_refuses_what_does_not_exist(wrong, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Filter(**wrong)


def test_protocols_are_never_pooled(people) -> None:
    frame = people(group=["HC", "MS"], protocol=["one", "two"])
    with pytest.raises(ValueError, match="never pooled; choose: one, two"):
        Filter().apply(frame)
    assert Filter(protocol="two").apply(frame)["group"].to_list() == ["MS"]


def test_far_out_is_judged_on_the_log_within_group_and_sex(people) -> None:
    usual = [380.0, 390.0, 400.0, 410.0, 420.0]
    frame = people(
        group=["HC"] * 6 + ["MS"] * 6,
        ventricle=[*usual, 4_000.0, *(10 * v for v in usual), 4_000.0],
        wmh=[0.0] * 12,
    )
    assert flag(frame, "far").to_list() == [False] * 5 + [True] + [False] * 6
    assert Filter(outliers="far", groups=("HC",)).apply(frame).height == 5


def test_missing_values_and_nobody_make_no_outlier(people) -> None:
    frame = people(group=["HC"] * 5, ventricle=[None] * 5, wmh=[None] * 5)
    assert not flag(frame, "far").any()
    for rule in ("keep", "far", "study"):
        assert flag(people(), rule).to_list() == []


@pytest.mark.reference
def test_study_rule_removes_the_109_the_study_removed(released_frame: pl.DataFrame) -> None:
    removed = released_frame.filter(flag(released_frame, "study"))
    assert dict(removed.group_by("group").len().iter_rows()) == {"HC": 81, "MS": 28}


def test_people_without_group_or_sex_are_left_out_and_counted(people) -> None:
    frame = cohort(people).with_columns(
        pl.when(pl.col("subject_id") == "p0").then(None).otherwise("group").alias("group"),
        pl.when(pl.col("subject_id") == "p3").then(None).otherwise("sex").alias("sex"),
    )
    steps = [(label, left.height) for label, left in Filter(sexes=("F",)).steps(frame)]
    assert steps == [("everyone in the dataset", 5), ("group and sex known", 3), ("women", 2)]
    assert Filter(outliers="far").apply(frame)["subject_id"].to_list() == ["p1", "p2", "p4"]


def test_a_person_counts_once(people) -> None:
    frame = cohort(people).with_columns(
        subject_id=pl.Series(["a", "a", "b", "b", "c"]), session=pl.Series(["2", "1", "1", "2", None])
    )
    steps = [(label, left.height) for label, left in Filter().steps(frame)]
    assert steps == [("everyone in the dataset", 5), ("first scan of a person", 3)]
    assert Filter().apply(frame).select("subject_id", "session").rows() == [("a", "1"), ("b", "1"), ("c", None)]


FURTHER = pl.DataFrame(
    {"group": ["MS", "MS", "HC"], "sex": ["F", "M", "F"], "edss": [1.5, 6.0, None], "scanner": ["A", "B", "A"]}
)


@pytest.mark.parametrize(
    ("where", "left"),
    [
        ((("edss", "0:3.5"),), [1.5]),
        ((("edss", "6"),), [6.0]),
        ((("edss", "1.5,6"),), [1.5, 6.0]),
        ((("edss", "2:"), ("scanner", "A,B")), [6.0]),
        ((("scanner", "A"),), [1.5, None]),
    ],
)
def test_any_column_may_be_asked_for(where: tuple[tuple[str, str], ...], left: list[float | None]) -> None:
    assert Filter(where=where).apply(FURTHER)["edss"].to_list() == left


@pytest.mark.parametrize(
    ("where", "said"),
    [
        (("stage", "1"), "no column 'stage'; it has: group, sex, edss, scanner"),
        (("scanner", "C"), "nobody has scanner 'C'; there is: A, B"),
        (("edss", "mild"), "edss is a number: 'mild'"),
        (("edss", "6:1"), "nor a range"),
        (("edss", ":"), "nor a range"),
        (("edss", "nan:3"), "nor a range"),
    ],
)
def test_what_nobody_has_is_said(where: tuple[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Filter(where=(where,)).apply(FURTHER)


def test_lesions_are_those_of_whatever_was_measured() -> None:
    known = {"group": ["MS", "MS"], "sex": ["F", "F"], "wmh_area_mm2": pl.Series([None, None], dtype=pl.Float64)}
    frame = pl.DataFrame({**known, "wmh_volume_ml": [0.0, 2.0]})
    assert Filter(lesion_positive=True).apply(frame)["wmh_volume_ml"].to_list() == [2.0]
    with pytest.raises(ValueError, match="no WMH area, volume, ratio or count"):
        Filter(lesion_positive=True).apply(frame.drop("wmh_volume_ml"))


def test_nobody_is_copied_where_everybody_passes(people) -> None:
    frame = cohort(people)
    assert Filter().apply(frame) is frame
    assert Filter(groups=("MS",)).apply(frame) is not frame
