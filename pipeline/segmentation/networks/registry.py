"""Names of the networks and their presets; imports Keras only when a network is built."""

from dataclasses import dataclass, field
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from pipeline.errors import RecipeError

if TYPE_CHECKING:
    import keras

_BUILDERS = MappingProxyType(
    {
        "unet": ("pipeline.segmentation.networks.unet", "build_unet"),
        "attention_unet": ("pipeline.segmentation.networks.attention_unet", "build_attention_unet"),
        "trans_unet": ("pipeline.segmentation.networks.trans_unet", "build_trans_unet"),
        "deeplab": ("pipeline.segmentation.networks.deeplab", "build_deeplab"),
        "multi_res_unet": ("pipeline.segmentation.networks.multi_res_unet", "build_multi_res_unet"),
        "unetr": ("pipeline.segmentation.networks.unetr", "build_unetr"),
    }
)


@dataclass(frozen=True)
class NetworkPreset:
    """One network in one size.

    Attributes
    ----------
    name : str, what the command line calls it
    architecture : str, a builder of this registry
    channels : int, input slices: 1 for a single slice, 3 for a slice and its two neighbours
    classes : int, output classes (see ``pipeline.tissues``)
    settings : the builder's further arguments
    any_size : bool, True where the network accepts any height and width divisible by 16
    """

    name: str
    architecture: str
    channels: int = 1
    classes: int = 3
    settings: dict[str, Any] = field(default_factory=dict)
    any_size: bool = True


PRESETS = MappingProxyType(
    {
        preset.name: preset
        for preset in (
            NetworkPreset("unet", "unet"),
            NetworkPreset("attention_unet", "attention_unet"),
            NetworkPreset("trans_unet", "trans_unet", any_size=False),
            NetworkPreset("deeplab", "deeplab", any_size=False),
            NetworkPreset("multi_res_unet", "multi_res_unet"),
            NetworkPreset("unetr", "unetr", any_size=False),
            # Small enough to train on one CPU core: a slice with its neighbours in, five classes out.
            NetworkPreset("compact_unet", "unet", 3, 5, {"width": 16}),
            NetworkPreset(
                "compact_attention_unet",
                "attention_unet",
                3,
                5,
                {"width": 16, "multipliers": (1, 2, 4, 8, 10), "residual": True},
            ),
            # Six tenths of the time of compact_attention_unet on a processor; it may learn from it (train --teacher).
            NetworkPreset(
                "quick_attention_unet",
                "attention_unet",
                3,
                5,
                {"width": 32, "multipliers": (1, 2, 4, 5), "residual": True, "halved": True},
            ),
            NetworkPreset("compact_trans_unet", "trans_unet", 3, 5, {"width": 16}, any_size=False),
            NetworkPreset("compact_deeplab", "deeplab", 3, 5, {"width": 16}, any_size=False),
            NetworkPreset("compact_multi_res_unet", "multi_res_unet", 3, 5, {"width": 16}),
            NetworkPreset("compact_unetr", "unetr", 3, 5, {"width": 16, "depth": 4}, any_size=False),
        )
    }
)


def find_preset(name: str) -> NetworkPreset:
    """Return the preset of that name.

    Raises
    ------
    RecipeError : no such preset; the message lists those there are.
    """
    if name not in PRESETS:
        raise RecipeError(f"network {name!r} is unknown: choose one of {', '.join(sorted(PRESETS))}")
    return PRESETS[name]


def build_network(preset: NetworkPreset, size: int | tuple[int, int] | None = 256) -> "keras.Model":
    """Build a network with fresh weights.

    Parameters
    ----------
    preset : NetworkPreset
    size : height and width of the input in pixels, one number for both; None for any size, where the network allows it

    Raises
    ------
    RecipeError : the architecture is unknown, or needs a fixed size.
    """
    if preset.architecture not in _BUILDERS:
        raise RecipeError(f"architecture {preset.architecture!r} is unknown: choose one of {', '.join(_BUILDERS)}")
    if size is None and not preset.any_size:
        raise RecipeError(f"network {preset.name!r} needs a fixed input size, for example 256")
    module, function = _BUILDERS[preset.architecture]
    build = getattr(import_module(module), function)
    height, width = size if isinstance(size, tuple) else (size, size)
    return build((height, width, preset.channels), classes=preset.classes, **preset.settings)
