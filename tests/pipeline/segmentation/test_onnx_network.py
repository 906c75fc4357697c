"""Both runtimes give equal labels, whatever the number of threads, and each is found where it is."""

import subprocess
import sys

import numpy as np
import pytest

from pipeline.errors import ModelError
from pipeline.segmentation import runtime
from pipeline.segmentation.bundled_models import MODELS_FOLDER, LoadedModel, find_model, list_models, load_model
from pipeline.segmentation.inference import WHOLE, segment
from pipeline.segmentation.networks.registry import find_preset
from pipeline.segmentation.onnx_network import OnnxNetwork
from pipeline.segmentation.preprocessing import find_recipe
from pipeline.synthetic.flair import synthetic_scan

pytest.importorskip("onnxruntime", reason="needs ONNX Runtime, which requirements/app.txt installs")


@pytest.fixture(scope="module")
def scan():
    """Six slices through the ventricles of a synthetic scan with lesions."""
    made = synthetic_scan(5, lesions={"periventricular": 12, "paraventricular": 8})
    return made.data[:, :, 7:13], (0.9, 0.9, 6.9)


def _labels(scan, model: LoadedModel) -> np.ndarray:
    volume, spacing = scan
    preset = find_preset(model.card.network)
    found = segment(
        volume,
        spacing,
        model.networks,
        find_recipe(model.card.recipe),
        channels=preset.channels,
        decision=model.card.decision,
        flips=model.card.flips,
        window=model.card.window if preset.any_size else WHOLE,
    )
    assert found.intracranial is not None
    return np.stack([found.labels, found.intracranial])


@pytest.mark.parametrize("model", ["mscohort-2", "mscohort-quick"])
def test_labels_are_equal_with_both_runtimes_and_any_number_of_threads(scan, model):
    pytest.importorskip("keras", reason="needs Keras, which the extras cpu and gpu install")
    card = find_model(model)
    one, *others = (_labels(scan, load_model(card, runtime="onnx", threads=threads)) for threads in (1, 2, 3))
    assert (one[0] == 1).any()
    assert (one[0] == 2).any()
    for other in others:
        np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(one, _labels(scan, load_model(card, runtime="keras")))


def test_every_shipped_model_has_its_onnx_files():
    for card in list_models():
        for member in card.members:
            assert (MODELS_FOLDER / card.model_id / member.onnx).is_file()


def test_segmenting_needs_neither_tensorflow_nor_keras():
    code = (
        "import sys\n"
        "for name in ('tensorflow', 'keras'): sys.modules[name] = None\n"
        "import numpy as np\n"
        "from pipeline.segmentation.bundled_models import find_model, load_model\n"
        "import pipeline.ingest.measure_scan\n"
        "[network] = load_model(find_model(), runtime='onnx', threads=1).networks\n"
        "print(network.predict_on_batch(np.zeros((1, 64, 64, 3), np.float32)).shape)\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "(1, 64, 64, 5)"


def test_what_is_no_network_is_refused(tmp_path):
    (tmp_path / "m.onnx").write_bytes(b"no network")
    with pytest.raises(ModelError, match="not a network that ONNX Runtime can run"):
        OnnxNetwork(tmp_path / "m.onnx")


@pytest.mark.parametrize(
    ("installed", "card", "expected"),
    [
        ({"onnxruntime"}, False, "onnx"),
        ({"onnxruntime", "tensorflow"}, False, "onnx"),
        ({"onnxruntime", "tensorflow"}, True, "keras"),
        ({"tensorflow"}, False, "keras"),
        ({"jax"}, False, "keras"),
    ],
)
def test_the_runtime_is_onnx_unless_a_card_can_be_used(monkeypatch, installed, card, expected):
    monkeypatch.delenv(runtime.SETTING, raising=False)
    monkeypatch.setattr(runtime, "find_spec", lambda name: object() if name in installed else None)
    monkeypatch.setattr(runtime, "gpu_build", lambda: card)
    monkeypatch.setattr(runtime, "find_device", lambda **_: type("Device", (), {"kind": "gpu"}))
    assert runtime.choose_runtime() == expected


def test_the_runtime_can_be_asked_for_and_must_be_known(monkeypatch):
    monkeypatch.setenv(runtime.SETTING, "keras")
    assert runtime.choose_runtime() == "keras"
    monkeypatch.setenv(runtime.SETTING, "torch")
    with pytest.raises(ModelError, match="MSCOHORT_RUNTIME is 'torch'"):
        runtime.choose_runtime()


def test_nothing_installed_is_said_with_what_to_do(monkeypatch):
    monkeypatch.delenv(runtime.SETTING, raising=False)
    monkeypatch.setattr(runtime, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match=r"requirements/app\.txt"):
        runtime.choose_runtime()
