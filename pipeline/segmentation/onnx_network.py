"""A network run by ONNX Runtime: the same labels as with Keras, in a fraction of its memory and starting time.

The file holds the graph and its float32 weights, so nothing of TensorFlow is needed to run it.
"""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.errors import ModelError
from pipeline.machine import cores

MOST_LANES = 4
"""More images side by side take more memory; further threads share the work on one."""


class OnnxNetwork:
    """One member of a model, called as a Keras model is.

    Parameters
    ----------
    path : the .onnx file
    threads : how many processor threads; 0 takes all cores

    Attributes
    ----------
    lanes : how many threads may ask at once. A thread for each image is quicker than all threads on one, which wait for
        each other after every layer; the answers are the same bits

    Raises
    ------
    ModelError : ONNX Runtime is not installed, or the file is none of its graphs.
    """

    def __init__(self, path: Path, threads: int = 0) -> None:
        try:
            import onnxruntime
        except ImportError as error:
            raise ModelError(
                f"scans are segmented with ONNX Runtime, which is not installed ({error}); install requirements/app.txt"
            ) from error
        options = onnxruntime.SessionOptions()
        threads = threads or cores()
        self.lanes = min(threads, MOST_LANES)
        options.intra_op_num_threads = threads // self.lanes
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Heads differ in size: what is kept for one would lie beside what the next one needs.
        options.enable_mem_pattern = False
        # Idle threads that spin take time from the other workers.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session: Any = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        except Exception as error:  # ONNX Runtime has no error class of its own that is public
            raise ModelError(f"{path}: not a network that ONNX Runtime can run ({error})") from error
        self._input = self._session.get_inputs()[0].name

    def predict_on_batch(self, stack: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return class probabilities (N, H, W, classes) of images (N, H, W, channels)."""
        found: NDArray[np.float32] = self._session.run(None, {self._input: np.ascontiguousarray(stack, np.float32)})[0]
        return found
