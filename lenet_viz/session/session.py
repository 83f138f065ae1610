"""The verbs: each replaces the state and tells who listens."""

from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from lenet_viz.capture.records import Capture
from lenet_viz.engine.messages import InputRequest, Reply, Request
from lenet_viz.network.initialisation import Initialisation
from lenet_viz.network.spec import Spec
from lenet_viz.network.weights_choice import WeightsChoice
from lenet_viz.session.building import remembered
from lenet_viz.session.builds import Builds
from lenet_viz.session.changed import change_words
from lenet_viz.session.choosing import default_settings, for_model, for_preset, for_spec
from lenet_viz.session.comparing import Compares
from lenet_viz.session.edited import does_not_fit
from lenet_viz.session.ledger import OpenedUpdate
from lenet_viz.session.opening import cannot_run, wait_first, with_capture
from lenet_viz.session.poke import unpoked
from lenet_viz.session.poking import Pokes
from lenet_viz.session.questions import Questions
from lenet_viz.session.replies import received
from lenet_viz.session.request import request_for
from lenet_viz.session.saving import Saves
from lenet_viz.session.state import (
    NOT_READY,
    CaptureOnly,
    EngineStatus,
    Notice,
    ObjectiveChoice,
    OwnModel,
    Pending,
    Settings,
    State,
)
from lenet_viz.session.sweeping import Sweeps
from lenet_viz.session.updating import Updates
from lenet_viz.wording import QT_TRANSLATE_NOOP, message


class Engine(Protocol):
    """What a session needs of the engine; none of these calls waits."""

    def submit(self, request: Request) -> None:
        """Ask for a run, a check or an update."""
        ...

    def stop(self) -> None:
        """End the run under way."""
        ...

    def keep(self, blobs: frozenset[str]) -> None:
        """Let no file go of these blobs, which undo needs; those named before may go."""
        ...


__all__ = ["Engine", "Session", "default_settings"]

Listener = Callable[[State, State], None]


class Session(Builds, Compares, Questions, Updates, Sweeps, Saves, Pokes):
    """One window's session.

    Attributes:
        state: the present state; replaced, never changed.
    """

    def __init__(self, engine: Engine, folder: str, state: State | None = None) -> None:
        """Begin with ``state``.

        Args:
            engine: where runs are asked for.
            folder: where captures and blobs of this session lie.
            state: what to begin with; the default preset if None.
        """
        self.state = state or State(default_settings())
        self._engine = engine
        self._folder = folder
        self._listeners: list[Listener] = []
        self._next_run = 1
        self._last_check = 0
        self._closed = False

    @property
    def folder(self) -> str:
        """Where captures and blobs of this session lie."""
        return self._folder

    def subscribe(self, listener: Listener) -> None:
        """Have ``listener(old, new)`` called after each change."""
        self._listeners.append(listener)

    def close(self) -> None:
        """Tell nobody anything any more; what the engine still says is dropped."""
        self._listeners.clear()
        self._closed = True

    # -- settings ------------------------------------------------------------------------------

    def choose_model(self, own: OwnModel, weights_file: WeightsChoice | None = None) -> None:
        """Take a model of somebody's code, and the file its weights are read from."""
        self.change_settings(for_model(self.state.settings, own, weights_file))

    def choose_spec(self, spec: Spec) -> None:
        """Take a network that is no preset."""
        self.change_settings(for_spec(self.state.settings, spec))

    def choose_preset(self, name: str) -> None:
        """Take a preset with its own input; the objective is kept where it fits."""
        self.change_settings(for_preset(self.state.settings, name))

    def choose_weights_file(self, weights_file: WeightsChoice | None) -> None:
        """Take the file that the weights are read from; None for those made with the seed."""
        self._change(replace(self.state.settings, weights_file=weights_file, kept=None))

    def choose_input(self, chosen: InputRequest) -> None:
        """Take an input; a digit's own class becomes the objective's class."""
        settings = replace(self.state.settings, input=chosen)
        objective = settings.objective
        if (
            chosen.kind == "digit"
            and objective.kind == "cross-entropy"
            and settings.output_count is not None
            and chosen.label < settings.output_count
        ):
            settings = replace(settings, objective=replace(objective, index=chosen.label))
        self._change(settings)

    def choose_objective(self, objective: ObjectiveChoice) -> None:
        """Take what backward starts from."""
        self._change(replace(self.state.settings, objective=objective))

    def choose_weights_seed(self, seed: int) -> None:
        """Take the seed that the weights are made with; all of them are drawn anew."""
        self._change(replace(self.state.settings, weights_seed=seed, kept=None))

    def choose_initialisation(self, choice: Initialisation) -> None:
        """Take what the weights are drawn from; all of them are drawn anew."""
        self._change(replace(self.state.settings, initialisation=choice, kept=None))

    def choose_zero_grad(self, clear: bool) -> None:
        """Choose whether backward clears ``.grad`` first."""
        self._change(replace(self.state.settings, zero_grad=clear))

    def change_settings(self, settings: Settings, *, same_layers: bool = False) -> None:
        """Take new settings; a run made with others looks stale from now on.

        There is a network again afterwards, also where a capture from a file was shown.

        Args:
            settings: what the next run is made with.
            same_layers: whether layers that are being built stay; if not, the settings' network
                takes their place.
        """
        state = unpoked(self.state)
        replaced = state.building.draft is not None and not same_layers
        if settings == state.settings and state.opened is None and not replaced:
            return
        if settings != state.settings or replaced:
            state = remembered(state, change_words(state.settings, settings))
        building = replace(state.building, due=False, wished=None)
        if replaced or settings.network != state.settings.network:
            building = replace(building, draft=None, base=None, focus="")
        self._set(replace(state, settings=settings, opened=None, question=None, building=building))
        self._keep_blobs()

    def _change(self, settings: Settings) -> None:
        """Take new settings of the same network; of a capture from a file there is none."""
        if self.state.opened is not None:
            self.tell(cannot_run(self.state.opened))
        else:
            self.change_settings(settings, same_layers=True)

    def dismiss_notice(self) -> None:
        """Take the sentence at hand away."""
        if self.state.notice is not None:
            self._set(replace(self.state, notice=None))

    def tell(self, notice: Notice) -> None:
        """Put a sentence up."""
        self._set(replace(self.state, notice=notice))

    # -- runs ----------------------------------------------------------------------------------

    def open_capture(self, capture: Capture, name: str, *, from_file: bool = True) -> None:
        """Show a run that was made elsewhere; during a run, only a sentence is put up.

        Args:
            capture: the run.
            name: the file's name as the user knows it, or the model's.
            from_file: whether it is the user's own file, not one that `lenet_viz.show` made.

        Raises:
            UserMistake: the file is damaged where it is read only now; the state stays.
        """
        if self.state.pending is not None:
            self.tell(wait_first(name))
            return
        self.take_back()
        opened = CaptureOnly(name, from_file)
        self._set(with_capture(self.state, capture, opened, self._next_run))
        self._next_run += 1

    def forward(self) -> None:
        """Ask for a forward pass; ``.grad`` stays as it is."""
        self._run(backward=False)

    def backward(self) -> None:
        """Ask for a backward pass; the same forward pass is repeated before it."""
        self._run(backward=True)

    def stop(self) -> None:
        """End the run, check or poke under way; what was there before stays."""
        asides = (self.state.check, self.state.poke)
        busy = any(aside is not None and aside.running for aside in asides)
        if busy or self.state.pending is not None:
            self._engine.stop()

    def _run(self, backward: bool) -> None:
        state = self.state
        if state.pending is not None:
            return
        if state.opened is not None:
            self.tell(cannot_run(state.opened))
            return
        draft = state.building.draft
        if draft is not None:
            self.tell(does_not_fit(draft))
            return
        state = unpoked(state)
        number = self._next_run
        self._next_run += 1
        request = request_for(state, number, self._folder, backward=backward)
        stage = message(
            "Session",
            QT_TRANSLATE_NOOP("Session", "Backward is running …")
            if backward
            else QT_TRANSLATE_NOOP("Session", "Forward is running …"),
        )
        busy = EngineStatus.STARTING if state.engine in NOT_READY else EngineStatus.BUSY
        self._set(
            replace(
                state,
                pending=Pending(number, state.settings, backward, stage, base=state.building.base),
                engine=busy,
                notice=None,
                question=None,
            )
        )
        self._engine.submit(request)

    # -- replies -------------------------------------------------------------------------------

    def receive(self, reply: Reply, opened: Capture | OpenedUpdate | None = None) -> None:
        """Take an engine's reply; one that belongs to no run under way is dropped.

        Args:
            reply: what the engine or its client says.
            opened: what the reply names, opened: a run's capture, or an update's blobs.
        """
        if self._closed:
            return
        state = received(self.state, reply, opened)
        if state is not self.state:
            self._set(state)
            self._go_on_poking()
            self._go_on_building()

    # -- inside --------------------------------------------------------------------------------

    def _set(self, state: State) -> None:
        old, self.state = self.state, state
        for listener in self._listeners:
            listener(old, state)
