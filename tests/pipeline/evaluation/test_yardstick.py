"""The yardstick: rules are chosen without the patients they are applied to, and what is counted is right."""

import numpy as np
import pytest

from pipeline.evaluation.rule_choice import Case, choose, rules, scores, temperature, usual_load
from pipeline.evaluation.scores import lesions, overlap
from pipeline.evaluation.yardstick import _by_size, judge, predict_cases, scaled_probability
from pipeline.segmentation.inference import Decision, decide
from pipeline.segmentation.tissues import Tissue
from pipeline.training.labelled_scans import LabelledScan
from pipeline.training.lesion_removal import choose_lesions, remove_lesions

SPACING = (1.0, 1.0, 6.0)


def _case(patient: str, seed: int = 0, false_alarm: float = 0.55) -> Case:
    """A ventricle, two lesions that are found, one speck that is none."""
    truth = np.zeros((40, 40, 4), np.uint8)
    truth[15:25, 15:25, 1:3] = Tissue.VENTRICLE
    truth[4:8, 4:8, 1] = Tissue.WMH
    truth[30:35, 30:33, 2] = Tissue.WMH
    rng = np.random.default_rng(seed)
    wmh = np.where(truth == Tissue.WMH, 0.9, 0.02) + rng.uniform(-0.01, 0.01, truth.shape)
    wmh[35:37, 5:7, 3] = false_alarm
    ventricle = np.where(truth == Tissue.VENTRICLE, 0.95, 0.01)
    inside = np.ones(truth.shape, bool)
    return Case(
        patient, "prepared", "full", truth, ventricle.astype(np.float32), wmh.astype(np.float32), inside, SPACING
    )


def test_the_quick_score_of_every_rule_is_that_of_its_labels():
    case = _case("a")
    grid = rules(usual_load([case]))
    for score, rule in zip(scores(case, grid), grid, strict=True):
        labels = decide(rule.adjusted((case.ventricle, case.wmh), SPACING), SPACING, rule)
        truth, found = case.truth == Tissue.WMH, labels == Tissue.WMH
        dice, f1 = overlap(truth, found)["dice"][0], lesions(truth, found)["lesion_f1"][0]
        error = abs(int(found.sum()) - int(truth.sum())) / int(truth.sum())
        assert score == pytest.approx((dice + f1) / 2 - 0.1 * min(error, 1.0))


def test_a_speck_less_likely_than_the_lesions_is_ruled_out():
    cases = [_case(name, seed) for seed, name in enumerate("ab")]
    grid = rules(0.0)
    chosen = choose(cases, np.array([scores(case, grid) for case in cases]), grid)
    labels = decide((cases[0].ventricle, cases[0].wmh), SPACING, chosen)
    assert (labels == cases[0].truth).all()


def test_the_rule_of_a_patient_is_chosen_on_others():
    # Where a's speck is 0.95 likely and everybody else's 0.55, a's own rule would drop it; the others' does not.
    cases = [_case("a", 0, 0.95), *(_case(name, seed, 0.55) for seed, name in enumerate("bcd", start=1))]
    result = judge("m", cases, {"a": "f0", "b": "f1", "c": "f2", "d": "f3"})
    a = result.patients.filter((result.patients["patient"] == "a") & (result.patients["metric"] == "lesion_precision"))
    b = result.patients.filter((result.patients["patient"] == "b") & (result.patients["metric"] == "lesion_precision"))
    assert a["value"].to_list() == [pytest.approx(2 / 3)]
    assert b["value"].to_list() == [1.0]


def test_one_fold_is_refused():
    with pytest.raises(ValueError, match="one fold only"):
        judge("m", [_case("a")], {"a": "f0"})


def test_weights_that_saw_the_patient_are_refused():
    scan = LabelledScan("a", (), np.zeros((2, 2, 2), np.uint8), _case("a").truth, _noise(_case("a").truth), SPACING)

    class Seen:
        seen, name = frozenset({"a"}), "w"

    with pytest.raises(ValueError, match="learned from a"):
        predict_cases({"a": (Seen(),)}, [scan])


def test_a_fixed_rule_is_judged_beside():
    cases = [_case(name, seed) for seed, name in enumerate("ab")]
    result = judge("m", cases, {"a": "f0", "b": "f1"}, Decision(wmh_threshold=0.5))
    assert set(result.patients["rule"]) == {"nested", "fixed"}
    fixed = result.sizes.filter(result.sizes["rule"] == "fixed")
    # 16 and 15 voxels drawn; 16, 15 and a speck of 4 found.
    assert fixed.select("size", "n_true", "found", "n_predicted", "right").rows() == [
        ("3-7", 0, 0, 2, 0),
        ("8-15", 2, 2, 2, 2),
        ("16-50", 2, 2, 2, 2),
        ("51-", 0, 0, 0, 0),
    ]


def test_sizes_count_components():
    truth, found = np.zeros((12, 12, 1), bool), np.zeros((12, 12, 1), bool)
    truth[0:3, 0:3] = found[2:5, 2:5] = True
    found[8:10, 8:10] = True
    counts = _by_size(truth, found)
    assert counts["8-15"].tolist() == [1, 1, 1, 1]
    assert counts["3-7"].tolist() == [0, 0, 1, 0]


def test_temperature_undoes_what_made_probabilities_too_sure():
    rng = np.random.default_rng(3)
    chance = rng.uniform(0.02, 0.98, (60, 60, 3))
    truth = np.where(rng.random(chance.shape) < chance, Tissue.WMH, Tissue.BACKGROUND).astype(np.uint8)
    sure = scaled_probability(chance, 1 / 2.0)
    case = Case("a", "raw", "full", truth, np.zeros_like(sure), sure, np.ones(truth.shape, bool), SPACING)
    assert temperature([case]) == pytest.approx(2.0, rel=0.1)


def _noise(truth: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(5)
    return (1.0 + 0.05 * rng.standard_normal(truth.shape)).astype(np.float32)


@pytest.mark.parametrize("texture", [True, False])
def test_a_lesion_taken_out_leaves_the_tissue_around_it(texture):
    truth = np.zeros((60, 60, 3), bool)
    truth[20:26, 20:26, 1] = True
    truth[40:44, 40:44, 1] = True
    image = _noise(truth) + truth
    gone = truth.copy()
    gone[40:, 40:] = False
    painted = remove_lesions(np.random.default_rng(0), image, gone, ~truth, spared=truth & ~gone, texture=texture)
    assert painted[21:25, 21:25, 1].mean() == pytest.approx(1.0, abs=0.05)
    assert 0.02 < painted[21:25, 21:25, 1].std() < 0.1
    np.testing.assert_array_equal(painted[40:44, 40:44], image[40:44, 40:44])
    np.testing.assert_array_equal(painted[..., [0, 2]], image[..., [0, 2]])


def test_lesions_stay_whole_and_within_the_load():
    wmh = np.zeros((30, 30, 3), bool)
    for corner in range(0, 30, 6):
        wmh[corner : corner + 3, corner : corner + 3, 1] = True
    gone = choose_lesions(np.random.default_rng(1), wmh, 0.2, 0.01)
    assert (wmh & ~gone).sum() == 18  # two of nine voxels each are 0.18 mL, a third would be too much
    everything_but_one = choose_lesions(np.random.default_rng(1), wmh, 0.0, 0.01)
    assert (wmh & ~everything_but_one).sum() == 9
