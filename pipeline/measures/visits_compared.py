"""Two visits of a person from their scans to candidates: laid on each other, lesions brought over, compared."""

from dataclasses import dataclass

import numpy as np

from pipeline.measures.lesion_change import LesionCandidate, VisitLesions, lesion_changes, not_compared
from pipeline.registration.placement import Matrix
from pipeline.registration.visits import Laid, Visit, brought, lay


@dataclass(frozen=True)
class Comparison:
    """What differs between two visits.

    Attributes
    ----------
    laid : how they lie on each other
    candidates : see ``pipeline.measures.lesion_change.lesion_changes``
    n_not_compared : lesions of either visit that the other scan does not show
    """

    laid: Laid
    candidates: list[LesionCandidate]
    n_not_compared: int


def compare_visits(earlier: Visit, later: Visit, *, threads: int = 1) -> Comparison:
    """Register two visits and compare their lesions.

    Raises
    ------
    RegistrationError : see ``pipeline.registration.visits.lay``
    """
    laid = lay(earlier, later, threads=threads)
    one = _on_own_grid(earlier, later, np.asarray(np.linalg.inv(laid.to_earlier), np.float64))
    other = _on_own_grid(later, earlier, laid.to_earlier)
    return Comparison(laid, lesion_changes(one, other, laid.to_earlier), not_compared(one) + not_compared(other))


def _on_own_grid(visit: Visit, other: Visit, to_other: Matrix) -> VisitLesions:
    """Return a visit's lesions, and the other visit's brought to its grid."""
    shape = visit.lesions.shape
    share = brought(other.lesions, other.affine, to_other, visit.affine, shape, order=1)
    seen = brought(np.ones(other.lesions.shape, bool), other.affine, to_other, visit.affine, shape, order=0) > 0.5
    return VisitLesions(visit.lesions, visit.affine, share, seen)
