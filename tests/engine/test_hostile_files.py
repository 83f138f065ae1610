"""Model files that misbehave, in the real engine: one message each, and the next run is as ever."""

import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lenet_viz.capture.store import load
from lenet_viz.engine.messages import Lost, Progress, Ready, RunDone, RunFailed, RunRequest
from lenet_viz.engine.stages import BOTH
from lenet_viz.network.input_shapes import parse_input_shape
from lenet_viz.network.model_code import parse_model_word
from tests.engine.fakes import Talk
from tests.engine.test_torch_run import asked

HEAD = "import ctypes, os, signal, sys, time\nimport torch\nfrom torch import nn\n"
NET = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(3, 2)
    def forward(self, x):
        {}
        return self.fc(x)
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[Talk]:
    with Talk(None) as talk:
        talk.until(Ready, timeout=60)
        yield talk


def own(folder: Path, text: str, name: str = "net.py", **changed: Any) -> RunRequest:
    (folder / name).write_text(HEAD + text)
    code = parse_model_word(f"{name}:Net", folder)
    changed = {"objective": "random", "spec": "", **changed}
    changed = {"shapes": (parse_input_shape("2,3"),), **changed}
    return asked(folder, model=code, **changed)


def ended(talk: Talk, request: RunRequest) -> RunDone | RunFailed | Lost:
    """Return how a run ended."""
    talk.client.submit(request)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        reply = talk.replies.get(timeout=60)
        if isinstance(reply, RunDone | RunFailed | Lost) and reply.run == request.run:
            return reply
    raise AssertionError("no end")


DEATHS = {
    "exits at once": ("os._exit(7)\n" + NET.format("pass"), "exit code 7"),
    "exits in forward": (NET.format("os._exit(8)"), "exit code 8"),
    "crashes at once": ("ctypes.string_at(0)\n" + NET.format("pass"), "SIGSEGV"),
    "crashes in forward": (NET.format("ctypes.string_at(0)"), "SIGSEGV"),
    "is killed": (NET.format("os.kill(os.getpid(), signal.SIGKILL)"), "memory"),
    "closes everything": (NET.format("os.closerange(0, 64); time.sleep(30)"), "closed its pipe"),
}


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
@pytest.mark.parametrize("name", DEATHS)
def test_what_ends_the_engine_costs_one_message(engine: Talk, tmp_path: Path, name: str) -> None:
    text, told = DEATHS[name]
    reply = ended(engine, own(tmp_path, text, run=1))
    assert isinstance(reply, Lost)
    assert told in str(reply.message)
    assert "Nothing shown is lost" in str(reply.message)
    assert reply.followed
    (tmp_path / "good").mkdir()
    assert isinstance(ended(engine, own(tmp_path / "good", NET.format("pass"), run=2)), RunDone)


def test_an_import_that_never_ends_is_ended(tmp_path: Path) -> None:
    with Talk(None, spare=False) as talk:
        talk.client._limit.seconds = 1.0
        talk.until(Ready, timeout=60)
        reply = ended(talk, own(tmp_path, "while True: pass\n" + NET.format("pass")))
        assert isinstance(reply, Lost)
        assert "1 seconds" in str(reply.message)
        assert "net.py" in str(reply.message)
        assert not reply.wanted
        # What comes after the import may take its time.
        (tmp_path / "slow").mkdir()
        slow = own(tmp_path / "slow", NET.format("time.sleep(2)"), run=2)
        assert isinstance(ended(talk, slow), RunDone)


def test_a_forward_that_never_ends_can_be_stopped(engine: Talk, tmp_path: Path) -> None:
    engine.client.submit(own(tmp_path, NET.format("while True: pass"), run=3))
    while engine.until(Progress, timeout=60).stage != BOTH:
        pass
    time.sleep(0.2)
    engine.client.stop()
    lost = engine.until(Lost, timeout=5)
    assert lost.wanted
    assert isinstance(ended(engine, own(tmp_path, NET.format("pass"), run=4)), RunDone)


def test_what_it_prints_neither_blocks_nor_is_kept(engine: Talk, tmp_path: Path) -> None:
    loud = "for _ in range(200): sys.stdout.write('x' * 2**19); sys.stderr.write('y' * 2**19)"
    reply = ended(engine, own(tmp_path, NET.format(loud), run=5))
    assert isinstance(reply, RunDone), reply  # 200 MB came out meanwhile
    engines = [e for e in (engine.client._working, engine.client._spare) if e is not None]
    assert all(len(one.connection.lines()) <= 2**14 for one in engines)


def test_what_it_reads_is_empty(engine: Talk, tmp_path: Path) -> None:
    reply = ended(engine, own(tmp_path, NET.format("assert sys.stdin.read() == ''"), run=6))
    assert isinstance(reply, RunDone), reply
    reply = ended(engine, own(tmp_path, NET.format("input()"), run=7))
    assert isinstance(reply, RunFailed)
    assert "input()" in str(reply.message)
    assert "Traceback" not in str(reply.message)


@pytest.mark.parametrize("name", ["torch.py", "numpy.py", "sys.py", "net.py"])
def test_a_file_named_like_a_package(engine: Talk, tmp_path: Path, name: str) -> None:
    text = "assert torch.__version__\n" + NET.format("pass")
    reply = ended(engine, own(tmp_path, text, name, run=8))
    assert isinstance(reply, RunDone), reply


def test_what_it_changes_holds_for_no_other_run(engine: Talk, tmp_path: Path) -> None:
    plain = asked(tmp_path, objective="random", run=9)
    first = ended(engine, plain)
    assert isinstance(first, RunDone)
    rude = (
        "torch.set_default_dtype(torch.float64); torch.manual_seed(99)\n"
        "torch.set_grad_enabled(False); torch.use_deterministic_algorithms(True)\n"
        "torch.Tensor.zero_ = None; os.chdir('/')\n"
    )
    between = ended(engine, own(tmp_path, rude + NET.format("pass"), run=10))
    assert isinstance(between, RunDone | RunFailed), between
    last = ended(engine, asked(tmp_path, objective="random", run=11))
    assert isinstance(last, RunDone)
    one, other = load(first.capture), load(last.capture)
    np.testing.assert_array_equal(one.steps["fc3"].activation, other.steps["fc3"].activation)
    np.testing.assert_array_equal(one.inputs[0], other.inputs[0])
    for a, b in zip(one.input_gradients, other.input_gradients, strict=True):
        assert a is not None
        assert b is not None
        np.testing.assert_array_equal(a, b)


RETURNS = {
    "None": ("return None", "returned None"),
    "a text": ("return 'x'", "str"),
    "an empty list": ("return []", "list"),
    "a lambda": ("return lambda: x", "function"),
}


@pytest.mark.parametrize("name", RETURNS)
def test_what_is_no_tensor_is_named_and_its_steps_are_kept(
    engine: Talk, tmp_path: Path, name: str
) -> None:
    code, found = RETURNS[name]
    reply = ended(engine, own(tmp_path, NET.format("y = self.fc(x); " + code), run=12))
    assert isinstance(reply, RunFailed)
    assert "returned" in str(reply.message)
    assert found in str(reply.message)
    assert reply.capture is not None
    assert [step.op for step in load(reply.capture).steps] == ["linear"]


def test_nested_outputs_end_with_their_first_tensor(engine: Talk, tmp_path: Path) -> None:
    code = "return {'a': [None, (self.fc(x), 3)], 'b': x}"
    reply = ended(engine, own(tmp_path, NET.format(code), run=13))
    assert isinstance(reply, RunDone), reply
    assert "output['a'][1][0]" in str(reply.notes[-1])
    value = load(reply.capture).output_value
    assert value is not None
    assert value.shape == (2, 2)


def test_an_input_that_is_written_over_is_shown_as_it_was(engine: Talk, tmp_path: Path) -> None:
    reply = ended(engine, own(tmp_path, NET.format("x.mul_(0)"), run=14))
    assert isinstance(reply, RunDone), reply
    run = load(reply.capture)
    assert np.any(run.inputs[0] != 0)
    assert not np.any(run.steps["mul_"].activation)


def test_a_backward_that_fails_keeps_forwards_steps(engine: Talk, tmp_path: Path) -> None:
    text = """
class Broken(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2
    @staticmethod
    def backward(ctx, g):
        raise ValueError("not today")
""" + NET.format("x = Broken.apply(x)")
    reply = ended(engine, own(tmp_path, text, run=15))
    assert isinstance(reply, RunFailed)
    assert "not today" in str(reply.message)
    assert "backward" in str(reply.message)
    assert reply.capture is not None
    assert "fc" in [step.name for step in load(reply.capture).steps]


@pytest.mark.skipif(sys.platform != "linux", reason="Linux's way")
def test_it_goes_first_where_memory_runs_out(engine: Talk, tmp_path: Path) -> None:
    code = "open(os.path.join(os.path.dirname(__file__), 'score'), 'w').write("
    code += "open('/proc/self/oom_score_adj').read())"
    assert isinstance(ended(engine, own(tmp_path, NET.format(code), run=16)), RunDone)
    assert (tmp_path / "score").read_text().strip() == "1000"


@pytest.mark.skipif(sys.platform == "win32", reason="a folder in use cannot be removed there")
def test_an_engine_starts_where_the_folder_is_gone(tmp_path: Path) -> None:
    here = os.getcwd()
    gone = tmp_path / "gone"
    gone.mkdir()
    os.chdir(gone)
    try:
        gone.rmdir()
        with Talk(None, spare=False) as talk:
            talk.until(Ready, timeout=60)
    finally:
        os.chdir(here)
