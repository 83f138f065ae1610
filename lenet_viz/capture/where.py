"""Where in the model an op runs: module hooks that keep a stack of modules."""

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook


class Place(NamedTuple):
    """A module of the model.

    Attributes:
        path: its path, "" for the model itself.
        module: the module.
    """

    path: str
    module: nn.Module


class WhereHooks:
    """Keeps track of the innermost module that is running.

    Attributes:
        stack: the modules that are running, outermost first.
        paths: the path of every module.
        failed: the innermost module that gave nothing, since one last gave something.
    """

    def __init__(
        self,
        model: nn.Module,
        entered: Callable[[Any], None],
        left: Callable[[Place, Any, Any], None],
    ) -> None:
        """Prepare to follow the modules of ``model``; `hook` begins.

        Args:
            model: the model that will run.
            entered: called with the positional arguments of a module that is about to run.
            left: called with a place, its positional arguments and its output whenever a module
                has run to its end.
        """
        self.stack: list[Place] = []
        self.paths: set[str] = set()
        self.failed: Place | None = None
        self._entered: Callable[[Any], None] | None = entered
        self._left: Callable[[Place, Any, Any], None] | None = left
        self._root = Place("", model)
        self._handles: list[Any] = []

    def hook(self, model: nn.Module) -> None:
        """Hook every module of ``model``."""
        for path, module in _python_modules(model):
            self._hook(Place(path, module))

    @property
    def here(self) -> Place:
        """The innermost module that is running; the model itself outside all of them."""
        return self.stack[-1] if self.stack else self._root

    def remove(self) -> None:
        """Take all hooks off again."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()

    def close(self) -> None:
        """Take all hooks off and call nobody any more."""
        self.remove()
        self._entered = self._left = None

    def _hook(self, place: Place) -> None:
        self.paths.add(place.path)

        # Global hooks, which scripted modules need, see every module that runs.
        def entered(module: nn.Module, args: Any) -> None:
            if module is place.module:
                self._enter(place, args)

        def left(module: nn.Module, args: Any, output: Any) -> None:
            if module is place.module:
                self._leave(place, args, output)

        if isinstance(place.module, torch.jit.ScriptModule):
            self._handles.append(register_module_forward_pre_hook(entered))
            self._handles.append(register_module_forward_hook(left, always_call=True))
            return
        # First in and last out, so that ops of the user's own hooks count as the module's.
        self._handles.append(place.module.register_forward_pre_hook(entered, prepend=True))
        self._handles.append(place.module.register_forward_hook(left, always_call=True))

    def _enter(self, place: Place, args: Any) -> None:
        if self._entered is not None:
            self._entered(args)
        self.stack.append(place)

    def _leave(self, place: Place, args: Any, output: Any) -> None:
        if output is None:
            self.failed = self.failed or place
        else:
            self.failed = None
            if self._left is not None:
                self._left(place, args, output)
        # A module that raised leaves no hook call of those inside it behind.
        while self.stack and self.stack.pop() is not place:
            pass


def _python_modules(model: nn.Module) -> list[tuple[str, nn.Module]]:
    """Return all modules by path, without those inside scripted ones, which Python never calls."""
    modules: list[tuple[str, nn.Module]] = []
    closed: list[str] = []
    for path, module in model.named_modules():
        if any(path.startswith(prefix) for prefix in closed):
            continue
        modules.append((_plain(path), module))
        if isinstance(module, torch.jit.ScriptModule):
            closed.append(f"{path}." if path else "")
    return modules


def _plain(path: str) -> str:
    """Return a path without the parts that `torch.compile` puts in."""
    return ".".join(part for part in path.split(".") if part != "_orig_mod")
