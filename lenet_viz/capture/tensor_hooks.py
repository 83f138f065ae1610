"""Hooks on tensors, put on and taken off as ``Tensor.register_hook`` does it."""

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

import torch

Hook = Callable[[torch.Tensor], None]


class TensorHooks:
    """Hooks on the tensors of one run.

    A small network spends as long in ``register_hook`` and in the handles that it gives as in
    its ops. So this does the same by itself and remembers where each hook stands.
    """

    __slots__ = ("_places",)

    def __init__(self) -> None:
        """Begin without hooks."""
        self._places: list[tuple[dict[Any, Any], Hook]] = []

    def add(self, tensor: torch.Tensor, hook: Hook) -> None:
        """Let autograd call ``hook`` with the gradient of ``tensor``, which requires one."""
        hooks: dict[Any, Any] | None = tensor._backward_hooks
        if hooks is None:
            # What it gives to others must bear weak references, which a plain dict does not.
            tensor._backward_hooks = hooks = OrderedDict()
            node = tensor.grad_fn
            if node is not None:
                node._register_hook_dict(tensor)
        # Torch's own keys are numbers: the hook itself cannot be mistaken for one of them.
        hooks[hook] = hook
        self._places.append((hooks, hook))

    def remove(self) -> None:
        """Take all hooks off."""
        for hooks, hook in self._places:
            hooks.pop(hook, None)
        self._places.clear()
