"""One picture of the map panel with its heading, colour bar and histogram."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from lenet_viz.capture.address import Address, Side
from lenet_viz.explain.zeros import Cause
from lenet_viz.panels.bars_view import BarsView
from lenet_viz.panels.cause_marks import Causes
from lenet_viz.panels.colour_bar import ColourBar
from lenet_viz.panels.histogram_view import HistogramView
from lenet_viz.panels.map_layout import BARS_UP_TO
from lenet_viz.panels.map_side import MapSide
from lenet_viz.panels.map_words import sentence_of
from lenet_viz.panels.mosaic_picture import Index
from lenet_viz.panels.mosaic_view import MosaicView
from lenet_viz.panels.text import plain_tip, show_if, translate
from lenet_viz.panels.theme import Theme, text_font

Mask = npt.NDArray[np.bool_]


class MapColumn(QWidget):
    """Draws one `MapSide` as a mosaic, as bars, or as the sentence that says why there is none.

    Signals pass on what the user does in the picture: ``hovered`` an index or None, ``clicked``
    this column and an index, ``channel_clicked`` a channel, ``ranged`` a zoom, ``left`` Escape.
    """

    hovered = Signal(object)
    clicked = Signal(object, object)
    channel_clicked = Signal(object)
    ranged = Signal(object)
    left = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        """Make an empty column.

        Args:
            name: what the object names of its parts begin with.
            parent: the widget it belongs to.
        """
        super().__init__(parent)
        self.side: MapSide | None = None
        self.heading = QLabel(self)
        self.heading.setObjectName(f"{name}_heading")
        self.heading.setTextFormat(Qt.TextFormat.PlainText)
        self.heading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.heading.setProperty("role", "muted")
        self.heading.setFont(text_font(9))
        self.stale = QLabel(self)
        self.stale.setObjectName(f"{name}_stale")
        self.stale.setProperty("role", "warning")
        self.stale.setFont(text_font(9, bold=True))
        self.mosaic = MosaicView(self)
        self.mosaic.setObjectName(f"{name}_mosaic")
        self.bars = BarsView(self)
        self.bars.setObjectName(f"{name}_bars")
        self.sentence = QLabel(self)
        self.sentence.setObjectName(f"{name}_sentence")
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setProperty("role", "muted")
        self.sentence.setWordWrap(True)
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.sentence.setMargin(24)
        self.sentence.setFont(text_font(10.5))
        self.stack = QStackedWidget(self)
        for widget in (self.mosaic, self.bars, self.sentence):
            self.stack.addWidget(widget)
        self.bar = ColourBar(self)
        self.bar.setObjectName(f"{name}_colours")
        self.histogram = HistogramView(self)
        self.histogram.setObjectName(f"{name}_histogram")
        self.histogram.hide()
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self.heading, 1)
        top.addWidget(self.stale)
        body = QVBoxLayout(self)
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(6)
        body.addLayout(top)
        body.addWidget(self.stack, 1)
        body.addWidget(self.bar)
        body.addWidget(self.histogram)

    def _connect(self) -> None:
        for view in (self.mosaic, self.bars):
            view.hovered.connect(self.hovered)
            view.clicked.connect(lambda index: self.clicked.emit(self, index))
            view.left.connect(self.left)
        self.mosaic.channel_clicked.connect(self.channel_clicked)
        self.mosaic.ranged.connect(self.ranged)

    def show_side(
        self,
        side: MapSide,
        heading: str,
        theme: Theme,
        structural: Mask | None = None,
        causes: Causes | None = None,
        *,
        histogram: bool = False,
    ) -> None:
        """Draw an array.

        Args:
            side: the array, or why there is none.
            heading: what stands above it.
            theme: the colours.
            structural: (H, W), True where the number is structurally zero; None for nowhere.
            causes: why exact zeros are zero, of the array's shape; None where that is not drawn.
            histogram: whether the histogram is shown.
        """
        self.side = side
        self.heading.setText(heading)
        self.heading.setToolTip(plain_tip(heading))
        reason = sentence_of(side)
        self.stale.setText(translate("Maps", "older than the present settings"))
        show_if(self.stale, side.stale and not reason)
        self.sentence.setText(reason)
        show_if(self.bar, not reason)
        show_if(self.histogram, histogram and not reason)
        if reason or side.values is None:
            self.stack.setCurrentWidget(self.sentence)
            return
        if not histogram:
            self.histogram.counts = None
        else:
            self.histogram.show_side(side, theme)
        if side.values.ndim < 2 and side.values.size <= BARS_UP_TO and not side.source_shape:
            self.bars.show_side(side, theme)
            self.stack.setCurrentWidget(self.bars)
        else:
            self.mosaic.show_side(side, theme, structural, causes)
            self.stack.setCurrentWidget(self.mosaic)
        hatched = self.mosaic.overlay.hatched if self.picture is self.mosaic else None
        self.bar.show_side(side, theme, 0 if hatched is None else int(hatched.sum()))
        self.picture.setAccessibleName(heading)

    @property
    def picture(self) -> MosaicView | BarsView:
        """The view that is used for the present array."""
        return self.bars if self.stack.currentWidget() is self.bars else self.mosaic

    def set_marks(self, hover: Index | None, pin: Index | None) -> None:
        """Outline two indices of the tensor."""
        if self.stack.currentWidget() is not self.sentence:
            self.picture.set_marks(hover, pin)

    def look_at(self, cause: Cause | None) -> None:
        """Draw the marks of one cause alone; None for all."""
        self.mosaic.overlay.only = cause
        self.mosaic.overlay.update()

    def set_field(self, masks: Mapping[Address, Mask]) -> None:
        """Box what is marked of this array's tensor."""
        side = self.side
        if side is None or side.values is None or self.picture is not self.mosaic:
            return
        mask = masks.get(replace(side.address, side=Side.ACTIVATION, index=None, run=None))
        self.mosaic.set_field(None if mask is None else mask[side.prefix])
