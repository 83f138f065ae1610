"""What ``print(model)`` gives, put together when it is first read."""

from collections.abc import Callable
from typing import Any

from torch import nn

Outline = Any
"""A module's whole text, or its name, its own words and the outlines of those inside by name."""


def printed(model: nn.Module) -> Callable[[], str]:
    """Return a function that gives ``str(model)`` as it is now; joining its lines takes long."""
    if type(model).__str__ is not object.__str__:
        text = str(model)
        return lambda: text
    outline = _outline(model)
    return lambda: _text(outline)


def _outline(module: Any) -> Outline:
    if type(module).__repr__ is not nn.Module.__repr__:
        return repr(module)
    inside = [(name, _outline(child)) for name, child in module._modules.items()]
    return module._get_name(), module.extra_repr(), inside


def _text(outline: Outline) -> str:
    """Return what `torch.nn.Module.__repr__` makes of an outline."""
    if isinstance(outline, str):
        return outline
    name, words, inside = outline
    lines = words.split("\n") if words else []
    if len(lines) == 1 and not inside:
        return f"{name}({words})"
    lines += [f"({key}): " + _text(child).replace("\n", "\n  ") for key, child in inside]
    body = "\n  ".join(lines)
    return f"{name}(\n  {body}\n)" if lines else f"{name}()"
