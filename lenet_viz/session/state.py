"""The window's whole state as one frozen value.

Nothing here knows Qt or torch. A verb of `Session` makes a new `State`; panels are given the old
and the new one and redraw what differs.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from lenet_viz.capture.address import Address
from lenet_viz.capture.records import Capture, Step
from lenet_viz.engine.messages import Question
from lenet_viz.network.spec import Spec
from lenet_viz.session.asking import Asking
from lenet_viz.session.cards import INPUT_CARD, LOSS_CARD, TARGET_CARD
from lenet_viz.session.checking import Check
from lenet_viz.session.outline import Outline, cards_of, outline
from lenet_viz.session.settings import ObjectiveChoice, OwnModel, Settings, output_count
from lenet_viz.wording import Message

__all__ = [
    "INPUT_CARD",
    "LOSS_CARD",
    "NOT_READY",
    "TARGET_CARD",
    "CaptureOnly",
    "EngineStatus",
    "LogEntry",
    "Notice",
    "ObjectiveChoice",
    "OwnModel",
    "Pending",
    "Run",
    "Settings",
    "Show",
    "Source",
    "State",
    "View",
    "cards_of",
    "output_count",
]


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
        shared_scale: one colour scale for all channels of a map, or one each.
        channel: the channel that fills the map panel; None for all.
        theme: ``light``, ``dark`` or ``system``.
        folded: paths of the modules each of whose calls is one card of the strip.
    """

    show: Show = Show.ACTIVATION
    strip_gradients: bool = False
    shared_scale: bool = True
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
    """A run that is under way.

    Attributes:
        number: its number.
        settings: what it was asked with.
        backward: whether it has a backward pass.
        stage: what the engine does now.
        fraction: how much is done, 0 to 1.
    """

    number: int
    settings: Settings
    backward: bool
    stage: Message
    fraction: float = 0.0


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


@dataclass(frozen=True, slots=True)
class State:
    """Everything the window shows.

    Attributes:
        settings: what the next run will be made with; kept while a capture is shown instead.
        view: how things are shown.
        run: the last run that ended well; None before the first.
        pending: the run under way; None when idle.
        engine: what the engine does.
        selected: the chosen card: ``input``, a step's name, ``target`` or ``loss``.
        weights: blob with the run's weights; None before the first run.
        grads: blob with every ``.grad``; None where all are None.
        passes: how many backward passes the parameters' ``.grad`` adds up.
        notice: the sentence at hand; None where there is none.
        log: what has been printed so far.
        question: what the run that failed last needs to be told; None where there is nothing.
        opened: the capture that stands in a network's place; None where there is one to run.
        asking: the number that is asked about, and the questions before and after it.
        check: the finite difference that was asked for last; None where there is none.
    """

    settings: Settings
    view: View = View()
    run: Run | None = None
    pending: Pending | None = None
    engine: EngineStatus = EngineStatus.STARTING
    selected: str = INPUT_CARD
    weights: str | None = None
    grads: str | None = None
    passes: int = 0
    notice: Notice | None = None
    log: tuple[LogEntry, ...] = ()
    question: Question | None = None
    opened: CaptureOnly | None = None
    asking: Asking = field(default_factory=Asking)
    check: Check | None = None

    @property
    def asked(self) -> Address | None:
        """The number that is asked about; None for none."""
        return self.asking.address

    @property
    def source(self) -> Source:
        """What the next run would be made of."""
        return self.settings.network if self.opened is None else self.opened

    @property
    def capture(self) -> Capture | None:
        """The last run's capture; None before the first."""
        return None if self.run is None else self.run.capture

    @property
    def stale_network(self) -> bool:
        """Whether the weights belong to older settings."""
        if self.run is None or self.opened is not None:
            return False
        settings = self.run.settings
        return settings is None or not settings.same_network(self.settings)

    @property
    def stale_forward(self) -> bool:
        """Whether the activations belong to older settings."""
        if self.run is None or self.opened is not None:
            return False
        settings = self.run.settings
        return settings is None or not settings.same_forward(self.settings)

    @property
    def stale_backward(self) -> bool:
        """Whether the gradients belong to older settings."""
        if self.run is None or not self.run.backward or self.opened is not None:
            return False
        settings = self.run.settings
        return (
            self.stale_forward or settings is None or settings.objective != self.settings.objective
        )

    @property
    def step(self) -> Step | None:
        """The selected step; None where another card is selected or nothing has run."""
        capture = self.capture
        return None if capture is None else capture.steps.get(self.selected)

    @property
    def cards(self) -> tuple[str, ...]:
        """The strip's cards in the order in which they ran."""
        return (INPUT_CARD,) if self.outline is None else self.outline.names

    @property
    def outline(self) -> Outline | None:
        """The run as cards, some of its module calls folded; None before the first run."""
        return None if self.capture is None else outline(self.capture, self.view.folded)

    @property
    def place(self) -> int:
        """The place of the card that shows what is selected, also inside a folded module."""
        place = None if self.outline is None else self.outline.place(self.selected)
        return 0 if place is None else place

    def has_card(self, name: str) -> bool:
        """Return whether a card or a step in a folded module has this name."""
        return self.outline is not None and self.outline.place(name) is not None
