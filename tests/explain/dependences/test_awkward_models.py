"""Ledgers and fields of awkward models: none raises, and no field leaves a real gradient out."""

import numpy as np
import pytest

from lenet_viz.capture.address import Address, Place
from lenet_viz.explain.fields import ends_of, influence_on, receptive_field
from lenet_viz.explain.ledger.whole import dropped_edges, whole_ledger
from lenet_viz.explain.structural import zeros_of_run
from tests.capture.awkward_models import CASES
from tests.capture.awkward_steps import ran


@pytest.mark.parametrize("name", CASES)
def test_a_value_with_a_gradient_is_never_said_to_be_without_influence(name: str) -> None:
    capture = ran(CASES[name])
    masks = influence_on(capture, ends_of(capture))
    for number, value in enumerate(capture.input_values):
        _holds(masks, Address(Place.INPUT, str(number)), value.gradient)
        zeros = zeros_of_run(capture, number)
        if zeros is not None and value.gradient is not None:
            lead = tuple(range(value.gradient.ndim - 2))
            assert not ((value.gradient != 0).any(lead) & zeros.mask).any()
    for step in capture.steps:
        for output, value in enumerate(step.outputs):
            address = Address(Place.STEP, step.name, output)
            _holds(masks, address, value.gradient)
            assert receptive_field(capture, address).masks[address].all()
        dropped_edges(capture, step)
    assert len(whole_ledger(capture)) == len(capture.steps)


def _holds(masks: dict[Address, np.ndarray], address: Address, gradient: np.ndarray | None) -> None:
    if gradient is not None and (gradient != 0).any():
        assert address in masks, address
        assert not ((gradient != 0) & ~masks[address]).any(), address
