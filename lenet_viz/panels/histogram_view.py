"""How often numbers occur: a histogram whose exact zeros stand apart."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFontMetricsF, QResizeEvent
from PySide6.QtWidgets import QGraphicsView, QWidget

from lenet_viz.display.colours import colourise
from lenet_viz.display.numbers import count_text, text
from lenet_viz.display.scale import Scale
from lenet_viz.display.statistics import Histogram, histogram
from lenet_viz.panels.map_side import MapSide
from lenet_viz.panels.text import formatted, translate
from lenet_viz.panels.theme import LIGHT, Theme, text_font
from lenet_viz.panels.thumbnail import colour_theme, drawable

BINS = 41
_ZERO_ROOM = 46.0
"""Logical pixels left of the bins, for the bar of exact zeros and its number."""
_END_ROOM = 8.0


class HistogramView(pg.PlotWidget):
    """A small histogram; two bar items and one label, reused for every picture."""

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty histogram."""
        super().__init__(parent, enableMenu=False)
        self.setFixedHeight(96)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)
        plot = self.getPlotItem()
        plot.setMouseEnabled(False, False)
        plot.hideButtons()
        plot.setMenuEnabled(False)
        plot.hideAxis("left")
        plot.layout.setContentsMargins(0, 2, 0, 0)
        self.bars = pg.BarGraphItem(x=np.zeros(1), height=np.zeros(1), width=1.0)
        self.zero_bar = pg.BarGraphItem(x=[-1], height=[0], width=1.0)
        self.zero_label = pg.TextItem("", anchor=(0.5, 1.0))
        for item in (self.bars, self.zero_bar, self.zero_label):
            plot.addItem(item, ignoreBounds=True)
        self.counts: Histogram | None = None
        self._theme: Theme = LIGHT

    def set_height(self, pixels: int) -> None:
        """Take another height than the small one below a map."""
        self.setMinimumHeight(pixels)
        self.setMaximumHeight(16_777_215)

    def show_side(self, side: MapSide, theme: Theme) -> None:
        """Draw the histogram of a picture's numbers.

        Args:
            side: what the picture shows; it has values.
            theme: for text and lines.
        """
        assert side.values is not None
        found = histogram(drawable(side.values), BINS)
        self.counts = found
        self.setBackground(theme.surface)
        middles = found.edges[:-1] / 2 + found.edges[1:] / 2  # halved first: no overflow
        # Its own range: the ends of single channels' scales would make most bars pale.
        scale = side.scales[0] if len(side.scales) == 1 else Scale.of(drawable(side.values))
        rgba = colourise(middles, scale, colour_theme(theme))
        brushes = [QColor(*map(int, one)) for one in rgba]
        edge = pg.mkPen(theme.muted, width=0.5)
        most = float(max(found.counts.max(initial=0), 1))
        self.bars.setOpts(
            x=np.arange(BINS) + 0.5, height=found.counts, width=1.0, brushes=brushes, pen=edge
        )
        zero = colourise(np.zeros(1), scale, colour_theme(theme))[0]
        # Zeros often outnumber all else: their bar ends at the top, its number says how many.
        self._theme = theme
        self.zero_bar.setOpts(
            height=[min(float(found.zeros), most)],
            brush=QColor(*map(int, zero)),
            pen=pg.mkPen(theme.text if found.zeros > most else theme.muted, width=1),
        )
        self.zero_label.setText(count_text(found.zeros), color=theme.text)
        self.zero_label.setFont(text_font(7.5))
        self._place(found)
        self.setAccessibleName(self._words(found))
        self.setToolTip(self._words(found))

    def _place(self, found: Histogram) -> None:
        """Place the bar of zeros and the labels, which need the same room at every width."""
        most = float(max(found.counts.max(initial=0), 1))
        bin_wide = max(1.0, self.width() - _ZERO_ROOM - _END_ROOM) / BINS
        middle = -_ZERO_ROOM / 2 / bin_wide
        self.zero_bar.setOpts(x=[middle], width=16 / bin_wide)
        self.zero_label.setPos(middle, min(float(found.zeros), most))
        self._set_axis(found, self._theme, middle, bin_wide)
        self.getPlotItem().setRange(
            xRange=(-_ZERO_ROOM / bin_wide, BINS + _END_ROOM / bin_wide),
            yRange=(0, most * 1.3),
            padding=0,
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place what depends on the width."""
        super().resizeEvent(event)
        # pyqtgraph resizes the widget before this class has made its own parts.
        found: Histogram | None = getattr(self, "counts", None)
        if found is not None:
            self._place(found)

    def _set_axis(self, found: Histogram, theme: Theme, zero: float, bin_wide: float) -> None:
        axis = self.getPlotItem().getAxis("bottom")
        low, high = text(float(found.edges[0]), 3), text(float(found.edges[-1]), 3)
        metrics = QFontMetricsF(text_font(7.5))
        before, after = (metrics.horizontalAdvance(end) / 2 / bin_wide for end in (low, high))
        # Labels are centred on their ticks: moved inwards they end where the bins end.
        ticks = [(zero, translate("Maps", "= 0")), (before, low), (BINS - after, high)]
        inside = np.flatnonzero(found.edges == 0)
        if len(inside) and 8 < inside[0] < BINS - 8:
            ticks.append((float(inside[0]), "0"))
        axis.setTicks([ticks])
        axis.setTickFont(text_font(7.5))
        axis.setStyle(tickLength=0, tickTextOffset=3, hideOverlappingLabels=False)
        axis.setPen(pg.mkPen(theme.line))
        axis.setTextPen(pg.mkPen(theme.muted))

    def _words(self, found: Histogram) -> str:
        return formatted(
            "Maps",
            "Histogram: {zeros} exact zeros, {others} other numbers from {low} to {high}",
            zeros=count_text(found.zeros),
            others=count_text(int(found.counts.sum())),
            low=text(float(found.edges[0]), 3),
            high=text(float(found.edges[-1]), 3),
        )
