"""Work on other threads: where its result is taken in, and how long a closing window waits."""

import sys
import threading
import time
from collections.abc import Callable

import pytest
import shiboken6
from PySide6.QtCore import QObject, QThreadPool
from PySide6.QtWidgets import QApplication

from lenet_viz.session.state import Notice
from lenet_viz.window import background
from lenet_viz.window.background import Background


class Bench:
    """A background and what is told of it."""

    def __init__(self) -> None:
        self.owner = QObject()
        self.told: list[Notice] = []
        self.background = Background(self.owner, self.told.append)

    def wait(self, done: Callable[[], object]) -> None:
        end = time.monotonic() + 10
        while not done():
            assert time.monotonic() < end
            QApplication.processEvents()
            time.sleep(0.002)


@pytest.fixture
def bench(qapp: object) -> Bench:
    return Bench()


def seconds(call: Callable[[], None]) -> float:
    begun = time.monotonic()
    call()
    return time.monotonic() - begun


def test_work_is_done_elsewhere_and_taken_in_here(bench: Bench) -> None:
    taken: list[tuple[threading.Thread, threading.Thread]] = []
    bench.background.do(
        threading.current_thread, lambda there: taken.append((there, threading.current_thread()))
    )
    assert taken == [], "nothing is waited for"
    bench.wait(lambda: taken)
    ((there, here),) = taken
    assert here is threading.main_thread()
    assert there is not here


def test_each_result_goes_to_who_asked(bench: Bench) -> None:
    taken: dict[int, int] = {}
    for number in range(20):
        bench.background.do(
            lambda number=number: number * number,  # type: ignore[misc]
            lambda square, number=number: taken.update({number: square}),  # type: ignore[misc]
        )
    bench.wait(lambda: len(taken) == 20)
    assert taken == {number: number * number for number in range(20)}


def test_too_little_memory_is_told(bench: Bench) -> None:
    def work() -> None:
        raise MemoryError

    bench.background.do(work, lambda _: pytest.fail("there is no result"), file=True)
    bench.wait(lambda: bench.told)
    assert bench.told[0].mistake
    assert "not enough memory" in bench.told[0].message.english()
    assert seconds(bench.background.finish) < 1


def test_a_mistake_of_the_program_is_nobodys_secret_and_holds_nothing_up(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    caught: list[tuple[type[BaseException], threading.Thread]] = []

    def hook(kind: type[BaseException], *_: object) -> None:
        caught.append((kind, threading.current_thread()))

    monkeypatch.setattr(sys, "excepthook", hook)
    bench.background.do(lambda: 1 // 0, lambda _: pytest.fail("there is no result"), file=True)
    bench.wait(lambda: caught)
    assert caught == [(ZeroDivisionError, threading.main_thread())]
    assert seconds(bench.background.finish) < 1


def test_a_window_that_closes_waits_for_a_file_and_no_longer(bench: Bench) -> None:
    done: list[bool] = []

    def write() -> None:
        time.sleep(0.3)
        done.append(bench.background.stop.is_set())

    bench.background.do(write, lambda _: None, file=True)
    assert 0.2 < seconds(bench.background.finish) < 2
    assert done == [False], "it came to its end by itself"
    assert seconds(bench.background.finish) < 0.1, "there is nothing to wait for"


@pytest.mark.parametrize("file", [False, True])
def test_what_looks_at_the_stop_is_given_up(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, file: bool
) -> None:
    monkeypatch.setattr(background, "PATIENCE", 0.3)
    stopped: list[bool] = []
    bench.background.do(lambda: bench.background.stop.wait(20), stopped.append, file=file)
    taken = seconds(bench.background.finish)
    # Only a file is worth waiting for.
    assert 0.3 * file <= taken < 0.3 * file + 1
    bench.wait(lambda: stopped)
    assert stopped == [True]


def test_what_never_ends_does_not_keep_a_window(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(background, "PATIENCE", 0.1)
    monkeypatch.setattr(background, "GIVING_UP", 100)
    go_on = threading.Event()
    bench.background.do(lambda: go_on.wait(20), lambda _: None, file=True)
    assert seconds(bench.background.finish) < 2
    go_on.set()
    QThreadPool.globalInstance().waitForDone(5000)


@pytest.mark.parametrize("when", ["while it is done", "while its result waits"])
def test_what_comes_for_a_window_that_is_gone_is_dropped(bench: Bench, when: str) -> None:
    go_on = threading.Event()
    if when == "while its result waits":
        go_on.set()
    bench.background.do(lambda: go_on.wait(20), lambda _: pytest.fail("nobody is there"))
    if when == "while its result waits":
        QThreadPool.globalInstance().waitForDone(5000)
    shiboken6.delete(bench.owner)
    go_on.set()
    QThreadPool.globalInstance().waitForDone(5000)
    QApplication.processEvents()
    assert bench.told == []
