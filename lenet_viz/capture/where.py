"""Where in the model an op runs: module hooks that keep a stack of modules."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook

_SCRIPTED = torch.jit.ScriptModule


class Place:
    """A module of the model.

    Attributes:
        path: its path, "" for the model itself.
        module: the module while the run goes on; None afterwards.
        kind: its class, as it was at the end of the run.
        scripted: whether Python does not see inside.
        plain: whether it has neither parameters nor modules inside.
    """

    __slots__ = ("kind", "module", "path", "plain", "scripted")

    def __init__(self, path: str, module: nn.Module) -> None:
        """Begin with a module that is about to run."""
        self.path = path
        self.module: nn.Module | None = module
        self.kind: type[nn.Module] = type(module)
        self.scripted = isinstance(module, _SCRIPTED)
        self.plain = False

    def seal(self) -> None:
        """Take down what records need and let the module go."""
        module = self.module
        if module is not None:
            # A lazy module changes its class when it first runs.
            self.kind = type(module)
            own, inside = module._parameters, module._modules
            self.plain = not (self.scripted or (own and _holds(own)) or (inside and _holds(inside)))
            self.module = None


class Entry:
    """One call of a module.

    Attributes:
        place: the module.
        within: the call it was made in; None for the model itself.
    """

    __slots__ = ("place", "within")

    def __init__(self, place: Place, within: "Entry | None") -> None:
        """Begin a call."""
        self.place = place
        self.within = within


class WhereHooks:
    """Keeps track of the innermost module that is running.

    Attributes:
        stack: the calls that are running, outermost first.
        entries: every call that was begun, in order.
        places: every module that is followed.
        failed: the innermost module that gave nothing, since one last gave something.
        here: the innermost call that is running; that of the model itself outside all of them.
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
        self.stack: list[Entry] = []
        self.entries: list[Entry] = []
        self.places: list[Place] = []
        self.failed: Place | None = None
        self._entered: Callable[[Any], None] | None = entered
        self._left: Callable[[Place, Any, Any], None] | None = left
        self._root = self.here = Entry(Place("", model), None)
        self._by_id: dict[int, Place] = {}
        self._own_exit: set[int] = set()
        self._handles: list[Any] = []

    def hook(self, modules: Iterable[tuple[str, nn.Module]]) -> None:
        """Follow all of ``modules``, given by path."""
        for place, module in _python_modules(modules):
            self.places.append(place)
            self._by_id[id(module)] = place
            if not place.scripted and module._forward_hooks:
                self._hook_last(place, module)
        # Two hooks that see every module cost less than two for each, and scripted ones take
        # no others.
        self._handles.append(register_module_forward_pre_hook(self._enter))
        self._handles.append(register_module_forward_hook(self._leave, always_call=True))

    def call_of(self, place: Place) -> Entry:
        """Return the innermost running call of a module."""
        for entry in reversed(self.stack):
            if entry.place is place:
                return entry
        return Entry(place, self._root)

    def remove(self) -> None:
        """Take all hooks off again."""
        for handle in self._handles:
            handle.remove()
        self._handles.clear()

    def seal(self) -> None:
        """Let all modules go; what records need of them is taken down."""
        self._root.place.seal()
        for place in self.places:
            place.seal()

    def close(self) -> None:
        """Take all hooks off, call nobody any more and let all modules go."""
        self.remove()
        self.seal()
        self._by_id.clear()
        self._entered = self._left = None

    def _hook_last(self, place: Place, module: nn.Module) -> None:
        """Leave a module after its own hooks, so that their ops count as the module's."""
        self._own_exit.add(id(module))

        def left(module: nn.Module, args: Any, output: Any) -> None:
            self._exit(place, args, output)

        self._handles.append(module.register_forward_hook(left, always_call=True))

    def _enter(self, module: nn.Module, args: Any) -> None:
        place = self._by_id.get(id(module))
        if place is not None:
            if self._entered is not None:
                self._entered(args)
            entry = Entry(place, self.stack[-1] if self.stack else None)
            self.stack.append(entry)
            self.entries.append(entry)
            self.here = entry

    def _leave(self, module: nn.Module, args: Any, output: Any) -> None:
        place = self._by_id.get(id(module))
        if place is not None and id(module) not in self._own_exit:
            self._exit(place, args, output)

    def _exit(self, place: Place, args: Any, output: Any) -> None:
        if output is None:
            self.failed = self.failed or place
        else:
            self.failed = None
            if self._left is not None:
                self._left(place, args, output)
        # A module that raised leaves no hook call of those inside it behind.
        while self.stack and self.stack.pop().place is not place:
            pass
        self.here = self.stack[-1] if self.stack else self._root


def _python_modules(modules: Iterable[tuple[str, nn.Module]]) -> list[tuple[Place, nn.Module]]:
    """Return all modules, without those inside scripted ones, which Python never calls."""
    found: list[tuple[Place, nn.Module]] = []
    closed: list[str] = []
    for path, module in modules:
        if closed and path.startswith(tuple(closed)):
            continue
        place = Place(_plain(path), module)
        found.append((place, module))
        if place.scripted:
            closed.append(f"{path}." if path else "")
    return found


def _holds(parts: Mapping[str, object]) -> bool:
    for part in parts.values():  # noqa: SIM110 - a generator takes longer than the loop
        if part is not None:
            return True
    return False


def _plain(path: str) -> str:
    """Return a path without the parts that `torch.compile` puts in."""
    if "_orig_mod" not in path:
        return path
    return ".".join(part for part in path.split(".") if part != "_orig_mod")
