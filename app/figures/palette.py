"""One palette, the same meaning everywhere; Okabe-Ito colours, safe for colour-blind readers."""

GROUP_COLOURS = {"HC": "#009E73", "MS": "#AA4499"}
ZONE_COLOURS = {"periventricular": "#D55E00", "paraventricular": "#E69F00", "juxtacortical": "#F0E442"}
VENTRICLE_COLOUR = "#0072B2"
# Networks are told by name and place: the colours above mean people and tissue.
MODEL_COLOUR = "#5B86A3"
# Sex is told by shape and line, never by colour.
SEX_SYMBOLS = {"F": "circle", "M": "square"}
SEX_DASHES = {"F": "solid", "M": "dash"}
# Diverging scale for correlations: blue below zero, white at zero, vermilion above.
DIVERGING: list[tuple[float, str]] = [
    (0.0, "#0072B2"),
    (0.25, "#7FB8D8"),
    (0.5, "#F7F7F7"),
    (0.75, "#EBA36B"),
    (1.0, "#D55E00"),
]


def faded(colour: str, opacity: float) -> str:
    """Return ``colour`` ('#RRGGBB') as an rgba() string with the given opacity (0 to 1).

    For marks of people in place of an ``opacity`` of theirs: the browser draws each mark that has one in a layer of its
    own, and a click on a page of 1,380 marks takes up to 50 ms longer.
    """
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity:g})"


def opaque(colour: str) -> str:
    """Return the colour that ``faded`` was given; any other as it is.

    Examples
    --------
    >>> opaque(faded("#009E73", 0.7)), opaque("#009E73")
    ('#009E73', '#009E73')
    """
    if not colour.startswith("rgba("):
        return colour
    return "#" + "".join(f"{int(part):02X}" for part in colour.removeprefix("rgba(").split(",")[:3])
