"""The shipped model on synthetic scans of known truth: injected lesions are found, volumes come back, none is made up.

The limits are far from perfection, as is the model; they notice a pipeline that has come apart.
"""

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

pytest.importorskip("nilearn")
pytest.importorskip("keras")

from pipeline.evaluation.scores import lesions, overlap
from pipeline.ingest.measure_scan import ScanResult, measure_scan
from pipeline.measures.zoning import DEFAULT_RULE, find_rule
from pipeline.segmentation.bundled_models import LoadedModel, find_model, load_model
from pipeline.segmentation.runtime import start_runtime
from pipeline.segmentation.tissues import Tissue
from pipeline.synthetic.flair import SyntheticScan, synthetic_scan

LESIONS = {"periventricular": 12, "paraventricular": 9, "juxtacortical": 6}


@pytest.fixture(scope="module")
def model() -> LoadedModel:
    return load_model(find_model(), runtime=start_runtime())


def _measured(scan: SyntheticScan, model: LoadedModel, folder: Path) -> ScanResult:
    path = folder / "FLAIR.nii.gz"
    nib.save(nib.Nifti1Image(scan.data, scan.affine), path)
    return measure_scan(path, model, find_rule(DEFAULT_RULE))


@pytest.mark.slow
def test_injected_lesions_are_found_and_volumes_recovered(model: LoadedModel, tmp_path: Path) -> None:
    scan = synthetic_scan(7, group="MS", age_years=45, lesions=LESIONS)
    result = _measured(scan, model, tmp_path)
    truth, found = scan.labels == Tissue.WMH, result.segmentation.labels == Tissue.WMH
    assert lesions(truth, found)["lesion_f1"][0] > 0.65
    assert found.sum() == pytest.approx(truth.sum(), rel=0.4)
    both = truth & found
    assert (scan.zones == result.zone_image)[both].mean() > 0.7
    assert overlap(scan.labels == Tissue.VENTRICLE, result.segmentation.labels == Tissue.VENTRICLE)["dice"][0] > 0.8
    head = scan.brain.sum() * float(np.prod(result.scan.spacing_mm[:2]))
    assert result.quantities.values["intracranial_area_mm2"] == pytest.approx(head, rel=0.1)
    assert not result.flags


@pytest.mark.slow
def test_a_control_has_next_to_no_lesion(model: LoadedModel, tmp_path: Path) -> None:
    result = _measured(synthetic_scan(5, group="HC", age_years=45, lesions={}), model, tmp_path)
    load = result.quantities.values["wmh_volume_ml"]
    assert load is not None
    assert load < 0.5
    assert not result.flags
