"""How far a scan's numbers can be trusted: the load an outline by hand may hold, and how unlike the training it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.measures.quality_flags import FLAGS, Flag

if TYPE_CHECKING:
    from pipeline.segmentation.bundled_models import ModelCard

NOT_LEARNED = "no range of this model was shown to hold on patients it never saw"
NO_LOAD = "the lesion load could not be measured"


@dataclass(frozen=True)
class Reliability:
    """What is known of how far one scan can be trusted.

    Attributes
    ----------
    wmh_low_ml, wmh_high_ml : 95 % of outlines by hand of such patients lie between, mL; None with a reason
    no_range_reason : why no range is given; "" where one is
    unlikeness : 1 and more where the scan is unlike those of the training, see ``segmentation.familiarity``; None where
        the model does not know what its training was like
    unlike_in : the property that lies farthest from the training, a name of ``segmentation.familiarity.WORDS``
    """

    wmh_low_ml: float | None = None
    wmh_high_ml: float | None = None
    no_range_reason: str = ""
    unlikeness: float | None = None
    unlike_in: str | None = None


def reliability(
    card: "ModelCard", wmh_volume_ml: float | None, flags: Sequence[Flag], properties: Mapping[str, float]
) -> Reliability:
    """Return how far a scan can be trusted.

    A scan with a flag has no range, since ranges were learned on scans without.

    Parameters
    ----------
    card : of the model that segmented it
    wmh_volume_ml : lesion load that was found
    flags : every flag of the scan
    properties : of the image, from ``pipeline.segmentation.image_properties``
    """
    unlike = card.familiarity.unlikeness(properties) if card.familiarity else None
    score, name = (None, None) if unlike is None else (unlike.score, unlike.name)
    low, high, reason = None, None, ""
    if card.load_error is None:
        reason = NOT_LEARNED
    elif wmh_volume_ml is None:
        reason = NO_LOAD
    elif flags:
        words = "; ".join(FLAGS[flag.name][0].lower() + FLAGS[flag.name][1:] for flag in flags)
        reason = f"it was learned on scans without a flag, and here {words}"
    else:
        low, high = card.load_error.between(wmh_volume_ml)
    return Reliability(low, high, reason, score, name)
