"""Parts of PowerPoint charts and tables that python-pptx has no words for."""

from collections.abc import Sequence
from typing import Any

from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn


def set_plot_area(drawn: Any, x: float, y: float, width: float, height: float) -> None:
    """Say where the plot lies within its chart, in parts of it."""
    area = drawn._chartSpace.chart.plotArea
    for old in area.findall(qn("c:layout")):
        area.remove(old)
    places = "".join(f'<c:{k} val="{v:.4f}"/>' for k, v in (("x", x), ("y", y), ("w", width), ("h", height)))
    area.insert(
        0,
        parse_xml(
            f'<c:layout {nsdecls("c")}><c:manualLayout><c:layoutTarget val="inner"/><c:xMode val="edge"/>'
            f'<c:yMode val="edge"/>{places}</c:manualLayout></c:layout>'
        ),
    )


def literals(values: Sequence[float]) -> str:
    """Return numbers as the error bars of a chart hold them."""
    points = "".join(f'<c:pt idx="{i}"><c:v>{value!r}</c:v></c:pt>' for i, value in enumerate(map(float, values)))
    return f'<c:numLit><c:formatCode>General</c:formatCode><c:ptCount val="{len(values)}"/>{points}</c:numLit>'


def rule_off(cell: Any, colour: str) -> None:
    """Draw thin lines above and under a cell of a table, none at its sides, whatever the style of the table says."""
    properties = cell._tc.get_or_add_tcPr()
    for place, side in enumerate(("lnL", "lnR", "lnT", "lnB")):
        fill = (
            f'<a:solidFill><a:srgbClr val="{colour[1:]}"/></a:solidFill>' if side in ("lnT", "lnB") else "<a:noFill/>"
        )
        properties.insert(place, parse_xml(f'<a:{side} {nsdecls("a")} w="9525">{fill}</a:{side}>'))
