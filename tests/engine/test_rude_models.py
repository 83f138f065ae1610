"""More of what a user's model can do to its engine: it is told in a sentence, and all goes on."""

import os
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lenet_viz.engine.messages import Lost, Progress, Ready, RunDone, RunFailed, RunRequest
from lenet_viz.engine.stages import IMPORTED, SEARCHING
from lenet_viz.wording import Message
from tests.engine.fakes import Talk
from tests.engine.test_hostile_files import NET, ended, own

LOUD = "os.write(1, b'x' * 2**20); os.write(2, b'y' * 2**20); sys.__stdout__.write('z' * 2**20)"
QUIET = "assert os.read(0, 9) == b''; assert sys.__stdin__.read() == ''"
MADE = """
class Own(BaseException):
    pass
class Broken(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2
    @staticmethod
    def backward(ctx, g):
        sys.exit(4)
class Made(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 2)
    def forward(self, x):
        self.act()
        return self.fc(x)
"""

GOES_ON = {
    "PrintsPastPython": LOUD,
    "ReadsPastPython": QUIET,
    "Forks": "os.fork()",
}
FAILS = {
    "Exits": ("def act(self): sys.exit(3)", ["SystemExit: 3"]),
    "Interrupts": ("def act(self): raise KeyboardInterrupt", ["KeyboardInterrupt"]),
    "RaisesNoException": ("def act(self): raise Own('gone')", ["Own: gone"]),
    "RaisesSoWhenMade": ("def __init__(self): raise Own('gone')", ["gone", "line"]),
    "ExitsInBackward": (
        "def forward(self, x): return Broken.apply(self.fc(x))",
        ["SystemExit: 4"],
    ),
    "Debugs": ("def act(self): breakpoint()", ["Bdb"]),
    "AsksTorchForTooMuch": ("def act(self): torch.ones(10**14)", ["allocate"]),
    "CannotBeTold": (r"def act(self): raise ValueError('\ud800\0')", ["forward"]),
    "SaysALot": ("def act(self): raise ValueError('x' * 10**8)", ["xxx…"]),
    "ReturnsCoroutine": ("async def forward(self, x): return x", ["coroutine"]),
    "HasNoForward": ("forward = None", ["forward"]),
    "CannotBePrinted": ("def __repr__(self): raise ValueError('no words')", ["no words"]),
    "HidesParameters": ("def parameters(self, *a): raise ValueError('mine')", ["mine"]),
    "EatsMemory": ("def act(self): eat()", ["MemoryError"]),
}
EAT = """
def eat():
    import resource
    most = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize() + 2**28
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    eaten = []
    while True:
        eaten.append(bytearray(2**24))
"""
WHOLE = "\n".join(
    [
        EAT + MADE,
        *(f"class {name}(Made):\n    def act(self): {act}" for name, act in GOES_ON.items()),
        *(f"class {name}(Made):\n    {body}" for name, (body, _) in FAILS.items()),
        "class Good(Made):\n    def act(self): pass\n",
    ]
)
"""One file, so that one engine runs them all."""
LAZY = """
class Net(nn.Module):
    def __init__(self):
        {}
"""
LOOPS: dict[str, tuple[str, Message, str]] = {
    "when made": (LAZY.format("while True: pass"), IMPORTED, "2,3"),
    "while an input is looked for": (NET.format("while True: pass"), SEARCHING, ""),
}


@pytest.fixture(scope="module")
def engine() -> Iterator[Talk]:
    with Talk(None) as talk:
        talk.until(Ready, timeout=60)
        yield talk


def called(folder: Path, name: str, run: int) -> RunRequest:
    request = own(folder, LOUD + "\n" + QUIET + WHOLE, run=run)
    assert request.model is not None
    return replace(request, model=replace(request.model, name=name))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork there")
def test_what_does_no_harm_goes_on(engine: Talk, tmp_path: Path) -> None:
    for number, name in enumerate(GOES_ON):
        reply = ended(engine, called(tmp_path, name, number))
        assert isinstance(reply, RunDone), (name, reply)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork there")
def test_a_fork_is_no_second_engine(engine: Talk, tmp_path: Path) -> None:
    note = "open(__file__ + '.' + str(os.getpid()), 'w').close()"
    reply = ended(engine, own(tmp_path, NET.format(f"os.fork(); {note}"), run=50))
    assert isinstance(reply, RunDone)
    engine.quiet(0.5)
    working = engine.client._working
    assert working is not None
    assert working.connection._process is not None
    left = [int(path.suffix[1:]) for path in tmp_path.glob("net.py.*")]
    assert len(left) == 2
    left.remove(working.connection._process.pid)
    # A zombie of the engine's, as nobody asked for its end, or gone.
    state = Path(f"/proc/{left[0]}/stat")
    assert not state.exists() or state.read_text().rpartition(")")[2].split()[0] == "Z"


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory")
def test_what_fails_is_one_sentence(engine: Talk, tmp_path: Path) -> None:
    for number, (name, (_, words)) in enumerate(FAILS.items()):
        reply = ended(engine, called(tmp_path, name, 100 + number))
        assert isinstance(reply, RunFailed), (name, reply)
        told = str(reply.message)
        for word in words:
            assert word in told, name
        assert "Traceback" not in told
        assert len(told) < 3000
    assert isinstance(ended(engine, called(tmp_path, "Good", 200)), RunDone)


@pytest.mark.parametrize("name", LOOPS)
def test_what_never_ends_can_be_stopped(engine: Talk, tmp_path: Path, name: str) -> None:
    text, stage, shapes = LOOPS[name]
    request = own(tmp_path, text, run=70)
    if not shapes:
        request = own(tmp_path, text, run=70, shapes=())
    engine.client.submit(request)
    while engine.until(Progress, timeout=60).stage != stage:
        pass
    time.sleep(0.2)
    begun = time.monotonic()
    engine.client.stop()
    lost = engine.until(Lost, timeout=5)
    assert lost.wanted
    assert time.monotonic() - begun < 1
