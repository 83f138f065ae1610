"""A setting's value as Python writes it."""

from lenet_viz.network.layer_types import SettingValue
from lenet_viz.network.node import Node


def value_text(value: SettingValue) -> str:
    """Return a value as it stands in Python code: ``3``, ``(2, 2)``, ``True``, ``'same'``."""
    if isinstance(value, tuple):
        return f"({', '.join(map(str, value))}{',' if len(value) == 1 else ''})"
    return repr(value) if isinstance(value, str) else str(value)


def setting_text(node: Node, name: str) -> str:
    """Return a layer's setting as Python writes it; ``None`` where it is left out."""
    try:
        return value_text(node.setting(name))
    except KeyError:
        return "None"
