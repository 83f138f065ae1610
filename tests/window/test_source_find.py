"""Ctrl+F: words in the source, and keys that mean something else in the window."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from tests.window.driver import Program

Key = Qt.Key
pytestmark = pytest.mark.qt_log_ignore("does not support raise", extend=True)


@pytest.fixture
def find(program: Program) -> Iterator[QLineEdit]:
    program.begin_anew()
    program.session.select("conv2")
    program.key(Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    program.pause(0.05)
    words = program.child("source_find_words", QLineEdit)
    assert isinstance(words, QLineEdit)
    yield words
    program.window.source.find_bar.close_()
    program.window.arrange_anew()
    QApplication.processEvents()


def _selected(program: Program) -> str:
    return program.window.source.view.textCursor().selectedText()


def test_words_are_found_one_after_the_other(program: Program, find: QLineEdit) -> None:
    view = program.window.source.view
    assert not program.window.docks["source"].visibleRegion().isEmpty()
    find.setFocus()
    QTest.keyClicks(find, "relu")
    rows = [row for row, text in enumerate(view.file.texts) for _ in range(text.count("relu"))]
    assert len(rows) > 2
    assert program.text("source_find_count") == f"1 of {len(rows)}"
    seen = []
    for _ in rows:
        assert _selected(program) == "relu"
        seen.append(view.textCursor().blockNumber())
        QTest.keyClick(find, Key.Key_Return)
    assert seen == rows
    assert program.text("source_find_count") == f"1 of {len(rows)}", "from the last to the first"
    QTest.keyClick(find, Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert program.text("source_find_count") == f"{len(rows)} of {len(rows)}"
    assert program.state.selected == "conv2", "finding selects no step"
    assert len(view.extraSelections()) == len(rows)


def test_letters_go_into_the_line_and_esc_closes_it(program: Program, find: QLineEdit) -> None:
    before = program.state
    find.setFocus()
    QTest.keyClicks(find, "ag-b+z")
    assert find.text() == "ag-b+z"
    assert program.state is before, "no key reaches the window"
    assert program.text("source_find_count") == "nowhere"
    assert not program.child("source_find_next").isEnabled()
    QTest.keyClick(find, Key.Key_Escape)
    assert program.window.source.find_bar.isHidden()
    assert program.window.source.view.extraSelections() == []


def test_the_places_are_those_of_what_is_shown(program: Program, find: QLineEdit) -> None:
    find.setFocus()
    QTest.keyClicks(find, "conv2d")
    count = program.text("source_find_count")
    program.session.choose_preset("toy")
    program.session.backward()
    program.finish()
    text = "\n".join(program.window.source.view.file.texts).lower()
    assert program.text("source_find_count").endswith(f"{text.count('conv2d')} places") or (
        program.text("source_find_count").endswith(f"of {text.count('conv2d')}")
    )
    assert count
    for theme in ("dark", "light"):
        program.session.choose_theme(theme)
        marks = program.window.source.view.extraSelections()
        color = program.window.source.theme.color("accent_ground")
        assert marks
        assert all(mark.format.background().color() == color for mark in marks)
