"""Checks of forward answers: every number is read again, the value worked out again by torch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import nn

import lenet_viz
from lenet_viz.capture.address import Address, Place
from lenet_viz.capture.records import Capture
from lenet_viz.explain.forward.activation import explain_activation
from lenet_viz.explain.operands import array_at
from lenet_viz.explain.terms import Explanation, How
from tests.explain.forward.drawing import Draw

Run = Callable[..., Any]


@dataclass(frozen=True, eq=False)
class Setting:
    """One op with one choice of its settings.

    Attributes:
        text: what it is, for a failing test's message.
        run: the op, from its tensors to its output or outputs.
        tensors: what it works on; the first is an input of the run, floating others parameters.
        settings: keyword arguments of ``run``.
        steps: how many steps it takes.
    """

    text: str
    run: Run
    tensors: tuple[torch.Tensor, ...]
    settings: dict[str, Any] = field(default_factory=dict)
    steps: int = 1

    def __call__(self, tensors: Sequence[torch.Tensor]) -> torch.Tensor:
        made = self.run(*tensors, **self.settings)
        return made if isinstance(made, torch.Tensor) else made[0]

    def __str__(self) -> str:
        shapes = [tuple(each.shape) for each in self.tensors]
        return f"{self.text}({shapes}, {self.settings})"


def taken(make: Callable[[Draw], Setting], draw: Draw) -> Setting:
    """Return settings that torch itself takes: some sizes of transposed convolutions it refuses."""
    for _ in range(10):
        setting = make(draw)
        try:
            with torch.no_grad():
                setting(setting.tensors)
        except RuntimeError:
            continue
        return setting
    raise AssertionError(f"torch takes none of these: {setting}")


class SideBySide(nn.Module):
    """Runs many ops that have nothing to do with each other."""

    def __init__(self, settings: Sequence[Setting]) -> None:
        super().__init__()
        self.settings = settings
        for number, setting in enumerate(settings):
            for at, tensor in enumerate(setting.tensors[1:]):
                if tensor.is_floating_point():
                    self.register_parameter(f"p{number}_{at}", nn.Parameter(tensor))
                else:
                    self.register_buffer(f"p{number}_{at}", tensor)

    def forward(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:
        return tuple(
            setting([first, *self.others(number, len(setting.tensors) - 1)])
            for number, (setting, first) in enumerate(zip(self.settings, inputs, strict=True))
        )

    def others(self, number: int, count: int) -> list[torch.Tensor]:
        return [getattr(self, f"p{number}_{at}") for at in range(count)]


def captured(settings: Sequence[Setting]) -> tuple[Capture, list[int]]:
    """Return one run of all settings, and the number of each one's last step."""
    inputs = [setting.tensors[0] for setting in settings]
    with torch.no_grad():
        capture = lenet_viz.capture(SideBySide(settings), *inputs)
    ends = list(np.cumsum([setting.steps for setting in settings]) - 1)
    assert len(capture.steps) == ends[-1] + 1, [step.op for step in capture.steps]
    return capture, ends


def wide(setting: Setting) -> np.ndarray:
    """Return what torch makes of the same numbers in float64."""
    tensors = [t.double() if t.is_floating_point() else t for t in setting.tensors]
    with torch.no_grad():
        return setting(tensors).numpy().astype(np.float64)


def some_places(shape: tuple[int, ...], count: int, draw: np.random.Generator) -> list[Any]:
    """Return indices of a few elements, the first and the last among them."""
    size = int(np.prod(shape))
    if not size:
        return []
    flat = {0, size - 1, *draw.integers(0, size, max(0, count - 2)).tolist()}
    return [tuple(int(at) for at in np.unravel_index(each, shape)) for each in sorted(flat)]


def value_of(capture: Capture, number: int, index: tuple[int, ...], output: int = 0) -> Address:
    """Return the address of one element of a step's output."""
    return Address(Place.STEP, capture.steps[number].name, output, index=index)


def explained(capture: Capture, address: Address) -> Explanation:
    """Return the answer to one value, which must be one, with every term read again."""
    answer = explain_activation(capture, address)
    assert isinstance(answer, Explanation), str(answer.reason)
    check(capture, answer)
    return answer


def check(capture: Capture, answer: Explanation) -> None:
    """Check an answer against the run: it is the captured number, and its terms are the run's."""
    address = answer.asked
    whole = array_at(capture, address)
    assert whole is not None
    assert address.index is not None
    same(answer.captured, float(whole[address.index]))
    assert answer.adds_up, (str(answer.headline), answer.total, answer.captured, answer.scale)
    assert answer.blocks
    assert answer.formula
    assert "{" not in answer.headline.english()
    read = [check_block(capture, block) for block in answer.blocks]
    if answer.how is How.SUM:
        with np.errstate(all="ignore"):
            total = float(sum(each.sum() for each in read))
            scale = float(sum(np.abs(each).sum() for each in read))
        assert close(answer.total, total, scale)
    elif answer.how is How.LARGEST:
        assert answer.blocks[0].chosen is not None
        same(answer.total, float(read[0][answer.blocks[0].chosen]))
    elif answer.how is How.COPY:
        assert read[0].size == 1
        same(answer.total, float(read[0].reshape(-1)[0]))


def check_block(capture: Capture, block: Any) -> np.ndarray:
    """Read a block's numbers from the run again and return its terms."""
    assert len(block.shape) <= 2
    product = np.ones(block.shape)
    for factor in block.factors:
        assert factor.values.shape == block.shape
        assert factor.role.english()
        values = factor.values
        if factor.address is not None:
            values = again(capture, factor)
        with np.errstate(all="ignore"):
            product = product * values
    return product


def again(capture: Capture, factor: Any) -> np.ndarray:
    """Return a factor's numbers, each read at its own index."""
    whole = array_at(capture, factor.address)
    assert whole is not None
    assert factor.indices is not None
    assert factor.indices.shape == (*factor.values.shape, whole.ndim)
    known = (factor.indices >= 0).all(axis=-1)
    assert np.all(factor.indices[~known] == -1)
    values = np.zeros(factor.values.shape)
    values[known] = whole[tuple(np.moveaxis(factor.indices[known], -1, 0))]
    for place in list(np.ndindex(factor.values.shape))[:: max(1, known.size - 1)]:
        address = factor.at(place)
        if not known[place]:
            assert address is None
        else:
            assert address.index == tuple(factor.indices[place])
            same(float(array_at(capture, address)[address.index]), float(factor.values[place]))
    np.testing.assert_array_equal(factor.values, values)
    return values


def same(a: float, b: float) -> None:
    """Check that two numbers are the same, NaN and infinities included."""
    assert a == b or (np.isnan(a) and np.isnan(b)), (a, b)


def close(a: float, b: float, scale: float) -> bool:
    """Return whether two numbers worked out in float64 differ by rounding alone."""
    if a == b or (np.isnan(a) and np.isnan(b)):
        return True
    return bool(abs(a - b) <= 1e-10 * max(scale, abs(a)) + 1e-14)
