"""Real runs for the panels' tests: a session whose engine computes at once, in this process."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch import nn

from lenet_viz.capture.api import capture
from lenet_viz.capture.records import Capture
from lenet_viz.capture.store import load, read_blob
from lenet_viz.engine.messages import InputRequest, Ready, Request, RunDone
from lenet_viz.engine.serving import serve
from lenet_viz.engine.update_messages import UpdateDone
from lenet_viz.network import presets
from lenet_viz.session.ledger import OpenedUpdate
from lenet_viz.session.session import Session, default_settings
from lenet_viz.session.state import ObjectiveChoice, Run, Settings, State


class DirectEngine:
    """Runs what it is asked for when `answer` is called."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.stopped = 0

    def submit(self, request: Request) -> None:
        self.requests.append(request)

    def keep(self, blobs: frozenset[str]) -> None:
        self.kept = blobs

    def stop(self) -> None:
        self.stopped += 1

    def answer(self, session: Session) -> None:
        request = self.requests.pop()
        reply = serve(request, lambda stage, part: None)
        if isinstance(reply, UpdateDone):
            folder = Path(reply.folder)
            memory = {} if reply.state is None else read_blob(folder, reply.state)
            session.receive(reply, OpenedUpdate(read_blob(folder, reply.weights), memory))
            return
        assert isinstance(reply, RunDone), reply
        session.receive(reply, load(reply.capture))


class Bench:
    """A session that can be run step by step."""

    def __init__(self, folder: Path, preset: str = "notebook") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.engine = DirectEngine()
        self.session = Session(self.engine, str(folder), State(default_settings(preset)))
        self.session.receive(Ready(torch.__version__))

    @property
    def state(self) -> State:
        return self.session.state

    def forward(self) -> State:
        self.session.forward()
        self.engine.answer(self.session)
        return self.state

    def backward(self) -> State:
        self.session.backward()
        self.engine.answer(self.session)
        return self.state

    def update(self) -> State:
        self.session.update()
        self.engine.answer(self.session)
        return self.state


class Stock:
    """States of runs, each made once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made: dict[str, State] = {}

    def _once(self, key: str, make: Callable[[Bench], State], preset: str) -> State:
        if key not in self._made:
            self._made[key] = make(Bench(self._folder / str(len(self._made)), preset))
        return self._made[key]

    def backward(self, preset: str = "notebook", objective: str = "cross-entropy") -> State:
        """After one forward and backward pass."""

        def make(bench: Bench) -> State:
            classes = bench.state.settings.output_count is not None
            if classes or objective != "cross-entropy":
                bench.session.choose_objective(ObjectiveChoice(objective, 1, 2))
            return bench.backward()

        return self._once(f"{preset} backward {objective}", make, preset)

    def forward(self, preset: str = "notebook") -> State:
        """After a forward pass alone."""
        return self._once(f"{preset} forward", lambda bench: bench.forward(), preset)

    def accumulated(self) -> State:
        """The notebook after three backward passes without clearing."""

        def make(bench: Bench) -> State:
            bench.session.choose_zero_grad(False)
            for _ in range(3):
                bench.backward()
            return bench.state

        return self._once("accumulated", make, "notebook")


def state_of(made: Capture, selected: str = "input", *, backward: bool = True) -> State:
    """A state that shows any capture; its settings are the toy's."""
    settings = Settings(
        "toy",
        presets.get("toy").spec,
        0,
        InputRequest("random", seed=1),
        ObjectiveChoice("output", 0, 2),
    )
    run = Run(1, settings, made, backward, int(backward), int(backward))
    return State(settings, run=run, selected=selected)


class Lambda(nn.Module):
    """A module around a function."""

    def __init__(self, function: Callable[..., Any], **parts: nn.Module) -> None:
        super().__init__()
        self.function = function
        for name, part in parts.items():
            self.add_module(name, part)

    def forward(self, *inputs: torch.Tensor) -> Any:
        return self.function(self, *inputs)


def _ran(function: Callable[..., Any], x: torch.Tensor, backward: Any = None, **parts: Any) -> Any:
    return capture(Lambda(function, **parts), x, backward=backward, seed=0)


def odd_captures() -> dict[str, Callable[[], Capture]]:
    """Runs that are unlike a LeNet's, by name; each is made when called."""
    image = torch.rand(1, 1, 6, 6, requires_grad=True)

    def strange(module: nn.Module, x: torch.Tensor) -> torch.Tensor:
        return (torch.relu(x) / torch.relu(x)) + torch.log(torch.zeros_like(x))

    def branching(module: nn.Module, x: torch.Tensor) -> torch.Tensor:
        left = torch.relu(module.conv(x))
        right = torch.sigmoid(module.conv(x))
        return torch.cat([left + right, x], 1).mean((2, 3))

    def batch(kind: torch.dtype) -> Callable[[], Capture]:
        module = nn.Conv2d(1, 2, 3).to(kind)
        x = torch.rand(1, 1, 6, 6, dtype=kind, requires_grad=True)
        return lambda: _ran(
            lambda m, x: torch.relu(m.conv(x)).flatten(1), x, "output:0", conv=module
        )

    return {
        "nan and inf": lambda: _ran(strange, torch.tensor([[-1.0, 2.0, 0.0]]), None),
        "zero sized": lambda: _ran(
            lambda m, x: torch.relu(m.conv(x)),
            torch.rand(0, 1, 6, 6, requires_grad=True),
            None,
            conv=nn.Conv2d(1, 2, 3),
        ),
        "scalar output": lambda: _ran(lambda m, x: (x * 2).sum(), image, torch.tensor(1.0)),
        "float16": batch(torch.float16),
        "bfloat16": batch(torch.bfloat16),
        "float64": batch(torch.float64),
        "complex": lambda: _ran(lambda m, x: torch.fft.fft2(x), torch.rand(1, 1, 6, 6)),
        "integers": lambda: _ran(lambda m, x: (x + 1).bool(), torch.arange(6).reshape(1, 6)),
        "one long": lambda: _ran(
            lambda m, x: m.fc(x),
            torch.rand(1, 4, requires_grad=True),
            "output:0",
            fc=nn.Linear(4, 1),
        ),
        "512 channels": lambda: _ran(
            lambda m, x: torch.relu(m.conv(x)).mean((2, 3)),
            image,
            "output:3",
            conv=nn.Conv2d(1, 512, 3),
        ),
        "batch of 3": lambda: _ran(
            lambda m, x: m.conv(x).mean((2, 3)),
            torch.rand(3, 1, 6, 6, requires_grad=True),
            torch.ones(3, 2),
            conv=nn.Conv2d(1, 2, 3),
        ),
        "branching": lambda: _ran(branching, image, "output:0", conv=nn.Conv2d(1, 2, 3, padding=1)),
        "without backward": lambda: _ran(
            lambda m, x: m.conv(x), image, None, conv=nn.Conv2d(1, 2, 3)
        ),
        "volume": lambda: _ran(
            lambda m, x: m.conv(x),
            torch.rand(1, 1, 4, 5, 6, requires_grad=True),
            None,
            conv=nn.Conv3d(1, 2, 3),
        ),
        "sequence": lambda: _ran(
            lambda m, x: m.conv(x).mean(2),
            torch.rand(1, 2, 9, requires_grad=True),
            "output:0",
            conv=nn.Conv1d(2, 3, 3),
        ),
        "several outputs": lambda: _ran(
            lambda m, x: m.lstm(x)[0].mean(1),
            torch.rand(1, 5, 3, requires_grad=True),
            "output:0",
            lstm=nn.LSTM(3, 4, batch_first=True),
        ),
        "no steps": lambda: _ran(lambda m, x: x, image, None),
        "frozen": lambda: _ran(
            lambda m, x: m.fc(x),
            torch.rand(1, 4),
            None,
            fc=nn.Linear(4, 2).requires_grad_(False),
        ),
    }


def long_capture(steps: int) -> Capture:
    """A chain of so many steps."""

    def chain(module: nn.Module, x: torch.Tensor) -> torch.Tensor:
        for _ in range(steps):
            x = torch.tanh(x)
        return x

    return _ran(chain, torch.rand(1, 12, requires_grad=True), "output:0")
