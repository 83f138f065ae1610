"""Any address of any run gets an answer, never an exception."""

from itertools import product
from math import prod

import numpy as np
import pytest
import torch

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.capture.records import Capture, GradientState
from lenet_viz.explain.terms import Explanation, Unexplained
from lenet_viz.explain.why import explain
from tests.panels.runs import long_capture, odd_captures

ODD = odd_captures()


def addresses(run: Capture) -> list[tuple[Address, tuple[int, ...]]]:
    """Every tensor of a run, with its shape."""
    found = [
        (Address(Place.INPUT, str(n)), value.shape) for n, value in enumerate(run.input_values)
    ]
    found += [(Address(Place.PARAMETER, each.name), each.shape) for each in run.parameters]
    found += [(Address(Place.CONSTANT, name), each.shape) for name, each in run.constants.items()]
    for step in run.steps:
        for number, value in enumerate(step.outputs):
            found.append((Address(Place.STEP, step.name, number), value.shape))
    found += [(Address(Place.OBJECTIVE, name), ()) for name in ("loss", "target")]
    return found


@pytest.mark.parametrize("name", ODD)
def test_odd_runs(name: str) -> None:
    run = ODD[name]()
    for (address, shape), side in product(addresses(run), Side):
        whole = Address(address.place, address.name, address.output, side)
        assert isinstance(explain(run, whole), Explanation | Unexplained)
        for flat in {0, prod(shape) // 2, prod(shape) - 1} if prod(shape) else ():
            index = tuple(int(one) for one in np.unravel_index(flat, shape)) if shape else ()
            asked = Address(address.place, address.name, address.output, side, index)
            answer = explain(run, asked)
            assert answer.asked == asked
            if isinstance(answer, Explanation):
                assert answer.adds_up or answer.notes, str(asked)
            else:
                assert answer.reason.english()


def test_addresses_that_do_not_exist() -> None:
    run = ODD["branching"]()
    for place, side in product(set(Place) - {Place.OBJECTIVE}, Side):
        for name, index in product(("", "7", "no such"), (None, (), (99, 0, 0, 0), (-1,))):
            answer = explain(run, Address(place, name, 5, side, index))
            assert isinstance(answer, Unexplained), str(answer.asked)
    step = run.steps[0]
    for index in ((), (0,), (0, 0, 0, 10**9), (-1, 0, 0, 0)):
        answer = explain(run, Address(Place.STEP, step.name, 0, Side.GRADIENT, index))
        assert isinstance(answer, Unexplained)


def test_a_missing_gradient_is_no_zero() -> None:
    run = ODD["without backward"]()
    asked = Address(Place.STEP, run.steps[0].name, 0, Side.GRADIENT, (0, 0, 0, 0))
    answer = explain(run, asked)
    assert isinstance(answer, Unexplained)
    assert answer.captured is None
    assert "Only forward" in answer.reason.english()
    frozen = ODD["frozen"]()
    assert frozen.parameters["fc.weight"].gradient_state is not GradientState.PRESENT
    answer = explain(frozen, Address(Place.PARAMETER, "fc.weight", 0, Side.GRADIENT, (0, 0)))
    assert isinstance(answer, Unexplained)


def test_a_thousand_steps() -> None:
    run = long_capture(300)
    torch.manual_seed(0)
    for step in (run.steps[0], run.steps[150], run.steps[-1]):
        answer = explain(run, Address(Place.STEP, step.name, 0, Side.GRADIENT, (0, 3)))
        assert isinstance(answer, Explanation)
        assert answer.adds_up
