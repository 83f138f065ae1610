"""The window's whole state as one frozen value.

Nothing here knows Qt or torch. A verb of `Session` makes a new `State`; panels are given the old
and the new one and redraw what differs.
"""

from dataclasses import dataclass, field

from lenet_viz.capture.address import Address
from lenet_viz.capture.records import Capture, Step
from lenet_viz.engine.messages import Question
from lenet_viz.session.asking import Asking
from lenet_viz.session.building import Building
from lenet_viz.session.cards import INPUT_CARD, LOSS_CARD, TARGET_CARD
from lenet_viz.session.checking import Check
from lenet_viz.session.comparing import Frozen
from lenet_viz.session.ledger import Updating
from lenet_viz.session.outline import Outline, cards_of, outline
from lenet_viz.session.poke import Poke
from lenet_viz.session.settings import ObjectiveChoice, OwnModel, Settings, output_count
from lenet_viz.session.state_parts import (
    NOT_READY,
    CaptureOnly,
    EngineStatus,
    LogEntry,
    Notice,
    Pending,
    Run,
    Show,
    Source,
    View,
)
from lenet_viz.session.sweeping import Sweep

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
        sweep: the walk over a map that is under way; None where there is none.
        poke: the number that is off in the run that is shown; None where there is none.
        check: the finite difference that was asked for last; None where there is none.
        updating: the optimiser, and what it has done to the weights.
        building: what the builder knows, and what can be undone.
        frozen: the run that later ones are compared with; None for none.
        saving: the number of the file that the engine is writing; 0 for none.
    """

    settings: Settings
    view: View = field(default_factory=View)
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
    poke: Poke | None = None
    sweep: Sweep | None = None
    updating: Updating = field(default_factory=Updating)
    building: Building = field(default_factory=Building)
    frozen: Frozen | None = None
    saving: int = 0

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
        """Whether the weights belong to older settings, or to layers before an edit."""
        if self.run is None or self.opened is not None:
            return False
        if self.building.draft is not None:
            return True
        settings, base = self.run.settings, self.building.base
        if base is not None and base.weights != self.weights:
            return True
        return settings is None or not settings.same_network(self.settings)

    @property
    def updated_since(self) -> bool:
        """Whether the weights were updated after the run."""
        return self.run is not None and self.updating.since(self.run.number)

    @property
    def stale_forward(self) -> bool:
        """Whether the activations belong to older settings or to weights before an update."""
        return self.updated_since or self.stale_settings

    @property
    def stale_settings(self) -> bool:
        """Whether the activations belong to older settings."""
        if self.run is None or self.opened is not None:
            return False
        settings = self.run.settings
        if settings is None or not settings.same_forward(self.settings):
            return True
        return self.stale_network

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
