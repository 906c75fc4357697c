"""The demonstration's scans: synthetic FLAIR images, measured by the same pipeline as real ones."""

import sys
import tempfile
from pathlib import Path

from db.publish_table import DatasetCard
from db.store import Store
from pipeline.segmentation.runtime import can_segment

DATASET = "demo-scans"
TITLE = "Synthetic demonstration scans"
CITATION = "Synthetic FLAIR scans drawn by MS Cohort Explorer; not data, not to be cited as such."
WITHOUT_NETWORKS = "scans left out: ONNX Runtime is not installed; install requirements/app.txt and run demo again"


def build_demo_scans(root: Path, n: int, seed: int) -> dict[str, object]:
    """Draw n scans, measure them and put them into the store; what was measured before is not measured again.

    Parameters
    ----------
    root : folder of the store
    n : number of scans; 0 leaves them out
    seed : decides who they are

    Returns
    -------
    dict with ``n_scans``, ``changed`` and, where none were made, ``note``
    """
    if n == 0:
        return {"n_scans": 0, "changed": False, "note": "scans left out, as asked"}
    if not can_segment():
        return {"n_scans": 0, "changed": False, "note": WITHOUT_NETWORKS}
    from app.measuring import measure_into_store
    from pipeline.inputs.discovery import discover
    from pipeline.synthetic.flair import write_bids

    with tempfile.TemporaryDirectory(prefix="mscohort-demo-") as folder:
        sys.stderr.write(f"drawing {n:,} synthetic scans\n")
        participants = write_bids(Path(folder), n, seed)
        stored = measure_into_store(
            Store(root),
            DatasetCard(DATASET, TITLE, synthetic=True, citation=CITATION),
            *discover([Path(folder)], participants),
            progress=lambda now: sys.stderr.write(f"measuring synthetic scans: {now.done:,} of {now.total:,}\n"),
        )
    return {"n_scans": stored.run.n_scans, "changed": stored.publication.changed, "note": ""}
