"""lenet_viz: see what a neural network does.

``capture(model, *inputs)`` records every step of one run, ``load(path)`` reads such a record
back, and ``show(model, *inputs)`` opens a window on a run. Importing this package loads neither
torch nor Qt.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from lenet_viz.capture.api import capture
    from lenet_viz.capture.store import load
    from lenet_viz.commands.show import show

__version__ = "0.1.0"
__all__ = ["__version__", "capture", "load", "show"]


def __getattr__(name: str) -> Any:
    """Return a public name, importing its home only now."""
    if name == "capture":
        # The package itself, which is called like the function: Python puts it under this very
        # name as soon as any of its modules is imported, so nothing else may stand here.
        from importlib import import_module

        return import_module("lenet_viz.capture")
    if name == "load":
        from lenet_viz.capture.store import load

        return load
    if name == "show":
        from lenet_viz.commands.show import show

        return show
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
