"""Every gradient of a run against the sum of its terms."""

from collections.abc import Callable, Iterator
from math import prod
from typing import Any

import numpy as np
import torch
from torch import nn

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.capture.api import capture
from lenet_viz.capture.records import Capture, GradientState
from lenet_viz.explain.backward.gradient import explain_gradient
from lenet_viz.explain.terms import Explanation


class Around(nn.Module):
    """A module around a function; its parts are the keyword arguments."""

    def __init__(self, function: Callable[..., Any], parts: dict[str, nn.Module]) -> None:
        super().__init__()
        self.function = function
        for name, part in parts.items():
            self.add_module(name, part)

    def forward(self, *inputs: torch.Tensor) -> Any:
        return self.function(self, *inputs)


def ran(
    function: Callable[..., Any], *inputs: torch.Tensor, backward: Any = "random", **parts: Any
) -> Capture:
    return capture(Around(function, parts), *inputs, backward=backward, seed=3)


def gradients(run: Capture) -> Iterator[tuple[Address, np.ndarray]]:
    """Every tensor of a run that has a gradient."""
    for number, value in enumerate(run.input_values):
        if value.gradient is not None:
            yield Address(Place.INPUT, str(number), 0, Side.GRADIENT), value.gradient
    for parameter in run.parameters:
        if parameter.gradient is not None:
            yield Address(Place.PARAMETER, parameter.name, 0, Side.GRADIENT), parameter.gradient
    for step in run.steps:
        for output, value in enumerate(step.outputs):
            if value.gradient_state is GradientState.PRESENT:
                assert value.gradient is not None
                yield Address(Place.STEP, step.name, output, Side.GRADIENT), value.gradient


def sampled(shape: tuple[int, ...], most: int, seed: int = 0) -> Iterator[tuple[int, ...]]:
    """Some elements of a shape, the first and the last among them; all of a small one."""
    size = prod(shape)
    chosen = np.arange(size)
    if size > most:
        middle = np.random.default_rng(seed).choice(size, most - 2, replace=False)
        chosen = np.unique(np.r_[0, size - 1, middle])
    for flat in chosen:
        yield tuple(int(one) for one in np.unravel_index(flat, shape))


def at(address: Address, index: tuple[int, ...]) -> Address:
    return Address(address.place, address.name, address.output, address.side, index)


def check(run: Capture, most: int = 4, seed: int = 0) -> int:
    """Compare sampled elements of every gradient with their terms; how many that were."""
    done = 0
    for address, array in gradients(run):
        for index in sampled(array.shape, most, seed):
            answer = explain_gradient(run, at(address, index))
            assert isinstance(answer, Explanation), (str(answer.asked), str(answer.reason))
            assert answer.captured == float(array[index]) or np.isnan(answer.captured)
            told = (str(answer.asked), answer.op, answer.total, answer.captured, answer.scale)
            assert answer.adds_up, told
            assert not [n for n in answer.notes if "incomplete" in n.template], told
            assert (answer.verdict is not None) == (answer.captured == 0), told
            _factors_are_read_where_they_say(run, answer)
            done += 1
    return done


def _factors_are_read_where_they_say(run: Capture, answer: Explanation) -> None:
    from lenet_viz.explain.operands import array_at

    for block in answer.blocks:
        assert len(block.shape) <= 2
        for factor in block.factors:
            assert factor.values.shape == block.shape
            if factor.address is not None and factor.indices is not None and factor.values.size:
                place = tuple(0 for _ in block.shape)
                named = factor.at(place)
                if named is not None:
                    array = array_at(run, factor.address)
                    assert array is not None
                    expected = float(array[named.index])
                    assert factor.values[place] == expected or np.isnan(expected)
