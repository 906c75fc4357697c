"""Splits of trainings: patients, whole, and each where it belongs."""

from itertools import chain

import numpy as np
import pytest

from pipeline.errors import TrainingError
from pipeline.training.folds import plan_jobs
from pipeline.training.labelled_scans import STUDY_TEST, LabelledScan

STUDYS = ["101228", "101627", "102313", "104670", "104899", "106639", "107130", "110218", "111008", "112776"]


def _scan(patient, load):
    truth = np.zeros((4, 5, 3), np.uint8)
    truth.flat[:load] = 2
    codes = np.zeros(truth.shape, np.uint8)
    return LabelledScan(patient, (), codes, truth, truth.astype(np.float32), (1.0, 1.0, 7.0))


@pytest.fixture
def scans():
    """Return ten patients with loads of 1 to 10 voxels."""
    return [_scan(patient, load) for load, patient in enumerate(STUDYS, start=1)]


def test_folds_leave_each_patient_out_once(scans) -> None:
    jobs = plan_jobs(scans, "folds", folds=5)
    assert [job.name for job in jobs] == ["fold0", "fold1", "fold2", "fold3", "fold4"]
    assert sorted(chain.from_iterable(job.held_out for job in jobs)) == STUDYS
    for job in jobs:
        assert sorted((*job.patients, *job.held_out)) == STUDYS
        assert job.validation == ()


def test_the_studys_split(scans) -> None:
    [job] = plan_jobs(scans, "study")
    assert job.held_out == STUDY_TEST
    assert len(job.patients) == 7
    with pytest.raises(TrainingError, match="choose another split"):
        plan_jobs([_scan("p", 1)], "study")


def test_validation_comes_from_the_middle_of_those_not_held_out(scans) -> None:
    [job] = plan_jobs(scans, "study", validation=1)
    assert not set(job.validation) & set(job.held_out)
    assert not set(job.validation) & set(job.patients)
    assert job.validation == ("104899",)  # of loads 2 3 4 5 6 8 9 the middle one
    with pytest.raises(TrainingError, match="nobody to learn from"):
        plan_jobs(scans, "study", validation=7)


def test_one_fold_is_that_of_all(scans) -> None:
    assert plan_jobs(scans, "folds", folds=3, fold=2) == plan_jobs(scans, "folds", folds=3)[2:]
    with pytest.raises(TrainingError, match="from 0 to 2"):
        plan_jobs(scans, "folds", folds=3, fold=3)


def test_all_holds_out_nobody(scans) -> None:
    [job] = plan_jobs(scans, "all")
    assert (len(job.patients), job.held_out) == (10, ())
    with pytest.raises(TrainingError, match="unknown"):
        plan_jobs(scans, "half")
