"""The engine's process around a run, with runs that misbehave in torch's place."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lenet_viz.engine.frames import encode
from lenet_viz.engine.launch import engine_command
from lenet_viz.engine.messages import Lost, Progress, Ready, RunDone, RunFailed
from tests.engine.fakes import Talk, environment, request

_PRELUDE = """
import os, subprocess, sys, time, types
from lenet_viz.engine import process
from lenet_viz.engine.messages import RunDone
from lenet_viz.errors import UserMistake
from lenet_viz.wording import message

def start_torch(threads):
    return f"threads {threads}"

def done(request, text=""):
    return RunDone(request.run, text, "w", None)
"""
_END = """
rooms = types.ModuleType("lenet_viz.engine.torch_run")
rooms.start_torch = start_torch
sys.modules[rooms.__name__] = rooms
rooms = types.ModuleType("lenet_viz.engine.serving")
rooms.serve = run
sys.modules[rooms.__name__] = rooms
process.main()
"""


def engine(run: str) -> tuple[str, ...]:
    """Return the command of the real process around ``run(request, progress)``."""
    body = "".join(f"    {line}\n" for line in run.strip().splitlines())
    code = f"{_PRELUDE}\ndef run(request, progress):\n{body}\n{_END}"
    return (sys.executable, "-c", code)


def test_prints_and_reads_of_a_model_do_not_reach_the_protocol() -> None:
    run = """
print("to stdout")
os.write(1, b"raw to 1")
os.system("echo from a child")
sys.stdout.buffer.write(b"x" * 100000)
sys.stdout.flush()
assert sys.stdin.read() == "" and os.read(0, 10) == b""
assert subprocess.run(["cat"], capture_output=True).stdout == b""
progress(message("engine", "Half"), 0.5)
return done(request)
"""
    with Talk(engine(run), spare=False) as talk:
        for number in range(3):
            talk.client.submit(request(number))
        assert talk.next(Ready).torch_version == "threads 1"
        for number in range(3):
            assert talk.next(Progress) == Progress(number, talk_message("Half"), 0.5)
            assert talk.next(RunDone).run == number


def talk_message(text: str):
    from lenet_viz.wording import message

    return message("engine", text)


def test_input_says_that_there_is_nothing_to_read() -> None:
    with Talk(engine("input('name? ')\nreturn done(request)"), spare=False) as talk:
        talk.client.submit(request(1))
        failed = talk.until(RunFailed)
        assert "EOFError" in str(failed.message)


FAILURES = {
    "a user's mistake": (
        "raise UserMistake(message('engine', 'Kernel too large.'))",
        ["Kernel too large."],
    ),
    "an error": ("raise ValueError('not {this} way')", ["ValueError", "not {this} way"]),
    "no memory": ("raise MemoryError", ["more memory"]),
    "torch's no memory": (
        'raise RuntimeError("DefaultCPUAllocator: can\'t allocate memory: tried 9 bytes")',
        ["more memory", "9 bytes"],
    ),
    "sys.exit": ("sys.exit(3)", ["SystemExit", "3", "ended the run itself"]),
    "keyboard interrupt": ("raise KeyboardInterrupt", ["KeyboardInterrupt"]),
    "endless recursion": (
        "def f(): return f()\nf()",
        ["RecursionError"],
    ),
    "a broken pipe of its own": ("raise BrokenPipeError('mine')", ["BrokenPipeError", "mine"]),
    "a long text": ("raise ValueError('x' * 10**7)", ["ValueError"]),
}


@pytest.mark.parametrize("name", FAILURES)
def test_whatever_is_raised_becomes_a_sentence_and_the_engine_goes_on(name: str) -> None:
    act, words = FAILURES[name]
    lines = "".join(f"    {line}\n" for line in act.splitlines())
    with Talk(engine(f"if request.run == 1:\n{lines}return done(request)"), spare=False) as talk:
        talk.client.submit(request(1))
        talk.client.submit(request(2))
        talk.next(Ready)
        failed = talk.next(RunFailed)
        assert failed.run == 1
        assert failed.mistake == (name == "a user's mistake")
        for word in words:
            assert word in str(failed.message)
        assert "Traceback" not in str(failed.message)
        assert len(str(failed.message)) < 3000
        assert talk.next(RunDone).run == 2


def _start(command: tuple[str, ...]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        command,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("run", ["return done(request)", "while True: pass"])
def test_it_ends_quietly_when_the_pipe_closes_even_within_a_run(run: str) -> None:
    with _start(engine(run)) as process:
        assert process.stdin is not None
        process.stdin.write(encode(request(1)))
        process.stdin.flush()
        time.sleep(0.3)
        process.stdin.close()
        assert process.wait(5) == 0
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_garbage_in_the_requests_ends_it_with_status_2() -> None:
    with _start(engine("return done(request)")) as process:
        _, errors = process.communicate(b"\0\0\0\5hello")
        assert process.returncode == 2
        assert b"BadFrame" in errors


@pytest.mark.parametrize(("text", "threads"), [("3", 3), ("0", 1), ("x", 1), ("²", 1), ("-1", 1)])
def test_threads_come_from_the_environment(
    text: str, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lenet_viz.engine.process import wanted_threads

    monkeypatch.setenv("LENET_VIZ_THREADS", text)
    assert wanted_threads() == threads


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_it_ends_when_the_program_is_killed(tmp_path: Path) -> None:
    body = "\n".join(
        [
            "import sys, time",
            "from lenet_viz.engine.client import EngineClient",
            "from lenet_viz.engine.messages import InputRequest, Progress, RunRequest",
            "from lenet_viz.network.initialisation import Initialisation",
            "def hear(reply):",
            "    if isinstance(reply, Progress): print(reply.stage, flush=True)",
            f"client = EngineClient(hear, command={engine(_ENDLESS)!r}, spare=False)",
            "client.start()",
            f"client.submit({request(1)!r})",
            "time.sleep(60)",
        ]
    )
    with _start((sys.executable, "-c", body)) as program:
        assert program.stdout is not None
        pid = int(program.stdout.readline())
        program.kill()
        program.wait()
        until = time.monotonic() + 5
        while Path(f"/proc/{pid}").exists() and time.monotonic() < until:
            if "Z" in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2][:3]:
                break  # nobody reaps it here, but it has ended
            time.sleep(0.02)
        else:
            with pytest.raises(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


_ENDLESS = """
progress(message("engine", "{pid}", pid=os.getpid()), 0.0)
while True:
    pass
"""


def test_a_file_named_like_a_module_in_the_users_folder_does_no_harm(tmp_path: Path) -> None:
    """The command finds this package and the real torch from any folder."""
    for name in ("torch.py", "lenet_viz.py", "json.py"):
        (tmp_path / name).write_text("raise SystemExit('the wrong one')")
    command = engine_command()
    code = command[5].replace(
        "from lenet_viz.engine.process import main\nmain()",
        "import importlib.util as u, json, lenet_viz\n"
        "print(u.find_spec('torch').origin, json.__file__, lenet_viz.__file__)",
    )
    made = subprocess.run(
        [*command[:5], code, command[6]], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert str(tmp_path) not in made.stdout
    import lenet_viz

    assert str(lenet_viz.__file__) in made.stdout


def test_lost_when_a_run_calls_os_exit() -> None:
    with Talk(engine("os._exit(12)")) as talk:
        talk.client.submit(request(1))
        assert "exit code 12" in str(talk.until(Lost).message)
