"""How networks may be trained: named presets, from the study's own to the shipped model's."""

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from pipeline.errors import RecipeError
from pipeline.training.augmentation import NONE, Variation


@dataclass(frozen=True)
class TrainingPreset:
    """Everything that decides how a network is trained, besides the data.

    Attributes
    ----------
    name : str
    recipe : preprocessing recipe
    epochs, steps, batch, size : passes, batches per pass, patches per batch, patch size in pixels
    rate : highest learning rate
    schedule : "cosine" falls from ``rate`` to 0 after a warm-up of 3 %; "plateau" halves it when validation stalls
    weight_decay : float, decoupled (AdamW); 0 gives Adam
    ema : momentum of the exponential moving average of the weights; 0 keeps the last weights
    patience : epochs without improvement of the validation loss before stopping; 0 never stops early
    loss, loss_settings : the loss and its arguments
    second_loss : a loss to switch to halfway, as the study did; empty for none
    variation, paste_chance, strip_chance, lesion_share, ventricle_share : see ``pipeline.patches``
    template_scans, template_share, shape_chance, quiet_chance : heads of nobody to make, and see ``pipeline.patches``
    thinnest : see ``pipeline.template_scans``
    pool : patches that are drawn once, before all trainings (see ``pipeline.patch_pool``); 0 draws them on the way
    teacher_share : weight of what teachers answer against what was drawn by hand (see ``pipeline.distillation``)
    precision : Keras precision policy, "float32", "mixed_bfloat16" (CPU, GPU) or "mixed_float16" (GPU)
    """

    name: str
    recipe: str = "head"
    epochs: int = 12
    steps: int = 100
    batch: int = 8
    size: int = 128
    rate: float = 3e-3
    schedule: str = "cosine"
    weight_decay: float = 1e-2
    ema: float = 0.99
    patience: int = 0
    loss: str = "focal_cross_entropy_dice"
    loss_settings: dict[str, Any] = field(default_factory=dict)
    second_loss: str = ""
    variation: Variation = field(default_factory=Variation)
    paste_chance: float = 0.0
    strip_chance: float = 0.0
    lesion_share: float = 0.5
    ventricle_share: float = 0.25
    template_scans: int = 0
    template_share: float = 0.0
    shape_chance: float = 0.0
    quiet_chance: float = 0.0
    thinnest: float = 0.5
    pool: int = 0
    teacher_share: float = 0.0
    precision: str = "mixed_bfloat16"

    @property
    def needs_shapes(self) -> bool:
        """Whether it paints lesions whose shapes come from masks of other people."""
        return bool(self.template_scans or self.shape_chance)


_POOLED: dict[str, Any] = {
    "ema": 0.995,
    "loss": "cross_entropy_tversky",
    "variation": Variation(gamma=0.45, bias=0.4, noise=0.2, blur_px=1.2, curve_chance=0.4, curve=0.35),
    "template_scans": 64,
    "template_share": 0.25,
    "thinnest": 0.15,
    "shape_chance": 0.2,
    "quiet_chance": 0.4,
    "paste_chance": 0.15,
    "strip_chance": 0.2,
    "lesion_share": 0.3,
    "pool": 240_000,
}
"""What teachers and pupils are shown: the same patches."""

TRAINING_PRESETS = MappingProxyType(
    {
        preset.name: preset
        for preset in (
            TrainingPreset(
                "study",
                recipe="study",
                epochs=100,
                size=256,
                rate=1e-4,
                schedule="plateau",
                weight_decay=0.0,
                ema=0.0,
                patience=10,
                loss="weighted_cross_entropy",
                loss_settings={"class_weights": (1.0, 5.0, 10.0)},
                second_loss="unified_focal",
                variation=NONE,
                precision="float32",
            ),
            # What mscohort-1 was trained with; --rims adds the normal rims it also learned.
            TrainingPreset("compact", epochs=20, paste_chance=0.15, strip_chance=0.15, lesion_share=0.4),
            # Goes on from the weights of "compact": a second, lower wave of the learning rate (train --start-from).
            TrainingPreset("refine", epochs=12, rate=1.5e-3, paste_chance=0.15, strip_chance=0.15, lesion_share=0.4),
            # No patient at all: heads of nobody, in many contrasts and slice distances. All folds may start from it.
            TrainingPreset(
                "template",
                epochs=20,
                loss="cross_entropy_tversky",
                template_scans=12,
                template_share=1.0,
                lesion_share=0.4,
            ),
            # Patients and heads of nobody in turn; starts from "template".
            TrainingPreset(
                "mixed",
                epochs=20,
                rate=2e-3,
                loss="cross_entropy_tversky",
                template_scans=12,
                template_share=0.33,
                shape_chance=0.3,
                quiet_chance=0.3,
                paste_chance=0.15,
                strip_chance=0.15,
                lesion_share=0.4,
            ),
            # The rest want a graphics card: four times as many patches as "compact" and "refine" together.
            # Patients alone, with most lesions painted over at times, and a loss whose probabilities can be believed.
            TrainingPreset(
                "quiet",
                epochs=30,
                batch=32,
                ema=0.995,
                loss="cross_entropy_tversky",
                quiet_chance=0.3,
                paste_chance=0.15,
                strip_chance=0.15,
                lesion_share=0.4,
            ),
            # Besides, heads of nobody and lesions of other people: the first wave of mscohort-2 ...
            TrainingPreset(
                "wide",
                epochs=30,
                batch=32,
                ema=0.995,
                loss="cross_entropy_tversky",
                template_scans=24,
                template_share=0.25,
                shape_chance=0.2,
                quiet_chance=0.3,
                paste_chance=0.15,
                strip_chance=0.15,
                lesion_share=0.4,
            ),
            # ... and its second, from the weights of the first: few lesions more often, patches on lesions less often.
            TrainingPreset(
                "refine_wide",
                epochs=12,
                batch=32,
                rate=1.5e-3,
                ema=0.995,
                loss="cross_entropy_tversky",
                template_scans=24,
                template_share=0.25,
                shape_chance=0.2,
                quiet_chance=0.5,
                paste_chance=0.15,
                strip_chance=0.15,
                lesion_share=0.25,
            ),
            # Patches drawn once, in more contrasts and thicknesses, for teachers ...
            TrainingPreset("teacher", epochs=16, steps=200, batch=64, **_POOLED),
            # ... and for pupils, which learn what the teachers answer, too (train --teacher).
            TrainingPreset("pupil", epochs=20, steps=200, batch=64, teacher_share=0.5, **_POOLED),
            # Short and plain, so that the architectures can be compared on one processor.
            TrainingPreset("comparison", paste_chance=0.3),
        )
    }
)


def find_training_preset(name: str) -> TrainingPreset:
    """Return the training preset of that name.

    Raises
    ------
    RecipeError : no such preset; the message lists those there are.
    """
    if name not in TRAINING_PRESETS:
        raise RecipeError(f"training preset {name!r} is unknown: choose one of {', '.join(sorted(TRAINING_PRESETS))}")
    return TRAINING_PRESETS[name]
