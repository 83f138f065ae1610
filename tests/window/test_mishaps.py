"""A mistake of the program itself becomes one sentence and a report; the window goes on."""

import sys
from pathlib import Path

import pytest

from lenet_viz.errors import UserMistake
from lenet_viz.session.state import Notice
from lenet_viz.window.mishaps import Mishaps
from lenet_viz.wording import message
from tests.window.driver import Program


@pytest.fixture
def told() -> list[Notice]:
    return []


def raise_into_hook(error: Exception) -> None:
    sys.excepthook(type(error), error, None)


def test_an_uncaught_exception_is_told_and_reported(
    told: list[Notice], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = sys.excepthook
    mishaps = Mishaps(told.append)
    mishaps.take_over()
    try:
        raise_into_hook(ValueError("planted"))
    finally:
        mishaps.give_back()
    assert sys.excepthook is before
    assert len(told) == 1
    assert told[0].mistake
    assert "ValueError: planted" in str(told[0].message)
    report = next(tmp_path.glob("lenet-viz-bug-*.txt"))
    assert str(report) in str(told[0].message)
    assert "ValueError: planted" in report.read_text()


def test_a_mistake_with_a_sentence_is_told_as_it_is(told: list[Notice]) -> None:
    mishaps = Mishaps(told.append)
    mishaps.take_over()
    try:
        raise_into_hook(UserMistake(message("Test", "a clear sentence")))
    finally:
        mishaps.give_back()
    assert [str(notice.message) for notice in told] == ["a clear sentence"]


def test_a_panel_that_cannot_draw_leaves_the_others_alone(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, session = program.window, program.window.session
    caught: list[BaseException] = []
    monkeypatch.setattr(sys, "excepthook", lambda kind, error, trace: caught.append(error))
    real = window.strip.render_state

    def fails(old: object, new: object) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr(window.strip, "render_state", fails)
    session.select("conv2")
    assert [str(error) for error in caught] == ["planted"]
    assert window.step_panel.state is session.state, "the panels after it were drawn"
    seen: list[object] = []

    def watches(old: object, new: object) -> None:
        seen.append(old)
        real(old, new)  # type: ignore[arg-type]

    monkeypatch.setattr(window.strip, "render_state", watches)
    session.select("fc1")
    assert seen == [None], "a panel that failed begins anew"
    session.select("fc2")
    assert seen[1] is not None
