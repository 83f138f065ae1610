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

    __slots__ = ("_handles", "_places")

    def __init__(self) -> None:
        """Begin without hooks."""
        self._places: list[tuple[dict[Any, Any], Hook]] = []
        self._handles: list[Any] = []

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

    def add_to_node(self, tensor: torch.Tensor, hook: Hook) -> None:
        """Let autograd call ``hook`` before it enters the node that ``tensor`` has now.

        The hooks of a tensor stay at the node it had when its first one was put on. A custom
        ``autograd.Function`` that gives its input back takes that node away.
        """
        node, output = tensor.grad_fn, tensor.output_nr
        if node is not None:
            self._handles.append(node.register_prehook(lambda gradients: hook(gradients[output])))

    def remove(self) -> None:
        """Take all hooks off."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        for hooks, hook in self._places:
            hooks.pop(hook, None)
        self._places.clear()
