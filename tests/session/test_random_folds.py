"""Random folding, unfolding and walking through nested, branched and failed runs."""

from collections import Counter

from hypothesis import settings as how_long
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from lenet_viz.capture.records import Capture
from tests.panels.real_networks import real_runs
from tests.session.pretend_engine import Desk

RUNS = real_runs()
_made: dict[str, Capture] = {}


def run_of(name: str) -> Capture:
    """A network's run, made once."""
    if name not in _made:
        _made[name] = RUNS[name]()
    return _made[name]


def around(capture: Capture, number: int) -> list[str]:
    """The paths of the calls around a step, from the outermost."""
    found, call = [], capture.steps[number].within
    while call is not None:
        found.append(capture.module_calls[call].path)
        call = capture.module_calls[call].parent
    return found[::-1]


class Folds(RuleBasedStateMachine):
    @initialize(name=st.sampled_from(sorted(RUNS)))
    def begin(self, name: str) -> None:
        self.desk = Desk()
        self.desk.session.open_capture(run_of(name), name)

    @property
    def capture(self) -> Capture:
        assert self.desk.state.capture is not None
        return self.desk.state.capture

    def paths(self) -> list[str]:
        return sorted({call.path for call in self.capture.module_calls}) or ["none"]

    @rule(name=st.sampled_from(sorted(RUNS)))
    def other(self, name: str) -> None:
        self.desk.session.open_capture(run_of(name), name)

    @rule(data=st.data(), known=st.booleans())
    def fold(self, data: st.DataObject, known: bool) -> None:
        path = data.draw(st.sampled_from(self.paths())) if known else None
        before = self.desk.state.view.folded
        self.desk.session.fold(path)
        assert before <= self.desk.state.view.folded

    @rule(data=st.data(), known=st.booleans())
    def unfold(self, data: st.DataObject, known: bool) -> None:
        path = data.draw(st.sampled_from(self.paths())) if known else None
        before = self.desk.state.view.folded
        self.desk.session.unfold(path)
        assert before >= self.desk.state.view.folded

    @rule()
    def everything(self) -> None:
        self.desk.session.fold_all()
        folded = self.desk.state.view.folded
        self.desk.session.fold_all()
        assert self.desk.state.view.folded == folded

    @rule()
    def nothing(self) -> None:
        self.desk.session.unfold_all()
        assert self.desk.state.view.folded == frozenset()

    @rule(steps=st.integers(-20, 20))
    def walk(self, steps: int) -> None:
        self.desk.session.walk(steps)
        assert self.desk.state.selected in self.desk.state.cards

    @rule(data=st.data())
    def select(self, data: st.DataObject) -> None:
        names = [*self.desk.state.cards, *(step.name for step in self.capture.steps), "none"]
        self.desk.session.select(data.draw(st.sampled_from(names)))

    @invariant()
    def holds(self) -> None:
        state = self.desk.state
        assert state.outline is not None
        assert state.has_card(state.selected)
        assert 0 <= state.place < len(state.cards)
        numbers = [
            n for card in state.outline.cards for n in range(card.first, card.first + card.count)
        ]
        assert numbers == list(range(len(self.capture.steps)))
        # Each step is on a card of the outermost folded call around it, told from the records.
        many = Counter(path for n in numbers for path in set(around(self.capture, n)))
        for number, step in enumerate(self.capture.steps):
            place = state.outline.place(step.name)
            assert place is not None
            card = state.outline.cards[place]
            shown = None if card.call is None else state.outline.calls[card.call].path
            folded = [p for p in around(self.capture, number) if p in state.view.folded]
            assert shown in folded if shown is not None else card.count == 1, step.name
            assert all(many[path] > 1 for path in state.view.folded)


Folds.TestCase.settings = how_long(max_examples=30, stateful_step_count=25, deadline=None)
TestRandomFolds = Folds.TestCase
