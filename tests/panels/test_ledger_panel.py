"""The gradient ledger: its numbers against torch's own, its rows, keys and words."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.engine.messages import InputRequest
from lenet_viz.network.optimiser import OptimiserChoice
from lenet_viz.panels.ledger_items import Cell, Chip
from lenet_viz.panels.ledger_panel import LedgerPanel
from lenet_viz.panels.style import style_sheet
from lenet_viz.panels.theme import LIGHT, Theme
from lenet_viz.panels.why_items import Sign, Text
from lenet_viz.session.asking import Asking
from lenet_viz.session.state import CaptureOnly, ObjectiveChoice, Pending, State
from lenet_viz.wording import message
from tests.engine.test_torch_run import Net
from tests.panels.pixels import painted
from tests.panels.runs import Bench, Stock, odd_captures, state_of
from tests.panels.test_panel import brackets  # noqa: F401 - a fixture

CHOICES = {
    "sgd": OptimiserChoice("sgd", lr=0.05, weight_decay=0.01),
    "momentum": OptimiserChoice("momentum", lr=0.05, momentum=0.8),
    "nesterov": OptimiserChoice("momentum", lr=0.05, momentum=0.8, nesterov=True),
    "adam": OptimiserChoice("adam", lr=0.01),
}


def torchs(name: str, net: Net) -> torch.optim.Optimizer:
    """The optimiser as a script has it."""
    if name == "adam":
        return torch.optim.Adam(net.parameters(), lr=0.01)
    if name == "sgd":
        return torch.optim.SGD(net.parameters(), lr=0.05, weight_decay=0.01)
    ahead = name == "nesterov"
    return torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.8, nesterov=ahead)


class Script:
    """The notebook's network in a plain script."""

    def __init__(self) -> None:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self.net = Net()
            torch.manual_seed(1)
            self.x = torch.randn(1, 1, 32, 32, requires_grad=True)

    def backward(self) -> None:
        F.cross_entropy(self.net(self.x), torch.tensor([7])).backward()

    def grads(self) -> dict[str, np.ndarray | None]:
        named = {**dict(self.net.named_parameters()), "input": self.x}
        return {
            name: None if one.grad is None else one.grad.numpy().copy()
            for name, one in named.items()
        }

    def weights(self) -> dict[str, np.ndarray]:
        return {name: one.detach().numpy().copy() for name, one in self.net.named_parameters()}


@pytest.fixture
def script() -> Iterator[Script]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield Script()
    torch.set_num_threads(threads)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path)
    made.session.choose_input(InputRequest("random", seed=1))
    made.session.choose_objective(ObjectiveChoice("cross-entropy", 7, 2))
    return made


@pytest.fixture
def panel(qtbot: QtBot) -> LedgerPanel:
    made = LedgerPanel()
    qtbot.addWidget(made)
    made.resize(460, 900)
    made.set_theme(LIGHT)
    made.show()
    return made


def give(panel: LedgerPanel, state: State) -> State:
    panel.render_state(panel.state, state)
    return state


def cells(panel: LedgerPanel) -> list[Cell]:
    layout = panel.board._layout
    return [] if layout is None else [one for one in layout.items if isinstance(one, Cell)]


def chips(panel: LedgerPanel) -> list[tuple[str, str]]:
    layout = panel.board._layout
    items = [] if layout is None else layout.items
    return [(one.title, one.left) for one in items if isinstance(one, Chip)]


def words(panel: LedgerPanel) -> list[str]:
    layout = panel.board._layout
    return [] if layout is None else [one.text for one in layout.items if isinstance(one, Text)]


def follow(panel: LedgerPanel, label: str, index: tuple[int, ...] | None = None) -> None:
    panel._choose_row([row.label for row in panel.model.rows].index(label))
    if index is not None:
        panel._choose_index(index)


def some_indices(shape: tuple[int, ...]) -> list[tuple[int, ...] | None]:
    """The largest ``.grad``, and elements here and there."""
    draw = np.random.default_rng(len(shape))
    return [None, *(tuple(int(draw.integers(size)) for size in shape) for _ in range(2))]


def adds_up(parts: list[Cell], sign: int = 1) -> bool:
    """Whether what is written makes the sum that is written."""
    first, second, total = (Decimal(one.text) for one in parts)
    return first + sign * second == total


# -- adding up ---------------------------------------------------------------------------------


def test_before_and_this_pass_make_grad_as_torch_has_them(
    panel: LedgerPanel, bench: Bench, script: Script
) -> None:
    bench.session.choose_zero_grad(False)
    compared = 0
    script.backward()
    alone = script.grads()
    script.net.zero_grad()
    script.x.grad = None
    for number in range(3):
        before = script.grads()
        script.backward()
        after = script.grads()
        give(panel, bench.backward())
        for row in panel.model.rows:
            for index in some_indices(row.shape):
                follow(panel, row.label, index)
                found, where = cells(panel)[:3], panel.index
                wanted = [each[row.label] for each in (before, alone, after)]
                values = [None if one is None else float(one[where]) for one in wanted]
                assert [one.value for one in found] == values
                if values[0] is None:
                    assert found[0].text == "None"
                    assert Decimal(found[1].text) == Decimal(found[2].text)
                else:
                    assert adds_up(found)
                compared += 1
        assert all(row.passes == number + 1 for row in panel.model.rows)
    assert compared == 3 * 11 * 3


def test_after_zero_grad_grad_was_none_and_the_inputs_goes_on(
    panel: LedgerPanel, bench: Bench, script: Script
) -> None:
    for _ in range(2):
        script.net.zero_grad()
        before = script.grads()
        script.backward()
        give(panel, bench.backward())
    assert before["conv1.bias"] is None
    follow(panel, "conv1.bias", (2,))
    assert (cells(panel)[0].value, cells(panel)[0].text) == (None, "None")
    assert ".grad was None, which is not 0: it is this pass alone" in words(panel)
    assert [title for title, _ in chips(panel)] == ["zero_grad", "Backward"] * 2
    assert chips(panel)[2][1] == "None"
    follow(panel, "input")
    assert before["input"] is not None
    assert cells(panel)[0].value == float(before["input"][panel.index])
    assert chips(panel)[2] == ("zero_grad", "left alone")
    assert any("the input is none of them" in each for each in words(panel))
    assert len(cells(panel)) == 3  # no optimiser is given it


def test_norms_are_torchs_and_none_is_not_zero(
    panel: LedgerPanel, bench: Bench, script: Script
) -> None:
    give(panel, bench.backward())
    script.backward()
    for row in panel.model.rows:
        grad = script.grads()[row.label]
        assert grad is not None
        assert row.norms["before"] is None
        assert row.norms["this"] == pytest.approx(np.linalg.norm(grad.ravel().astype("f8")))
        if not row.is_input:
            moved = 0.01 * np.linalg.norm(grad.ravel().astype("f8"))
            assert row.norms["change"] == pytest.approx(moved)
    shown = [panel.model.index(0, column).data() for column in range(9)]
    assert shown[:3] == ["conv1.weight", "6×1×3×3", "None"]
    give(panel, replace(bench.state, updating=bench.state.updating))
    assert panel.model.index(10, 6).data() == "-"  # the input has no weights


# -- the update --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CHOICES)
def test_preview_and_update_are_torchs(
    panel: LedgerPanel, bench: Bench, script: Script, name: str
) -> None:
    optimizer = torchs(name, script.net)
    bench.session.choose_optimiser(CHOICES[name])
    for _ in range(2):
        script.net.zero_grad()
        script.backward()
        give(panel, bench.backward())
        places = {}
        for row in panel.model.rows[:-1]:
            follow(panel, row.label)
            places[row.label] = panel.index
        before, preview = script.weights(), {}
        for label, index in places.items():
            follow(panel, label, index)
            weight, shift, after = cells(panel)[-3:]
            assert weight.value == float(before[label][index])
            assert adds_up([weight, shift, after], -1)
            assert after.expected
            preview[label] = after.value
        optimizer.step()
        give(panel, bench.update())
        now = script.weights()
        for label, index in places.items():
            follow(panel, label, index)
            weight, shift, after = cells(panel)[-3:]
            assert weight.value == float(before[label][index])
            assert after.value == float(now[label][index])
            assert not after.expected
            assert preview[label] == pytest.approx(after.value, rel=1e-5)
            assert adds_up([weight, shift, after], -1)
            assert any(each.startswith("torch's own w' = ") for each in words(panel))
            assert not any("does not reach it" in each for each in words(panel))
            own = optimizer.state[dict(script.net.named_parameters())[label]]
            memory = [
                float(own[one][index]) for one in ("momentum_buffer", "exp_avg", "exp_avg_sq")
                if one in own
            ]  # fmt: skip
            assert [cell.value for cell in cells(panel)[3:-3]][1::2] == memory
        assert chips(panel)[-1][0].startswith("Update")


def test_a_parameter_without_grad_is_passed_by(panel: LedgerPanel, bench: Bench) -> None:
    give(panel, bench.forward())
    follow(panel, "fc1.bias", (3,))
    assert [one.text for one in cells(panel)] == ["None"]  # None + None is no sum
    assert any("the optimiser passes it by" in each for each in words(panel))
    assert "The next update would move the weight" not in words(panel)
    assert panel.model.index(0, 7).data() == "-"


def test_what_is_said_after_an_update_and_after_the_way_back(
    panel: LedgerPanel, bench: Bench
) -> None:
    bench.backward()
    give(panel, bench.update())
    assert panel._subtitle.text() == "update 1 came after this run"
    assert panel.controls.forget.isVisible()
    panel.forget_requested.connect(bench.session.forget_updates)
    panel.controls.forget.click()
    give(panel, bench.state)
    assert not panel.controls.forget.isVisible()
    assert panel._subtitle.text() == "older than the present settings"


# -- rows, keys and clicks ---------------------------------------------------------------------


def test_keys_walk_over_rows_and_elements(panel: LedgerPanel, stock: Stock, qtbot: QtBot) -> None:
    give(panel, stock.backward())
    assert panel.row is not None
    assert panel.row.label == "conv1.weight"
    panel.table.setFocus()
    QTest.keyClick(panel.table, Qt.Key.Key_Down)
    assert panel.row.label == "conv1.bias"
    assert len([field for field in panel.element.fields if field.isVisible()]) == 1
    largest = panel.index
    gradient = panel.row.grad
    assert gradient is not None
    assert largest == (int(np.abs(gradient).argmax()),)
    panel._choose_index((0,))
    QTest.keyClick(panel.element.fields[0], Qt.Key.Key_Up)
    assert panel.index == (1,)
    assert "conv1.bias.grad[1]" in words(panel)[0]
    assert cells(panel)[2].value == float(gradient[1])
    panel.element.largest.click()
    assert panel.index == largest
    panel.board.setFocus()
    asked: list[Address] = []
    panel.value_clicked.connect(asked.append)
    for hit in panel.board.hits:
        QTest.keyClick(panel.board, Qt.Key.Key_Down)
        if hit.address is not None:
            break
    QTest.keyClick(panel.board, Qt.Key.Key_Return)
    assert asked == [Address(Place.PARAMETER, "conv1.bias", side=Side.GRADIENT, index=largest)]
    QTest.keyClick(panel.table, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert panel.row.label == "input"


def test_the_keys_are_followed_by_the_scrolling(panel: LedgerPanel, stock: Stock) -> None:
    panel.resize(400, 260)
    give(panel, stock.backward())
    QApplication.processEvents()
    panel.board.setFocus()
    for _ in panel.board.hits:
        QTest.keyClick(panel.board, Qt.Key.Key_Down)
        assert panel.board._current is not None
        rect = panel.board.hits[panel.board._current].rect.toRect()
        assert panel.board.visibleRegion().boundingRect().contains(rect.center())


def test_a_click_asks_why_only_where_why_has_the_answer(
    panel: LedgerPanel, bench: Bench, qtbot: QtBot
) -> None:
    bench.session.choose_zero_grad(False)
    bench.backward()
    give(panel, bench.backward())
    follow(panel, "fc3.bias", (4,))
    asked: list[Address] = []
    panel.value_clicked.connect(asked.append)
    for cell in cells(panel):
        QTest.mouseClick(
            panel.board,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
            cell.rect.center().toPoint(),
        )
    # .grad sums up two passes, which no single answer explains; this pass and w have theirs.
    assert [each.side for each in asked] == [Side.GRADIENT, Side.ACTIVATION]
    assert {each.index for each in asked} == {(4,)}
    assert panel.board._hit(QPointF(-5, -5)) is None


def test_the_number_that_is_asked_about_is_followed(panel: LedgerPanel, stock: Stock) -> None:
    state = give(panel, stock.backward())
    asked = Address(Place.PARAMETER, "conv2.weight", side=Side.GRADIENT, index=(3, 2, 1, 0))
    give(panel, replace(state, asking=Asking(asked)))
    assert panel.row is not None
    assert (panel.row.label, panel.index) == ("conv2.weight", (3, 2, 1, 0))
    pixel = Address(Place.INPUT, "0", side=Side.GRADIENT, index=(0, 0, 9, 8))
    give(panel, replace(state, asking=Asking(pixel)))
    assert (panel.row.label, panel.index) == ("input", (0, 0, 9, 8))
    elsewhere = Address(Place.STEP, "conv1", index=(0, 0, 0, 0))
    give(panel, replace(state, asking=Asking(elsewhere)))
    assert (panel.row.label, panel.index) == ("input", (0, 0, 9, 8))


# -- the controls ------------------------------------------------------------------------------


def test_the_controls_tell_the_choice_and_say_nothing_by_themselves(
    panel: LedgerPanel, stock: Stock
) -> None:
    told: list[OptimiserChoice] = []
    panel.optimiser_requested.connect(told.append)
    state = give(panel, stock.backward())
    for name, choice in CHOICES.items():
        give(panel, replace(state, updating=replace(state.updating, choice=choice)))
        seen = {key for key, one in panel.controls.fields.items() if one.isVisible()}
        assert seen == set(choice.fields), name
        assert panel.controls.nesterov.isVisible() == (choice.kind == "momentum")
    assert not told
    rate = panel.controls.fields["lr"]
    rate.selectAll()
    QTest.keyClicks(rate, "3e-4")
    assert not told  # not before the number is finished
    QTest.keyClick(rate, Qt.Key.Key_Return)
    assert told == [replace(CHOICES["adam"], lr=3e-4)]


def test_update_is_off_with_its_reason(panel: LedgerPanel, stock: Stock) -> None:
    button = panel.controls.update_button
    state = give(panel, stock.backward())
    assert button.isEnabled()
    assert "F7" in button.toolTip()
    waiting = Pending(9, state.settings, backward=True, stage=message("Test", "running"))
    give(panel, replace(state, pending=waiting))
    assert not button.isEnabled()
    assert state.capture is not None
    give(panel, replace(state, opened=CaptureOnly("run.lvcap", "run.lvcap")))
    assert not button.isEnabled()
    assert "record" in button.toolTip()
    assert "A preview, worked out here: a record cannot be updated." in words(panel)


def test_long_names_are_worth_more_than_the_norm_of_the_weights(
    panel: LedgerPanel, stock: Stock
) -> None:
    give(panel, stock.backward())
    panel.resize(420, 800)
    assert not panel.table.isColumnHidden(6)
    give(panel, state_of(odd_captures()["several outputs"]()))
    assert panel.table.isColumnHidden(6)
    room = panel.table.columnWidth(0)
    assert room > panel.fontMetrics().horizontalAdvance("lstm.weight_hh_l0") * 0.9
    panel.resize(800, 800)
    assert not any(panel.table.isColumnHidden(column) for column in range(9))


# -- anything ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", odd_captures())
def test_any_run_has_a_ledger(panel: LedgerPanel, name: str) -> None:
    state = give(panel, state_of(odd_captures()[name]()))
    assert state.capture is not None
    for number, row in enumerate(panel.model.rows):
        panel._choose_row(number)
        for column in range(9):
            assert isinstance(panel.model.index(number, column).data(), str)
        assert "nan" not in panel.model.tip(row)
        panel.grab()
        assert words(panel), row.label
    grads = [one.grad for one in state.capture.parameters]
    assert [row.grad is None for row in panel.model.rows[: len(grads)]] == [
        one is None for one in grads
    ]


def made(values: torch.Tensor, factor: torch.Tensor) -> State:
    """A run whose parameter's gradient is ``factor``, of any type."""
    from lenet_viz.capture.api import capture
    from tests.panels.runs import Lambda

    module = Lambda(lambda m, x: (m.w * factor).sum().real.reshape(1, 1) + x)
    module.w = torch.nn.Parameter(values)
    return state_of(capture(module, torch.zeros(1, 1), backward="output:0", seed=0))


def test_nan_infinities_complex_scalars_and_nothing_at_all(panel: LedgerPanel) -> None:
    bad = torch.tensor([float("nan"), float("inf"), -float("inf"), 0.0, 1e-30])
    give(panel, made(torch.ones(5), bad))
    texts = []
    for index in range(5):
        follow(panel, "w", (index,))
        texts.append(cells(panel)[2].text)
        panel.grab()
    assert texts[:4] == ["NaN", "+∞", "-∞", "0"]
    assert float(texts[4]) == pytest.approx(1e-30)
    give(panel, made(torch.ones(2, dtype=torch.complex64), torch.ones(2, dtype=torch.complex64)))
    follow(panel, "w", (0,))
    assert words(panel)[-1] == "Complex numbers are not written out here."
    give(panel, made(torch.zeros(0), torch.zeros(0)))
    follow(panel, "w")
    assert words(panel)[-1] == "This tensor is empty: it has no numbers."
    assert not any(field.isVisible() for field in panel.element.fields)
    assert not panel.element.largest.isEnabled()
    give(panel, made(torch.tensor(2.0), torch.tensor(3.0)))
    follow(panel, "w")
    assert cells(panel)[2].value == 3.0
    assert words(panel)[0] == "What happened to w.grad"


def test_before_the_first_run_it_says_what_to_do(panel: LedgerPanel, bench: Bench) -> None:
    give(panel, bench.state)
    assert "press Backward (F6)" in panel._empty.text()
    assert not panel.table.isVisible()
    assert not panel.board.hits
    assert panel.caption_details() == ()


# -- how it looks ------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(400, 430), (400, 250), (700, 900)])
def test_nothing_is_squeezed_or_cut(
    panel: LedgerPanel, stock: Stock, size: tuple[int, int], theme: Theme
) -> None:
    panel.setStyleSheet(style_sheet(theme))
    panel.set_theme(theme)
    panel.resize(*size)
    state = stock.backward()
    adam = replace(state.updating, choice=CHOICES["adam"])
    give(panel, replace(state, updating=adam))
    QApplication.processEvents()
    for widget in (panel.controls, panel.table, panel.element, panel.board):
        assert widget.width() <= panel._area.viewport().width()
        needed = max(widget.heightForWidth(widget.width()), widget.minimumSizeHint().height())
        assert widget.height() >= needed, widget.objectName()
    for field in (*panel.controls.fields.values(), *panel.element.fields):
        if field.isVisible():
            room = field.lineEdit().width()
            assert field.fontMetrics().horizontalAdvance(field.text()) < room, field.objectName()
    tall = panel.table.height()
    assert tall <= panel.table.whole_height()
    for cell in cells(panel):
        assert cell.rect.right() <= panel.board.width() + 0.5
    assert painted(panel).std() > 5


def test_every_sentence_is_translated(
    panel: LedgerPanel,
    stock: Stock,
    brackets: None,  # noqa: F811
) -> None:
    fresh = LedgerPanel(panel)
    fresh.resize(500, 900)
    give(fresh, stock.accumulated())
    code = {"w", "w'", ".grad", "lr · g"}
    for text in words(fresh):
        arithmetic = " = " in text and text[0] in "wgbmvd"
        assert text.startswith("⟦") or text in code or arithmetic, text
    assert all(title.startswith("⟦") or title == "zero_grad" for title, _ in chips(fresh))
    give(fresh, stock.forward())
    assert all(text.startswith("⟦") or text in code for text in words(fresh))


def test_the_signs_stand_between_the_numbers(panel: LedgerPanel, stock: Stock) -> None:
    give(panel, stock.accumulated())
    layout = panel.board._layout
    assert layout is not None
    signs = [one.text for one in layout.items if isinstance(one, Sign)]
    assert signs[-4:] == ["+", "=", "-", "="]


Make = Callable[[], LedgerPanel]


def test_on_paper_everything_is_seen(qtbot: QtBot, stock: Stock, panel: LedgerPanel) -> None:
    give(panel, stock.backward())
    follow(panel, "fc2.weight", (5, 6))
    page = LedgerPanel()
    qtbot.addWidget(page)
    page.go_on_paper()
    page.take_look(panel)
    page.render_state(None, stock.backward())
    assert page.index == (5, 6)
    page.resize(460, page.paper_height(460))
    page.show()
    page.grab()
    assert not page.controls.isVisible()
    assert page.table.height() >= page.table.whole_height()
    bottom = page.board.mapTo(page, page.board.rect().bottomLeft()).y()
    assert bottom <= page.height()
    assert page.height() - bottom < 60  # nor is there empty room
    assert "fc2.weight.grad[5, 6]" in page.caption_details()
