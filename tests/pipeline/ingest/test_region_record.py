"""What is kept of a scan's regions: exact sums, the same after a file, or the reason why there are none."""

import json
from dataclasses import asdict

import msgspec
import nibabel as nib
import numpy as np
import pytest

from pipeline.ingest import measure_scan
from pipeline.ingest.measure_scan import NO_GREEDY, placed_regions
from pipeline.ingest.region_record import RegionRecord, region_record
from pipeline.inputs.nifti import Scan, read_scan
from tests.pipeline.registration.head import AFFINE, head


@pytest.fixture
def scan(tmp_path) -> Scan:
    path = tmp_path / "head.nii"
    nib.save(nib.Nifti1Image(head().image, AFFINE), path)
    return read_scan(path)


def test_regions_of_a_scan_are_kept_whole(scan: Scan) -> None:
    labels = head().ventricle.astype(np.uint8)
    for place in ([-30, 20, 30, 1], [28, -50, 30, 1]):
        x, y, z = np.round((np.linalg.inv(head().to_template @ AFFINE) @ place)[:3]).astype(int)
        labels[x - 2 : x + 3, y - 2 : y + 3, z] = 2
    found, reason, flags = placed_regions(scan, labels, head().brain)
    assert (reason, flags) == ("", ())
    kept = region_record(found, reason)
    again = msgspec.json.decode(json.dumps(asdict(kept), allow_nan=False), type=RegionRecord)
    assert again == kept
    loads, told = again.load_frame(), again.registration
    total_ml = 50 * 1.1 * 1.1 * 7 / 1000
    assert loads["volume_ml"].sum() + told["unassigned_volume_ml"] == pytest.approx(total_ml, rel=0.01)
    assert loads["lesion_count"].sum() + told["unassigned_count"] == 2
    assert again.lesion_frame()["side"].to_list() == ["left", "right"]
    assert again.lesion_frame()["region"].str.split(", ").list.first().to_list() == ["frontal", "parietal"]
    assert len(told["to_template"]) == 16
    assert told["brain_overlap"] > 0.95


def test_a_brain_that_no_template_fits_is_flagged_and_has_no_load(scan: Scan) -> None:
    slab = np.zeros_like(head().brain)
    slab[20:150, 90:98, 4:18] = True
    found, reason, flags = placed_regions(scan, np.zeros(slab.shape, np.uint8), slab)
    assert found is None
    assert [flag.name for flag in flags] == ["no_regions"]
    assert flags[0].detail == reason
    assert "expected at least 0.90" in reason or "times the template's volume" in reason
    kept = region_record(found, reason)
    assert kept.registration == {"reason": reason}
    assert kept.load_frame().is_empty()


def test_without_the_program_scans_have_no_regions_and_no_flag(scan: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measure_scan, "greedy_found", lambda: False)
    assert placed_regions(scan, np.zeros(head().brain.shape, np.uint8), head().brain) == (None, NO_GREEDY, ())
