"""Patches drawn once: the same whoever draws them, each of one patient, and none of a patient that is held out."""

from types import SimpleNamespace

import numpy as np
import pytest

from pipeline.errors import TrainingError
from pipeline.segmentation.tissues import Tissue, allowed_code
from pipeline.training.augmentation import NONE, Variation
from pipeline.training.labelled_scans import LabelledScan
from pipeline.training.patch_pool import TEMPLATE, patch_pool

SIDE = 48


def _scan(patient, level):
    """Return a patient of one brightness, so that every patch tells whose it is."""
    image = np.full((SIDE, SIDE, 3), level, np.float32)
    codes = np.full(image.shape, allowed_code([Tissue.BRAIN]), np.uint8)
    return LabelledScan(patient, (image,), codes, codes * 0, image, (0.9, 0.9, 7.0))


PATIENTS = [_scan("a", 1.0), _scan("b", 2.0)]
NOBODY = [_scan("template-0", 5.0)]


def _pool(folder, scans=PATIENTS, workers=0, variation=NONE, **more):
    drawing = {"channels": 3, "size": 16, "variation": variation, "seed": 3, **more}
    return patch_pool(folder, scans, NOBODY, count=130, template_share=0.2, workers=workers, **drawing)


def test_every_patch_shows_its_owner(tmp_path):
    pool = _pool(tmp_path)
    levels = {owner: set(np.unique(pool.images[pool.owners == owner])) for owner in ("a", "b", TEMPLATE)}
    assert levels == {"a": {1.0}, "b": {2.0}, TEMPLATE: {5.0}}
    assert [(pool.owners == owner).sum() for owner in ("a", "b", TEMPLATE)] == [52, 52, 26]
    assert set(np.unique(pool.images[pool.of(["b"])])) == {2.0, 5.0}


def test_processes_draw_what_one_draws(tmp_path):
    alone, shared = (_pool(tmp_path / str(n), workers=n, variation=Variation()) for n in (0, 2))
    np.testing.assert_array_equal(alone.images, shared.images)
    np.testing.assert_array_equal(alone.codes, shared.codes)
    assert len(np.unique(alone.images)) > 100


def test_it_is_drawn_once_and_what_a_kill_left_is_drawn_anew(tmp_path, monkeypatch):
    first = np.array(_pool(tmp_path).images)
    (tmp_path / "pool.json").unlink()  # it is written last
    (tmp_path / "images.npy").write_bytes(b"half")
    np.testing.assert_array_equal(_pool(tmp_path).images, first)
    monkeypatch.setattr("pipeline.training.patch_pool._draw", lambda *_: pytest.fail("drawn twice"))
    np.testing.assert_array_equal(_pool(tmp_path).images, first)


def test_patches_of_others_or_of_other_settings_are_refused(tmp_path):
    _pool(tmp_path)
    for other in ({"scans": PATIENTS[:1]}, {"variation": Variation()}, {"lesion_share": 0.1}):
        with pytest.raises(TrainingError, match="patches of other patients or settings"):
            _pool(tmp_path, **other)


def test_a_disk_without_room_is_told_before_anything_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=200_000))
    with pytest.raises(TrainingError, match=r"need 0.0 GB and 0.0 GB are free; choose another --pool"):
        _pool(tmp_path)
    assert not (tmp_path / "images.npy").exists()


def test_lesions_are_pasted_within_a_patient_only(tmp_path, monkeypatch):
    lenders = []
    monkeypatch.setattr(
        "pipeline.training.patch_source.collect_lesions",
        lambda scans, channels: lenders.append([scan.patient for scan in scans]) or [],
    )
    _pool(tmp_path, paste_chance=0.5)
    assert lenders == [["a"], ["b"], []]


keras = pytest.importorskip("keras", reason="needs Keras, which the extras cpu and gpu install")


def test_all_patches_of_the_patients_come_before_any_comes_again(tmp_path):
    from pipeline.training.patches import PoolBatches

    pool = SimpleNamespace(**vars(_pool(tmp_path)), of=_pool(tmp_path).of)
    pool.images = pool.images.copy()
    pool.images[:, :8], pool.images[:, 8:] = np.arange(len(pool.images))[:, None, None, None], -1
    batches = PoolBatches(pool, ["a"], 5, batch=6, steps=13, seed=1)
    shown = [batches[index] for index in range(13)]
    ends = np.concatenate([images[:, [0, -1], 0, 0] for images, _ in shown])
    assert sorted(ends.max(1)) == pool.of(["a"]).tolist()  # 52 of the patient, 26 of nobody
    assert 20 < (ends[:, 0] == -1).sum() < 58  # about half are mirrored
    assert shown[0][1].shape == (6, 16, 16, 5)
    batches.epoch = 1
    assert not np.array_equal(batches[0][0], shown[0][0])
    batches.epoch = 0
    np.testing.assert_array_equal(batches[0][0], shown[0][0])
    with pytest.raises(TrainingError, match="no patch of these patients"):
        PoolBatches(SimpleNamespace(of=lambda _: np.zeros(0, int)), ["c"], 5, batch=6, steps=1)
