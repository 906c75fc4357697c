"""`python -m benchmarks` starts without a page of the dashboard, whose cached answers Streamlit warns of."""

import subprocess
import sys


def test_its_help_is_all_it_prints() -> None:
    asked = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--help"], capture_output=True, text=True, check=True, timeout=300
    )
    assert asked.stdout.startswith("usage: python -m benchmarks")
    assert asked.stderr == ""
