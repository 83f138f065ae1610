"""Random steps of a user who tries everything."""

import random

from PySide6.QtCore import QPoint, Qt, QTimer, SignalInstance
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from lenet_viz.engine.messages import InputRequest
from lenet_viz.network import presets
from lenet_viz.network.layer_types import LAYER_TYPES
from lenet_viz.session.building import draft_of
from lenet_viz.session.state import ObjectiveChoice
from tests.window.driver import Program

DIALOGS = {"quit", "help", "save_figure", "save_array", "save_run"}
"""Actions that end the walk or wait for an answer."""
BUTTONS = (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton)
KEYS = (
    "Left", "Right", "Up", "Down", "Home", "End", "PageDown", "Tab", "Space", "Return", "Escape",
    "A", "G", "B", "S", "Z", "0", "Plus", "Minus", "F5", "F6", "F11",
)  # fmt: skip


def leave_menus() -> None:
    """Close a menu or a dialog that waits for an answer."""
    waiting = QApplication.activePopupWidget() or QApplication.activeModalWidget()
    if waiting is not None:
        waiting.close()


class Walker:
    """Takes steps through a program; equal seeds take equal steps."""

    def __init__(self, program: Program, seed: int) -> None:
        self.program = program
        self.rng = random.Random(seed)
        # A menu waits for an answer in a loop of its own: it is left again a moment later.
        self.leaving = QTimer(program.window)
        self.leaving.timeout.connect(leave_menus)
        self.leaving.start(20)
        self.steps = (
            self.act, self.act, self.toolbar, self.toolbar, self.click, self.click, self.press,
            self.hover, self.wheel, self.drag, self.resize, self.pause, self.build,
        )  # fmt: skip

    def end(self) -> None:
        """Leave menus alone from now on."""
        self.leaving.stop()
        self.leaving.deleteLater()

    def step(self) -> str:
        """Take one step and return what it was."""
        return self.rng.choice(self.steps)()

    def act(self) -> str:
        actions = self.program.window.actions_by_name
        name = self.rng.choice([name for name in actions if name not in DIALOGS])
        actions[name].trigger()
        return name

    def fold(self) -> str:
        """Fold or unfold with an action or with the pointer on the strip."""
        name = self.rng.choice(["fold", "unfold", "fold_all", "unfold_all", ""])
        cards = self.program.window.strip.cards
        if name:
            self.program.window.actions_by_name[name].trigger()
            return name
        place = self.place(cards)
        if self.rng.random() < 0.3:
            QTest.mouseDClick(cards, Qt.MouseButton.LeftButton, pos=place)
        else:
            QTest.mouseClick(cards, Qt.MouseButton.LeftButton, pos=place)
        return f"strip {place.toTuple()}"

    def toolbar(self) -> str:
        rng, bar = self.rng, self.program.window.toolbar
        state = self.program.state
        own = presets.get(state.settings.preset).image is not None
        kinds = ["digit", "random", *(["preset"] if own else [])]
        asked = rng.choice(
            [
                (bar.preset_requested, rng.choice(presets.NAMES)),
                (
                    bar.input_requested,
                    InputRequest(
                        rng.choice(kinds), rng.randint(0, 9), rng.randint(0, 3), rng.randint(0, 99)
                    ),
                ),
                (bar.weights_seed_requested, rng.randint(0, 99)),
                (
                    bar.objective_requested,
                    ObjectiveChoice(
                        rng.choice(["random", "output", "cross-entropy", "mse"]),
                        rng.randrange(state.settings.output_count or 1),
                        rng.randint(0, 99),
                    ),
                ),
                (bar.zero_grad_requested, rng.random() < 0.5),
            ]
        )
        asked[0].emit(asked[1])
        return f"toolbar {asked[1]}"

    def build(self) -> str:
        """Change the network as the builder's controls do."""
        rng, builder = self.rng, self.program.window.builder
        draft = draft_of(self.program.state)
        if draft is None:
            return "nothing to build"
        layers = [node.id for node in draft.nodes]
        layer = rng.choice(layers) if layers else ""
        asked: list[tuple[SignalInstance, tuple[object, ...]]] = [
            (builder.add_requested, (rng.choice(sorted(LAYER_TYPES)),)),
            (builder.mend_requested, ()),
            (builder.mend_all_requested, ()),
            (builder.undo_requested, ()),
            (builder.redo_requested, ()),
        ]
        if layers:
            settings = draft.node(layer).layer_type.settings
            asked += [
                (builder.layer_chosen, (layer,)),
                (builder.delete_requested, (layer,)),
                (builder.duplicate_requested, (layer,)),
                (builder.move_requested, (layer, rng.randrange(len(layers)))),
                (builder.rename_requested, (layer, rng.choice(["a", "b2", "class"]))),
                (builder.style_requested, (layer, rng.random() < 0.5)),
                (builder.connect_requested, (layer, rng.randrange(3), rng.choice([None, *layers]))),
            ]
            if settings:
                name = rng.choice(settings).name
                value = rng.choice([1, 2, 3, 5, True, 0.5, (2, 3), "same", None])
                asked.append((builder.setting_requested, (layer, name, value)))
        signal, values = rng.choice(asked)
        signal.emit(*values)
        return f"build {values}"

    def widget(self) -> QWidget:
        """Return a widget that can be seen."""
        seen = [
            widget
            for widget in self.program.window.findChildren(QWidget)
            if widget.isVisible()
            and widget.width() > 2
            and widget.height() > 2
            and not widget.isWindow()
        ]
        return self.rng.choice(seen)

    def place(self, widget: QWidget) -> QPoint:
        return QPoint(self.rng.randrange(widget.width()), self.rng.randrange(widget.height()))

    def click(self) -> str:
        widget = self.widget()
        place, button = self.place(widget), self.rng.choice(BUTTONS)
        words = f"click {type(widget).__name__} {widget.objectName()} {place.toTuple()}"
        if self.rng.random() < 0.2:
            QTest.mouseDClick(widget, button, pos=place)
        else:
            QTest.mouseClick(widget, button, pos=place)
        return words

    def press(self) -> str:
        name = self.rng.choice(KEYS)
        focused = QApplication.focusWidget() or self.program.window
        QTest.keyClick(focused, getattr(Qt.Key, f"Key_{name}"))
        return f"key {name}"

    def hover(self) -> str:
        widget = self.widget()
        QTest.mouseMove(widget, self.place(widget))
        return f"hover {type(widget).__name__}"

    def wheel(self) -> str:
        window = self.program.window.windowHandle()
        place = QPoint(self.rng.randrange(window.width()), self.rng.randrange(window.height()))
        turn = QPoint(0, self.rng.choice([-240, -120, 120, 240]))
        QTest.wheelEvent(window, place, turn)
        return f"wheel {place.toTuple()}"

    def drag(self) -> str:
        maps = self.program.window.maps.columns[0].picture
        if not maps.isVisible():
            return "no drag"
        target = maps.viewport() if hasattr(maps, "viewport") else maps
        QTest.mousePress(target, Qt.MouseButton.LeftButton, pos=self.place(target))
        QTest.mouseMove(target, self.place(target))
        QTest.mouseRelease(target, Qt.MouseButton.LeftButton, pos=self.place(target))
        return "drag"

    def resize(self) -> str:
        size = self.rng.randint(900, 2000), self.rng.randint(600, 1300)
        self.program.window.resize(*size)
        return f"resize {size}"

    def pause(self) -> str:
        self.program.pause(self.rng.choice([0.0, 0.01, 0.05]))
        return "pause"
