"""Findings as a PowerPoint file: charts of PowerPoint's own, notes that say how, a title and a methods slide."""

import io
import math
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
from pptx import Presentation
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE, XL_TICK_LABEL_POSITION
from pptx.enum.dml import MSO_LINE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.util import Emu, Inches, Pt

from app.export import image_bytes
from app.figures.theme import Look, dress
from app.slides import embedded_fonts
from app.slides.chart_xml import literals, rule_off, set_plot_area
from app.slides.charts import Chart, ColumnChart, Columns, Grid, Picture, PointChart, Points
from app.slides.colophon import Colophon
from app.slides.findings import Finding
from app.slides.letter_sizes import detail_size, methods_points, table_points, title_points
from app.slides.methods_paragraph import command_of, methods_paragraph
from app.words.tables import RIGHT_TO_LEFT
from app.words.translating import translated

SIZES = {"16:9": (13.333, 7.5), "4:3": (10.0, 7.5)}
"""Width and height of a slide in inches."""

THEMES = {"light": ("#FFFFFF", "#1F2A33", "#5B6770", "#D5DADE"), "dark": ("#10171D", "#F2F5F7", "#A9B4BC", "#3A454D")}
"""Background, text, quiet text, lines."""

MARGIN = 0.55
SYMBOLS = {
    "circle": XL_MARKER_STYLE.CIRCLE,
    "square": XL_MARKER_STYLE.SQUARE,
    "diamond": XL_MARKER_STYLE.DIAMOND,
}
TITLE_ONLY, MOST_ALT_TEXT = 5, 500
PERSIAN_LOCALE = "[$-3000429]"
"""Begins a format of numbers in Persian, with the digits of that language."""
PERSIAN_DIGITS = f"{PERSIAN_LOCALE}General"
PICTURE_PIXELS = 960
"""Width a figure is drawn at for a slide, where its letters are then about 13 points."""
Box = tuple[int, int, int, int]
"""Left, top, width and height in English metric units."""


def deck_bytes(
    findings: Sequence[Finding], colophon: Colophon, size: str = "16:9", theme: str = "light", lang: str = "en"
) -> bytes:
    """Return a PowerPoint file: a title slide, a slide a finding, a slide on methods.

    Parameters
    ----------
    findings : at least one
    colophon : of the title slide, and of every finding that has no origin of its own
    size : key of ``SIZES``
    theme : key of ``THEMES``
    lang : code of the language; one that runs from right to left is set so
    """
    made = _Deck(colophon, size, theme, lang)
    made.title_slide()
    for finding in findings:
        made.finding_slide(finding)
    made.methods_slide(findings)
    embedded_fonts.embed(made.file)
    buffer = io.BytesIO()
    made.file.save(buffer)
    return buffer.getvalue()


class _Deck:
    def __init__(self, colophon: Colophon, size: str, theme: str, lang: str) -> None:
        self.colophon = colophon
        self.lang, self.right_to_left = lang, lang in RIGHT_TO_LEFT
        self.width, self.height = SIZES[size]
        self.background, self.ink, self.quiet, self.rule = THEMES[theme]
        self.file = Presentation()
        self.file.slide_width, self.file.slide_height = Inches(self.width), Inches(self.height)
        self.file.core_properties.title = colophon.title
        self.file.core_properties.author = ""
        self.file.core_properties.comments = " ".join(colophon.warnings)

    def title_slide(self) -> None:
        points = 40 if len(self.colophon.title) < 5 * self.width else 28
        slide = self._slide(self.colophon.title, top=2.1, points=points, height=1.3)
        self._text(slide, self.colophon.source, 3.5, 1.0, 20)
        self._text(slide, self.colophon.version, 4.5, 0.5, 14, self.quiet)
        self._text(slide, "\n".join(self.colophon.warnings), 5.2, 0.9, 14, self.quiet)

    def finding_slide(self, finding: Finding) -> None:
        points = title_points(self._said(finding.answer), self.width)
        slide = self._slide(finding.answer, top=0.62, points=points, height=1.25)
        title = finding.title if self.right_to_left else finding.title.upper()
        self._text(slide, title, 0.32, 0.3, 12, self.quiet)
        top = 1.95
        if finding.detail:
            points, lines = detail_size(self._said(finding.detail), self.width)
            height = lines * points / 60
            self._text(slide, finding.detail, top - 0.1, height, points)
            top += height
        self._chart(slide, finding.chart, top, self.height - top - 0.75, f"{finding.title}. {finding.answer}")
        origin = finding.origin or self.colophon
        self._foot(slide, origin)
        command = command_of(finding, origin)
        notes = [
            finding.answer,
            finding.detail,
            f"How: {finding.method}",
            *([f"The same numbers: {command}"] if command else []),
            *(origin.source, origin.version, *origin.warnings),
        ]
        self._notes(slide, [translated(note, self.lang) for note in notes if note])

    def methods_slide(self, findings: Sequence[Finding]) -> None:
        slide = self._slide("How this was computed", top=0.5, points=28, height=0.7)
        titles: dict[str, list[str]] = {}
        for finding in findings:
            titles.setdefault(finding.method, []).append(finding.title)
        lines = [f"{'; '.join(dict.fromkeys(of))}. {method}" for method, of in titles.items()]
        self._text(slide, "\n".join(lines), 1.3, self.height - 2.2, methods_points("".join(lines), self.width))
        self._foot(slide, self.colophon)
        commands = filter(None, (command_of(finding, finding.origin or self.colophon) for finding in findings))
        self._notes(slide, [methods_paragraph(findings, self.colophon, self.lang), "", *dict.fromkeys(commands)])

    def _notes(self, slide: Any, lines: Sequence[str]) -> None:
        frame = slide.notes_slide.notes_text_frame
        frame.text = "\n".join(lines)
        for paragraph in frame.paragraphs if self.right_to_left else ():
            paragraph._p.get_or_add_pPr().set("rtl", "1")

    def _slide(self, title: str, top: float, points: int, height: float) -> Any:
        slide = self.file.slides.add_slide(self.file.slide_layouts[TITLE_ONLY])
        slide.background.fill.solid()
        slide.background.fill.fore_color.rgb = _rgb(self.background)
        frame = slide.shapes.title
        frame.left, frame.top = Inches(MARGIN), Inches(top)
        frame.width, frame.height = Inches(self.width - 2 * MARGIN), Inches(height)
        frame.text_frame.word_wrap = True
        frame.text_frame.vertical_anchor = MSO_ANCHOR.TOP
        self._write(frame.text_frame, title, points, self.ink, bold=True)
        return slide

    def _foot(self, slide: Any, origin: Colophon) -> None:
        top = self.height - 0.68
        rule = slide.shapes.add_connector(1, Inches(MARGIN), Inches(top), Inches(self.width - MARGIN), Inches(top))
        rule.line.color.rgb, rule.line.width = _rgb(self.rule), Pt(0.75)
        # The style of a line throws a shadow in some programs.
        rule._element.remove(rule._element.find(qn("p:style")))
        words = f"{origin.source}\n{origin.version}. {' '.join(origin.warnings)}"
        self._text(slide, words, top + 0.04, 0.55, 9 if self.width > 11 else 8, self.quiet)

    def _text(self, slide: Any, words: str, top: float, height: float, points: int, colour: str = "") -> None:
        box = slide.shapes.add_textbox(
            Inches(MARGIN), Inches(top), Inches(self.width - 2 * MARGIN), Inches(height)
        ).text_frame
        box.word_wrap = True
        self._write(box, words, points, colour or self.ink)

    def _write(self, frame: Any, words: str, points: int, colour: str, bold: bool = False) -> None:
        frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
        for place, line in enumerate(words.split("\n")):
            paragraph = frame.paragraphs[0] if place == 0 else frame.add_paragraph()
            paragraph.alignment = PP_ALIGN.RIGHT if self.right_to_left else PP_ALIGN.LEFT
            if self.right_to_left:
                paragraph._p.get_or_add_pPr().set("rtl", "1")
            run = paragraph.add_run()
            run.text = translated(line, self.lang)
            run.font.size, run.font.bold, run.font.color.rgb = Pt(points), bold, _rgb(colour)
            embedded_fonts.name_in(run.font)

    def _chart(self, slide: Any, chart: Chart, top: float, height: float, alt: str) -> None:
        box: Box = Inches(MARGIN), Inches(top), Inches(self.width - 2 * MARGIN), Inches(height)
        if isinstance(chart, Picture):
            self._picture(slide, chart, box, alt)
            return
        if isinstance(chart, Grid):
            shape = self._grid(slide, chart, box)
        elif isinstance(chart, ColumnChart):
            shape = self._columns(slide, chart, box)
        else:
            shape = self._points(slide, chart, box)
        shape._element.nvGraphicFramePr.cNvPr.set("descr", alt[:MOST_ALT_TEXT])

    def _said(self, words: str) -> str:
        return translated(words, self.lang)

    def _picture(self, slide: Any, chart: Picture, box: Box, alt: str) -> None:
        """Draw what PowerPoint has no chart for, in the look of the deck and the shape of its place."""
        look = Look(dark=self.background == THEMES["dark"][0], lang=self.lang)
        height = round(PICTURE_PIXELS * box[3] / box[2])
        figure = dress(go.Figure(chart.figure).update_layout(height=height), look, synthetic=chart.synthetic)
        drawn = io.BytesIO(image_bytes(figure, "png", width=PICTURE_PIXELS))
        slide.shapes.add_picture(drawn, *box)._element.nvPicPr.cNvPr.set("descr", alt[:MOST_ALT_TEXT])

    def _columns(self, slide: Any, chart: ColumnChart, box: Box) -> Any:
        data = CategoryChartData()
        data.categories = [self._said(name) for name in chart.categories]
        for series in chart.series:
            data.add_series(self._said(series.name), list(series.heights))
        kind = XL_CHART_TYPE.COLUMN_STACKED_100 if chart.stacked else XL_CHART_TYPE.COLUMN_CLUSTERED
        shape = slide.shapes.add_chart(kind, *box, data)
        drawn = shape.chart
        self._dress(drawn, "", chart.y_title)
        drawn.plots[0].gap_width = 60
        for series, made in zip(chart.series, drawn.plots[0].series, strict=True):
            made.format.fill.solid()
            made.format.fill.fore_color.rgb = _rgb(series.colour)
            if not chart.stacked:
                self._whiskers(made, series)
        highest = [v for series in chart.series for v in (*series.heights, *series.high) if v is not None]
        if highest and not chart.stacked:
            drawn.value_axis.minimum_scale, drawn.value_axis.maximum_scale = 0, _round_up(max(highest))
        if chart.stacked:
            drawn.plots[0].has_data_labels = True
            labels = drawn.plots[0].data_labels
            if self.right_to_left:
                drawn.value_axis.tick_labels.number_format = f"{PERSIAN_LOCALE}0%"
            form = f'[>=3]{PERSIAN_LOCALE}0"٪";""' if self.right_to_left else '[>=3]0" %";""'
            labels.number_format, labels.number_format_is_linked = form, False
            labels.font.size, labels.font.color.rgb = Pt(14), _rgb("#1F2A33")
            embedded_fonts.name_in(labels.font)
        return shape

    def _points(self, slide: Any, chart: PointChart, box: Box) -> Any:
        data = XyChartData()
        for series in chart.series:
            made = data.add_series(self._said(series.name) or " ")
            for x, y in zip(series.x, series.y, strict=True):
                made.add_data_point(x, y)
        shape = slide.shapes.add_chart(XL_CHART_TYPE.XY_SCATTER, *box, data)
        drawn = shape.chart
        self._dress(drawn, chart.x_title, chart.y_title)
        for series, made in zip(chart.series, drawn.plots[0].series, strict=True):
            self._mark(made, series)
        self._hide_unnamed(drawn, chart.series)
        axis = drawn.value_axis
        for one in (axis, drawn.category_axis):
            one._element.find(qn("c:crosses")).set("val", "min")
        if chart.log_y:
            scaling = axis._element.find(qn("c:scaling"))
            scaling.insert(0, parse_xml(f'<c:logBase {nsdecls("c")} val="10"/>'))
            least = min((min(s.y) for s in chart.series if len(s.y)), default=1.0)
            axis.minimum_scale = 10 ** _floor_log10(least)
        if chart.places:
            self._name_places(slide, drawn, chart.places, box)
        else:
            across = [x for s in chart.series for x in s.x]
            if across:
                drawn.category_axis.minimum_scale = 5 * (min(across) // 5)
                drawn.category_axis.maximum_scale = 5 * (max(across) // 5 + 1)
        return shape

    def _mark(self, made: Any, series: Points) -> None:
        colour = _rgb(series.colour)
        made.smooth = False
        if series.size:
            made.marker.style, made.marker.size = SYMBOLS[series.symbol], series.size
            made.marker.format.fill.solid()
            made.marker.format.fill.fore_color.rgb = colour
            made.marker.format.line.fill.background()
        else:
            made.marker.style = XL_MARKER_STYLE.NONE
        if series.line:
            made.format.line.width, made.format.line.color.rgb = Pt(series.line), colour
            if series.dashed:
                made.format.line.dash_style = MSO_LINE.DASH
        else:
            made.format.line.fill.background()

    def _hide_unnamed(self, drawn: Any, series: Sequence[Points]) -> None:
        """Take series without a name out of the legend."""
        legend = drawn.legend._element
        for place in reversed([i for i, one in enumerate(series) if not one.name]):
            entry = parse_xml(
                f'<c:legendEntry {nsdecls("c")}><c:idx val="{place}"/><c:delete val="1"/></c:legendEntry>'
            )
            legend.insert(1, entry)

    def _name_places(self, slide: Any, drawn: Any, places: dict[float, str], box: Box) -> None:
        """Names instead of numbers under the points: the chart has only numbers, so they are text boxes."""
        axis = drawn.category_axis
        axis.minimum_scale, axis.maximum_scale = min(places) - 0.5, max(places) + 0.5
        axis.tick_label_position = XL_TICK_LABEL_POSITION.NONE
        axis.has_major_gridlines = False
        drawn.include_legend = drawn.has_legend = False
        # Names of axes take two lines in Persian.
        left = (1.55 if self.right_to_left else 1.2) / self.width
        width = 1 - left - 0.02
        set_plot_area(drawn, left, 0.03, width, 0.85)
        each = width / len(places)
        for place, name in enumerate(places.values()):
            x = int(box[0] + box[2] * (left + place * each))
            label = slide.shapes.add_textbox(x, int(box[1] + box[3] * 0.9), int(box[2] * each), int(box[3] * 0.1))
            label.text_frame.word_wrap = True
            self._write(label.text_frame, name, 16 if self.width > 11 else 13, self.ink, bold=True)
            label.text_frame.paragraphs[0].alignment = PP_ALIGN.CENTER

    def _dress(self, drawn: Any, x_title: str, y_title: str) -> None:
        drawn.font.size = Pt(14)
        embedded_fonts.name_in(drawn.font)
        for axis in (drawn.category_axis, drawn.value_axis) if self.right_to_left else ():
            axis.tick_labels.number_format, axis.tick_labels.number_format_is_linked = PERSIAN_DIGITS, False
        drawn.font.color.rgb = _rgb(self.ink)
        drawn.has_title = False
        drawn.has_legend = True
        drawn.legend.position, drawn.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
        for axis, title in ((drawn.category_axis, x_title), (drawn.value_axis, y_title)):
            axis.format.line.color.rgb = _rgb(self.rule)
            axis.has_title = bool(title)
            if title:
                axis.axis_title.text_frame.text = self._said(title)
                font = axis.axis_title.text_frame.paragraphs[0].runs[0].font
                font.size, font.bold, font.color.rgb = Pt(14), False, _rgb(self.ink)
                embedded_fonts.name_in(font)
        drawn.category_axis.has_major_gridlines = False
        drawn.value_axis.has_major_gridlines = True
        drawn.value_axis.major_gridlines.format.line.color.rgb = _rgb(self.rule)

    def _whiskers(self, made: Any, series: Columns) -> None:
        rows = list(zip(series.heights, series.low, series.high, strict=True))
        if all(None in row for row in rows):
            return
        up = [0.0 if None in row else row[2] - row[0] for row in rows]  # type: ignore[operator]
        down = [0.0 if None in row else row[0] - row[1] for row in rows]  # type: ignore[operator]
        element = made._element
        bars = parse_xml(
            f'<c:errBars {nsdecls("c", "a")}><c:errBarType val="both"/><c:errValType val="cust"/><c:noEndCap val="0"/>'
            f"<c:plus>{literals(up)}</c:plus><c:minus>{literals(down)}</c:minus>"
            f'<c:spPr><a:ln w="15875"><a:solidFill><a:srgbClr val="{self.ink[1:]}"/></a:solidFill></a:ln></c:spPr>'
            "</c:errBars>"
        )
        element.insert(list(element).index(element.find(qn("c:cat"))), bars)

    def _grid(self, slide: Any, grid: Grid, box: Box) -> Any:
        rows, columns = len(grid.cells), len(grid.cells[0])
        height = min(box[3], Inches(0.5) * rows)
        start = PP_ALIGN.RIGHT if self.right_to_left else PP_ALIGN.LEFT
        shape = slide.shapes.add_table(rows, columns, box[0], box[1], box[2], height)
        table = shape.table
        table.first_row = table.horz_banding = False
        if self.right_to_left:
            table._tbl.tblPr.set("rtl", "1")
        first = 0.34 if not grid.colours else 0.22
        for column in range(columns):
            share = first if column == 0 else (1 - first) / (columns - 1)
            table.columns[column].width = Emu(int(box[2] * share))
        points = table_points(rows, columns, self.width)
        for i, cells in enumerate(grid.cells):
            table.rows[i].height = Emu(int(height / rows))
            for j, words in enumerate(cells):
                cell = table.cell(i, j)
                colour = grid.colours[i - 1][j - 1] if grid.colours and i and j else None
                cell.fill.solid()
                cell.fill.fore_color.rgb = _rgb(colour or self.background)
                cell.vertical_anchor = MSO_ANCHOR.MIDDLE
                rule_off(cell, self.rule)
                self._write(cell.text_frame, words, points, "#1F2A33" if colour else self.ink, bold=not i or not j)
                cell.text_frame.paragraphs[0].alignment = start if j == 0 else PP_ALIGN.CENTER
        return shape


def _floor_log10(value: float) -> int:
    return math.floor(math.log10(value))


def _round_up(value: float) -> float:
    """Return the next round number: 1, 1.5, 2, 3, 4, 5, 6, 8 or 10 times a power of ten.

    Examples
    --------
    >>> _round_up(0.31), _round_up(96.0), _round_up(1.2)
    (0.4, 100.0, 1.5)
    """
    if value <= 0:
        return 1.0
    ten = 10.0 ** _floor_log10(value)
    return float(f"{next(step for step in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if step * ten >= value * 0.999) * ten:.6g}")


def _rgb(colour: str) -> Any:
    return RGBColor.from_string(colour.removeprefix("#"))
