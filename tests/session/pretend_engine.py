"""An engine that only writes down what is asked of it, and answers when a test says so.

Its blobs' names say what a real engine's would hold, worked out from the request alone: a session
that names the wrong blob is found out.
"""

import json
from dataclasses import dataclass, field
from functools import cache

import torch

from lenet_viz.capture.recorder import record
from lenet_viz.capture.records import Capture
from lenet_viz.engine.messages import InputRequest, Lost, Progress, RunDone, RunFailed, RunRequest
from lenet_viz.network import presets
from lenet_viz.network.build import build
from lenet_viz.network.spec import Spec
from lenet_viz.session.session import Session, default_settings
from lenet_viz.session.state import EngineStatus, State
from lenet_viz.wording import Message, message

FAILED = message("Test", "it failed")
ENDED = message("Test", "it ended")


@cache
def real_capture(preset: str, objective: str | None = None, word: str = "") -> Capture:
    """A capture of a preset, made by the recorder itself."""
    spec = presets.get(preset).spec
    net = build(spec, seed=0)
    x = torch.randn((1, *spec.input_shape), generator=torch.Generator().manual_seed(1))
    settings = {"input": word or "random:1", "input_seed": "1", "weights_seed": "0"}
    return record(
        net,
        (x.requires_grad_(),),
        objective=objective,
        seed=2,
        name=preset,
        settings={**settings, "objective_seed": "2"},
        spec=spec.to_json(),
    )


@dataclass(frozen=True)
class Grads:
    """What a blob with every ``.grad`` holds.

    Attributes:
        passes: how many backward passes the parameters' add up.
        input_passes: how many the input's adds up.
        input: the input that it belongs to.
    """

    passes: int = 0
    input_passes: int = 0
    input: InputRequest | None = None

    def name(self) -> str | None:
        if not self.passes and not self.input_passes:
            return None
        known = None if self.input is None else [getattr(self.input, n) for n in _FIELDS]
        return json.dumps([self.passes, self.input_passes, known])

    @classmethod
    def of(cls, name: str | None) -> "Grads":
        if name is None:
            return cls()
        passes, input_passes, known = json.loads(name)
        return cls(passes, input_passes, None if known is None else InputRequest(*known))


_FIELDS = ("kind", "label", "index", "seed")


@dataclass
class PretendEngine:
    """Records requests; `answer` gives what an engine would."""

    requests: list[RunRequest] = field(default_factory=list)
    stops: int = 0

    def submit(self, request: RunRequest) -> None:
        self.requests.append(request)

    def keep(self, blobs: frozenset[str]) -> None:
        self.kept = blobs

    def stop(self) -> None:
        self.stops += 1

    @staticmethod
    def weights_name(request: RunRequest) -> str:
        return request.weights or f"{Spec.from_json(request.spec).name} {request.weights_seed}"

    @staticmethod
    def grads_after(request: RunRequest) -> Grads:
        """What torch's own rules leave in every ``.grad``, from the request alone."""
        before = Grads.of(request.grads)
        backward = request.objective is not None
        kept = 0 if backward and request.zero_grad else before.passes
        old_input = before.input_passes if request.same_input else 0
        if request.same_input and old_input:
            assert before.input == request.input, "another input's .grad would be added to"
        own = request.input if backward or old_input else None
        return Grads(kept + backward, old_input + backward, own)

    def answer(self, request: RunRequest) -> tuple[RunDone, Capture]:
        name = Spec.from_json(request.spec).name
        done = RunDone(
            request.run,
            f"run-{request.run}",
            self.weights_name(request),
            self.grads_after(request).name(),
        )
        return done, real_capture(name, request.objective)


class Desk:
    """A session with a pretended engine and a log of every change."""

    def __init__(self, preset: str = "notebook", *, ready: bool = True) -> None:
        self.engine = PretendEngine()
        begin = State(
            default_settings(preset),
            engine=EngineStatus.READY if ready else EngineStatus.STARTING,
        )
        self.session = Session(self.engine, "folder", begin)
        self.changes: list[tuple[State, State]] = []
        self.session.subscribe(lambda old, new: self.changes.append((old, new)))

    @property
    def state(self) -> State:
        return self.session.state

    @property
    def last(self) -> RunRequest:
        return self.engine.requests[-1]

    def finish(self) -> None:
        """Answer the last request well."""
        self.session.receive(*self.engine.answer(self.last))

    def fail(self) -> None:
        self.session.receive(RunFailed(self.last.run, FAILED))

    def progress(self, run: int, fraction: float = 0.5) -> None:
        self.session.receive(Progress(run, message("Test", "stage"), fraction))

    def lose(
        self,
        run: int | None,
        *,
        wanted: bool = False,
        words: Message = ENDED,
        followed: bool = True,
    ) -> None:
        self.session.receive(Lost(run, words, wanted=wanted, followed=followed))

    def forward(self) -> None:
        self.session.forward()
        self.finish()

    def backward(self) -> None:
        self.session.backward()
        self.finish()
