"""The engine is killed, stopped, speaks nonsense or never starts: one sentence, nothing lost."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from lenet_viz.engine import client
from lenet_viz.session.state import EngineStatus, Notice, State
from tests.engine.fakes import environment, fake
from tests.window.driver import Program


@pytest.fixture
def notices(program: Program) -> Iterator[list[Notice]]:
    """Every sentence that was put up during the test."""
    told: list[Notice] = []

    def listen(old: State, new: State) -> None:
        if new.notice is not None and new.notice is not old.notice:
            told.append(new.notice)

    program.session.subscribe(listen)
    program.wait_for_spare()
    yield told
    program.session._listeners.remove(listen)


def shown(program: Program) -> dict[str, bytes]:
    """Return every number that is shown."""
    capture = program.run.capture
    found = {step.name: step.activation.tobytes() for step in capture.steps}
    for parameter in capture.parameters:
        found[parameter.name] = parameter.value.tobytes()
        if parameter.grad is not None:
            found[f"{parameter.name}.grad"] = parameter.grad.tobytes()
    return found


def goes_on(program: Program, number: int) -> None:
    """One click, and everything is as it was."""
    program.wait(lambda: program.child("toolbar_forward").isEnabled())
    program.click("toolbar_forward")
    program.finish()
    assert program.run.number > number
    assert program.notice() == ""
    assert program.state.engine is EngineStatus.READY


def test_killed_while_idle(program: Program, notices: list[Notice]) -> None:
    run, before = program.run, shown(program)
    program.kill_engine()
    program.wait(lambda: notices)
    program.pause(0.3)
    assert len(notices) == 1
    assert notices[0].mistake
    assert "SIGKILL" in program.notice()
    assert "press forward" in program.notice().lower()
    assert program.run is run
    assert shown(program) == before
    goes_on(program, run.number)
    assert len(notices) == 1
    assert shown(program) == before, "weights and every .grad came back"


def test_killed_in_the_middle_of_a_run(program: Program, notices: list[Notice]) -> None:
    run, before = program.run, shown(program)
    killed = False

    def at_first_progress(old: State, new: State) -> None:
        nonlocal killed
        if not killed and new.pending is not None and new.pending.fraction > 0:
            killed = True
            program.kill_engine()

    program.session.subscribe(at_first_progress)
    try:
        for _ in range(10):
            program.session.backward()
            program.finish()
            if killed:
                program.wait(lambda: notices)
            if program.run is run:
                break
            # The run was done before the signal arrived: that was an engine killed while idle.
            goes_on(program, run.number)
            program.wait_for_spare()
            notices.clear()
            killed = False
            run, before = program.run, shown(program)
    finally:
        program.session._listeners.remove(at_first_progress)
    program.pause(0.3)
    assert len(notices) == 1
    assert "SIGKILL" in program.notice()
    assert program.run is run
    assert shown(program) == before
    goes_on(program, run.number)


def test_killed_just_before_a_run_is_asked_for(program: Program, notices: list[Notice]) -> None:
    number = program.run.number
    program.kill_engine()
    program.session.forward()
    program.finish()
    program.pause(0.3)
    assert len(notices) <= 1
    if program.run.number == number:
        goes_on(program, number)
    assert program.run.number > number


def test_accumulated_gradients_survive_the_engine(program: Program, notices: list[Notice]) -> None:
    program.session.choose_zero_grad(False)
    program.session.backward()
    program.finish()
    passes, first = program.run.passes, shown(program)
    program.kill_engine()
    program.wait(lambda: notices)
    program.session.backward()
    program.finish()
    assert program.run.passes == passes + 1
    assert shown(program) != first


# -- engines of another kind -----------------------------------------------------------------------


def opened(monkeypatch: pytest.MonkeyPatch, folder: Path, command: tuple[str, ...]) -> Program:
    monkeypatch.setattr(client, "engine_command", lambda: command)
    monkeypatch.setattr(client, "engine_environment", environment)
    return Program(folder / "settings")


def test_garbage_from_the_engine(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qapp: QApplication
) -> None:
    body = "say(Ready('fake')); read(requests); raw(b'\\xff' * 64); time.sleep(60)"
    program = opened(monkeypatch, tmp_path, fake(tmp_path / "fake", body))
    try:
        program.wait(lambda: program.state.notice)
        assert "no message" in program.notice()
        assert program.state.pending is None
        assert program.state.run is None
        program.wait(lambda: program.child("toolbar_forward").isEnabled())
    finally:
        program.opened.close()


def test_a_hanging_engine_can_be_stopped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qapp: QApplication
) -> None:
    body = "say(Ready('fake')); read(requests); time.sleep(600)"
    program = opened(monkeypatch, tmp_path, fake(tmp_path / "fake", body))
    try:
        program.wait(lambda: program.state.engine is EngineStatus.BUSY)
        program.click("toolbar_stop")
        program.wait(lambda: program.state.pending is None, 5)
        assert "Stopped" in program.notice()
        assert program.state.notice is not None
        assert not program.state.notice.mistake
    finally:
        program.opened.close()


def test_an_engine_that_never_starts_is_told_and_can_be_tried_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qapp: QApplication
) -> None:
    command = (sys.executable, "-c", "import sys; sys.exit('no torch here')")
    program = opened(monkeypatch, tmp_path, command)
    try:
        program.wait(lambda: program.state.notice)
        assert "no torch here" in program.notice()
        assert program.state.engine is EngineStatus.LOST
        assert program.text("status_engine") == "torch could not be started"
        assert not program.child("status_progress").isVisible()
        program.click("toolbar_forward")
        assert program.notice() == ""
        program.wait(lambda: program.state.notice)
        assert program.state.engine is EngineStatus.LOST
    finally:
        program.opened.close()


def test_a_capture_that_cannot_be_read_is_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qapp: QApplication
) -> None:
    program = opened(monkeypatch, tmp_path, fake(tmp_path / "fake", "serve()"))
    try:
        program.finish()  # the pretended engine names a capture that is not there
        assert program.notice()
        assert program.state.run is None
        assert program.state.engine is EngineStatus.READY
    finally:
        program.opened.close()
