"""What a panel offers is what it shows: compared with the map panel's own arrays."""

from dataclasses import replace

import numpy as np
import pytest

from lenet_viz.export.selected_arrays import SelectedArray, arrays_of
from lenet_viz.panels.map_content import content_of
from lenet_viz.session.state import Show, State, View
from tests.export.arrays_of_captures import odd, same_bits
from tests.panels.runs import Bench, Stock, odd_captures, state_of


@pytest.fixture(scope="module")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    return Stock(tmp_path_factory.mktemp("runs"))


def check(state: State) -> int:
    """Compare what is offered with what the maps draw; return how many had numbers."""
    content = content_of(state)
    assert content is not None
    offered = arrays_of(state, "maps")
    assert len(offered) == len(content.sides)
    for one, side in zip(offered, content.sides, strict=True):
        if side.values is None:
            assert one.why_not
            continue
        assert not one.why_not
        array = one.read()
        assert array is not None
        assert array.shape == one.shape == side.shape
        assert one.axes == side.letters
        assert same_bits(array[one.part], side.values) or not array.size
        assert one.copied_count == side.values.size
        if array.size:
            assert one.part == side.prefix
    return sum(not one.why_not for one in offered)


def states(state: State) -> list[State]:
    return [
        replace(state, selected=card, view=View(show=show, channel=channel))
        for card in state.cards
        for show in Show
        for channel in (None, 1)
    ]


@pytest.mark.parametrize("name", odd_captures())
def test_the_maps_of_odd_runs(name: str) -> None:
    run = odd(name)
    found = [check(state) for state in states(state_of(run, backward=run.objective is not None))]
    assert sum(found) > 0


@pytest.mark.parametrize("objective", ["cross-entropy", "mse", "random", "output"])
def test_the_maps_of_the_notebook(stock: Stock, objective: str) -> None:
    for state in states(stock.backward(objective=objective)):
        assert check(state) == len(arrays_of(state, "maps"))


def test_without_backward_gradients_say_why(stock: Stock) -> None:
    state = replace(stock.forward(), selected="conv2", view=View(show=Show.GRADIENT))
    (one,) = arrays_of(state, "maps")
    assert "(F6)" in one.why_not
    assert "not a zero" in one.why_not
    for card in ("target", "loss"):
        (one,) = arrays_of(replace(state, selected=card), "maps")
        assert "(F6)" in one.why_not


def test_parameters_of_a_step_and_of_rows(stock: Stock) -> None:
    state = replace(stock.backward(), selected="conv2")
    run = state.capture
    assert run is not None
    names = ["conv2.weight", "conv2.weight.grad", "conv2.bias", "conv2.bias.grad"]
    offered = arrays_of(state, "step")
    assert [one.name for one in offered] == names
    weight = run.parameters["conv2.weight"]
    assert same_bits(read(offered[0]), weight.value)
    assert weight.grad is not None
    assert same_bits(read(offered[1]), weight.grad)
    assert offered[0].axes == ("out", "in", "kH", "kW")
    assert offered[2].axes == ("out",)
    rows = arrays_of(state, "parameters", ["fc1.bias"])
    assert [one.name for one in rows] == ["fc1.bias", "fc1.bias.grad"]
    # Without a selected row, or in a step without parameters, what the maps show is meant.
    for panel, card in (("parameters", "conv2"), ("step", "relu")):
        (one,) = arrays_of(replace(state, selected=card), panel)
        assert one.word == f"{card}-activation"


def test_a_parameters_grad_is_the_sum_of_all_passes(stock: Stock) -> None:
    state = stock.accumulated()
    run = state.capture
    assert run is not None
    (_, grad) = arrays_of(state, "parameters", ["conv1.weight"])
    weight = run.parameters["conv1.weight"]
    assert same_bits(read(grad), np.asarray(weight.grad))
    assert not same_bits(read(grad), np.asarray(weight.gradient))


def test_the_input_panel_offers_input_grad(stock: Stock) -> None:
    state = stock.accumulated()
    run = state.capture
    assert run is not None
    value, grad = arrays_of(state, "input")
    assert (value.name, grad.name) == ("input", "input.grad")
    assert same_bits(read(value), run.inputs[0])
    assert same_bits(read(grad), np.asarray(run.input_grads[0]))
    # The maps show this run's gradient, which is not the sum.
    shown = arrays_of(replace(state, selected="input", view=View(show=Show.GRADIENT)), "maps")
    assert not same_bits(read(shown[0]), read(grad))


def test_nothing_before_the_first_run(bench_state: State) -> None:
    for panel in ("maps", "step", "input", "parameters", "log", "strip"):
        assert arrays_of(bench_state, panel) == ()


@pytest.fixture
def bench_state(tmp_path_factory: pytest.TempPathFactory) -> State:
    return Bench(tmp_path_factory.mktemp("bench")).state


def test_words_are_names_of_files() -> None:
    for name in odd_captures():
        run = odd(name)
        for state in states(state_of(run)):
            for panel in ("maps", "step", "input"):
                for one in arrays_of(state, panel):
                    assert one.word.isascii()
                    assert "/" not in one.word


def read(one: SelectedArray) -> np.ndarray:
    array = one.read()
    assert array is not None
    return array
