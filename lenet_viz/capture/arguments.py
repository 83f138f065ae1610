"""What an op is called and what its arguments are called."""

import inspect
import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import torch

from lenet_viz.capture.records import Argument, ArgumentValue, Literal

_OPERATORS = {
    "truediv": "div",
    "truediv_": "div_",
    "rtruediv": "rdiv",
    "radd": "add",
    "rmul": "mul",
    "invert": "bitwise_not",
}
_AUGMENTED = re.compile(r"i(add|sub|mul|truediv|floordiv|mod|pow|and|or|xor|lshift|rshift|matmul)")
_PAIRS = ("kernel_size", "stride", "padding", "dilation", "output_padding", "output_size")
_POOL = ("input", "kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices")
_OWN = {
    "getitem": ("input", "index"),
    "setitem": ("input", "index", "value"),
    "max_pool1d": _POOL,
    "max_pool2d": _POOL,
    "max_pool3d": _POOL,
}
"""Names for functions that no schema or signature describes."""
_TWO_DIMENSIONAL = re.compile(r"\w+2d(_with_indices)?")


class Parameter(NamedTuple):
    """One place in a function's signature.

    Attributes:
        name: what it is called.
        default: its default as a plain value; `inspect.Parameter.empty` where it has none.
        takes_rest: whether it takes the remaining positional arguments as one tuple.
    """

    name: str
    default: Any
    takes_rest: bool


Signature = Sequence[Parameter]
_NONE = inspect.Parameter.empty
_POOL_DEFAULTS: dict[str, Any] = {
    "stride": None,
    "padding": 0,
    "dilation": 1,
    "ceil_mode": False,
    "return_indices": False,
}
_names: dict[Any, str] = {}
_signatures: dict[tuple[Any, int, tuple[str, ...]], Signature | None] = {}


def op_name(func: Any) -> str:
    """Return torch's name of a function: ``conv2d``, ``relu_``, ``getitem``, ``T``."""
    try:
        return _names[func]
    except KeyError:
        name = _names[func] = _op_name(func)
        return name


def _op_name(func: Any) -> str:
    name: str = getattr(func, "__name__", type(func).__name__)
    owner = getattr(func, "__self__", None)
    if name == "__get__":
        return str(getattr(owner, "__name__", "get"))
    if name == "__set__":
        return f"set_{getattr(owner, '__name__', '')}"
    if name.startswith("__") and name.endswith("__"):
        name = name[2:-2]
        if _AUGMENTED.fullmatch(name):
            name = f"{name[1:]}_"
        return _OPERATORS.get(name, name)
    return name.lstrip("_") if name.startswith("_") and not name.startswith("__") else name


def named_arguments(
    func: Any, op: str, args: Sequence[ArgumentValue], kwargs: Mapping[str, ArgumentValue]
) -> tuple[Argument, ...]:
    """Return the arguments of a call under the names that torch gives them.

    Defaults that are plain values are filled in. For two-dimensional convolutions and pools,
    sizes are given as (height, width).

    Args:
        func: the function that was called.
        op: its name.
        args: its positional arguments.
        kwargs: its keyword arguments.
    """
    key = (func, len(args), tuple(kwargs))
    try:
        signature = _signatures[key]
    except KeyError:
        signature = _signatures[key] = _signature(func, op, len(args), kwargs)
    except TypeError:
        signature = None
    if signature is None:
        found = {str(number): value for number, value in enumerate(args)}
        found.update(kwargs)
    else:
        found = _bound(signature, args, kwargs)
    if _TWO_DIMENSIONAL.fullmatch(op):
        _make_pairs(found)
    return tuple(Argument(name, value) for name, value in found.items())


def _bound(
    signature: Signature, args: Sequence[ArgumentValue], kwargs: Mapping[str, ArgumentValue]
) -> dict[str, ArgumentValue]:
    found: dict[str, ArgumentValue] = {}
    for number, place in enumerate(signature):
        if number < len(args):
            rest = tuple(args[number:])
            whole = place.takes_rest and (len(rest) > 1 or isinstance(rest[0], Literal))
            found[place.name] = rest if whole else args[number]
        elif place.name in kwargs:
            found[place.name] = kwargs[place.name]
        elif place.default is not _NONE:
            found[place.name] = _literal(place.default)
    for name, value in kwargs.items():
        found.setdefault(name, value)
    return found


def _literal(value: Any) -> ArgumentValue:
    if isinstance(value, (list, tuple)):
        return tuple(_literal(item) for item in value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return Literal(value)
    return Literal(str(value))


def _make_pairs(found: dict[str, ArgumentValue]) -> None:
    """Give sizes as (height, width), and a pool's stride its default, the kernel's size."""
    if found.get("stride") in ((), Literal(None)) and "kernel_size" in found:
        found["stride"] = found["kernel_size"]
    for name in _PAIRS:
        value = found.get(name)
        if isinstance(value, Literal) and type(value.value) is int:
            found[name] = (value, value)
        elif isinstance(value, tuple) and len(value) == 1:
            found[name] = (value[0], value[0])


def _signature(func: Any, op: str, count: int, kwargs: Mapping[str, Any]) -> Signature | None:
    """Return where a call's arguments belong; None where nothing says it."""
    if op in _OWN:
        return [Parameter(name, _POOL_DEFAULTS.get(name, _NONE), False) for name in _OWN[op]]
    if hasattr(func, "__code__"):
        return _python_signature(func)
    if getattr(func, "__name__", "") == "__get__":
        return [Parameter("input", _NONE, False)]
    for schema in _schemas(op):
        places = _places(schema)
        positional = sum(not argument.kwarg_only for argument in schema.arguments)
        rest = any(place.takes_rest for place in places)
        names = {place.name for place in places}
        if (count <= positional or rest) and set(kwargs) - {"out"} <= names:
            return places
    return None


def _python_signature(func: Any) -> Signature | None:
    try:
        parameters = inspect.signature(func).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        return None
    return [
        Parameter("input" if p.name == "self" else p.name.lstrip("_"), p.default, False)
        for p in parameters
        if p.kind is not p.VAR_KEYWORD and p.name != "_stacklevel"
    ]


def _schemas(op: str) -> list[Any]:
    for name in (f"aten::{op}", f"aten::_{op}"):
        found: list[Any] = torch._C._jit_get_schemas_for_operator(name)
        if found:
            # The overload that takes tensors first: `add.Tensor` before `add.t`.
            return sorted(found, key=_not_for_tensors)
    return []


def _not_for_tensors(schema: Any) -> tuple[bool, bool]:
    first = str(schema.arguments[0].type) if schema.arguments else ""
    return ("Tensor" not in first, schema.overload_name not in ("", "Tensor", "int"))


def _places(schema: Any) -> list[Parameter]:
    """Return the arguments of one overload.

    As torch does it, a list of sizes takes all remaining arguments where nothing else can be
    given by position: ``x.view(-1, 576)``.
    """
    others = [a for a in schema.arguments if a.name != "self" and not a.kwarg_only]
    return [
        Parameter(
            "input" if argument.name == "self" else argument.name,
            argument.default_value if argument.has_default_value() else _NONE,
            others == [argument] and str(argument.type) == "List[int]",
        )
        for argument in schema.arguments
        if argument.name != "out"
    ]
