"""All that a capture could leave changed, taken down so that it can be compared."""

import random
from collections.abc import Iterable
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules import module as torch_modules

_GLOBAL_HOOKS = (
    "_global_forward_hooks", "_global_forward_pre_hooks", "_global_backward_hooks",
    "_global_backward_pre_hooks", "_global_forward_hooks_always_called",
    "_global_forward_hooks_with_kwargs", "_global_parameter_registration_hooks",
    "_global_module_registration_hooks", "_global_buffer_registration_hooks",
)  # fmt: skip
_MODULE_HOOKS = (
    "_forward_hooks", "_forward_pre_hooks", "_backward_hooks", "_backward_pre_hooks",
    "_forward_hooks_always_called", "_forward_hooks_with_kwargs",
    "_forward_pre_hooks_with_kwargs", "_state_dict_hooks", "_load_state_dict_pre_hooks",
)  # fmt: skip


def contents(tensor: Tensor | None) -> bytes | None:
    """Return a tensor's bytes."""
    return None if tensor is None else tensor.detach().contiguous().numpy().tobytes()


def generators() -> dict[str, Any]:
    """Return the states of all generators of random numbers."""
    return {
        "torch": torch.get_rng_state().numpy().tobytes(),
        "Python": random.getstate(),
        "NumPy": repr(np.random.get_state()),
    }


def buffers(model: nn.Module) -> dict[str, bytes | None]:
    """Return the contents of all buffers."""
    return {name: contents(buffer) for name, buffer in model.named_buffers()}


def outside(model: nn.Module, tensors: Iterable[Tensor] = ()) -> dict[str, Any]:
    """Return all that a run must leave as it was; buffers and generators are not among it.

    Args:
        model: the model, with its modules and parameters.
        tensors: the inputs, and tensors that the model takes from elsewhere.
    """
    found: dict[str, Any] = {
        "gradients": torch.is_grad_enabled(),
        "default type": torch.get_default_dtype(),
        "autocast": torch.is_autocast_enabled("cpu"),
        "threads": torch.get_num_threads(),
        "deterministic": torch.are_deterministic_algorithms_enabled(),
        "torch function": torch._C._is_torch_function_enabled(),
        "torch function modes": torch._C._len_torch_function_stack(),
    }
    for name in _GLOBAL_HOOKS:
        found[name] = list(getattr(torch_modules, name))
    for name, module in model.named_modules():
        found[f"{name} mode"] = module.training
        found[f"{name} attributes"] = sorted(vars(module))
        for hooks in _MODULE_HOOKS:
            found[f"{name} {hooks}"] = list(getattr(module, hooks))
    everything = [*model.named_parameters(), *((f"tensor {n}", t) for n, t in enumerate(tensors))]
    for name, tensor in everything:
        found[f"{name} identity"] = id(tensor)
        found[f"{name} contents"] = contents(tensor)
        found[f"{name} flag"] = tensor.requires_grad
        found[f"{name} grad"] = (id(tensor.grad), contents(tensor.grad))
        found[f"{name} hooks"] = len(tensor._backward_hooks or ())
    return found
