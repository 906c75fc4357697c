"""All values of a person among one group: what holds for several is said once."""

from analysis.norms.score import WIDENED, Score, few_near
from app.sentences.norm_lines import norm_lines
from app.sentences.norms import caution, opening_sentence, score_sentence


def _score(measure: str, near: int, *notes: str, group: str = "MS", refused: str = "") -> Score:
    return Score(
        measure=measure,
        value=30.0,
        unit="mm²",
        group=group,
        reference="r",
        protocol="p",
        age=58.0,
        sex="M",
        n_near_age=near,
        centile=20.0,
        centile_low=13.0,
        centile_high=29.0,
        refused=refused,
        notes=(*few_near(near, "M"), *notes),
    )


def test_the_caution_comes_first_and_once() -> None:
    scores = [_score("wmh_area_mm2", 8, WIDENED), _score("intracranial_area_mm2", 8)]
    lines = norm_lines(scores)
    assert lines[:2] == ["Only 8 men with MS within 5 years of 58, so take this with care.", ""]
    assert sum("8 men" in line for line in lines) == 1
    assert opening_sentence(scores).count("so take this with care") == 1
    assert score_sentence(scores[0]).startswith(caution(scores))


def test_a_wider_interval_is_marked_where_only_some_have_one_and_explained_once() -> None:
    lines = norm_lines([_score("wmh_area_mm2", 16, WIDENED), _score("intracranial_area_mm2", 16)])
    first, second = (line for line in lines if line.startswith("- "))
    assert first == "- WMH area 30 mm²: more than in 20 of 100 men with MS of 58 years (95 % interval 13–29). †"
    assert not second.endswith("†")
    assert [line.strip() for line in lines if WIDENED[4:] in line] == [f"† T{WIDENED[1:]}."]
    assert "Few men of the reference within 5 years of this age: 16.  " in lines


def test_a_wider_interval_of_all_needs_no_mark() -> None:
    lines = norm_lines([_score("wmh_area_mm2", 16, WIDENED), _score("intracranial_area_mm2", 16, WIDENED)])
    assert not any("†" in line for line in lines)
    assert f"T{WIDENED[1:]}.  " in lines


def test_a_note_of_one_value_stands_under_it() -> None:
    own = "outside everybody in the reference: is it mm², and of the protocol p?"
    lines = norm_lines([_score("intracranial_area_mm2", 30, own), _score("wmh_area_mm2", 30)])
    assert lines[1] == f"    - O{own[1:]}"


def test_nothing_to_be_careful_of_where_nothing_is_said() -> None:
    assert caution([_score("wmh_area_mm2", 3, refused="the reference ends at 50")]) == ""
