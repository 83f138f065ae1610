"""The toolbar: it reads as the steps of a run, from the set-up to the update."""

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolBar,
    QToolButton,
    QWidget,
)

from lenet_viz.network import presets
from lenet_viz.panels.choice_button import (
    show_word,
    word_field,
)
from lenet_viz.panels.text import formatted, plain_tip, translate, translated
from lenet_viz.panels.theme import text_font
from lenet_viz.panels.toolbar_choices import (
    InputButton,
    ObjectiveButton,
    why_off,
)
from lenet_viz.panels.toolbar_weights import WeightsButton
from lenet_viz.session.state import State

OWN = "…"
"""Stands for a model of the user's own in the list of presets."""
LONGEST_NAME = 94
"""Logical pixels of a model's name: a longer one is shortened, its tool tip has all of it."""


class Toolbar(QToolBar):
    """Model, input, weights › Forward › objective › Backward › Update, and the menus.

    Each signal is emitted only when the user does something.

    Attributes:
        preset_requested: a preset's name.
        model_requested: when a model of the user's own is to be asked for.
        weights_file_requested: when a file of weights is to be asked for.
        drawn_weights_requested: when the weights are to be drawn with the seed again.
        initialisation_requested: the `Initialisation` they are to be drawn from.
    """

    preset_requested = Signal(str)
    model_requested = Signal()
    weights_file_requested = Signal()
    drawn_weights_requested = Signal()
    input_requested = Signal(object)
    weights_seed_requested = Signal(int)
    initialisation_requested = Signal(object)
    objective_requested = Signal(object)
    zero_grad_requested = Signal(bool)
    forward_requested = Signal()
    backward_requested = Signal()
    update_requested = Signal()
    stop_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make the toolbar."""
        super().__init__(parent)
        self.setObjectName("toolbar")
        self.setWindowTitle(translate("Toolbar", "Toolbar"))
        self.setMovable(False)
        self.setFloatable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.setIconSize(QSize(16, 16))
        self.state: State | None = None
        brand = QLabel("lenet_viz", self)
        brand.setObjectName("toolbar_brand")
        brand.setFont(text_font(12, bold=True))
        brand.setContentsMargins(2, 0, 4, 0)
        self._brand = self.addWidget(brand)
        self._preset = self._preset_field()
        self._input = InputButton(self)
        self._input.input_requested.connect(self.input_requested)
        self.addWidget(self._input)
        self._weights = WeightsButton(self)
        self._weights.seed_requested.connect(self.weights_seed_requested)
        self._weights.initialisation_requested.connect(self.initialisation_requested)
        self._weights.file_requested.connect(self.weights_file_requested)
        self._weights.drawn_requested.connect(self.drawn_weights_requested)
        self.addWidget(self._weights)
        self.addSeparator()
        self._forward = self._main_button(
            "toolbar_forward",
            translate("Toolbar", "Forward F5"),
            translate("Toolbar", "Run the input through the network (F5)"),
        )
        self._forward.clicked.connect(self.forward_requested)
        self._arrow(1)
        self._objective = ObjectiveButton(self)
        self._objective.objective_requested.connect(self.objective_requested)
        self.addWidget(self._objective)
        self._arrow(2)
        self._backward = self._main_button(
            "toolbar_backward",
            translate("Toolbar", "Backward F6"),
            translate("Toolbar", "Compute every gradient of the objective (F6)"),
        )
        self._backward.clicked.connect(self.backward_requested)
        self._zero_grad = QCheckBox(translate("Toolbar", "zero_grad"), self)
        self._zero_grad.setObjectName("toolbar_zero_grad")
        self._zero_grad.setAccessibleName(translate("Toolbar", "zero_grad first"))
        self._zero_grad.setToolTip(
            translate(
                "Toolbar",
                "Clear the parameters' .grad before backward (Z). Off: gradients accumulate.",
            )
        )
        self._zero_grad.clicked.connect(self.zero_grad_requested)
        self.addWidget(self._zero_grad)
        self._arrow(3)
        self._update = self._main_button(
            "toolbar_update",
            translate("Toolbar", "Update F7"),
            translate(
                "Toolbar", "Change every weight once: optimizer.step(), chosen in the ledger (F7)"
            ),
        )
        self._update.clicked.connect(self.update_requested)
        self._stop = QPushButton(translate("Toolbar", "Stop"), self)
        self._stop.setObjectName("toolbar_stop")
        self._stop.setAccessibleName(translate("Toolbar", "Stop"))
        self._stop.setToolTip(translate("Toolbar", "End the run under way (Shift+F5)"))
        self._stop.clicked.connect(self.stop_requested)
        self.addWidget(self._stop)
        runners = (self._forward, self._backward, self._zero_grad, self._update)
        self._tips = tuple((button, button.toolTip()) for button in runners)
        spacer = QWidget(self)
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(spacer)

    # -- building ------------------------------------------------------------------------------

    def add_menu(self, name: str, text: str, tip: str) -> QMenu:
        """Add a button with a menu at the right end and return the menu."""
        button = QToolButton(self)
        button.setObjectName(name)
        button.setText(text)
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        menu = QMenu(button)
        menu.setObjectName(f"{name}_menu")
        menu.setToolTipsVisible(True)
        button.setMenu(menu)
        self.addWidget(button)
        return menu

    def _main_button(self, name: str, text: str, tip: str) -> QPushButton:
        button = QPushButton(text, self)
        button.setObjectName(name)
        button.setAccessibleName(text)
        button.setToolTip(tip)
        button.setProperty("role", "main")
        self.addWidget(button)
        return button

    def _arrow(self, number: int) -> None:
        label = QLabel("›", self)
        label.setObjectName(f"toolbar_arrow_{number}")
        label.setProperty("role", "muted")
        self.addWidget(label)

    def _preset_field(self) -> QComboBox:
        field = word_field("toolbar_preset", translate("Toolbar", "The network"))
        field.setAccessibleName(translate("Toolbar", "Model"))
        for at, name in enumerate(presets.NAMES):
            preset = presets.get(name)
            field.addItem(translated(preset.title), name)
            field.setItemData(at, translated(preset.description), Qt.ItemDataRole.ToolTipRole)
        field.insertSeparator(field.count())
        field.addItem(translate("Toolbar", "your own model …"), OWN)
        field.setItemData(
            field.count() - 1,
            translate("Toolbar", "A PyTorch model of yours from a Python file (Ctrl+Shift+O)"),
            Qt.ItemDataRole.ToolTipRole,
        )
        field.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        field.setMinimumContentsLength(10)
        field.activated.connect(self._preset_chosen)
        self.addWidget(field)
        return field

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the name out where the buttons need its room."""
        super().resizeEvent(event)
        brand = self.widgetForAction(self._brand)
        named = self._brand.isVisible()
        need = self.sizeHint().width() + (0 if named else brand.sizeHint().width())
        if (need <= self.width()) is not named:
            self._brand.setVisible(not named)

    # -- what the state says -------------------------------------------------------------------

    def render_state(self, old: State | None, new: State) -> None:
        """Show the settings and switch off what cannot be done now."""
        self.state = new
        past = new.opened is not None
        same = (
            old is not None
            and old.settings == new.settings
            and old.opened == new.opened
            and (not past or old.run is new.run)
        )
        if not same:
            self._input.render_state(new)
            self._objective.render_state(new)
            self._show_preset(new)
            self._weights.render_state(new)
            self._show_switches(new)
        idle = new.pending is None
        self._forward.setEnabled(idle and not past)
        self._backward.setEnabled(idle and not past)
        self._update.setEnabled(idle and not past)
        self._stop.setEnabled(not idle)

    def _show_preset(self, state: State) -> None:
        """Show the network's name; one that is no preset stands below all others."""
        extra = len(presets.NAMES) + 2
        preset, opened = state.settings.pure_preset, state.opened
        blocked = self._preset.blockSignals(True)
        if self._preset.count() > extra:
            self._preset.removeItem(extra)
        about, name = _about(state), ""
        if opened is not None or not preset:
            name = state.settings.title if opened is None else opened.name
            middle, metrics = Qt.TextElideMode.ElideMiddle, self._preset.fontMetrics()
            self._preset.addItem(metrics.elidedText(name, middle, LONGEST_NAME), "")
            self._preset.setItemData(extra, plain_tip(about), Qt.ItemDataRole.ToolTipRole)
        self._preset.blockSignals(blocked)
        show_word(self._preset, preset if opened is None else "")
        whole = name if self._preset.currentText() != name else ""
        words = (translate("Toolbar", "The network"), whole, about)
        self._preset.setToolTip(plain_tip("\n".join(filter(None, words))))

    def _preset_chosen(self, at: int) -> None:
        chosen = self._preset.itemData(at)
        if chosen == OWN:
            if self.state is not None:
                self._show_preset(self.state)  # it stays until there is another
            self.model_requested.emit()
        elif chosen:  # a network that is no preset has no preset's name
            self.preset_requested.emit(chosen)

    def _show_switches(self, state: State) -> None:
        """Show whether gradients are cleared, and say why nothing can be run, where that is so."""
        why, capture = why_off(state), state.capture
        past = state.opened is not None and capture is not None
        self._zero_grad.setEnabled(not past)
        cleared = state.settings.zero_grad
        if past and capture is not None:
            cleared = capture.settings.get("zero_grad") == "yes"
        self._zero_grad.setChecked(cleared)
        for button, tip in self._tips:
            button.setToolTip(why or tip)


def _about(state: State) -> str:
    """Return what a tool tip says of a network that is no preset; "" of a preset."""
    if state.opened is not None:
        return why_off(state)
    own = state.settings.own
    if own is None:
        return ""
    return formatted("Toolbar", "{path}\nSHA-256 {sha}", path=own.code.path, sha=own.code.sha256)
