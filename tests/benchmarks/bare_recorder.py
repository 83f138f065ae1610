"""What the recorder's design costs by itself: the least that copies the same numbers.

A mode that sees every op, hooks that see every module, a copy of every output, a hook for every
gradient and its copy; and nothing written down: no arguments, origins, lines, names or checks.
It is wrong wherever a model does more than call one op after the other.
"""

from collections import OrderedDict
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook
from torch.overrides import TorchFunctionMode


class _Copies(TorchFunctionMode):
    """Copies every output, and every gradient when it comes."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[Tensor] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        output = func(*args, **kwargs) if kwargs else func(*args)
        if isinstance(output, Tensor):
            with torch._C.DisableTorchFunction():
                self._keep(output)
        return output

    def _keep(self, output: Tensor) -> None:
        torch._C._set_grad_enabled(False)
        self.kept.append(output.clone())
        torch._C._set_grad_enabled(True)
        if output.grad_fn is not None and output._backward_hooks is None:
            output._backward_hooks = hooks = OrderedDict()
            output.grad_fn._register_hook_dict(output)
            hooks[0] = self._reached

    def _reached(self, gradient: Tensor) -> None:
        self.kept.append(gradient.clone())


def copied(net: nn.Module, x: Tensor, v: Tensor) -> list[Tensor]:
    """Run forward and backward and return copies of all numbers of it."""
    mode = _Copies()
    mode.kept += [parameter.detach().clone() for parameter in net.parameters()]
    leaf = x.detach().clone().requires_grad_()
    passed = leaf.clone()  # as a capture passes it on: a model may write to its input
    handles = [
        register_module_forward_pre_hook(_enter),
        register_module_forward_hook(_leave, always_call=True),
    ]
    try:
        with mode:
            output = net(passed)
    finally:
        for handle in handles:
            handle.remove()
    before = [(parameter, parameter.grad) for parameter in net.parameters()]
    for parameter, _ in before:
        parameter.grad = None
    output.backward(v)
    for parameter, gradient in before:
        if parameter.grad is not None:
            mode.kept.append(parameter.grad)
        parameter.grad = gradient
    return mode.kept


def _enter(module: nn.Module, args: Any) -> None:
    """Do nothing."""


def _leave(module: nn.Module, args: Any, output: Any) -> None:
    """Do nothing."""
