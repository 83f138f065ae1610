"""A spec as a `torch.nn.Module` that reads and runs like hand-written code."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType
from typing import Any, Final

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import Tensor

from lenet_viz.errors import UserMistake
from lenet_viz.network.code import SourceLine, source, upsample_settings
from lenet_viz.network.shapes import check_parameters
from lenet_viz.network.spec import INPUT, Node, Spec
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

__all__ = ["Net", "apply_weights", "build"]


class Net(nn.Module):
    """A network that runs a spec's nodes in order; its ``print`` shows its layers only.

    Modules are attributes under the names the spec gives them; other ops run as the functional
    calls that `lenet_viz.network.code.source` writes.

    Attributes:
        current_source: while ``forward`` runs, the line of the source text that is being
            executed; otherwise None.
        source_text: the Python text that has these lines.
    """

    current_source: SourceLine | None

    def __init__(self, spec: Spec) -> None:
        super().__init__()
        self.current_source = None
        self._spec = spec
        written = source(spec)
        self.source_text = written.text
        self._lines = dict(written.lines)
        self._order = spec.order
        for name, node in spec.modules().items():
            setattr(self, name, _module(node))
        last_use = {name: node.id for node in self._order for name in node.inputs}
        # Values are let go where hand-written code would overwrite them.
        self._done_after: dict[str, tuple[str, ...]] = {}
        for name, node_id in last_use.items():
            self._done_after[node_id] = (*self._done_after.get(node_id, ()), name)

    def forward(self, x: Tensor) -> Tensor:
        """Return the output, shape as `lenet_viz.network.shapes.derive` gives it.

        Args:
            x: the input, shape (N, C, H, W), a floating dtype.
        """
        before = self.current_source
        values = {INPUT: x}
        del x
        try:
            for node in self._order:
                self.current_source = self._lines[node.id]
                arguments = [values[name] for name in node.inputs]
                for name in self._done_after.get(node.id, ()):
                    del values[name]
                values[node.id] = self._run(node, arguments)
        finally:
            self.current_source = before
        return values[self._spec.output]

    def _run(self, node: Node, arguments: list[Tensor]) -> Tensor:
        called: Any = _FUNCTIONS[node.op] if node.module is None else None
        if called is None:
            called = getattr(self, str(node.module))
            result: Tensor = called(*arguments)
        else:
            result = called(node, arguments, self.training)
        return result


def build(spec: Spec, *, seed: int | None = None) -> Net:
    """Return ``spec`` as a module in training mode, with torch's default device and dtype.

    Args:
        spec: the network. Its shapes need not fit together: what does not fit fails when it
            runs, at the step that does not fit.
        seed: initialises the weights as ``torch.manual_seed(seed); Net()`` of the source text
            does, bit for bit, and leaves every generator as it was. None uses and advances
            torch's generator, as ``Net()`` does.

    Raises:
        UserMistake: the seed is not a whole number from 0 to 2⁶³ - 1, a convolution's groups
            do not divide its channels or it is to keep the size with a stride, or the
            parameters take too much memory.
    """
    check_parameters(spec)
    if seed is None:
        return Net(spec)
    with _seeded(seed):
        return Net(spec)


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    if type(seed) is not int or not 0 <= seed < 2**63:
        raise UserMistake(
            message(
                "Network",
                QT_TRANSLATE_NOOP(
                    "Network",
                    "The random seed is {found}; wanted: a whole number from 0 to 2⁶³ - 1.",
                ),
                found=str(seed)[:60],
            )
        )
    with torch.random.fork_rng(devices=[]):
        # torch.manual_seed would also seed other devices, which the fork does not restore.
        torch.default_generator.manual_seed(seed)
        yield


def apply_weights(module: nn.Module, weights: Mapping[str, object]) -> None:
    """Copy numbers into a module's parameters and buffers; all of them or none.

    Args:
        module: the module to change.
        weights: for every key of its ``state_dict``, nested lists (or an array or tensor) of
            the same shape.

    Raises:
        UserMistake: a key is missing or unknown, a shape differs, or a value is not a finite
            number. The module is then unchanged.
    """
    state = module.state_dict()
    for key in (*weights, *state):
        if key not in state or key not in weights:
            _weight_mistake(key, key in state)
    ready = {}
    for key, target in state.items():
        try:
            value = torch.as_tensor(weights[key], dtype=torch.float64)
        except (TypeError, ValueError, RuntimeError) as error:
            raise UserMistake(
                message(
                    "Network",
                    QT_TRANSLATE_NOOP(
                        "Network", "The weights of {key} are not numbers in equally long lists."
                    ),
                    key=key,
                )
            ) from error
        if value.shape != target.shape or not bool(torch.isfinite(value).all()):
            raise UserMistake(
                message(
                    "Network",
                    QT_TRANSLATE_NOOP(
                        "Network",
                        "The weights of {key} have shape {found}; wanted: finite numbers of "
                        "shape {wanted}.",
                    ),
                    key=key,
                    found=str(tuple(value.shape)),
                    wanted=str(tuple(target.shape)),
                )
            )
        ready[key] = value
    with torch.no_grad():
        for key, target in state.items():
            target.copy_(ready[key])


def _weight_mistake(key: str, missing: bool) -> None:
    if missing:
        template = QT_TRANSLATE_NOOP("Network", "The weights have no {key}, which the network has.")
    else:
        template = QT_TRANSLATE_NOOP(
            "Network", "The weights have {key}, which the network has not."
        )
    raise UserMistake(message("Network", template, key=str(key)[:200]))


def _module(node: Node) -> nn.Module:
    settings: dict[str, Any] = (
        upsample_settings(node) if node.op == "upsample" else dict(node.settings)
    )
    made: nn.Module = getattr(nn, str(node.layer_type.module_class))(**settings)
    return made


_Function = Callable[[Node, list[Tensor], bool], Tensor]


def _flatten(node: Node, x: list[Tensor], training: bool) -> Tensor:
    return torch.flatten(x[0], node.number("start_dim"), node.number("end_dim"))


def _view(node: Node, x: list[Tensor], training: bool) -> Tensor:
    sizes = node.setting("shape")
    return x[0].view(*sizes) if isinstance(sizes, tuple) else x[0].view(int(sizes))


def _with_settings(function: Callable[..., Any]) -> _Function:
    def run(node: Node, x: list[Tensor], training: bool) -> Tensor:
        result: Tensor = function(x[0], **node.settings)
        return result

    return run


def _upsample(node: Node, x: list[Tensor], training: bool) -> Tensor:
    settings: dict[str, Any] = upsample_settings(node)
    return F.interpolate(x[0], **settings)


def _dropout(node: Node, x: list[Tensor], training: bool) -> Tensor:
    p = node.setting("p")
    return F.dropout(x[0], p=p if isinstance(p, float) else 0.5, training=training)


_FUNCTIONS: Final[Mapping[str, _Function]] = MappingProxyType(
    {
        "relu": lambda node, x, training: F.relu(x[0]),
        "tanh": lambda node, x, training: torch.tanh(x[0]),
        "sigmoid": lambda node, x, training: torch.sigmoid(x[0]),
        "leaky_relu": _with_settings(F.leaky_relu),
        "gelu": _with_settings(F.gelu),
        "max_pool2d": _with_settings(F.max_pool2d),
        "avg_pool2d": _with_settings(F.avg_pool2d),
        "adaptive_avg_pool2d": _with_settings(F.adaptive_avg_pool2d),
        "upsample": _upsample,
        "view": _view,
        "flatten": _flatten,
        "add": lambda node, x, training: x[0] + x[1],
        "cat": lambda node, x, training: torch.cat((*x,), dim=node.number("dim")),
        "softmax": lambda node, x, training: F.softmax(x[0], dim=node.number("dim")),
        "log_softmax": lambda node, x, training: F.log_softmax(x[0], dim=node.number("dim")),
        "dropout": _dropout,
    }
)
