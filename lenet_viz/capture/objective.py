"""What backward starts from: a vector v, or a scalar whose gradient is v."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F

from lenet_viz.capture import words
from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

Wanted = str | torch.Tensor | Callable[[Any], Any]
"""A word, the vector v itself, or a function from the output to a scalar."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where one backward starts.

    Attributes:
        kind: as in `records.Objective`.
        index: the output's or class's number.
        word: how the command line names it; "" for what it cannot name.
        scalar: what is differentiated; None where v is given itself.
        vector: v; None where it follows from the scalar.
        target: what MSE compares the output with.
    """

    kind: str
    index: int | None
    word: str
    scalar: torch.Tensor | None
    vector: torch.Tensor | None
    target: torch.Tensor | None = None

    def backward(self, output: Any) -> None:
        """Run backward from here."""
        if self.scalar is not None:
            self.scalar.backward()  # type: ignore[no-untyped-call]
        else:
            output.backward(self.vector)

    def let_go(self) -> "Start":
        """Return the same without the scalar, which holds on to the run's graph."""
        return self if self.scalar is None else replace(self, scalar=None)


def start(wanted: Wanted, output: Any) -> Start:
    """Return where backward starts for the ``output`` of a model.

    Random numbers come from torch's generator, one for each number of the output.

    Source: v = ∂L/∂out. ``random``: v ~ N(0, 1). ``output:K``: L = Σ out[..., K].
    ``cross-entropy:K``: L = mean of -log softmax(out)[K]. ``mse``: L = mean of (out - t)²,
    t ~ N(0, 1); with ``mse:flat`` t has the output's last axis alone and is broadcast, of which
    torch warns. ``vector:A,B,...``: v itself, one number for each of the output, or for each of
    its last axis and then the same for every sample.

    Raises:
        UserMistake: the output is not one tensor, or the objective does not fit it.
    """
    if callable(wanted) and not isinstance(wanted, torch.Tensor):
        return _from_callable(wanted, output)
    tensor = _one_tensor(output)
    if isinstance(wanted, torch.Tensor):
        return Start("vector", None, "", None, _fitting(wanted, tensor))
    word = words.parse(wanted)
    if word.kind == words.RANDOM:
        return Start(word.kind, None, word.text, None, torch.randn_like(tensor.detach()))
    if word.kind == words.MSE:
        sizes = tensor.shape[-1:] if word.flat else tensor.shape
        target = torch.randn_like(tensor.detach().new_empty(sizes))
        return Start(word.kind, None, word.text, F.mse_loss(tensor, target), None, target)
    if word.kind == words.VECTOR:
        return Start(word.kind, None, word.text, None, _spread(word.numbers, tensor.detach()))
    index = word.index or 0
    if word.kind == words.OUTPUT:
        _check_index(index, tensor, -1)
        return Start(word.kind, index, word.text, tensor[..., index].sum(), None)
    _check_index(index, tensor, 1 if tensor.dim() > 1 else 0)
    shape = [size for axis, size in enumerate(tensor.shape) if axis != min(1, tensor.dim() - 1)]
    classes = torch.full(shape, index, dtype=torch.int64, device=tensor.device)
    return Start(word.kind, index, word.text, F.cross_entropy(tensor, classes), None)


def chain(first: Any, last: Any) -> tuple[str, ...]:
    """Return the names of the autograd nodes on the shortest way from ``first`` to ``last``.

    Only the first node's name comes back where there is no such way.
    """
    if first is None:
        return ()
    came_from: dict[Any, Any] = {first: None}
    waiting = [first]
    while waiting and last not in came_from and len(came_from) < 10_000:
        node = waiting.pop(0)
        for following, _ in node.next_functions:
            if following is not None and following not in came_from:
                came_from[following] = node
                waiting.append(following)
    names: list[str] = []
    node = last if last in came_from else first
    while node is not None:
        names.append(type(node).__name__)
        node = came_from[node]
    return tuple(reversed(names))


def _from_callable(wanted: Callable[[Any], Any], output: Any) -> Start:
    scalar = wanted(output)
    if not isinstance(scalar, torch.Tensor) or scalar.numel() != 1:
        template = QT_TRANSLATE_NOOP(
            "capture",
            "The objective function gave {found}; backward needs one number as a tensor. "
            "End it with .sum() or .mean().",
        )
        raise UserMistake(message("capture", template, found=_described(scalar)))
    return Start("callable", None, "", scalar, None)


def _one_tensor(output: Any) -> torch.Tensor:
    if isinstance(output, torch.Tensor):
        return output
    template = QT_TRANSLATE_NOOP(
        "capture",
        "The model gave {found} where backward needs one tensor. Give backward a function "
        "that takes this output and gives one number.",
    )
    raise UserMistake(message("capture", template, found=_described(output)))


def _fitting(vector: torch.Tensor, output: torch.Tensor) -> torch.Tensor:
    if vector.shape == output.shape:
        return vector.detach().clone()
    template = QT_TRANSLATE_NOOP(
        "capture",
        "The upstream gradient v has shape {found}; the model's output has shape {wanted}. "
        "Give v the output's shape.",
    )
    found, wanted = str(tuple(vector.shape)), str(tuple(output.shape))
    raise UserMistake(message("capture", template, found=found, wanted=wanted))


def _spread(numbers: tuple[float, ...], output: torch.Tensor) -> torch.Tensor:
    """Return the vector v of the output's shape and type.

    Raises:
        UserMistake: there are more or fewer numbers than the output or its last axis has.
    """
    given = torch.tensor(numbers, dtype=torch.float64).to(output.dtype)
    given = given.to(output.device)
    if len(numbers) == output.numel():
        return given.reshape(output.shape)
    if output.dim() and len(numbers) == output.shape[-1]:
        return given.expand(output.shape).clone()
    template = QT_TRANSLATE_NOOP(
        "capture",
        "The upstream gradient v has {found} numbers; the model's output has shape {shape}. Give "
        "it {wanted} numbers, or {last}: the same for every sample.",
    )
    last = output.shape[-1] if output.dim() else 1
    sizes = {"found": len(numbers), "wanted": output.numel(), "last": last}
    raise UserMistake(message("capture", template, shape=str(tuple(output.shape)), **sizes))


def _check_index(index: int, output: torch.Tensor, axis: int) -> None:
    size = output.shape[axis] if output.dim() else 0
    if index < size:
        return
    if not size:
        template = QT_TRANSLATE_NOOP(
            "capture",
            "The model's output has shape {shape}: there is no output {index} to choose. "
            "Take random or mse.",
        )
        shape = str(tuple(output.shape))
        raise UserMistake(message("capture", template, shape=shape, index=index))
    template = QT_TRANSLATE_NOOP(
        "capture",
        "The model has {size} outputs, numbered 0 to {last}; there is no output {index}. "
        "Choose a number from 0 to {last}.",
    )
    raise UserMistake(message("capture", template, size=size, last=size - 1, index=index))


def _described(value: Any) -> str:
    if isinstance(value, torch.Tensor):
        return f"Tensor {tuple(value.shape)}"
    return type(value).__name__
