"""Many runs with edits between: nothing is left over, and the last is as fast as the first."""

import gc
import os
import statistics
import threading
import time
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication

from lenet_viz.engine.messages import InputRequest
from lenet_viz.network import presets
from lenet_viz.session.state import ObjectiveChoice
from tests.window.driver import Program

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
KINDS = ("random", "output", "cross-entropy", "mse")


class Tally:
    """What a process holds."""

    def __init__(self, program: Program) -> None:
        QApplication.processEvents()
        gc.collect()
        self.memory = resident(os.getpid())
        self.engine = resident(program.engine_pid())
        self.handles = len(os.listdir("/proc/self/fd"))
        self.threads = threading.active_count()
        self.objects = len(program.window.findChildren(QObject))
        self.widgets = len(QApplication.allWidgets())
        # What the threads of the client and the pool do in between moves these by a few.
        self.files = len(list(Path(program.session._folder).iterdir()))


def resident(process: int) -> int:
    """Return how many bytes of memory a process has to itself, mapped files not counted."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("RssAnon is missing")


def edit(program: Program, number: int) -> None:
    """Change something, every time something else, until each preset has been seen."""
    session = program.session
    preset = presets.NAMES[number // 12 % len(presets.NAMES)]
    if number % 12 == 0:
        session.choose_preset(preset)
    kind = "preset" if presets.get(preset).image is not None else ("digit", "random")[number % 2]
    session.choose_input(InputRequest(kind, number % 10, number % 3, number % 5))
    session.choose_objective(ObjectiveChoice(KINDS[number % 4], number % 2, number % 7))
    session.choose_weights_seed(number % 6)
    session.choose_zero_grad(number % 5 != 0)
    session.choose_theme(("light", "dark")[number // 24 % 2])
    session.walk((1, -1, 3)[number % 3])


def go(program: Program, first: int, count: int) -> list[float]:
    """Make runs and return how long each took, in seconds."""
    took = []
    for number in range(first, first + count):
        edit(program, number)
        began = time.perf_counter()
        (program.session.forward if number % 7 == 6 else program.session.backward)()
        program.finish()
        took.append(time.perf_counter() - began)
        assert program.run.settings == program.state.settings, program.notice()
    return took


def test_thirty_runs_more_leave_nothing_over(program: Program) -> None:
    program.wait_for_spare()
    whole = 12 * len(presets.NAMES)  # each preset leaves forms and words of its own, once
    go(program, 0, whole)
    before = Tally(program)
    go(program, whole, 30)
    after = Tally(program)
    assert after.handles <= before.handles + 4
    assert after.threads <= before.threads
    assert after.widgets <= before.widgets
    assert after.objects <= before.objects + 10
    assert after.files <= before.files + 30


@pytest.mark.soak
def test_a_thousand_runs_leave_nothing_over(tmp_path: Path, qapp: QApplication) -> None:
    program = Program(tmp_path / "settings")
    try:
        program.finish()
        program.wait_for_spare()
        early = go(program, 0, 192)
        before = Tally(program)
        go(program, 192, 768)
        late = go(program, 960, 48)
        after = Tally(program)
        assert after.memory <= before.memory * 1.02, (before.memory, after.memory)
        assert after.engine <= before.engine * 1.02, (before.engine, after.engine)
        assert after.handles <= before.handles + 4
        assert after.threads <= before.threads
        assert after.widgets <= before.widgets
        assert after.objects <= before.objects + 10
        assert after.files <= before.files + 30
        # The machine has other things to do: a slow drift shows as much more than this.
        assert statistics.median(late) <= 1.5 * statistics.median(early[144:])
    finally:
        program.opened.close()
