"""What the repository must not contain, and what starting the dashboard must not load."""

import ast
import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

# Put together here, so that this file does not name them either.
REGISTRY_HOSTS = [
    "py" + "pi.org",
    "python" + "hosted.org",
    "registry." + "npmjs",
    "ana" + "conda.org",
    "index-" + "url =",
]
MACHINE_PATHS = [re.compile(rf"(?<![\w./-])/{top}/\w") for top in ("work", "root", "home", "Users", "tmp")]
PATIENT_DATA = (".nii", ".nii.gz", ".dcm", ".mgz", ".duckdb", ".parquet", ".xlsx")
LARGEST_BYTES = 2_000_000
# Weights of models that ship, and of the trainings that a card's figures come of, and nothing else, may be larger.
KEPT = "benchmarks/folds/*/*/weights.npz"
WEIGHTS = ("pipeline/models/*/*.npz", "pipeline/models/*/*.onnx", KEPT)
LARGEST_WEIGHTS_BYTES = 25_000_000

PINNED = ("app", "cpu", "gpu", "dicom", "check", "regions", "dev")

# Starting the dashboard must be quick and light; these load for a second or more, or belong to training.
HEAVY = ("tensorflow", "keras", "torch", "jax", "pingouin", "sklearn", "matplotlib", "seaborn", "kaleido")


def repository_files() -> list[Path]:
    try:
        listing = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=ROOT,
            capture_output=True,
            check=True,
            text=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs git and a clone of the repository")
    paths = [ROOT / name for name in listing.split("\0") if name]
    return [path for path in paths if path.is_file()]


def texts() -> list[tuple[str, str]]:
    found = []
    for path in repository_files():
        content = path.read_bytes()
        if b"\0" not in content:
            found.append((path.relative_to(ROOT).as_posix(), content.decode("utf-8")))
    return found


def test_no_file_names_a_package_registry() -> None:
    named = [(name, host) for name, text in texts() for host in REGISTRY_HOSTS if host in text]
    assert named == []


def test_no_file_names_a_path_of_somebodys_machine() -> None:
    named = [(name, match[0]) for name, text in texts() for path in MACHINE_PATHS if (match := path.search(text))]
    assert named == []


def test_no_patient_data_and_no_large_file() -> None:
    files = repository_files()
    assert [path.name for path in files if path.name.endswith(PATIENT_DATA)] == []
    large = [path for path in files if path.stat().st_size > LARGEST_BYTES]
    assert [path.name for path in large if not is_weights(path)] == []


def test_weights_are_small_enough_and_those_on_the_card() -> None:
    for path in (path for path in repository_files() if path.suffix in {".npz", ".onnx"}):
        assert is_weights(path), path
        assert path.stat().st_size <= LARGEST_WEIGHTS_BYTES, path
        if path.match(KEPT):
            config = json.loads((path.parent / "config.json").read_text(encoding="utf-8"))
            assert config["weights_sha256"] == hashlib.sha256(path.read_bytes()).hexdigest(), path
            continue
        card = json.loads((path.parent / "card.json").read_text(encoding="utf-8"))
        digests = {member["file"]: member["sha256"] for member in card["members"]}
        digests |= {member.get("onnx"): member.get("onnx_sha256") for member in card["members"]}
        assert digests.get(path.name) == hashlib.sha256(path.read_bytes()).hexdigest(), path


def test_every_requirement_is_pinned_and_nothing_else_is_in_the_file() -> None:
    for name in PINNED:
        pins = [line for line in pin_lines(name) if not line.lstrip().startswith("#")]
        loose = [line for line in pins if not re.fullmatch(r"[a-z0-9._-]+==[\w.+!]+( ; .+)?", line)]
        assert pins
        assert loose == []


def test_files_of_pins_agree() -> None:
    # Installed one after the other, a second pin would undo the first. The two TensorFlows exclude each other.
    versions: dict[str, set[str]] = {}
    for name in PINNED:
        for pin in (line.partition(" ;")[0] for line in pin_lines(name) if "==" in line):
            versions.setdefault(pin.partition("==")[0], set()).add(pin)
    assert {"tensorflow", "tensorflow-cpu", "keras", "streamlit", "pytest"} <= set(versions)
    assert {name for name, pins in versions.items() if len(pins) > 1} == set()
    assert versions["tensorflow"] == {pin.replace("-cpu", "") for pin in versions["tensorflow-cpu"]}


def is_weights(path: Path) -> bool:
    return any(path.relative_to(ROOT).match(pattern) for pattern in WEIGHTS)


def pin_lines(name: str) -> list[str]:
    return (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines()


def test_the_vocabulary_imports_nothing_of_ours() -> None:
    modules = sorted((ROOT / "vocabulary").rglob("*.py"))
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in modules]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    imported = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    imported |= {node.module or "." for node in nodes if isinstance(node, ast.ImportFrom)}
    assert imported
    assert {name.partition(".")[0] for name in imported} <= {
        *sys.stdlib_module_names,
        "vocabulary",
        "msgspec",
        "numpy",
        "polars",
    }


def test_names_in_app_shadow_nothing() -> None:
    # `streamlit run` puts app/ on the path, where app/export.py becomes the module `export`.
    names = {path.stem for path in (ROOT / "app").iterdir()} - {"__init__", "__pycache__"}
    assert (
        names & (set(sys.stdlib_module_names) | {"db", "analysis", "pipeline", "tests", "vocabulary", "pages"}) == set()
    )


def test_opening_the_dashboard_loads_nothing_heavy() -> None:
    script = (
        "import importlib, pkgutil, sys, app\n"
        "for module in pkgutil.walk_packages(app.__path__, 'app.'):\n"
        "    if not module.name.startswith('app.commands') and module.name != 'app.main':\n"
        "        importlib.import_module(module.name)\n"
        "assert 'app.views.overview' in sys.modules\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
