"""The map panel: the selected step's activation, its gradient, or both side by side."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QWidget

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.explain.zeros import ZeroCauses
from lenet_viz.panels.cause_legend import CauseLegend
from lenet_viz.panels.map_causes import causes_of, has_zeros
from lenet_viz.panels.map_column import MapColumn, Mask
from lenet_viz.panels.map_content import MapContent, content_of, same_maps
from lenet_viz.panels.map_controls import MapControls
from lenet_viz.panels.map_hints import hint_of, nothing_words
from lenet_viz.panels.map_side import MapSide
from lenet_viz.panels.map_words import details_of, heading_of, reading_of, subtitle_of, title_of
from lenet_viz.panels.mosaic_picture import Index, aspect_of
from lenet_viz.panels.panel import Panel
from lenet_viz.panels.structural import dropped_mask
from lenet_viz.panels.text import formatted, plain_tip, show_if
from lenet_viz.panels.theme import code_font
from lenet_viz.session.state import INPUT_CARD, State


class MapPanel(Panel):
    """Shows what `content_of` asks for, one image a side; everything is reused between states.

    Signals, only ever caused by the user: ``show_requested`` a `Show` as text,
    ``shared_scale_requested`` a bool, ``channel_requested`` a channel or None,
    ``value_clicked`` the `Address` of one number, the batch axis included; ``pin_taken_away``
    where it was pinned no longer; ``pointed`` the `Address` under the pointer, or None;
    ``causes_requested`` a bool.
    """

    show_requested = Signal(str)
    shared_scale_requested = Signal(bool)
    channel_requested = Signal(object)
    value_clicked = Signal(object)
    pin_taken_away = Signal()
    pointed = Signal(object)
    causes_requested = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty panel."""
        super().__init__("maps", parent)
        self.content: MapContent | None = None
        self._structural: Mask | None = None
        self._hover: Index | None = None
        self._pin: Index | None = None
        self.columns = (MapColumn("maps_left", self), MapColumn("maps_right", self))
        self.placeholder = QLabel(self)
        self.placeholder.setObjectName("maps_placeholder")
        self.placeholder.setTextFormat(Qt.TextFormat.PlainText)
        self.placeholder.setProperty("role", "muted")
        self.placeholder.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.placeholder.setWordWrap(True)
        self.reading = QLabel(self)
        self.reading.setObjectName("maps_reading")
        self.reading.setTextFormat(Qt.TextFormat.PlainText)
        self.reading.setFont(code_font(9))
        self.reading.setWordWrap(True)
        self.reading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.reading.setFixedHeight(2 * self.reading.fontMetrics().lineSpacing() + 4)
        self.reading.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.controls = MapControls(self)
        self.legend = CauseLegend(self)
        maps = QHBoxLayout()
        maps.setSpacing(16)
        for column in self.columns:
            maps.addWidget(column, 1)
        self.body.addWidget(self.controls)
        self.body.addWidget(self.placeholder, 1)
        self.body.addLayout(maps, 1)
        self.body.addWidget(self.legend)
        self.body.addWidget(self.reading)
        self._subtitle.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.head.addWidget(self.controls.all_channels)
        self._connect()
        self.setMinimumSize(320, 300)
        self._show_nothing()

    def sizeHint(self) -> QSize:
        """Return a size at which sixteen maps are comfortable."""
        return QSize(560, 640)

    def _connect(self) -> None:
        # `clicked`, not `toggled`: only a user clicks, so render_state never starts a loop.
        controls = self.controls
        for show, button in controls.switches.items():
            button.clicked.connect(lambda _=False, word=str(show): self.show_requested.emit(word))
        controls.shared_scale.clicked.connect(self.shared_scale_requested)
        controls.histogram.clicked.connect(self._toggle_histogram)
        controls.all_channels.clicked.connect(lambda: self.channel_requested.emit(None))
        self.legend.switched.connect(self.causes_requested)
        for column, other in zip(self.columns, reversed(self.columns), strict=True):
            self.legend.looked_at.connect(column.look_at)
            column.hovered.connect(partial(self._point, column))
            column.clicked.connect(self._click)
            column.left.connect(self._leave)
            column.channel_clicked.connect(self.channel_requested)
            column.ranged.connect(lambda found, other=other: self._follow(other, found))

    # -- given ---------------------------------------------------------------------------------

    def set_structural(self, mask: Mask | None) -> None:
        """Take which of the input's pixels are structurally zero.

        Args:
            mask: bool of shape (H, W), True where no number of the output depends on the pixel;
                None where it is not known.
        """
        self._structural = mask
        if self.state is not None and self.state.selected == INPUT_CARD:
            self.draw(None, self.state)

    def draw(self, old: State | None, new: State) -> None:
        """Redraw what differs between two states."""
        if old is not None and self.content is not None and same_maps(old, new):
            return
        self.controls.name_all()
        self.content = content_of(new)
        if self.content is None:
            self._show_nothing()
            return
        self._keep_marks(old, new)
        self._render(self.content, new)

    def _show_nothing(self) -> None:
        self.controls.name_all()
        self.set_title(title_of(None), "")
        sentence = nothing_words(self.state)
        self.placeholder.setText(sentence)
        show_if(self.placeholder, True)
        for widget in (*self.columns, self.reading, self.legend, self.controls):
            show_if(widget, False)
        show_if(self.controls.all_channels, False)

    def _keep_marks(self, old: State | None, new: State) -> None:
        """Let go of marks on numbers that are no longer drawn."""
        content = self.content
        assert content is not None
        another = old is not None and old.selected != new.selected
        for name in ("_hover", "_pin"):
            index = getattr(self, name)
            held = index is not None and any(side.holds(index) for side in content.sides)
            if another or not held:
                setattr(self, name, None)
        if old is None or old.asked != new.asked or another:
            self._pin = content.index_of(new.asked)

    def _render(self, content: MapContent, state: State) -> None:
        self.set_title(title_of(content), subtitle_of(content))
        self._subtitle.setToolTip(plain_tip(self._subtitle.text()))
        show_if(self.placeholder, False)
        show_if(self.controls, not self.on_paper)
        self.controls.show_choices(
            state.view,
            choice=content.choice,
            channels=content.channels,
            zoomed=content.channel is not None,
        )
        causes: ZeroCauses | None = None
        for column, side in zip(self.columns, content.sides, strict=False):
            mask, step = self._hatched(side)
            found = causes_of(state, side)
            causes = found or causes
            column.show_side(
                replace(side, dropped_by=step),
                heading_of(side, state),
                self.theme,
                mask,
                None if found is None else found.causes[side.prefix],
                histogram=self.controls.histogram.isChecked(),
            )
            show_if(column, True)
        for column in self.columns[len(content.sides) :]:
            show_if(column, False)
        self.legend.show_causes(causes, self.theme, on=state.view.causes, on_paper=self.on_paper)
        show_if(self.legend, any(map(has_zeros, content.sides)))
        self._mark()

    def _hatched(self, side: MapSide) -> tuple[Mask | None, str]:
        """Return what is hatched, and the step that drops it; no step for structural zeros."""
        address, zeros = side.address, self._structural
        first = address.place is Place.INPUT and address.name == "0"
        if first and address.side is Side.GRADIENT and zeros is not None:
            return zeros, ""
        found = dropped_mask(None if self.state is None else self.state.run, address)
        return (None, "") if found is None else found

    def caption_details(self) -> tuple[str, ...]:
        """Return step, op, shape, channel, colour ranges, scales and counts of NaN and inf."""
        return () if self.content is None else details_of(self.content)

    # -- on paper ------------------------------------------------------------------------------

    def go_on_paper(self) -> None:
        """Leave the switches out, and the line that reads a value unless one is pinned."""
        super().go_on_paper()
        self.setMinimumSize(200, 160)

    def paper_height(self, width: int) -> int:
        """Return the height at which the maps fill the width, within reason."""
        if self.content is None:
            return super().paper_height(width)
        wide = (width - 30) / max(1, len(self.content.sides))
        aspect = max((aspect_of(side) for side in self.content.sides), default=0.0)
        maps = min(wide * 1.25, max(wide * aspect, 40.0))
        return round(maps + self._furniture())

    def _furniture(self) -> int:
        """Return what title, headings, colour bars and the reading need."""
        histogram = self.columns[0].histogram
        shown = 0 if histogram.isHidden() else histogram.height() + 6
        reading = 0 if self.reading.isHidden() else self.reading.height() + 8
        legend = 0 if self.legend.isHidden() else 50
        return 130 + shown + reading + legend

    def take_look(self, other: Panel) -> None:
        """Take over the pin, the histogram and the part of the maps that is in view."""
        if not isinstance(other, MapPanel):
            return
        self.controls.histogram.setChecked(other.controls.histogram.isChecked())
        self._pin = other._pin
        if self.state is not None:
            self.render_state(None, self.state)
        for mine, theirs in zip(self.columns, other.columns, strict=True):
            mine.mosaic.keep_range_of(theirs.mosaic)

    # -- what the user does --------------------------------------------------------------------

    def show_field(self, masks: Mapping[Address, Mask]) -> None:
        """Box what of the drawn tensors is marked.

        Args:
            masks: bool of a tensor's shape for each that something of is marked.
        """
        for column in self.columns:
            column.set_field(masks)

    def show_pointed(self, address: Address | None) -> None:
        """Outline a number that is pointed at elsewhere; None for none."""
        index = None if address is None or self.content is None else self.content.index_of(address)
        self._hover = index
        self._mark()

    def _point(self, column: MapColumn, index: Index | None) -> None:
        self._hover = index
        self._mark()
        side = column.side
        self.pointed.emit(None if index is None or side is None else side.address_of(index))

    def _click(self, column: MapColumn, index: Index) -> None:
        self._pin = index
        # A pin that was moved by key is read, until the pointer moves again.
        self._hover = None
        self._mark()
        if column.side is not None:
            self.value_clicked.emit(column.side.address_of(index))

    def _leave(self) -> None:
        if self._pin is not None:
            self._pin = None
            self._mark()
            self.pin_taken_away.emit()
        elif self.content is not None and self.content.channel is not None:
            self.channel_requested.emit(None)

    def _toggle_histogram(self) -> None:
        if self.state is not None:
            self.draw(None, self.state)

    def _follow(self, other: MapColumn, found: list[list[float]] | None) -> None:
        if self.content is None or len(self.content.sides) < 2:
            return
        if found is None:
            other.mosaic.fit()
        else:
            other.mosaic.follow(found)

    def _mark(self) -> None:
        """Outline the numbers under the pointer and the pin, and read one of them."""
        for column in self.columns:
            column.set_marks(self._hover, self._pin)
        index = self._pin if self._hover is None else self._hover
        show_if(self.reading, index is not None or not self.on_paper)
        if index is None or self.content is None:
            self._read_hint()
            return
        where, value = reading_of(self.content, index)
        self.reading.setText(formatted("Maps", "{where}\n{value}", where=where, value=value))
        self.reading.setStyleSheet("")

    def _read_hint(self) -> None:
        capture = None if self.state is None else self.state.capture
        self.reading.setText(hint_of(self.content, capture, legend=bool(self.legend.entries)))
        self.reading.setStyleSheet(f"color: {self.theme.muted}")
