"""One try of a model with an input: how far it comes, and what it stumbles over."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import prod
from typing import Any, Final

import torch
from torch import nn
from torch.nn.modules.module import register_module_forward_pre_hook
from torch.overrides import TorchFunctionMode

from lenet_viz.engine.needs import Need, need_of_module, need_of_op

_SMALL: Final = re.compile(
    r"[Kk]ernel size can't be greater|[Oo]utput size is too small|more than 1 value per channel"
    r"|Padding size should be less|non-empty|smaller than|must be greater than"
)
_UNPACK: Final = re.compile(r"values to unpack \(expected (\d+)")
_TOO_FEW: Final = re.compile(r"(tuple )?index out of range|Dimension out of range|too many indices")
_NOT_WHOLE: Final = re.compile(
    r"index tensor|must be long|dtype int64|scalar types: Long|be an integer|expected.*Long"
    r"|used as indices|IntTensor or LongTensor|integer tensors"
)
_NOT_FLOATING: Final = re.compile(
    r"must have the same dtype|expected scalar type (Float|Double|Half)|not implemented for 'Long'"
    r"|only Tensors of floating point|Long and (Float|Double|Half)|Input type \(.*[lL]ong"
)
_JOINS: Final = frozenset(
    {"add", "__add__", "__radd__", "sub", "mul", "__mul__", "add_", "__iadd__"}
)
_RESHAPES: Final = frozenset({"view", "reshape", "unflatten"})


class Unfit(Exception):
    """Raised in place of an op that could not take its tensor."""

    def __init__(self, need: Need) -> None:
        """Keep what it demands."""
        super().__init__(f"wants {need.want}, got {need.got}")
        self.need = need


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of one try.

    Attributes:
        error: what was raised; None where forward came to its end.
        output: what forward returned.
        ops: how many ops ran.
        need: what was demanded and not met; None where that is not known.
        inputs: numbers of the inputs that the tensor in question came from.
        raw: whether it came from them without any parameter.
        hint: ``small`` (sizes should be larger), ``axes`` (``number`` axes wanted, or 0 for one
            more), ``whole`` (whole numbers wanted), ``floating`` (the contrary), or "".
        number: see above.
    """

    error: Exception | None = None
    output: Any = None
    ops: int = 0
    need: Need | None = None
    inputs: tuple[int, ...] = ()
    raw: bool = False
    hint: str = ""
    number: int = 0


class _Watch(TorchFunctionMode):
    """Follows which tensors come from which inputs, and stops ops that cannot work."""

    def __init__(self, inputs: Sequence[torch.Tensor]) -> None:
        super().__init__()
        self.ops = 0
        self.failed: Need | None = None
        # The tensors are kept, so that no other one gets their ids.
        self._from: dict[int, tuple[torch.Tensor, frozenset[int], bool]] = {}
        for number, tensor in enumerate(inputs):
            self._from[id(tensor)] = tensor, frozenset({number}), True

    def __torch_function__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Any = None
    ) -> Any:
        """Run one function, unless it is plain that it cannot work."""
        kwargs = kwargs or {}
        name = getattr(func, "__name__", "")
        with torch._C.DisableTorchFunction():
            need = need_of_op(name, args, kwargs)
        if need is not None:
            raise Unfit(need)
        try:
            output = func(*args, **kwargs)
        except Exception:
            with torch._C.DisableTorchFunction():
                self.failed = self.failed or self._need_after(name, args)
            raise
        self.ops += 1
        self._follow(args, kwargs, output)
        return output

    def origin(self, tensor: torch.Tensor) -> tuple[tuple[int, ...], bool]:
        """Return the numbers of the inputs a tensor came from, and whether without parameters."""
        _, inputs, raw = self._from.get(id(tensor), (tensor, frozenset[int](), False))
        return tuple(sorted(inputs)), raw

    def _follow(self, args: Sequence[Any], kwargs: Mapping[str, Any], output: Any) -> None:
        inputs: frozenset[int] = frozenset()
        raw = True
        for tensor in _tensors((*args, *kwargs.values())):
            known = self._from.get(id(tensor))
            if known is not None:
                inputs |= known[1]
                raw = raw and known[2]
            raw = raw and not isinstance(tensor, nn.Parameter)
        if inputs:
            for tensor in _tensors((output,)):
                self._from[id(tensor)] = tensor, inputs, raw

    def _need_after(self, name: str, args: Sequence[Any]) -> Need | None:
        """Return what an op that failed would have needed, where that shows in its arguments."""
        x = args[0] if args else None
        if not isinstance(x, torch.Tensor):
            return None
        if name in _RESHAPES:
            sizes = [n for n in _flat_numbers(args[1:]) if n > 0]
            want = prod(sizes)
            return Need("count", want, -1, ("N", want), x) if want > 1 else None
        other = args[1] if len(args) > 1 else None
        if name in _JOINS and isinstance(other, torch.Tensor):
            pair = (x, other) if id(x) in self._from else (other, x)
            return _mismatch(*pair)
        return None


def _mismatch(x: torch.Tensor, other: torch.Tensor) -> Need | None:
    """Return the demand that an elementwise op makes of ``x``, from the last axis on."""
    for axis in range(-1, -min(x.dim(), other.dim()) - 1, -1):
        if x.shape[axis] != other.shape[axis] and 1 not in (x.shape[axis], other.shape[axis]):
            layout: list[int | str] = list(other.shape)
            if len(layout) > 1:
                layout[0] = "N"
            return Need("axis", other.shape[axis], axis, tuple(layout), x)
    return None


def _flat_numbers(values: Sequence[Any]) -> Iterator[int]:
    for value in values:
        if isinstance(value, int):
            yield value
        elif isinstance(value, tuple | list):
            yield from _flat_numbers(value)


def _tensors(values: Sequence[Any], depth: int = 0) -> Iterator[torch.Tensor]:
    for value in values:
        if isinstance(value, torch.Tensor):
            yield value
        elif isinstance(value, tuple | list) and depth < 3:
            yield from _tensors(value, depth + 1)
        elif isinstance(value, dict) and depth < 3:
            yield from _tensors(tuple(value.values()), depth + 1)


@contextmanager
def _modules_checked() -> Iterator[None]:
    def check(module: nn.Module, args: Any) -> None:
        need = need_of_module(module, args)
        if need is not None:
            raise Unfit(need)

    handle = register_module_forward_pre_hook(check)
    try:
        yield
    finally:
        handle.remove()


def probe(model: nn.Module, tensors: Sequence[torch.Tensor], call: Any) -> Tried:
    """Return what becomes of calling ``model`` once, under no_grad and in its own mode.

    Args:
        model: a model that may be changed by it.
        tensors: the inputs.
        call: calls the model with them.
    """
    watch = _Watch(tensors)
    output = None
    error: Exception | None = None
    try:
        with torch.no_grad(), _modules_checked(), watch:
            output = call(model)
    except Exception as raised:  # noqa: BLE001 - the user's code may raise anything
        error = raised
    if error is None:
        return Tried(output=output, ops=watch.ops)
    need = error.need if isinstance(error, Unfit) else watch.failed
    inputs, raw = ((), False) if need is None else watch.origin(need.tensor)
    hint, number = ("", 0) if need is not None else _hint(error)
    return Tried(error, None, watch.ops, need, inputs, raw, hint, number)


def _hint(error: Exception) -> tuple[str, int]:
    """Return what an error's own words tell of the input that is wanted."""
    text = ""
    with suppress(Exception):
        text = str(error)
    if _SMALL.search(text):
        return "small", 0
    unpacked = _UNPACK.search(text)
    if unpacked is not None:
        return "axes", int(unpacked[1])
    if _NOT_WHOLE.search(text):
        return "whole", 0
    if _NOT_FLOATING.search(text):
        return "floating", 0
    if _TOO_FEW.search(text):
        return "axes", 0
    return "", 0
