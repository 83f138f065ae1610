"""The parts of the window's state: how things are shown, what ran, what is said."""

from dataclasses import dataclass, field
from enum import StrEnum

from lenet_viz.capture.records import Capture
from lenet_viz.network.optimiser import OptimiserChoice
from lenet_viz.network.spec import Spec
from lenet_viz.session.building import Base
from lenet_viz.session.settings import OwnModel, Settings
from lenet_viz.wording import Message


class Show(StrEnum):
    """Which of a step's two arrays the map panel draws."""

    ACTIVATION = "activation"
    GRADIENT = "gradient"
    BOTH = "both"


class EngineStatus(StrEnum):
    """What the engine is doing, as far as the window knows."""

    STARTING = "starting"
    READY = "ready"
    BUSY = "busy"
    LOST = "lost"


NOT_READY = frozenset({EngineStatus.STARTING, EngineStatus.LOST})
"""What an engine is that cannot run anything yet."""


@dataclass(frozen=True, slots=True)
class CaptureOnly:
    """What is shown was run somewhere else: it can be looked at, not run again.

    Attributes:
        name: the file's name as the user knows it; the model's for one that was handed over.
        from_file: whether it is the user's own file; False where `lenet_viz.show` handed it over.
    """

    name: str
    from_file: bool = True


Source = Spec | OwnModel | CaptureOnly
"""What the next run would be made of: a network, or nothing but an opened capture."""


@dataclass(frozen=True, slots=True)
class View:
    """How things are shown.

    Attributes:
        show: activation, gradient or both in the map panel.
        strip_gradients: whether the strip's thumbnails are gradients.
        causes: whether exact zeros of gradients are drawn with their causes.
        shared_scale: one colour scale for all channels of a map, or one each.
        channel: the channel that fills the map panel; None for all.
        theme: ``light``, ``dark`` or ``system``.
        folded: paths of the modules each of whose calls is one card of the strip.
    """

    show: Show = Show.ACTIVATION
    strip_gradients: bool = False
    shared_scale: bool = True
    causes: bool = False
    channel: int | None = None
    theme: str = "system"
    folded: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Run:
    """A run that has ended.

    Attributes:
        number: its number in this session, from 1.
        settings: what it was run with; None for a run that was read from a file.
        capture: what it left behind.
        backward: whether it had a backward pass.
        passes: how many backward passes the parameters' ``.grad`` now adds up. In a run from a
            file ``.grad`` may hold more passes, which nobody counted: `Parameter.grad_before_key`.
        input_passes: how many ``input.grad`` adds up; ``zero_grad`` does not clear it.
    """

    number: int
    settings: Settings | None
    capture: Capture = field(compare=False, repr=False)
    backward: bool
    passes: int
    input_passes: int = 0


@dataclass(frozen=True, slots=True)
class Pending:
    """A run or an update that is under way.

    Attributes:
        number: its number.
        settings: what it was asked with.
        backward: whether it has a backward pass.
        stage: what the engine does now.
        fraction: how much is done, 0 to 1.
        update: the optimiser of an update; None for a run.
        base: what the run starts from, where that is not the run that is shown.
    """

    number: int
    settings: Settings
    backward: bool
    stage: Message
    fraction: float = 0.0
    update: OptimiserChoice | None = None
    base: Base | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence for the user.

    Attributes:
        message: the sentence.
        mistake: True for something that went wrong.
    """

    message: Message
    mistake: bool = False


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One cell of the log.

    Attributes:
        code: the line of Python that would print this.
        output: what it prints.
        note: a sentence that explains it; None where it needs none.
    """

    code: str
    output: str = ""
    note: Message | None = None
