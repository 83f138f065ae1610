"""What somebody's code changes of torch itself holds for no other run, nor for its own next."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lenet_viz.capture.store import load
from lenet_viz.engine.messages import CheckRequest, Nudge, Ready, Reply, RunDone, RunRequest
from lenet_viz.network.model_code import ModelCode
from tests.engine.fakes import Talk, environment, fake, request
from tests.engine.test_hostile_files import NET, ended, own
from tests.engine.test_torch_run import asked

ONE = ModelCode("/a.py", "", "Net", "", "1" * 64)
OTHER_NAME = ModelCode("/a.py", "", "Other", "3", "1" * 64)
CHANGED = ModelCode("/a.py", "", "Net", "", "2" * 64)
BESIDE = ModelCode("/b.py", "", "Net", "", "1" * 64)

LASTING = {
    "a function": "torch.relu = lambda x: x * 0",
    "a method": "nn.Linear.reset_parameters = lambda self: None",
    "a tensor's method": "torch.Tensor.view = lambda self, *shape: self.reshape(*shape)",
    "a mode": "from torch.utils.flop_counter import FlopCounterMode\n"
    "FlopCounterMode(display=False).__enter__()",
    "autocast": "torch.autocast('cpu', dtype=torch.bfloat16).__enter__()",
    "hooks on what is saved": "same = lambda t: t\n"
    "torch.autograd.graph.saved_tensors_hooks(same, same).__enter__()",
    "a thread": "import threading\nthreading.Thread(target=time.sleep, args=(99,), daemon=True)"
    ".start()",
    "a builtin": "import builtins\nbuiltins.sum = lambda *a: 3",
    "a limit": "import resource\nresource.setrlimit(resource.RLIMIT_CPU, (999, 999))",
}
HARMLESS = {
    "nothing": "",
    "imports": "import colorsys, json, torch.fft, torch.distributions",
    "what is put back": "torch.set_num_threads(2); torch.manual_seed(3); os.chdir('/')\n"
    "torch.set_grad_enabled(True); torch.autograd.set_detect_anomaly(False)",
    "traced": "torch.fx.symbolic_trace(nn.Linear(1, 1))",
    "scripted": "torch.jit.script(nn.Linear(1, 1))",
    "a thread that has ended": "import threading\nt = threading.Thread(target=time.time)\n"
    "t.start(); t.join()",
}


@pytest.fixture(scope="module")
def engine() -> Iterator[Talk]:
    with Talk(None) as talk:
        talk.until(Ready, timeout=60)
        yield talk


def who(folder: Path, requests: list[RunRequest | CheckRequest], spent: str = "False") -> list[int]:
    """Return the number of the engine that each request came to, with a spare at hand."""
    body = f"""
def run(request):
    say(RunDone(request.run, str(me), "w", None, spent={spent}))
say(Ready("fake"))
while (request := read(requests)) is not None:
    run(request)
"""
    found = []
    with Talk(fake(folder / "engines", body)) as talk:
        for each in requests:
            talk.client.submit(each)
            reply: Reply = talk.until(RunDone)
            assert isinstance(reply, RunDone)
            assert reply.run == each.run
            found.append(int(reply.capture))
    return found


def test_an_engine_runs_the_code_of_one_file_alone(tmp_path: Path) -> None:
    check = CheckRequest(4, request(1, model=OTHER_NAME), Nudge("parameter", "fc.bias", (0,), 0.0))
    found = who(
        tmp_path,
        [
            request(1),
            request(2, model=ONE),  # a preset has changed nothing
            request(3, model=OTHER_NAME),
            check,
            request(5, model=CHANGED),
            request(6, model=BESIDE),
            request(7),
            request(8),
        ],
    )
    assert found[0] == found[1] == found[2] == found[3]
    assert found[6] == found[7]
    assert len({*found[3:7]}) == 4


def test_a_spent_engine_runs_nothing_more(tmp_path: Path) -> None:
    found = who(tmp_path, [request(n, model=ONE) for n in range(1, 4)], spent="request.run != 2")
    assert len({*found}) == 2
    assert found[0] != found[1] == found[2]


def test_those_that_wait_are_told_nothing_of_it(tmp_path: Path) -> None:
    with Talk(fake(tmp_path / "engines", "serve()")) as talk:
        for number, model in enumerate((ONE, None, BESIDE, None, CHANGED)):
            talk.client.submit(request(number, model=model))
        for number in range(5):
            assert talk.until(RunDone).run == number


EACH = """
import json, os, sys, time
import torch
from torch import nn
from lenet_viz.engine.serving import serve
from lenet_viz.engine.untouched import Watch
from lenet_viz.network.surroundings import surroundings_kept
watch, found = Watch(), {}
for name, text in json.load(sys.stdin).items():
    child = os.fork()
    if child == 0:
        with surroundings_kept():
            exec(text, globals())
        os._exit(40 + watch.changed())
    found[name] = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) - 40
print(json.dumps(found))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="a process for each")
def test_what_lasts_is_noticed_and_nothing_else() -> None:
    done = subprocess.run(
        [sys.executable, "-c", EACH],
        input=json.dumps({**LASTING, **HARMLESS}),
        capture_output=True,
        text=True,
        check=True,
        env=environment(),
    )
    assert json.loads(done.stdout) == {
        **dict.fromkeys(LASTING, 1),
        **dict.fromkeys(HARMLESS, 0),
    }


def test_a_patch_around_a_patch_gives_the_same_numbers_again(engine: Talk, tmp_path: Path) -> None:
    text = """
before = nn.Linear.forward
nn.Linear.forward = lambda self, x: before(self, x) * 2
""" + NET.format("pass")
    plain = [ended(engine, asked(tmp_path, run=1, objective="random"))]
    twice = [ended(engine, own(tmp_path, text, run=run)) for run in (2, 3)]
    plain.append(ended(engine, asked(tmp_path, run=4, objective="random")))
    assert isinstance(twice[0], RunDone)
    assert twice[0].spent
    for first, second in (plain, twice):
        assert isinstance(first, RunDone)
        assert isinstance(second, RunDone)
        one, other = load(first.capture), load(second.capture)
        np.testing.assert_array_equal(one.output_value.activation, other.output_value.activation)
        np.testing.assert_array_equal(one.input_gradients[0], other.input_gradients[0])
