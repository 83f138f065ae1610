"""A run as cards: against the records themselves, read step by step."""

import gc
import weakref

import pytest
import torch

import lenet_viz
from lenet_viz.capture.records import Capture
from lenet_viz.session.cards import FAILED_CARD, input_card, input_number
from lenet_viz.session.first_folds import MOST_CARDS, default_folded
from lenet_viz.session.outline import Outline, cards_of, outline, same_model, storyboard_steps
from tests.panels.real_networks import Recurrent, ResNet, ran, real_runs

RUNS = real_runs()


@pytest.fixture(scope="module")
def captures() -> dict[str, Capture]:
    """Each network's run."""
    return {name: make() for name, make in RUNS.items()}


def _path_of(capture: Capture, number: int, folded: frozenset[str]) -> int | None:
    """The outermost folded call of several steps around a step, walked from the inside."""
    found, call = None, capture.steps[number].within
    while call is not None:
        inside = [step for step in capture.steps if _is_in(capture, step.within, call)]
        if capture.module_calls[call].path in folded and len(inside) > 1:
            found = call
        call = capture.module_calls[call].parent
    return found


def _is_in(capture: Capture, call: int | None, other: int) -> bool:
    while call is not None:
        if call == other:
            return True
        call = capture.module_calls[call].parent
    return False


@pytest.mark.parametrize("name", sorted(RUNS))
@pytest.mark.parametrize("folding", ["nothing", "first", "all"])
def test_cards_stand_for_every_step_once_and_keep_its_edges(
    name: str, folding: str, captures: dict[str, Capture]
) -> None:
    capture = captures[name]
    every = outline(capture).foldable
    folded = {"nothing": frozenset[str](), "first": default_folded(capture), "all": every}[folding]
    found = outline(capture, folded)
    numbers = [n for card in found.cards for n in range(card.first, card.first + card.count)]
    assert numbers == list(range(len(capture.steps)))
    shown_in = {step.name: found.place(step.name) for step in capture.steps}
    for number, step in enumerate(capture.steps):
        place = shown_in[step.name]
        assert place is not None
        card = found.cards[place]
        assert card.call == _path_of(capture, number, folded)
        for parent in step.parents:
            before = shown_in[capture.steps[parent].name]
            assert before == place or before in card.parents
    for place, card in enumerate(found.cards):
        assert all(parent < place for parent in (*card.parents, *card.after))
        if card.count:
            assert card.name == capture.steps[card.first + card.count - 1].name
        for parent in card.parents:
            assert place in found.children[parent]
    assert len(set(found.names)) == len(found.names)


def test_a_shared_module_is_folded_call_by_call(captures: dict[str, Capture]) -> None:
    found = outline(captures["shared"], frozenset({"block"}))
    assert found.names[:5] == ("input", "stem", "add", "add_2", "add_3")
    calls = [found.call_of(name) for name in found.names[2:5]]
    assert [(call.path, call.call, call.calls) for call in calls if call] == [
        ("block", number, 3) for number in (1, 2, 3)
    ]
    assert found.place("relu_2") == 3, "a step in a fold is shown by its card"
    assert found.is_chain
    assert not outline(captures["shared"]).is_chain


def test_of_nested_modules_the_outermost_folded_one_is_shown(captures: dict[str, Capture]) -> None:
    capture = captures["nested chain"]
    both = outline(capture, frozenset({"features", "features.0"}))
    assert both.call_of("features.0.1").path == "features"  # type: ignore[union-attr]
    one = outline(capture, frozenset({"features.0"}))
    assert one.call_of("features.0.1").path == "features.0"  # type: ignore[union-attr]
    assert one.innermost("features.0.1") == "features"
    assert one.innermost("features.1.1") == "features.1"
    assert one.innermost("features") is None
    assert {one.calls[call.call].path: call.depth for call in one.open_calls} == {
        "features": 0,
        "classifier": 0,
        "features.1": 1,
    }


@pytest.mark.parametrize("name", sorted(RUNS))
def test_a_long_run_is_folded_at_first_and_a_short_one_is_not(
    name: str, captures: dict[str, Capture]
) -> None:
    capture = captures[name]
    folded = default_folded(capture)
    short = len(cards_of(capture)) <= MOST_CARDS
    assert short == (not folded)
    assert len(outline(capture, folded).cards) <= MOST_CARDS


def test_a_chain_that_has_no_modules_is_never_folded() -> None:
    def chain(x: torch.Tensor) -> torch.Tensor:
        for _ in range(60):
            x = torch.tanh(x)
        return x

    class Chain(torch.nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return chain(x)

    assert default_folded(ran(Chain(), torch.rand(1, 3, requires_grad=True))) == frozenset()


def test_inputs_targets_and_failures_have_their_cards(captures: dict[str, Capture]) -> None:
    two = outline(captures["two inputs"])
    assert two.names[:2] == ("input", "input:1")
    assert two.cards[two.names.index("table")].parents == (1,)
    assert cards_of(captures["failed op"])[-1] == "fc1"
    assert cards_of(captures["failed outside"])[-1] == FAILED_CARD
    for name in ("two outputs", "dict output"):
        found = outline(captures[name])
        assert found.names[-2:] == ("target", "loss")
        assert found.cards[-1].parents == ()
        sinks = {found.place("classes"), found.place("sigmoid")}
        assert set(found.cards[-2].after) == sinks
    assert [input_number(input_card(number)) for number in (0, 1, 12)] == [0, 1, 12]
    assert input_number("conv1") is None
    assert input_number("input:x") is None


def test_runs_of_one_model_are_told_from_those_of_another() -> None:
    image = torch.rand(1, 3, 8, 8, requires_grad=True)
    one, again = (ran(ResNet(), image) for _ in range(2))
    assert same_model(one, again)
    assert not same_model(one, ran(ResNet((8, 16), 2), image))


def test_outlines_are_kept_but_keep_no_run_alive() -> None:
    capture = ran(Recurrent(), torch.rand(1, 1, 6, 6, requires_grad=True))
    found: Outline = outline(capture)
    assert outline(capture) is found
    assert outline(capture, frozenset({"block"})) is not found
    gone = weakref.ref(capture)
    del capture
    gc.collect()
    assert gone() is None


class _Several(torch.nn.Module):
    """Gives a dict; ``first`` is taken by nothing else, ``h`` by both heads."""

    def __init__(self) -> None:
        super().__init__()
        self.body, self.first = torch.nn.Linear(4, 4), torch.nn.Linear(4, 2)
        self.second = torch.nn.Linear(4, 3)

    def forward(self, x: torch.Tensor) -> dict[str, torch.Tensor]:
        h = torch.tanh(self.body(x))
        return {"first": self.first(h), "second": self.second(h), "h": h}


def _loss_parents(capture: Capture) -> set[str]:
    found = outline(capture)
    place = found.place("loss")
    assert place is not None
    return {found.names[parent] for parent in found.cards[place].parents}


def test_the_loss_follows_the_outputs_that_it_took() -> None:
    x = torch.randn(1, 4)
    both = lenet_viz.capture(
        _Several(), x, backward=lambda out: out["first"].sum() + out["second"].sum()
    )
    assert _loss_parents(both) == {"first", "second"}
    one = lenet_viz.capture(_Several(), x, backward=lambda out: out["second"].pow(2).sum())
    assert _loss_parents(one) == {"second"}, "the other head was not taken"
    assert _loss_parents(lenet_viz.capture(_Several(), x)) == set(), "nothing took anything"


def test_a_storyboard_is_made_of_every_step_whatever_is_folded(
    captures: dict[str, Capture],
) -> None:
    capture = captures["two inputs"]
    steps = storyboard_steps(capture)
    assert steps[0] == "input"
    assert steps[-2:] == ("target", "loss")
    assert list(steps[1:-2]) == [step.name for step in capture.steps]
