"""The Dockerfile keeps promises no linter knows: not root, store in a volume, loopback, all that a wheel needs."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def instructions() -> list[tuple[str, str]]:
    """Return the instructions of the Dockerfile, continued lines joined."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.partition(" ")[0], line.partition(" ")[2].strip()) for line in lines]


def of_the_last_stage(name: str) -> list[str]:
    last = max(number for number, (word, _) in enumerate(instructions()) if word == "FROM")
    return [rest for word, rest in instructions()[last:] if word == name]


def test_it_does_not_run_as_root() -> None:
    assert of_the_last_stage("USER")[-1] == "1000"
    assert any("--uid 1000" in command for command in of_the_last_stage("RUN"))


def test_the_store_lies_in_a_volume() -> None:
    [volume] = of_the_last_stage("VOLUME")
    assert f"MSCOHORT_STORE={volume}" in of_the_last_stage("ENV")


def test_it_opens_to_nobody_but_its_host() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert of_the_last_stage("EXPOSE") == []
    assert "0.0.0.0" not in text
    assert "--network host" in text


def test_it_installs_exact_versions() -> None:
    copied = " ".join(of_the_last_stage("COPY"))
    assert "requirements/app.txt" in copied
    pins = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8").splitlines()
    assert re.findall(r"build==\S+", str(instructions())) == [pin for pin in pins if pin.startswith("build==")]


def test_everything_the_wheel_is_built_from_goes_in_and_nothing_else() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"benchmarks", "tests"}
    carried = {".streamlit", "docs/methods.md"}
    assert let_in == packages | carried | {"LICENSE", "README.md", "pyproject.toml", "requirements", "setup.py"}
    assert {"*.duckdb", "*.nii", "*.nii.gz", "*.dcm"} <= {rule.removeprefix("**/") for rule in rules}
