"""A board of items: what is clicked, walked over and said stands where it is painted."""

import pytest
from PySide6.QtCore import QEvent, QPoint, QRectF, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from lenet_viz.capture.address import Address, Place
from lenet_viz.panels.item_board import ItemBoard
from lenet_viz.panels.ledger_items import Cell
from lenet_viz.panels.theme import DARK, text_font
from lenet_viz.panels.why_column import Layout
from lenet_viz.panels.why_items import Hit
from tests.panels.pixels import painted

ASKED = Address(Place.PARAMETER, "w", index=(3,))


class Board(ItemBoard):
    """A paragraph with two numbers below it."""

    def __init__(self) -> None:
        self.clicked: list[int] = []
        self.empty = False
        super().__init__("board")

    def laid_out(self, width: float) -> Layout | None:
        if self.empty:
            return None
        layout = Layout(width)
        layout.text("some words that need more lines where it is narrow " * 4, text_font(9))
        cells = []
        for number in range(2):
            rect = QRectF(100 * number, 0, 90, 25)
            cell = Cell(rect, value=1.0, text=str(number))
            act = lambda number=number: self.clicked.append(number)  # noqa: E731
            cell.hits = [Hit(rect, act, f"number {number}", ASKED if number else None)]
            cells.append(cell)
        layout.add(cells, 25)
        return layout

    def cells(self) -> list[Cell]:
        assert self._layout is not None
        return [each for each in self._layout.items if isinstance(each, Cell)]


@pytest.fixture
def board(qtbot: QtBot) -> Board:
    made = Board()
    qtbot.addWidget(made)
    made.resize(400, 200)
    made.show()
    made.activateWindow()
    return made


def middle(cell: Cell) -> QPoint:
    return cell.rect.center().toPoint()


def test_a_click_meets_what_is_painted_there(board: Board) -> None:
    for cell in board.cells():
        QTest.mouseClick(board, Qt.MouseButton.LeftButton, pos=middle(cell))
        QTest.mouseClick(board, Qt.MouseButton.RightButton, pos=middle(cell))
    assert board.clicked == [0, 1]
    QTest.mouseClick(board, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))
    assert board.clicked == [0, 1]


def test_it_says_what_is_under_the_pointer(board: Board) -> None:
    told: list[Address | None] = []
    board.pointed.connect(told.append)
    for cell in board.cells():
        QTest.mouseMove(board, middle(cell))
        place = board.mapToGlobal(middle(cell))
        event = QHelpEvent(QEvent.Type.ToolTip, middle(cell), place)
        QApplication.sendEvent(board, event)
        assert QToolTip.text() == f"number {cell.text}"
    assert board.cursor().shape() is Qt.CursorShape.PointingHandCursor
    QTest.mouseMove(board, QPoint(5, 5))
    assert board.cursor().shape() is Qt.CursorShape.ArrowCursor
    QApplication.sendEvent(board, QEvent(QEvent.Type.Leave))
    assert told == [None, ASKED, None, None]


def test_keys_walk_and_press(board: Board) -> None:
    board.setFocus()
    QTest.keyClick(board, Qt.Key.Key_Return)
    assert board.clicked == []
    bare = painted(board)
    QTest.keyClick(board, Qt.Key.Key_Down)
    assert (painted(board) != bare).any()  # the frame of the keys
    QTest.keyClick(board, Qt.Key.Key_Return)
    QTest.keyClick(board, Qt.Key.Key_Down)
    QTest.keyClick(board, Qt.Key.Key_Space)
    QTest.keyClick(board, Qt.Key.Key_Down)
    QTest.keyClick(board, Qt.Key.Key_Enter)
    QTest.keyClick(board, Qt.Key.Key_Up)
    QTest.keyClick(board, Qt.Key.Key_Enter)
    assert board.clicked == [0, 1, 0, 1]
    board.clearFocus()
    assert (painted(board) == bare).all()


def test_a_narrow_board_is_higher_and_an_empty_one_is_nothing(board: Board) -> None:
    assert board.heightForWidth(200) > board.heightForWidth(400)
    board.resize(200, 300)
    assert board.cells()[0].rect.bottom() <= board.minimumHeight()
    board.set_theme(DARK)
    board.setFocus()
    QTest.keyClick(board, Qt.Key.Key_Down)
    board.empty = True
    board.lay_out()
    assert board.hits == ()
    assert board.minimumHeight() == 0
    QTest.keyClick(board, Qt.Key.Key_Return)
    assert not painted(board)[..., :3].std(axis=(0, 1)).any()
