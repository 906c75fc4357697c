"""How far a scan's lesion load may be from what was found in it, from people the model never saw."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class LoadError:
    """What a person's manual outline would hold, given the load that was found: 95 % of new people.

    Attributes
    ----------
    slope : mL by hand for each mL found
    share : half the range's width as a share of the load, where there is much
    floor_ml : half its width where there is nothing, mL
    n_patients : patients it was learned from, none of them seen by the networks that measured them
    """

    slope: float
    share: float
    floor_ml: float
    n_patients: int

    def between(self, found_ml: float) -> tuple[float, float]:
        """Return the lowest and highest load to expect, mL.

        Examples
        --------
        >>> LoadError(1.0, 0.6, 0.8, 10).between(1.0)
        (0.0, 2.0)
        """
        half = math.hypot(self.share * found_ml, self.floor_ml)
        return max(self.slope * found_ml - half, 0.0), self.slope * found_ml + half
