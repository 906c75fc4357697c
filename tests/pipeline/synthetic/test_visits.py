"""Two visits of a synthetic person: the same head elsewhere, the planted changes in the labels, nothing else."""

import numpy as np
import polars as pl
from scipy import ndimage

from pipeline.synthetic.visits import synthetic_visits


def test_planted_changes_stand_in_the_labels_of_both_visits() -> None:
    visits = synthetic_visits(3)
    again = synthetic_visits(3)
    assert np.array_equal(visits.later.data, again.later.data)
    assert visits.changes["kind"].to_list() == ["new", "new", "enlarged", "enlarged", "vanished", "vanished"]
    new, grown, gone = (visits.changes.filter(pl.col("kind") == kind) for kind in ("new", "enlarged", "vanished"))
    assert (new["before_ml"] == 0).all()
    assert (gone["after_ml"] == 0).all()
    assert grown["after_ml"].sum() > 1.5 * grown["before_ml"].sum()
    turn = visits.pose[:3, :3]
    assert np.allclose(turn @ turn.T, np.eye(3))
    back = np.linalg.inv(visits.earlier.affine) @ visits.pose @ visits.later.affine
    brain = ndimage.affine_transform(
        visits.earlier.brain.astype(float), back[:3, :3], back[:3, 3], output_shape=visits.later.brain.shape, order=1
    )
    both = ((brain > 0.5) & visits.later.brain).sum()
    assert 2 * both / ((brain > 0.5).sum() + visits.later.brain.sum()) > 0.95
