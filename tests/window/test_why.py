"""Asking why in the window: clicks on maps, pixels and weights, keys, the real engine."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDoubleSpinBox

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.explain.terms import Explanation
from tests.window.driver import Program

pytestmark = pytest.mark.qt_log_ignore("does not support raise", extend=True)


@pytest.fixture
def fresh(program: Program) -> Program:
    program.begin_anew()
    program.session.stop_asking()
    return program


def answered(program: Program) -> Explanation:
    QApplication.processEvents()
    answer = program.window.why.answer
    assert isinstance(answer, Explanation)
    assert answer.adds_up
    return answer


def test_a_click_on_a_map_is_answered_and_walked_on(fresh: Program) -> None:
    window = fresh.window
    fresh.session.select("conv2")
    QApplication.processEvents()
    column = window.maps.columns[0]
    column.clicked.emit(column, (0, 3, 4, 5))  # as the picture does for a click
    asked = Address(Place.STEP, "conv2", index=(0, 3, 4, 5))
    assert fresh.state.asked == asked
    assert answered(fresh).asked == asked
    assert not window.docks["why"].visibleRegion().isEmpty()
    first = answered(fresh).blocks[2].factors[0].at((1, 1))
    window.why.board.asked.emit(first)
    assert fresh.state.asked == first
    assert fresh.state.selected == "max_pool2d"
    window.setFocus()
    fresh.key(Qt.Key.Key_Backspace)
    assert fresh.state.asked == asked
    assert fresh.state.selected == "conv2"
    fresh.key(Qt.Key.Key_Backspace, Qt.KeyboardModifier.ShiftModifier)
    assert fresh.state.asked == first
    fresh.key(Qt.Key.Key_W)
    assert answered(fresh).asked.side is Side.GRADIENT


def test_pixels_and_weights_can_be_asked(fresh: Program) -> None:
    window = fresh.window
    picture = window.input_panel._views[1]
    picture.clicked.emit((0, 3, 7))
    asked = fresh.state.asked
    assert asked is not None
    assert (asked.place, asked.side, asked.index) == (Place.INPUT, Side.GRADIENT, (0, 0, 3, 7))
    answered(fresh)
    fresh.session.select("conv2")
    QApplication.processEvents()
    block = window.step_panel._blocks[0]
    block._grad.clicked.emit((3, 1, 0, 2))
    assert fresh.state.asked == Address(
        Place.PARAMETER, "conv2.weight", side=Side.GRADIENT, index=(3, 1, 0, 2)
    )
    assert fresh.state.selected == "conv2"
    answered(fresh)


def test_a_gradient_is_checked_by_the_engine(fresh: Program) -> None:
    fresh.session.ask(Address(Place.STEP, "fc3", index=(0, 7)))
    fresh.window.setFocus()
    fresh.key(Qt.Key.Key_D)
    assert fresh.state.check is not None  # the engine may have answered by now
    fresh.wait(lambda: fresh.state.check is not None and not fresh.state.check.running)
    assert "agrees with autograd" in fresh.text("why_check_words")
    # A kill in the middle of one costs one message, and the next is answered.
    fresh.session.ask(Address(Place.INPUT, "0", index=(0, 0, 10, 10)))
    fresh.session.check_gradient()
    fresh.kill_engine()
    fresh.wait(lambda: fresh.state.check is not None and not fresh.state.check.running)
    fresh.wait_for_spare()
    fresh.session.check_gradient()
    fresh.wait(lambda: fresh.state.check is not None and not fresh.state.check.running)
    assert fresh.state.check.failed is None or "ended" in str(fresh.state.check.failed)


def test_the_question_stays_over_runs_and_goes_with_the_network(fresh: Program) -> None:
    asked = Address(Place.STEP, "conv1", index=(0, 5, 29, 29))
    fresh.session.ask(asked)
    fresh.session.backward()
    fresh.finish()
    assert fresh.state.asked == asked
    answered(fresh)
    fresh.session.choose_preset("toy")
    fresh.session.backward()
    fresh.finish()
    assert fresh.state.asked is None
    assert fresh.window.why.answer is None


def test_a_nudge_changes_what_the_gradient_predicts(fresh: Program) -> None:
    amount = fresh.child("why_amount", QDoubleSpinBox)
    assert isinstance(amount, QDoubleSpinBox)
    for pixel, epsilon in (((31, 31), 0.5), ((10, 10), 0.001)):
        fresh.session.ask(Address(Place.INPUT, "0", index=(0, 0, *pixel)))
        amount.setValue(epsilon)
        fresh.window.setFocus()
        fresh.key(Qt.Key.Key_N)
        fresh.wait(lambda: fresh.state.check is not None and not fresh.state.check.running)
        check = fresh.state.check
        assert check is not None
        assert check.done is not None
        gradient = fresh.run.capture.input_gradients[0]
        assert gradient is not None
        predicted = float(gradient[(0, 0, *pixel)]) * epsilon
        actual = check.done.above * check.done.step_size
        assert actual == pytest.approx(predicted, rel=0.02, abs=1e-12)
        words = fresh.text("why_check_words")
        assert "predicted change" in words
        assert ("actual change 0" in words) == (pixel == (31, 31))  # structurally zero
