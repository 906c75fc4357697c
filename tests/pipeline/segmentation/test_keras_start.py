"""Starting Keras: what a person sees of it."""

import subprocess
import sys


def test_nothing_is_written_while_keras_starts() -> None:
    code = (
        "import os, sys; from pipeline.segmentation.keras_start import start_keras; "
        "start_keras('cpu'); os.write(2, b'still heard')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "still heard")
