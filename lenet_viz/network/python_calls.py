"""Which op a call of torch is, and with which settings: torch's own order of arguments."""

import ast
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from lenet_viz.errors import UserMistake
from lenet_viz.network.layer_types import LAYER_TYPES, Setting, SettingValue, checked_value
from lenet_viz.network.python_values import refuse, value
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_HARMLESS: Final = MappingProxyType(
    {
        "inplace": False,
        "return_indices": False,
        "device": None,
        "dtype": None,
        "_stacklevel": 3,
        "recompute_scale_factor": None,
        "antialias": False,
    }
)
"""Arguments that have no setting here, with the one value that changes nothing."""
_MODULE_ORDER: Final = MappingProxyType(
    {
        "max_pool2d": (
            "kernel_size", "stride", "padding", "dilation", "return_indices", "ceil_mode",
        ),
        "relu": ("inplace",),
        "leaky_relu": ("negative_slope", "inplace"),
        "dropout": ("p", "inplace"),
    }
)  # fmt: skip
"""Torch's order of a module's arguments, where it is not that of the settings."""
_FUNCTIONS: Final = MappingProxyType(
    {
        "relu": ("relu", ("inplace",)),
        "leaky_relu": ("leaky_relu", ("negative_slope", "inplace")),
        "gelu": ("gelu", ()),
        "tanh": ("tanh", ()),
        "sigmoid": ("sigmoid", ()),
        "softmax": ("softmax", ("dim",)),
        "log_softmax": ("log_softmax", ("dim",)),
        "max_pool2d": (
            "max_pool2d",
            ("kernel_size", "stride", "padding", "dilation", "ceil_mode", "return_indices"),
        ),
        "avg_pool2d": (
            "avg_pool2d",
            ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad",
             "divisor_override"),
        ),
        "adaptive_avg_pool2d": ("adaptive_avg_pool2d", ("output_size",)),
        "interpolate": ("upsample", ("size", "scale_factor", "mode", "align_corners")),
        "flatten": ("flatten", ("start_dim", "end_dim")),
    }
)  # fmt: skip
"""Functions of ``torch`` and ``torch.nn.functional``, their op and the order of their arguments."""
_OF_TORCH: Final = frozenset({"relu", "tanh", "sigmoid", "softmax", "log_softmax", "flatten"})
_OF_TENSORS: Final = frozenset({"relu", "tanh", "sigmoid", "softmax", "log_softmax", "flatten"})
_OF_FUNCTIONAL: Final = frozenset(set(_FUNCTIONS) - {"flatten"})

MODULES: Final = MappingProxyType(
    {kind.module_class: op for op, kind in LAYER_TYPES.items() if kind.module_class}
)
"""The op of each class of ``torch.nn``."""


@dataclass(frozen=True, slots=True)
class Made:
    """A module that ``__init__`` makes.

    Attributes:
        op: its op.
        settings: its arguments as they were written.
        line: the statement.
    """

    op: str
    settings: dict[str, SettingValue]
    line: ast.stmt


def function_op(full: str) -> str:
    """Return the key of a function that is known here; "" for none.

    Args:
        full: its full name, such as ``torch.nn.functional.relu``.
    """
    owner, _, name = full.rpartition(".")
    known = {"torch": _OF_TORCH, "torch.nn.functional": _OF_FUNCTIONAL}.get(owner, frozenset())
    return name if name in known else ""


def method_op(name: str) -> str:
    """Return the key of a tensor's method that is known here; "" for none."""
    return name if name in _OF_TENSORS else ""


def module_settings(call: ast.Call, op: str) -> dict[str, SettingValue]:
    """Return the settings of a module from how it is made.

    Raises:
        UserMistake: an argument is not known, or no literal.
    """
    order = _MODULE_ORDER.get(op) or tuple(each.name for each in LAYER_TYPES[op].settings)
    return _settings(call, op, order, call.args, call.keywords)


def function_settings(
    call: ast.Call, key: str, arguments: list[ast.expr], keywords: list[ast.keyword]
) -> tuple[str, dict[str, SettingValue]]:
    """Return the op of a function and its settings.

    Args:
        call: the call.
        key: see `function_op`.
        arguments: its positional arguments without the tensor.
        keywords: its keyword arguments.

    Raises:
        UserMistake: an argument is not known, or no literal.
    """
    op, order = _FUNCTIONS[key]
    settings = _settings(call, op, order, arguments, keywords)
    if op == "flatten" and "start_dim" not in settings:
        settings["start_dim"] = 0  # torch.flatten begins with the batch, nn.Flatten behind it
    return op, settings


def _settings(
    call: ast.Call,
    op: str,
    order: tuple[str, ...],
    arguments: list[ast.expr],
    keywords: list[ast.keyword],
) -> dict[str, SettingValue]:
    given: dict[str, ast.expr] = {}
    if len(arguments) > len(order):
        refuse(call, _too_many(op))
    given.update(zip(order, arguments, strict=False))
    for keyword in keywords:
        if keyword.arg is None or keyword.arg in given:
            refuse(call, _too_many(op))
        given[keyword.arg] = keyword.value
    settings: dict[str, SettingValue] = {}
    for name, node in given.items():
        found, setting = value(node), LAYER_TYPES[op].setting(name)
        if setting is None:
            _check_harmless(call, name, found)
        elif found is not None:
            settings[name] = _fitting(call, setting, found)
    for setting in LAYER_TYPES[op].settings:
        if setting.required and setting.name not in settings:
            template = QT_TRANSLATE_NOOP("Python", "{op} needs {name}.")
            refuse(call, message("Python", template, op=op, name=setting.name))
    return settings


def _fitting(call: ast.Call, setting: Setting, found: SettingValue) -> SettingValue:
    if setting.kind == "sizes" and type(found) is int:
        found = (found,)
    try:
        return checked_value(setting, found, setting.name)
    except UserMistake as mistake:
        refuse(call, mistake.message)


def _check_harmless(call: ast.Call, name: str, found: object) -> None:
    if name in _HARMLESS and (found == _HARMLESS[name] and type(found) is type(_HARMLESS[name])):
        return
    template = QT_TRANSLATE_NOOP(
        "Python", "the argument {name}={found} has no counterpart in the builder."
    )
    refuse(call, message("Python", template, name=name, found=str(found)[:40]))


def _too_many(op: str) -> Message:
    template = QT_TRANSLATE_NOOP("Python", "{op} is called with arguments that are not known here.")
    return message("Python", template, op=op)
