"""Fields for an optimiser's numbers: what can be typed, what is refused, what the arrows do."""

import pytest
from PySide6.QtCore import QLocale, Qt
from PySide6.QtGui import QValidator
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDoubleSpinBox, QWidget
from pytestqt.qtbot import QtBot

from lenet_viz.network.optimiser import LIMITS, OptimiserChoice
from lenet_viz.panels.flow_layout import GAP, Flow
from lenet_viz.panels.ledger_controls import LedgerControls
from lenet_viz.panels.ledger_fields import NumberField
from lenet_viz.panels.ledger_index import IndexFields
from tests.panels.runs import Stock


@pytest.fixture
def rate(qtbot: QtBot) -> NumberField:
    made = NumberField("lr")
    qtbot.addWidget(made)
    made.setValue(0.01)
    made.show()
    return made


def typed(field: QDoubleSpinBox, text: str) -> float:
    field.selectAll()
    QTest.keyClick(field, Qt.Key.Key_Delete)
    QTest.keyClicks(field, text)
    QTest.keyClick(field, Qt.Key.Key_Return)
    return field.value()


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("0.5", 0.5), ("1e-3", 1e-3), ("2E2", 200.0), ("0,25", 0.25), ("1e-14", 1e-14), ("+3", 3.0)],
)
def test_numbers_of_any_size_can_be_typed(rate: NumberField, text: str, wanted: float) -> None:
    refused: list[str] = []
    rate.refused.connect(refused.append)
    assert typed(rate, text) == wanted
    assert float(rate.text()) == wanted
    assert not refused


@pytest.mark.parametrize(
    ("text", "taken"),
    [("-1", 0.0), ("1e308", LIMITS["lr"].most), ("1e999", LIMITS["lr"].most), ("1e", 0.01)],
)
def test_what_is_no_number_here_is_refused_aloud(
    rate: NumberField, text: str, taken: float
) -> None:
    refused: list[str] = []
    rate.refused.connect(refused.append)
    assert typed(rate, text) == taken
    assert set(refused) == {text}


@pytest.mark.parametrize("text", ["nan", "inf", "-inf", "abc", ""])
def test_words_cannot_be_typed_and_an_empty_field_keeps_its_number(
    rate: NumberField, text: str
) -> None:
    refused: list[str] = []
    rate.refused.connect(refused.append)
    assert typed(rate, text) == 0.01
    assert rate.text() == "0.01"
    assert set(refused) <= {"-"}


def test_below_one_is_below_one(qtbot: QtBot) -> None:
    field = NumberField("beta2")
    qtbot.addWidget(field)
    assert typed(field, "1") < 1
    assert OptimiserChoice("adam", beta2=field.value()).mistake() is None
    assert field.validate("0.9999", 0)[0] is QValidator.State.Acceptable  # type: ignore[index]


def test_the_arrows_go_through_one_two_five(rate: NumberField) -> None:
    seen = []
    for _ in range(4):
        rate.stepBy(1)
        seen.append(rate.value())
    assert seen == [0.02, 0.05, 0.1, 0.2]
    rate.stepBy(-5)
    assert rate.value() == 0.005
    rate.setValue(0)
    rate.stepBy(-1)
    assert rate.value() == 0
    rate.stepBy(1)
    assert rate.value() == 1e-4


def test_another_locale_changes_nothing(rate: NumberField) -> None:
    rate.setLocale(QLocale(QLocale.Language.German))
    assert typed(rate, "0.5") == 0.5
    assert rate.text() == "0.5"


def test_a_refused_number_is_told_until_one_types_again(qtbot: QtBot, stock: Stock) -> None:
    controls = LedgerControls()
    qtbot.addWidget(controls)
    controls.show()
    controls.render_state(stock.backward())
    told: list[OptimiserChoice] = []
    controls.optimiser_requested.connect(told.append)
    field = controls.fields["lr"]
    assert typed(field, "-1") == 0
    assert controls.refusal.isVisible()
    assert controls.refusal.text() == "lr is from 0 to 1e+06, not -1"
    assert told[-1].lr == 0
    assert all(each.mistake() is None for each in told)
    assert typed(field, "0.1") == 0.1
    assert not controls.refusal.isVisible()


# -- the element, and lines of widgets ---------------------------------------------------------


def test_the_element_has_a_field_for_each_axis(qtbot: QtBot) -> None:
    fields = IndexFields()
    qtbot.addWidget(fields)
    fields.show()
    told: list[tuple[int, ...]] = []
    fields.index_requested.connect(told.append)
    fields.show_index("w", (2, 3, 4096, 5, 6), (1, 2, 4095, 0, 5))
    assert [each.value() for each in fields.fields] == [1, 2, 4095, 0, 5]
    for each in fields.fields:
        text = each.fontMetrics().horizontalAdvance(str(each.maximum()))
        assert each.lineEdit().width() > text
    fields.show_index("b", (7,), (4,))
    assert [each.isVisible() for each in fields.fields] == [True] + 4 * [False]
    assert not told
    QTest.keyClick(fields.fields[0], Qt.Key.Key_Up)
    assert told == [(5,)]
    fields.show_index("scalar", (), ())
    assert not any(each.isVisible() for each in fields.fields)
    assert fields.largest.isEnabled()


def test_a_line_that_is_full_breaks(qtbot: QtBot) -> None:
    room = QWidget()
    qtbot.addWidget(room)
    flow = Flow(room)
    parts = []
    for number in range(5):
        part = QWidget()
        part.setFixedSize(100, 20 + 10 * (number == 1))
        flow.addWidget(part)
        parts.append(part)
    parts[3].hide()
    two = 2 * 100 + GAP
    assert flow.heightForWidth(two) == 30 + GAP + 20
    assert flow.heightForWidth(two - 1) == 20 + 30 + 20 + 20 + 3 * GAP
    assert flow.heightForWidth(1000) == 30
    assert flow.minimumSize().width() == 100
    room.resize(two, 200)
    room.show()
    places = [(part.x(), part.y()) for part in parts if part.isVisible()]
    # The first stands in the middle of its line, whose second is higher.
    assert places == [(0, 5), (100 + GAP, 0), (0, 30 + GAP), (100 + GAP, 30 + GAP)]
    first = flow.takeAt(0)
    assert first is not None
    assert (flow.count(), flow.itemAt(9), flow.takeAt(9)) == (4, None, None)
    assert flow.heightForWidth(10) == 30 + 20 + 20 + 2 * GAP
