"""The client against engines that work, are slow, flood or never come up."""

import gc
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from lenet_viz.engine.client import EngineClient
from lenet_viz.engine.messages import Lost, Progress, Ready, RunDone
from lenet_viz.engine.single_run import run_once
from lenet_viz.errors import EngineLost, RunBroke, UserMistake
from tests.engine.fakes import Talk, environment, fake, request

SLOW_RUN = """
def run(request):
    say(Progress(request.run, message("engine", "Working"), 0.5))
    if request.preset == "loop":
        while True:
            pass
serve(run)
"""


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


def _wait_for(condition, seconds: float = 5.0) -> None:
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.01)


def test_runs_come_back_in_order_with_their_numbers(tmp_path: Path) -> None:
    with Talk(fake(tmp_path, "serve()")) as talk:
        for run in range(5):
            talk.client.submit(request(run, grads="g"))  # before Ready: they wait
        assert talk.next(Ready) == Ready("fake")
        done = [talk.next(RunDone) for _ in range(5)]
        assert [reply.run for reply in done] == [0, 1, 2, 3, 4]
        assert {reply.grads for reply in done} == {"g"}
        assert len({reply.capture for reply in done}) == 1  # one engine did them all


def test_submitting_and_stopping_never_wait_for_a_slow_engine(tmp_path: Path) -> None:
    with Talk(fake(tmp_path, "time.sleep(1.0)\nserve()"), spare=False) as talk:
        began = time.monotonic()
        for run in range(200):
            talk.client.submit(request(run, spec="x" * 100_000))  # far more than a pipe holds
        talk.client.stop()
        assert time.monotonic() - began < 0.2
        lost = [talk.next(Lost) for _ in range(200)]
        assert [reply.run for reply in lost] == list(range(200))
        assert all(reply.wanted for reply in lost)
        talk.client.submit(request(7))
        talk.next(Ready)
        assert talk.next(RunDone).run == 7


def test_stop_ends_a_loop_and_the_spare_goes_on(tmp_path: Path) -> None:
    with Talk(fake(tmp_path, SLOW_RUN)) as talk:
        talk.client.submit(request(1, preset="loop"))
        talk.until(Progress)
        _wait_for(lambda: (tmp_path / "1").exists())  # the spare has been started
        time.sleep(0.3)
        began = time.monotonic()
        talk.client.stop()
        lost = talk.next(Lost)
        assert time.monotonic() - began < 0.1
        assert (lost.run, lost.wanted) == (1, True)
        assert "Stopped" in str(lost.message)
        talk.next(Ready)
        talk.client.submit(request(2))
        assert talk.until(RunDone).run == 2
        assert time.monotonic() - began < 1.0
        talk.quiet()
        _wait_for(lambda: (tmp_path / "2").exists())  # and a new spare after it


def test_stop_while_idle_changes_nothing(tmp_path: Path) -> None:
    with Talk(fake(tmp_path, "serve()")) as talk:
        talk.client.submit(request(1))
        first = talk.until(RunDone).capture
        talk.client.stop()
        talk.quiet(0.1)
        talk.client.submit(request(2))
        assert talk.next(RunDone).capture == first


def test_stop_comes_before_a_flood_of_replies(tmp_path: Path) -> None:
    flood = """
def run(request):
    while True:
        say(Progress(request.run, message("engine", "Working"), 0.5))
serve(run)
"""
    seen: list[object] = []
    lost = threading.Event()

    def take(reply: object) -> None:
        seen.append(reply)
        time.sleep(0.001)  # slower than the engine talks
        if isinstance(reply, Lost):
            lost.set()

    client = EngineClient(take, command=fake(tmp_path, flood), environment=environment())
    client.start()
    try:
        client.submit(request(1))
        _wait_for(lambda: len(seen) > 300)
        began = time.monotonic()
        client.stop()
        assert lost.wait(5)
        assert time.monotonic() - began < 0.1
    finally:
        client.close()


def test_a_late_reply_of_another_run_is_dropped(tmp_path: Path) -> None:
    body = """
def run(request):
    say(RunDone(request.run - 1, "late", "w", None))
    say(Progress(99, message("engine", "Working"), 0.5))
serve(run)
"""
    with Talk(fake(tmp_path, body)) as talk:
        talk.client.submit(request(5))
        talk.next(Ready)
        assert talk.next(RunDone).run == 5
        talk.quiet(0.1)


def test_a_flood_of_printing_neither_blocks_nor_is_kept(tmp_path: Path) -> None:
    body = """
def run(request):
    for _ in range(2000):
        os.write(2, b"x" * 50_000)
    os.write(2, b"\\nthe last line")
    if request.preset == "die":
        os._exit(7)
serve(run)
"""
    with Talk(fake(tmp_path, body), spare=False) as talk:
        talk.client.submit(request(1))
        talk.until(RunDone)
        talk.client.submit(request(2, preset="die"))
        lost = talk.next(Lost)
        assert len(lost.details) <= 16 * 2**10
        assert lost.details.endswith("the last line")


def test_three_deaths_before_ready_end_the_trying(tmp_path: Path) -> None:
    body = "print('no torch here', file=sys.stderr)\nos._exit(3)"
    with Talk(fake(tmp_path, body)) as talk:
        talk.client.submit(request(1))
        lost = talk.next(Lost)
        assert lost.run == 1
        assert not lost.wanted
        assert not lost.followed
        assert "Forward" not in str(lost.for_one_run)
        for words in ("3 times", "exit code 3", "no torch here", sys.executable, "Forward"):
            assert words in str(lost.message)
        talk.quiet()
        assert len(list(tmp_path.iterdir())) == 3
        talk.client.submit(request(2))  # the user tries again: once
        assert talk.next(Lost).run == 2
        talk.quiet()
        assert len(list(tmp_path.iterdir())) == 4


def test_engines_that_end_idle_are_not_restarted_for_ever(tmp_path: Path) -> None:
    with Talk(fake(tmp_path, "say(Ready('x'))\nos._exit(0)")) as talk:
        _wait_for(lambda: len(list(tmp_path.iterdir())) >= 3)
        time.sleep(0.5)
        assert len(list(tmp_path.iterdir())) <= 4
        talk.until(Lost)


def test_an_engine_that_cannot_be_started_is_said_with_the_reason(tmp_path: Path) -> None:
    with Talk((str(tmp_path / "nothing"),)) as talk:
        lost = talk.next(Lost)
        assert lost.run is None
        assert "could not be started" in str(lost.message)
        assert "nothing" in str(lost.message)


def test_spare_is_started_only_when_the_first_is_ready(tmp_path: Path) -> None:
    go = tmp_path / "go"
    body = f"while not os.path.exists({str(go)!r}): time.sleep(0.01)\nserve()"
    with Talk(fake(tmp_path / "engines", body)) as talk:
        _wait_for(lambda: (tmp_path / "engines" / "0").exists())
        time.sleep(0.2)
        assert not (tmp_path / "engines" / "1").exists()
        go.touch()
        talk.next(Ready)
        _wait_for(lambda: (tmp_path / "engines" / "1").exists())


def test_without_a_spare_there_is_one_engine(tmp_path: Path) -> None:
    with Talk(fake(tmp_path, "serve()"), spare=False) as talk:
        talk.client.submit(request(1))
        talk.until(RunDone)
        time.sleep(0.2)
        assert len(list(tmp_path.iterdir())) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="counts through /proc")
def test_close_leaves_no_process_thread_or_descriptor(tmp_path: Path) -> None:
    gc.collect()
    threads, descriptors = threading.active_count(), len(os.listdir("/proc/self/fd"))
    pids = []
    for turn in range(3):
        with Talk(fake(tmp_path / str(turn), SLOW_RUN)) as talk:
            talk.client.submit(request(1))
            pids.append(int(talk.until(RunDone).capture))
            talk.client.submit(request(2, preset="loop"))
            talk.until(Progress)
            if turn == 1:
                talk.client.stop()
    # What an earlier test has left may go meanwhile: only more would be left behind here.
    assert threading.active_count() <= threads
    assert len(os.listdir("/proc/self/fd")) <= descriptors
    assert not any(_alive(pid) for pid in pids)
    for pid in pids:
        # Other tests of this process may have children of their own.
        with pytest.raises(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)


def test_close_is_quick_idempotent_and_final(tmp_path: Path) -> None:
    with Talk(fake(tmp_path, SLOW_RUN)) as talk:
        talk.client.submit(request(1, preset="loop"))
        talk.until(Progress)
        began = time.monotonic()
        talk.client.close()
        talk.client.close()
        assert time.monotonic() - began < 1.0
        talk.quiet(0.1)
        with pytest.raises(RuntimeError):
            talk.client.submit(request(2))


def test_close_before_start_and_during_start(tmp_path: Path) -> None:
    client = EngineClient(lambda reply: None, command=fake(tmp_path, "serve()"))
    client.close()
    with Talk(fake(tmp_path, "serve()")):
        pass  # closed while the process is being started
    assert not [t for t in threading.enumerate() if t.name.startswith("engine")]


def test_a_mistake_in_on_reply_does_not_end_the_client(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    done = threading.Event()

    def take(reply: object) -> None:
        if isinstance(reply, Ready):
            raise ValueError("owner's mistake")
        done.set()

    client = EngineClient(take, command=fake(tmp_path, "serve()"), environment=environment())
    client.start()
    try:
        client.submit(request(1))
        assert done.wait(10)
    finally:
        client.close()
    assert "owner's mistake" in caplog.text


@pytest.mark.skipif(sys.platform == "win32", reason="process groups")
def test_processes_of_a_model_end_with_the_engine(tmp_path: Path) -> None:
    body = """
def run(request):
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    say(Progress(request.run, message("engine", "{pid}", pid=child.pid), 0.5))
    os._exit(0)
serve(run)
"""
    with Talk(fake(tmp_path, body), spare=False) as talk:
        talk.client.submit(request(1))
        pid = int(str(talk.until(Progress).stage))
        talk.next(Lost, timeout=3)
        _wait_for(lambda: not _alive(pid), 2)


def test_run_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", environment()["PYTHONPATH"])
    body = """
def run(request):
    say(Progress(request.run, message("engine", "Working"), 0.5))
    if request.preset == "bad":
        say(RunFailed(request.run, message("engine", "No good.")))
    if request.preset == "full":
        say(RunFailed(request.run, message("engine", "The disk is full."), mistake=False))
    if request.preset == "die":
        os.kill(os.getpid(), signal.SIGKILL)
serve(run)
"""
    command = fake(tmp_path, body)
    seen: list[Progress] = []
    assert run_once(request(3), seen.append, command=command).run == 3
    assert [progress.fraction for progress in seen] == [0.5]
    with pytest.raises(UserMistake, match="No good"):
        run_once(request(3, preset="bad"), command=command)
    with pytest.raises(RunBroke, match="disk is full"):
        run_once(request(3, preset="full"), command=command)
    with pytest.raises(EngineLost, match="SIGKILL") as caught:
        run_once(request(3, preset="die"), command=command)
    assert "Forward" not in str(caught.value)
    assert len(list(tmp_path.iterdir())) == 4  # no spares


def test_importing_the_client_loads_neither_torch_nor_qt() -> None:
    code = (
        "import sys, lenet_viz.engine.client;"
        "print([m for m in sys.modules if m.split('.')[0] in ('torch', 'PySide6', 'numpy')])"
    )
    made = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=True
    )
    assert made.stdout.strip() == "[]"
