"""A pupil learns its teachers' answers; they learn nothing, and whom they saw is known."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("keras", reason="needs Keras, which the extras cpu and gpu install")

from pipeline.segmentation.networks import registry
from pipeline.segmentation.tissues import CONTRACT
from pipeline.training.augmentation import NONE
from pipeline.training.distillation import distillation, taught
from pipeline.training.losses import weighted_cross_entropy
from pipeline.training.patch_pool import PatchPool
from pipeline.training.presets import TrainingPreset
from pipeline.training.train import train
from pipeline.training.weights import read_trainings
from tests.pipeline.training.tiny_network import BUILDER, TINY_NETWORK, build_tiny

# Keras 3.15 hands NumPy arrays over in the way of NumPy 1 when it saves weights.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

TINY = TrainingPreset("tiny", epochs=3, steps=4, batch=4, size=16, ema=0.0, variation=NONE, precision="float32")


def test_the_answer_is_the_pupils_then_the_mean_of_teachers_and_mirror_images():
    pupil, *teachers = (build_tiny((16, 16, 1)) for _ in range(3))
    image = np.random.default_rng(0).normal(size=(2, 16, 16, 1)).astype(np.float32)
    both = np.asarray(taught(pupil, teachers)(image))
    np.testing.assert_allclose(both[..., :3], pupil(image), atol=1e-6)
    answers = [np.asarray(teacher(image[:, ::flip]))[:, ::flip] for teacher in teachers for flip in (1, -1)]
    np.testing.assert_allclose(both[..., 3:], np.mean(answers, axis=0), atol=1e-6)


def test_only_the_pupil_has_weights_to_train():
    pupil, teacher = (build_tiny((16, 16, 1)) for _ in range(2))
    assert len(taught(pupil, [teacher]).trainable_variables) == len(pupil.trainable_variables) > 0


def test_the_loss_is_shared_between_hand_and_teacher():
    own, told = np.array([[[[0.7, 0.2, 0.1]]]]), np.array([[[[0.5, 0.25, 0.25]]]])
    hand = np.array([[[[0.0, 1.0, 0.0]]]])
    loss = distillation(weighted_cross_entropy(), 0.25)(hand, np.concatenate([own, told], -1))
    assert float(loss) == pytest.approx(0.75 * -np.log(0.2) + 0.25 * -(told * np.log(own)).sum())


@pytest.fixture
def tiny_network(monkeypatch):
    """Register a network small enough for a test."""
    monkeypatch.setattr(registry, "_BUILDERS", {**registry._BUILDERS, "tiny": BUILDER})
    monkeypatch.setattr("pipeline.training.train.find_preset", lambda _: TINY_NETWORK)


def test_a_pupil_comes_to_answer_as_its_teacher_and_counts_as_having_seen_its_patients(tmp_path, tiny_network):
    rng = np.random.default_rng(1)
    images = rng.normal(size=(64, 16, 16, 1)).astype(np.float16)
    codes = (1 << rng.integers(0, 3, (64, 16, 16))).astype(np.uint8)  # chance: nothing to be learned of it by hand
    pool = PatchPool(images, codes, np.array(["p", "q"] * 32))
    who = [SimpleNamespace(patient="p")]
    train("tiny", TINY, who, tmp_path / "teacher", seed=1, pool=pool)
    [teacher] = read_trainings(tmp_path / "teacher")
    assert teacher.seen == {"p"}
    [network] = teacher.load(ready=False)
    # Wrong on purpose, and plainly so.
    network.layers[-1].set_weights([network.layers[-1].get_weights()[0] * 0, np.array([0.0, 4.0, 0.0])])
    network.save_weights(teacher.folder / "weights.weights.h5")
    preset = replace(TINY, epochs=20, rate=0.05, teacher_share=1.0)
    pupil = train("tiny", preset, [SimpleNamespace(patient="q")], tmp_path / "pupil", pool=pool, teachers=[teacher])
    answer = np.asarray(pupil(images[:4].astype(np.float32)))
    assert answer[..., CONTRACT[1]].min() > 0.8
    [learned] = read_trainings(tmp_path / "pupil")
    assert learned.seen == {"p", "q"}
    again = learned.load(ready=False)[0](images[:4].astype(np.float32))
    np.testing.assert_allclose(again, answer, atol=1e-5)


def test_threads_that_read_ahead_change_nothing(tmp_path, tiny_network):
    rng = np.random.default_rng(2)
    images = rng.normal(size=(40, 16, 16, 1)).astype(np.float16)
    pool = PatchPool(images, (1 + (images[..., 0] > 0)).astype(np.uint8), np.array(["p"] * 40))
    weights = [
        train("tiny", TINY, [SimpleNamespace(patient="p")], tmp_path / str(n), seed=4, pool=pool, workers=n)
        for n in (1, 3)
    ]
    for one, other in zip(*(model.get_weights() for model in weights), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)
