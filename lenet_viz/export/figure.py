"""A figure: a panel drawn on another device, with its caption and what made it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from lenet_viz.export.easel import Easel
from lenet_viz.export.scrolled import paint_window, show_whole_rows
from lenet_viz.export.sheet import PER_INCH, Sheet
from lenet_viz.panels.crisp import stays_lines
from lenet_viz.panels.panel import Panel
from lenet_viz.panels.style import style_sheet
from lenet_viz.panels.theme import PRINT, Theme, text_font
from lenet_viz.session.state import State

SCREEN_TYPE = 9.0
"""Points of the panels' running text at a zoom of 1."""
CAPTION_TYPE = 8.0
SMALLEST_TYPE = 0.7
"""Of the wanted type: before it gets smaller, a panel leaves out what it can."""
CAPTION_SHARE = 0.3
"""Of a sheet's height: a caption that would need more is set in smaller type."""
INSET = 14.0
"""Logical pixels from a panel's edge to its words, at a zoom of 1."""
GAP = 6.0
"""Logical pixels between a panel and its caption, at a zoom of 1."""
WINDOW_LEAST = 1240.0
"""Logical pixels of a window's width: below it the toolbar would be cut."""
WINDOW_ASPECT = 0.625
"""Height to width of a window whose height is not asked for."""
TALLEST = 20_000.0
"""Logical pixels that a figure without a height of its own may have."""
_FLAGS = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)

PLAIN = "\nQFrame#panel { border: none; border-radius: 0; }"
"""A panel on paper has no frame: the page is its frame."""


@dataclass(frozen=True, slots=True)
class Origin:
    """What a figure says of itself.

    Attributes:
        title: one line: what is drawn.
        caption: the line under it; "" for none.
        facts: what is needed to make it again, as plain words by name; kept in the file.
    """

    title: str
    caption: str
    facts: Mapping[str, str] = field(default_factory=dict)


class Figure:
    """Something laid out on a sheet; it can be painted on any device, any number of times.

    Attributes:
        origin: what it says of itself.
        theme: the colours it is drawn with.
        width: in logical pixels of 1/96 inch.
        height: the same.
    """

    def __init__(self, easel: Easel, sheet: Sheet, theme: Theme, origin: Origin) -> None:
        """Lay a widget out on a sheet.

        Args:
            easel: holds the widget.
            sheet: the sizes.
            theme: the colours.
            origin: title, caption and facts.
        """
        self._easel = easel
        self._margin = sheet.margin
        self.origin = origin
        self.theme = theme
        self.width = sheet.width
        widget = easel.widget
        wanted = sheet.type_size / SCREEN_TYPE * PER_INCH / widget.logicalDpiX()
        self._font = text_font(CAPTION_TYPE)
        self._caption_zoom = wanted
        inside = sheet.width - 2 * sheet.margin
        # Under the panel's own words, which stand a little in from its edge.
        self._inset = INSET * wanted if isinstance(widget, Panel) else 0.0
        self._caption_height = self._measure_caption(inside - 2 * self._inset)
        room = None if sheet.height is None else sheet.height - 2 * sheet.margin
        if room is not None:
            while self._caption_height > CAPTION_SHARE * room and self._caption_zoom > 0.2:
                self._caption_zoom *= 0.9
                self._caption_height = self._measure_caption(inside - 2 * self._inset)
            room -= self._caption_height
        if isinstance(widget, Panel):
            panel_height = _lay_out(easel, widget, inside, room, wanted)
        else:
            panel_height = inside * WINDOW_ASPECT if room is None else room
            easel.fill(inside, panel_height, min(wanted, inside / WINDOW_LEAST))
            show_whole_rows(widget)
        self._caption_top = sheet.margin + panel_height
        used = panel_height + self._caption_height + 2 * sheet.margin
        self.height = min(TALLEST, used) if sheet.height is None else sheet.height

    def _measure_caption(self, width: float) -> float:
        if not self.origin.caption:
            return 0.0
        room = QRectF(0, 0, width / self._caption_zoom, TALLEST)
        high = QFontMetricsF(self._font).boundingRect(room, _FLAGS, self.origin.caption).height()
        return (high + 2 * GAP) * self._caption_zoom

    def paint(self, painter: QPainter) -> None:
        """Paint the whole figure; one unit of the painter is a logical pixel.

        Args:
            painter: active on a `QImage`, `QSvgGenerator`, `QPdfWriter` or the like.
        """
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.TextAntialiasing)
        painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)
        painter.fillRect(QRectF(0, 0, self.width, self.height), self.theme.color("surface"))
        painter.save()
        painter.translate(self._margin, self._margin)
        painter.scale(self._easel.zoom, self._easel.zoom)
        widget = self._easel.widget
        if isinstance(widget, Panel) or not stays_lines(painter):
            widget.render(painter, QPoint(0, 0))
        else:
            paint_window(painter, widget)
        painter.restore()
        if self.origin.caption:
            self._paint_caption(painter)

    def _paint_caption(self, painter: QPainter) -> None:
        zoom = self._caption_zoom
        painter.save()
        painter.translate(self._margin + self._inset, self._caption_top)
        painter.scale(zoom, zoom)
        painter.setFont(self._font)
        painter.setPen(self.theme.color("muted"))
        width = (self.width - 2 * (self._margin + self._inset)) / zoom
        place = QRectF(0, GAP, width, self._caption_height / zoom)
        painter.drawText(place, _FLAGS, self.origin.caption)
        painter.restore()

    def take_down(self) -> None:
        """Let go of the widgets; the figure cannot be painted any more."""
        self._easel.take_down()


def _lay_out(easel: Easel, panel: Panel, width: float, room: float | None, zoom: float) -> float:
    """Return the height that a panel takes: what it needs, or all the room if it can use it."""
    if room is None or not panel.fills_page:
        height = easel.fit(width, None, zoom, panel.paper_height)
        spare = panel.spare_height()
        if spare:
            easel.place(panel.width(), panel.height() - spare)
            height = panel.height() * easel.zoom
        if room is None or height <= room:
            return height
    height = easel.fit(width, room, zoom, panel.paper_height)
    while easel.zoom < SMALLEST_TYPE * zoom and panel.shorten():
        height = easel.fit(width, room, zoom, panel.paper_height)
    return height


def easel_of(panel: Panel, state: State, theme: Theme = PRINT, like: Panel | None = None) -> Easel:
    """Return a panel laid out off the screen, showing a state as a page would.

    Args:
        panel: a new one, without a state.
        state: what it shows.
        theme: its colours.
        like: a panel of the window whose look it takes over; None for the look of a new one.
    """
    panel.go_on_paper()
    panel.theme = theme
    easel = Easel(panel, style_sheet(theme) + PLAIN)
    panel.set_theme(theme)
    panel.render_state(None, state)
    if like is not None:
        panel.take_look(like)
    return easel
