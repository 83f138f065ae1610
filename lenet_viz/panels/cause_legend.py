"""The row below a gradient's maps: whether causes of zeros are drawn, and what the marks mean."""

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from lenet_viz.display.numbers import count_text
from lenet_viz.explain.zeros import Cause, ZeroCauses
from lenet_viz.panels.cause_marks import draw_mark
from lenet_viz.panels.flow_layout import Flow
from lenet_viz.panels.text import formatted, show_if, translate, translated
from lenet_viz.panels.theme import LIGHT, Theme, text_font

SWATCH = 13.0


class CauseEntry(QWidget):
    """One cause: its swatch, how many zeros have it, its words.

    Attributes:
        pointed: emitted with whether the pointer has come or gone.
    """

    pointed = Signal(bool)

    def __init__(
        self, cause: Cause, words: str, theme: Theme, parent: QWidget, name: str = "maps"
    ) -> None:
        """Make an entry.

        Args:
            cause: which cause.
            words: count and name.
            theme: the colours.
            parent: the legend.
            name: begins the object name.
        """
        super().__init__(parent)
        self.cause, self._words, self._theme = cause, words, theme
        self.setObjectName(f"{name}_cause_{cause.name.lower()}")
        self.setAccessibleName(words)
        self.setToolTip(translate("Maps", "Point here to see this cause alone"))

    def sizeHint(self) -> QSize:
        """Return the room for the words."""
        wide = QFontMetricsF(text_font(8.5)).horizontalAdvance(self._words)
        return QSize(round(SWATCH + 6 + wide + 8), 18)

    def minimumSizeHint(self) -> QSize:
        """Return the same: words are not cut."""
        return self.sizeHint()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Say that this cause is looked at."""
        del event
        self.pointed.emit(True)

    def leaveEvent(self, event: QEvent) -> None:
        """Say that it is no longer looked at."""
        del event
        self.pointed.emit(False)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw swatch and words."""
        del event
        painter = QPainter(self)
        place = QRectF(0.5, (self.height() - SWATCH) / 2, SWATCH, SWATCH)
        draw_mark(painter, place, self.cause, self._theme)
        painter.setPen(self._theme.color("text"))
        painter.setFont(text_font(8.5))
        room = QRectF(SWATCH + 6, 0, self.width() - SWATCH - 6, self.height())
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(room, int(flags), self._words)
        painter.end()


class CauseLegend(QWidget):
    """The switch, and an entry for each cause that occurs.

    Signals, only ever caused by the user: ``switched`` a bool, ``looked_at`` the `Cause` under
    the pointer or None.
    """

    switched = Signal(bool)
    looked_at = Signal(object)

    def __init__(
        self, parent: QWidget | None = None, name: str = "maps", *, switched: bool = True
    ) -> None:
        """Make a legend of nothing.

        Args:
            parent: the widget it belongs to.
            name: begins the object names.
            switched: whether the switch is part of it.
        """
        super().__init__(parent)
        self._name, self._switched = name, switched
        self.setObjectName(f"{name}_legend")
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._flow = Flow(self)
        self.switch = QPushButton(self)
        self.switch.setObjectName(f"{name}_causes")
        self.switch.setText(translate("Maps", "causes of zeros"))
        self.switch.setAccessibleName(translate("Maps", "causes of zeros"))
        self.switch.setToolTip(
            translate("Maps", "Draw every exact zero of the gradient with its cause (C)")
        )
        self.switch.setCheckable(True)
        self.switch.setProperty("role", "switch")
        self.switch.clicked.connect(self.switched)
        if switched:
            self._flow.addWidget(self.switch)
        self.entries: list[CauseEntry] = []
        self._shown: tuple[ZeroCauses | None, Theme] = (None, LIGHT)

    def show_causes(
        self, found: ZeroCauses | None, theme: Theme, *, on: bool, on_paper: bool
    ) -> None:
        """Show the switch and, where it is on, what the marks mean.

        Args:
            found: the causes; None where they are not drawn.
            theme: the colours.
            on: whether the switch is on.
            on_paper: whether nothing can be switched.
        """
        self.switch.setChecked(on)
        show_if(self.switch, self._switched and not on_paper)
        if (found, theme) != self._shown:
            self._shown = (found, theme)
            self._fill({} if found is None else _words(found), theme)
        self.updateGeometry()

    def _fill(self, words: Mapping[Cause, str], theme: Theme) -> None:
        for entry in self.entries:
            self._flow.removeWidget(entry)
            entry.hide()
            entry.deleteLater()
        self.entries = [
            CauseEntry(cause, each, theme, self, self._name) for cause, each in words.items()
        ]
        for entry in self.entries:
            entry.pointed.connect(partial(self._look, entry.cause))
            self._flow.addWidget(entry)
            entry.show()

    def _look(self, cause: Cause, here: bool) -> None:
        self.looked_at.emit(cause if here else None)


def _words(found: ZeroCauses) -> dict[Cause, str]:
    legend = found.legend
    return {
        cause: formatted(
            "Maps", "{count} × {words}", count=count_text(count), words=translated(legend[cause])
        )
        for cause, count in found.counts.items()
    }
