"""lenet_viz: see what a neural network does.

``capture(model, *inputs)`` records every step of one run, ``load(path)`` reads such a record
back. Importing this package loads neither torch nor Qt.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lenet_viz.capture.api import capture
    from lenet_viz.capture.store import load

__version__ = "0.1.0"
__all__ = ["__version__", "capture", "load"]

_HOMES = {"capture": "lenet_viz.capture.api", "load": "lenet_viz.capture.store"}


def __getattr__(name: str) -> Any:
    """Return a public name, importing its home only now."""
    if name in _HOMES:
        from importlib import import_module

        found = getattr(import_module(_HOMES[name]), name)
        globals()[name] = found
        return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
