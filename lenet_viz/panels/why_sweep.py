"""The Why panel's row that plays a window over a map while the output fills."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QToolButton,
    QWidget,
)

from lenet_viz.capture.address import Place
from lenet_viz.panels.text import formatted, show_if, translate
from lenet_viz.panels.theme import text_font
from lenet_viz.session.state import State
from lenet_viz.session.sweeping import Sweep, sweep_over

SPEEDS = (1, 5, 20)
"""Elements a second."""


class WhySweep(QWidget):
    """Starts a sweep, plays and scrubs it.

    Signals, only ever caused by the user or by the play that the user started: ``started``,
    ``moved`` a position, ``ended``.
    """

    started = Signal()
    moved = Signal(int)
    ended = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make the row, nothing swept."""
        super().__init__(parent)
        self.setObjectName("why_sweep")
        self._sweep: Sweep | None = None
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self.begin = QPushButton(translate("Why", "Sweep"), self)
        self.begin.setObjectName("why_sweep_begin")
        self.begin.setAccessibleName(translate("Why", "Sweep over the map"))
        self.begin.setToolTip(
            translate(
                "Why", "Walk over this map, value by value, and see the window move with it (P)"
            )
        )
        self.begin.clicked.connect(self.toggle)
        self.play = self._tool("why_sweep_play", "")
        self.play.clicked.connect(self.toggle)
        self.back = self._tool("why_sweep_back", "‹")
        self.back.setToolTip(translate("Why", "The value before (,)"))
        self.back.setAccessibleName(translate("Why", "The value before"))
        self.back.clicked.connect(lambda: self.step(-1))
        self.forth = self._tool("why_sweep_forth", "›")
        self.forth.setToolTip(translate("Why", "The next value (.)"))
        self.forth.setAccessibleName(translate("Why", "The next value"))
        self.forth.clicked.connect(lambda: self.step(1))
        self.slider = QSlider(Qt.Orientation.Horizontal, self)
        self.slider.setObjectName("why_sweep_slider")
        self.slider.setAccessibleName(translate("Why", "Place in the sweep"))
        self.slider.setToolTip(translate("Why", "Drag to scrub the window over the input"))
        self.slider.setMinimumWidth(50)
        self.slider.actionTriggered.connect(self._slid)
        self.speed = QComboBox(self)
        self.speed.setObjectName("why_sweep_speed")
        self.speed.setAccessibleName(translate("Why", "Values a second"))
        self.speed.setToolTip(translate("Why", "How many values are played in a second"))
        for speed in SPEEDS:
            self.speed.addItem(formatted("Why", "{count}/s", count=speed), speed)
        self.speed.setCurrentIndex(1)
        self.speed.activated.connect(self._pace)
        self.end = self._tool("why_sweep_end", "×")
        self.end.setToolTip(translate("Why", "End the sweep (Esc)"))
        self.end.setAccessibleName(translate("Why", "End the sweep"))
        self.end.clicked.connect(self.ended)
        self.words = QLabel(self)
        self.words.setObjectName("why_sweep_words")
        self.words.setFont(text_font(8.5))
        self.words.setProperty("role", "muted")
        self._running = (self.back, self.play, self.forth, self.slider, self.speed, self.end)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(5)
        for widget in self._running[:4]:
            row.addWidget(widget)
        row.addWidget(self.words)
        row.addWidget(self.speed)
        row.addWidget(self.end)
        row.setStretch(row.indexOf(self.slider), 1)
        self._show_play()

    def _tool(self, name: str, text: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        return button

    # -- given ---------------------------------------------------------------------------------

    def show_state(self, state: State, *, on_paper: bool) -> None:
        """Show where the sweep of a state is, or that one can be begun."""
        self._sweep = state.sweep
        asked = state.asked
        possible = asked is not None and asked.place in (Place.STEP, Place.INPUT, Place.PARAMETER)
        possible = possible and sweep_over(state) is not None
        show_if(self, possible and not on_paper and self._sweep is not None)
        if self._sweep is None:
            self._timer.stop()
        show_if(self.begin, possible and not on_paper and self._sweep is None)
        for widget in (*self._running, self.words):
            show_if(widget, self._sweep is not None)
        if self._sweep is not None:
            self.slider.setRange(0, self._sweep.count - 1)
            self.slider.setValue(self._sweep.position)  # actionTriggered tells of the user alone
            self.words.setText(_short(self._sweep))
            self.words.setToolTip(_words(self._sweep))
            self.words.setAccessibleName(_words(self._sweep))
            if self._sweep.position >= self._sweep.count - 1:
                self._timer.stop()
        self._show_play()

    def _show_play(self) -> None:
        plays = self._timer.isActive()
        self.play.setText("❚❚" if plays else "▶")
        word = translate("Why", "Pause") if plays else translate("Why", "Play")
        self.play.setAccessibleName(word)
        self.play.setToolTip(formatted("Why", "{word} (P)", word=word))

    @property
    def playing(self) -> bool:
        """Whether it goes on by itself."""
        return self._timer.isActive()

    # -- what the user does --------------------------------------------------------------------

    def toggle(self) -> None:
        """Begin a sweep and play it; pause it, or go on with it."""
        if self._timer.isActive():
            self._timer.stop()
            self._show_play()
            return
        if self._sweep is None:
            self.started.emit()
        elif self._sweep.position >= self._sweep.count - 1:
            self.moved.emit(0)
        if self._sweep is not None:
            self._timer.start(1000 // int(self.speed.currentData()))
        self._show_play()

    def step(self, elements: int) -> None:
        """Walk by so many elements; a play is paused."""
        self._timer.stop()
        if self._sweep is not None:
            self.moved.emit(self._sweep.position + elements)
        self._show_play()

    def _tick(self) -> None:
        if self._sweep is None or self._sweep.position >= self._sweep.count - 1:
            self._timer.stop()
            self._show_play()
        else:
            self.moved.emit(self._sweep.position + 1)

    def _slid(self, _action: int) -> None:
        self.moved.emit(self.slider.sliderPosition())

    def _pace(self, _index: int) -> None:
        if self._timer.isActive():
            self._timer.start(1000 // int(self.speed.currentData()))


def _short(sweep: Sweep) -> str:
    place = ", ".join(map(str, sweep.place))
    at, count = sweep.position + 1, sweep.count
    return formatted("Why", "[{place}]  {at}/{count}", place=place, at=at, count=count)


def _words(sweep: Sweep) -> str:
    place = sweep.place
    at, count = sweep.position + 1, sweep.count
    if len(place) == 1:
        return formatted("Why", "value {at} of {count}", at=at, count=count)
    return formatted(
        "Why",
        "row {row}, column {column}: {at} of {count}",
        row=place[0],
        column=place[1],
        at=at,
        count=count,
    )
