"""Updates in the window: F6, F7 and F5 with the real engine, bit for bit a plain script."""

from collections.abc import Iterator

import pytest
import torch
import torch.nn.functional as F
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit

from lenet_viz.network.optimiser import ADAM, MOMENTUM, SGD, OptimiserChoice
from lenet_viz.panels.ledger_fields import NumberField
from tests.engine.test_torch_run import Net
from tests.window.driver import Program

pytestmark = pytest.mark.qt_log_ignore("does not support raise", extend=True)


@pytest.fixture
def fresh(program: Program) -> Iterator[Program]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    program.window.docks["ledger"].come_forward()
    QApplication.processEvents()
    yield program
    torch.set_num_threads(threads)
    program.finish()
    program.session.choose_optimiser(OptimiserChoice())
    program.session.forget_updates()
    program.session.choose_preset("notebook")
    program.session.choose_weights_seed(0)


def press(program: Program, key: Qt.Key) -> None:
    program.window.setFocus()
    program.key(key)
    program.finish()


def choose(program: Program, kind: str, rate: str) -> None:
    """Choose an optimiser as its user does."""
    field = program.child("ledger_kind", QComboBox)
    assert isinstance(field, QComboBox)
    field.setFocus()
    QTest.keyClick(field, Qt.Key.Key_Home)
    for _ in range((SGD, MOMENTUM, ADAM).index(kind)):
        QTest.keyClick(field, Qt.Key.Key_Down)
    number = program.child("ledger_lr", NumberField)
    assert isinstance(number, NumberField)
    number.selectAll()
    QTest.keyClicks(number, rate)
    QTest.keyClick(number, Qt.Key.Key_Return)


def script() -> Net:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return Net()


def optimiser(net: Net, kind: str) -> torch.optim.Optimizer:
    if kind == ADAM:
        return torch.optim.Adam(net.parameters(), lr=0.003)
    momentum = 0.9 if kind == MOMENTUM else 0.0
    return torch.optim.SGD(net.parameters(), lr=0.003, momentum=momentum)


@pytest.mark.parametrize("kind", [SGD, MOMENTUM, ADAM])
def test_backward_update_forward_is_a_script(fresh: Program, kind: str) -> None:
    choose(fresh, kind, "3e-3")
    assert fresh.state.updating.choice == OptimiserChoice(kind, lr=0.003)
    net = script()
    made = optimiser(net, kind)
    x = torch.from_numpy(fresh.run.capture.input_values[0].activation.copy())
    first = net(x).detach().numpy()
    assert fresh.run.capture.steps["fc3"].activation.tobytes() == first.tobytes()
    for _ in range(2):
        made.zero_grad()
        F.cross_entropy(net(x), torch.tensor([7])).backward()
        made.step()
        press(fresh, Qt.Key.Key_F6)
        press(fresh, Qt.Key.Key_F7)
        assert fresh.state.stale_forward
        assert "press Forward (F5)" in fresh.notice()
        press(fresh, Qt.Key.Key_F5)
        assert not fresh.state.stale_forward
        found = fresh.run.capture.steps["fc3"].activation
        assert found.tobytes() == net(x).detach().numpy().tobytes()
    assert fresh.state.updating.count == 2
    fresh.click("ledger_forget")
    press(fresh, Qt.Key.Key_F5)
    assert fresh.run.capture.steps["fc3"].activation.tobytes() == first.tobytes()
    assert fresh.state.updating.count == 0


def test_what_cannot_be_updated_says_so_and_changes_nothing(fresh: Program) -> None:
    press(fresh, Qt.Key.Key_F6)
    before = fresh.state.weights
    fresh.session.choose_weights_seed(5)
    press(fresh, Qt.Key.Key_F7)
    assert "belong to older settings" in fresh.notice()
    fresh.session.choose_weights_seed(0)
    fresh.session.choose_preset("toy")
    press(fresh, Qt.Key.Key_F7)
    assert "belong to older settings" in fresh.notice()
    assert fresh.state.weights == before
    press(fresh, Qt.Key.Key_F5)
    press(fresh, Qt.Key.Key_F7)
    assert fresh.notice().startswith("No parameter has a .grad yet")
    number = fresh.child("ledger_lr", NumberField)
    assert isinstance(number, NumberField)
    number.selectAll()
    QTest.keyClicks(number, "-4")
    assert isinstance(number.lineEdit(), QLineEdit)
    QTest.keyClick(number, Qt.Key.Key_Return)
    assert fresh.text("ledger_refusal") == "lr is from 0 to 1e+06, not -4"
    assert fresh.state.updating.choice.mistake() is None
    assert fresh.state.updating.count == 0
    assert fresh.state.pending is None
