"""Random steps of a user: no exception, no Qt warning, and the program still works."""

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication

from lenet_viz.session import checking, poking, updating
from lenet_viz.session.session import default_settings
from tests.panels.real_networks import real_runs
from tests.window.driver import SIZE, Program
from tests.window.walker import Walker

# Floating panels come to the front and menus take the keyboard: not on the offscreen platform.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support", extend=True)

REFUSED = {
    checking._STALE, checking._NO_BACKWARD, checking._OPENED, checking._BUSY, checking.CLICK_FIRST,
    poking._STALE, poking._OPENED, poking._BUSY, poking._NOTHING, poking._WHOLE,
    updating._STALE, updating._NO_GRAD, "{name}: nothing to save or copy. {reason}",
}  # fmt: skip


def walk(program: Program, seed: int, steps: int, capture_exceptions) -> None:  # type: ignore[no-untyped-def]
    walker = Walker(program, seed)
    taken: list[str] = []
    for _ in range(steps):
        taken.append(walker.step())
        QApplication.processEvents()
        assert not capture_exceptions, f"seed {seed}, step {len(taken)}: {taken[-5:]}"
        state = program.state
        assert state.selected in state.cards
    program.finish()
    walker.end()
    notice = program.state.notice
    # A walker asks for checks where there is nothing to check; all else it does must go well.
    told = notice is not None and (
        notice.message.template in REFUSED or notice.message.context in {"Build", "Network"}
    )
    assert notice is None or told or not notice.mistake, f"seed {seed}: {notice}, {taken[-5:]}"


@pytest.fixture
def walked(tmp_path: Path, qapp: QApplication):  # type: ignore[no-untyped-def]
    program = Program(tmp_path / "settings")
    program.finish()
    yield program
    program.opened.close()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_two_hundred_steps(walked: Program, qtbot) -> None:  # type: ignore[no-untyped-def]
    with qtbot.captureExceptions() as exceptions:
        walk(walked, 1, 200, exceptions)
        walked.window.showNormal()
        walked.window.arrange_anew()
        walked.window.resize(*SIZE)
        walked.session.change_settings(default_settings())
        walked.session.backward()
        walked.finish()
    assert exceptions == []
    assert walked.run.settings == default_settings()


def test_a_walk_through_nested_runs(walked: Program, qtbot) -> None:  # type: ignore[no-untyped-def]
    walker = Walker(walked, 7)
    walker.steps = (
        *(walker.fold,) * 4, walker.click, walker.press, walker.hover, walker.wheel, walker.resize,
        walker.pause,
    )  # fmt: skip
    runs = real_runs()
    with qtbot.captureExceptions() as exceptions:
        for name in ("nested chain", "two inputs", "resnet", "failed op"):
            walked.session.open_capture(runs[name](), name)
            for step in range(25):
                words = walker.step()
                QApplication.processEvents()
                assert not exceptions, f"{name}, step {step}: {words}"
                assert walked.state.has_card(walked.state.selected)
            walked.finish()
        walker.end()
        walked.window.showNormal()
    assert exceptions == []


@pytest.mark.soak
def test_two_hundred_walks(walked: Program, qtbot) -> None:  # type: ignore[no-untyped-def]
    for seed in range(2, 202):
        with qtbot.captureExceptions() as exceptions:
            walk(walked, seed, 200, exceptions)
        assert exceptions == []
