"""The ops a `Spec` can hold: their settings, how many inputs they take, how torch calls them."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Final, Literal, NoReturn

from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

SettingValue = bool | int | float | tuple[int, ...]
"""What a setting can hold: a pair keeps the form it was written in, ``2`` or ``(2, 2)``."""

LARGEST: Final = 2**31 - 1
"""The largest whole number a setting may hold."""

LARGEST_AXIS: Final = 2**16
"""The largest height, width, kernel, stride, padding or dilation."""

MOST_SIZES: Final = 16
"""The most sizes a `view` may name."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One argument of an op.

    Attributes:
        name: the argument's name in torch.
        kind: ``whole`` an int; ``pair`` an int or (height, width); ``number`` a float;
            ``flag`` a bool; ``sizes`` a tuple of ints of which one may be -1.
        default: torch's default; None where the argument must be given (``required``) or may
            be left out for a value that follows another (``stride`` of a pool).
        required: whether it must be given.
        low: the smallest value allowed.
        high: the largest value allowed.
    """

    name: str
    kind: Literal["whole", "pair", "number", "flag", "sizes"]
    default: SettingValue | None = None
    required: bool = False
    low: float = 1
    high: float = LARGEST


@dataclass(frozen=True, slots=True)
class LayerType:
    """An op.

    Attributes:
        op: its name in a spec.
        settings: its arguments, in torch's order.
        inputs: the fewest and the most inputs it takes.
        module_class: its class in ``torch.nn``, or None.
        functional: whether it can be called as a function, without a module.
        starts_statement: whether the generated code starts a new line with it.
    """

    op: str
    settings: tuple[Setting, ...] = ()
    inputs: tuple[int, int] = (1, 1)
    module_class: str | None = None
    functional: bool = True
    starts_statement: bool = False

    def setting(self, name: str) -> Setting | None:
        """Return the setting called ``name``, or None."""
        return next((setting for setting in self.settings if setting.name == name), None)


def _size(name: str) -> Setting:
    return Setting(name, "whole", required=True)


def _dim() -> Setting:
    return Setting("dim", "whole", required=True, low=-MOST_SIZES, high=MOST_SIZES)


_KERNEL: Final = Setting("kernel_size", "pair", required=True, high=LARGEST_AXIS)
_PADDING: Final = Setting("padding", "pair", default=0, low=0, high=LARGEST_AXIS)
_DILATION: Final = Setting("dilation", "pair", default=1, high=LARGEST_AXIS)
_CEIL: Final = Setting("ceil_mode", "flag", default=False)
_BIAS: Final = Setting("bias", "flag", default=True)

_TYPES: Final = (
    LayerType(
        "conv2d",
        (
            _size("in_channels"),
            _size("out_channels"),
            _KERNEL,
            Setting("stride", "pair", default=1, high=LARGEST_AXIS),
            _PADDING,
            _DILATION,
            Setting("groups", "whole", default=1),
            _BIAS,
        ),
        module_class="Conv2d",
        functional=False,
        starts_statement=True,
    ),
    LayerType(
        "linear",
        (_size("in_features"), _size("out_features"), _BIAS),
        module_class="Linear",
        functional=False,
        starts_statement=True,
    ),
    LayerType(
        "batch_norm2d",
        (
            _size("num_features"),
            Setting("eps", "number", default=1e-5, low=0, high=1e6),
            Setting("momentum", "number", default=0.1, low=0, high=1),
            Setting("affine", "flag", default=True),
            Setting("track_running_stats", "flag", default=True),
        ),
        module_class="BatchNorm2d",
        functional=False,
        starts_statement=True,
    ),
    LayerType("relu", module_class="ReLU"),
    LayerType("tanh", module_class="Tanh"),
    LayerType("sigmoid", module_class="Sigmoid"),
    LayerType(
        "max_pool2d",
        (_KERNEL, Setting("stride", "pair", high=LARGEST_AXIS), _PADDING, _DILATION, _CEIL),
        module_class="MaxPool2d",
    ),
    LayerType(
        "avg_pool2d",
        (
            _KERNEL,
            Setting("stride", "pair", high=LARGEST_AXIS),
            _PADDING,
            _CEIL,
            Setting("count_include_pad", "flag", default=True),
        ),
        module_class="AvgPool2d",
    ),
    LayerType("view", (Setting("shape", "sizes", required=True, low=-1),), starts_statement=True),
    LayerType(
        "flatten",
        (
            Setting("start_dim", "whole", default=1, low=-MOST_SIZES, high=MOST_SIZES),
            Setting("end_dim", "whole", default=-1, low=-MOST_SIZES, high=MOST_SIZES),
        ),
        module_class="Flatten",
        starts_statement=True,
    ),
    LayerType("add", inputs=(2, 2), starts_statement=True),
    LayerType(
        "cat",
        (Setting("dim", "whole", default=1, low=-MOST_SIZES, high=MOST_SIZES),),
        inputs=(2, 1000),
        starts_statement=True,
    ),
    LayerType("softmax", (_dim(),), module_class="Softmax"),
    LayerType("log_softmax", (_dim(),), module_class="LogSoftmax"),
    LayerType(
        "dropout", (Setting("p", "number", default=0.5, low=0, high=1),), module_class="Dropout"
    ),
)

LAYER_TYPES: Final[Mapping[str, LayerType]] = MappingProxyType(
    {layer_type.op: layer_type for layer_type in _TYPES}
)
"""Every op by its name."""


def field_mistake(path: str, found: object, wanted: Message) -> NoReturn:
    """Refuse a value: says where it is, what was found and what is wanted.

    Args:
        path: where the value is, as in ``nodes[3].settings.stride``.
        found: the value.
        wanted: what would be accepted.

    Raises:
        UserMistake: always.
    """
    raise UserMistake(
        message(
            "Network",
            QT_TRANSLATE_NOOP("Network", "{path} is {found}; wanted: {wanted}."),
            path=path,
            found=written(found),
            wanted=wanted,
        )
    )


def written(value: object, longest: int = 60) -> str:
    """Return ``value`` as JSON would write it, cut to ``longest`` characters."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        text = type(value).__name__
    return text if len(text) <= longest else text[: longest - 1] + "…"


def nearest(word: str, known: tuple[str, ...]) -> str | None:
    """Return the known word that ``word`` was probably meant to be, or None."""
    found = get_close_matches(word[:200].lower(), known, n=1, cutoff=0.6)
    return found[0] if found else None


def checked_value(setting: Setting, value: object, path: str) -> SettingValue:
    """Return ``value`` in the form specs keep it: lists become tuples, numbers floats.

    Args:
        setting: the setting it is meant for.
        value: what was given.
        path: where it stands, for the message.

    Raises:
        UserMistake: it is of another type (``"3.5"``, a bool for an int), not finite or out of
            range.
    """
    if setting.kind == "flag":
        if not isinstance(value, bool):
            field_mistake(
                path, value, message("Network", QT_TRANSLATE_NOOP("Network", "true or false"))
            )
        return value
    if setting.kind == "number":
        return _number(setting, value, path)
    if setting.kind == "sizes":
        return _sizes(value, path)
    if setting.kind == "pair" and isinstance(value, (list, tuple)):
        if len(value) != 2:
            field_mistake(path, value, _wanted(setting))
        return tuple(_whole(setting, one, f"{path}[{i}]") for i, one in enumerate(value))
    return _whole(setting, value, path)


def _wanted(setting: Setting) -> Message:
    low, high = setting.low, setting.high
    if setting.kind == "number":
        template = QT_TRANSLATE_NOOP("Network", "a number from {low} to {high}")
    elif setting.kind == "pair":
        template = QT_TRANSLATE_NOOP(
            "Network", "a whole number from {low} to {high}, or two: [height, width]"
        )
    else:
        template = QT_TRANSLATE_NOOP("Network", "a whole number from {low} to {high}")
    return message("Network", template, low=low, high=high)


def _whole(setting: Setting, value: object, path: str) -> int:
    if type(value) is not int or not setting.low <= value <= setting.high:
        field_mistake(path, value, _wanted(setting))
    return value


def _number(setting: Setting, value: object, path: str) -> float:
    if type(value) not in (int, float) or not isinstance(value, (int, float)):
        field_mistake(path, value, _wanted(setting))
    # The range is compared first: a very long integer does not fit a float.
    if not setting.low <= value <= setting.high or not math.isfinite(value):
        field_mistake(path, value, _wanted(setting))
    return float(value)


def _sizes(value: object, path: str) -> tuple[int, ...]:
    wanted = message(
        "Network",
        QT_TRANSLATE_NOOP("Network", "a list of 1 to {most} sizes of which one may be -1"),
        most=MOST_SIZES,
    )
    if not isinstance(value, (list, tuple)) or not 1 <= len(value) <= MOST_SIZES:
        field_mistake(path, value, wanted)
    for i, size in enumerate(value):
        if type(size) is not int or not (size == -1 or 1 <= size <= LARGEST):
            field_mistake(f"{path}[{i}]", size, wanted)
    if list(value).count(-1) > 1:
        field_mistake(path, value, wanted)
    return tuple(value)
