"""The keys that fold and unfold, in the whole window."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication

from tests.panels.real_networks import real_runs
from tests.window.driver import Program

Key = Qt.Key


def test_plus_and_minus_and_their_neighbours_on_the_keypad(program: Program) -> None:
    program.session.open_capture(real_runs()["nested chain"](), "nested")
    program.session.select("features.0.1")
    program.key(Key.Key_Minus)
    assert program.state.view.folded == {"features.0"}
    program.key(Key.Key_Plus)
    assert program.state.view.folded == frozenset()
    program.key(Key.Key_Slash)
    assert len(program.state.cards) == 5
    assert program.text("step_title") == "features.0.1", "the step stays"
    program.key(Key.Key_Asterisk)
    assert len(program.state.cards) == 13
    keys = {
        name: program.window.findChild(QAction, name).shortcuts()[0].toString()  # type: ignore[union-attr]
        for name in ("fold", "unfold", "fold_all", "unfold_all")
    }
    assert keys == {"fold": "-", "unfold": "+", "fold_all": "/", "unfold_all": "*"}


def test_every_card_of_a_failed_run_can_be_looked_at(program: Program) -> None:
    for name in ("failed op", "failed outside", "two inputs", "dict output"):
        program.session.open_capture(real_runs()[name](), name)
        for card in program.state.cards:
            program.session.select(card)
            QApplication.processEvents()
            assert program.state.selected == card
        program.session.select(program.state.cards[-1])
        if name.startswith("failed"):
            assert "failed" in program.text("step_warning")
