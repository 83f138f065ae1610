"""Random verbs and replies, in any order, against an engine that follows torch's own rules."""

from hypothesis import settings as how_long
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lenet_viz.engine.messages import InputRequest, Ready, RunRequest
from lenet_viz.network import presets
from lenet_viz.session.replies import LOG_LIMIT
from lenet_viz.session.state import EngineStatus, Notice, ObjectiveChoice, Show
from tests.session.pretend_engine import ENDED, Desk, Grads

CARDS = ("input", "conv1", "relu", "tanh", "conv2", "view", "fc1", "fc3", "target", "loss", "none")
KINDS = ("random", "output", "cross-entropy", "mse")
INPUTS = st.builds(
    InputRequest,
    st.sampled_from(["digit", "random"]),
    st.integers(0, 9),
    st.integers(0, 3),
    st.integers(0, 2),
)


class Verbs(RuleBasedStateMachine):
    @initialize(preset=st.sampled_from(presets.NAMES), ready=st.booleans())
    def begin(self, preset: str, ready: bool) -> None:
        self.desk = Desk(preset, ready=ready)
        self.old: list[RunRequest] = []

    @property
    def pending(self) -> bool:
        return self.desk.state.pending is not None

    @rule(name=st.sampled_from(presets.NAMES))
    def preset(self, name: str) -> None:
        self.desk.session.choose_preset(name)

    @rule(chosen=INPUTS)
    def input(self, chosen: InputRequest) -> None:
        self.desk.session.choose_input(chosen)

    @rule(kind=st.sampled_from(KINDS), index=st.integers(0, 1), seed=st.integers(0, 2))
    def objective(self, kind: str, index: int, seed: int) -> None:
        self.desk.session.choose_objective(ObjectiveChoice(kind, index, seed))

    @rule(seed=st.integers(0, 2))
    def weights(self, seed: int) -> None:
        self.desk.session.choose_weights_seed(seed)

    @rule(clear=st.booleans())
    def zero_grad(self, clear: bool) -> None:
        self.desk.session.choose_zero_grad(clear)

    @rule(
        card=st.sampled_from(CARDS),
        steps=st.integers(-20, 20),
        show=st.sampled_from(Show),
        flag=st.booleans(),
        channel=st.none() | st.integers(0, 20),
    )
    def look(self, card: str, steps: int, show: Show, flag: bool, channel: int | None) -> None:
        session = self.desk.session
        session.select(card)
        session.walk(steps)
        session.show(show)
        session.share_scale(flag)
        session.show_strip_gradients(flag)
        session.zoom_channel(channel)

    @rule(path=st.none() | st.sampled_from(["conv1", "fc", ""]), back=st.booleans())
    def fold(self, path: str | None, back: bool) -> None:
        """A preset has no module of several steps: nothing is folded, whatever is asked."""
        session, before = self.desk.session, self.desk.state
        session.fold(path)
        session.fold_all()
        assert self.desk.state is before
        (session.unfold_all if back else session.unfold)()
        assert self.desk.state is before

    @rule()
    def notices(self) -> None:
        self.desk.session.tell(Notice(ENDED))
        self.desk.session.dismiss_notice()

    @rule(backward=st.booleans())
    def run(self, backward: bool) -> None:
        asked, was_pending = len(self.desk.engine.requests), self.pending
        (self.desk.session.backward if backward else self.desk.session.forward)()
        assert len(self.desk.engine.requests) == asked + (not was_pending)

    @precondition(lambda self: self.pending)
    @rule(ending=st.sampled_from(["well", "well", "well", "badly", "killed", "stopped"]))
    def ends(self, ending: str) -> None:
        desk = self.desk
        self.old.append(desk.last)
        if ending == "well":
            desk.finish()
        elif ending == "badly":
            desk.fail()
        else:
            desk.lose(desk.last.run, wanted=ending == "stopped")
        assert not self.pending

    @rule(fraction=st.floats(0, 1))
    def engine_says(self, fraction: float) -> None:
        if self.pending:
            self.desk.progress(self.desk.last.run, fraction)
        self.desk.session.receive(Ready("2"))

    @rule()
    def idle_engine_ends(self) -> None:
        was = self.desk.state.pending
        self.desk.lose(None)
        assert self.desk.state.pending is was

    @precondition(lambda self: self.old)
    @rule(data=st.data())
    def late(self, data: st.DataObject) -> None:
        """What is said again of an old run changes nothing."""
        request = data.draw(st.sampled_from(self.old))
        before = self.desk.state
        self.desk.progress(request.run)
        self.desk.lose(request.run)
        self.desk.session.receive(*self.desk.engine.answer(request))
        assert self.desk.state is before

    @invariant()
    def holds(self) -> None:
        state = self.desk.state
        assert state.selected in state.cards
        assert len(state.log) <= LOG_LIMIT
        assert (state.pending is None) <= (state.engine is not EngineStatus.BUSY)
        run, pending = state.run, state.pending
        if pending is not None:
            assert pending.number == self.desk.last.run
        if run is None:
            assert (state.weights, state.grads, state.passes) == (None, None, 0)
            return
        assert pending is None or pending.number > run.number
        assert run.capture.model.name == run.settings.preset
        # The blobs say what a real engine's would hold, worked out from the requests alone.
        seed = f"{run.settings.preset} {run.settings.weights_seed}"
        assert state.weights == seed
        grads = Grads.of(state.grads)
        assert (run.passes, run.input_passes) == (grads.passes, grads.input_passes)
        assert state.passes == run.passes
        assert state.stale_forward or run.settings.input == state.settings.input
        assert state.stale_forward <= state.stale_backward or not run.backward


Verbs.TestCase.settings = how_long(max_examples=40, stateful_step_count=40, deadline=None)
TestRandomVerbs = Verbs.TestCase
