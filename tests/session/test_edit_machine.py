"""Random edits, undo and redo in any order: shapes stay torch's, and the past comes back."""

import torch
from hypothesis import HealthCheck
from hypothesis import settings as how_long
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lenet_viz.network import presets
from lenet_viz.network.build import build
from lenet_viz.network.draft import Draft, examine
from lenet_viz.network.layer_types import LAYER_TYPES
from lenet_viz.session.building import draft_of
from lenet_viz.session.session import Session, default_settings
from lenet_viz.session.state import State
from tests.panels.runs import DirectEngine

PLACES = st.integers(0, 30)
VALUES = st.sampled_from(
    [1, 2, 3, 4, 6, 16, True, False, 0.25, (2, 3), (-1, 8), "same", "none", None]
)


class Edits(RuleBasedStateMachine):
    @initialize(name=st.sampled_from(presets.NAMES), empty=st.booleans())
    def begin(self, name: str, empty: bool) -> None:
        self.session = Session(DirectEngine(), "", State(default_settings(name)))
        self.session.build_automatically(False)
        if empty:
            self.session.begin_network()
        self.pasts: list[Draft] = []

    @property
    def draft(self) -> Draft:
        draft = draft_of(self.session.state)
        assert draft is not None
        return draft

    def layer(self, place: int) -> str:
        nodes = self.draft.nodes
        return nodes[place % len(nodes)].id

    def has_layers(self) -> bool:
        return bool(self.draft.nodes)

    @rule(op=st.sampled_from(sorted(LAYER_TYPES)), place=PLACES)
    def add(self, op: str, place: int) -> None:
        self.session.add_layer(op, place % (len(self.draft.nodes) + 1))

    @precondition(has_layers)
    @rule(place=PLACES)
    def delete(self, place: int) -> None:
        self.session.delete_layer(self.layer(place))

    @precondition(has_layers)
    @rule(place=PLACES)
    def duplicate(self, place: int) -> None:
        self.session.duplicate_layer(self.layer(place))

    @precondition(has_layers)
    @rule(place=PLACES, to=PLACES)
    def move(self, place: int, to: int) -> None:
        self.session.move_layer(self.layer(place), to)

    @precondition(has_layers)
    @rule(place=PLACES, which=PLACES, value=VALUES)
    def change(self, place: int, which: int, value: object) -> None:
        node = self.draft.node(self.layer(place))
        known = node.layer_type.settings
        if known:
            name = known[which % len(known)].name
            self.session.change_layer(node.id, name, value)  # type: ignore[arg-type]

    @precondition(has_layers)
    @rule(place=PLACES, name=st.sampled_from(["a", "b", "conv1", "class", "", "x y", "input"]))
    def rename(self, place: int, name: str) -> None:
        self.session.rename_layer(self.layer(place), name)

    @precondition(has_layers)
    @rule(place=PLACES, slot=st.integers(0, 2), source=st.none() | PLACES)
    def connect(self, place: int, slot: int, source: int | None) -> None:
        wanted = None if source is None else self.layer(source)
        self.session.connect_layer(self.layer(place), slot, wanted)

    @precondition(has_layers)
    @rule(place=PLACES, module=st.booleans())
    def restyle(self, place: int, module: bool) -> None:
        self.session.restyle_layer(self.layer(place), module)

    @rule(shape=st.tuples(st.integers(1, 3), st.integers(1, 12), st.integers(1, 12)))
    def resize(self, shape: tuple[int, int, int]) -> None:
        self.session.resize_input(shape)

    @rule()
    def mend(self) -> None:
        self.session.mend_all()

    @rule()
    def back_and_forth(self) -> None:
        before, steps = self.draft, len(self.session.state.building.past)
        self.session.undo()
        if steps:
            self.session.redo()
        assert self.draft == before

    @rule()
    def undo(self) -> None:
        self.session.undo()

    @rule()
    def redo(self) -> None:
        self.session.redo()

    @invariant()
    def shapes_are_torchs(self) -> None:
        if not hasattr(self, "session"):
            return
        found = examine(self.draft)
        assert (found.spec is None) == (found.mistake is not None)
        if found.spec is None or found.report.parameter_count > 100_000:
            return
        net = build(found.spec, seed=0).eval()
        with torch.no_grad():
            out = net(torch.zeros(1, *found.spec.input_shape))
        assert tuple(out.shape) == found.report.nodes[-1].output
        assert sum(each.numel() for each in net.parameters()) == found.report.parameter_count


TestEdits = Edits.TestCase
TestEdits.settings = how_long(
    max_examples=60, stateful_step_count=60, deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)  # fmt: skip
