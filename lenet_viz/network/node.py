"""One node of a network and the checks of its fields."""

import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from lenet_viz.network import spec_text
from lenet_viz.network.layer_types import (
    LAYER_TYPES,
    LayerType,
    SettingValue,
    checked_value,
    field_mistake,
    nearest,
    written,
)
from lenet_viz.network.reserved_names import RESERVED_MODULE_NAMES
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

INPUT: Final = "input"
"""The name under which nodes refer to the network's input."""

LONGEST_NAME: Final = 100


@dataclass(frozen=True, slots=True, eq=False)
class Settings(Mapping[str, SettingValue]):
    """The settings that were written out, in their order; a mapping that can be hashed."""

    pairs: tuple[tuple[str, SettingValue], ...] = ()

    def __getitem__(self, name: str) -> SettingValue:
        for key, value in self.pairs:
            if key == name:
                return value
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return (key for key, _ in self.pairs)

    def __len__(self) -> int:
        return len(self.pairs)

    def __hash__(self) -> int:
        return hash(frozenset(self.pairs))


@dataclass(frozen=True, slots=True)
class Node:
    """One op of the network.

    Attributes:
        id: its name, a Python identifier that no other node has.
        op: a name in `LAYER_TYPES`.
        inputs: the ids of the nodes whose outputs it takes, or ``"input"``.
        settings: its arguments as they were written (``2`` stays ``2``, ``(2, 2)`` stays
            ``(2, 2)``); those left out have torch's default. Any mapping is taken.
        module: its attribute in the network and prefix in the ``state_dict``; None for an op
            that is called as a function. An op with parameters that names none takes its id.
            Nodes with the same module share it, parameters included.
        style: ``module`` or ``functional``; follows from ``module``.

    Raises:
        UserMistake: a field cannot be used; says where, what was found and what is wanted.
    """

    id: str
    op: str
    inputs: tuple[str, ...]
    settings: Mapping[str, SettingValue] = field(default_factory=Settings)
    module: str | None = None
    style: Literal["functional", "module"] | None = None

    def __post_init__(self) -> None:
        path = f"node {self.id}" if isinstance(self.id, str) else "node"
        for name, value in checked_node(self, path).items():
            object.__setattr__(self, name, value)

    @property
    def layer_type(self) -> LayerType:
        """The op's description."""
        return LAYER_TYPES[self.op]

    def setting(self, name: str) -> SettingValue:
        """Return a setting, torch's default where it was not written.

        Raises:
            KeyError: the op has no such setting, or it was left out and stands for nothing then.
        """
        if name in self.settings:
            return self.settings[name]
        known = self.layer_type.setting(name)
        if known is not None and known.default is not None:
            return known.default
        # A pool's stride has no default of its own: it follows the kernel.
        if known is None or name != "stride":
            raise KeyError(name)
        return self.setting("kernel_size")

    def pair(self, name: str) -> tuple[int, int]:
        """Return a setting as (height, width); a single number stands for both.

        Raises:
            KeyError: it holds a word.
        """
        value = self.setting(name)
        if isinstance(value, str):
            raise KeyError(name)
        if isinstance(value, tuple):
            return value[0], value[1]
        return int(value), int(value)

    def number(self, name: str) -> int:
        """Return a whole-number setting."""
        value = self.setting(name)
        if not isinstance(value, int):
            raise KeyError(name)
        return value

    def word(self, name: str) -> str:
        """Return a setting of the kind ``choice``, or the word in place of a pair; "" for none."""
        value = self.setting(name)
        return value if isinstance(value, str) else ""

    def flag(self, name: str) -> bool:
        """Return a true-or-false setting."""
        return bool(self.setting(name))


@dataclass(frozen=True, slots=True)
class RawNode:
    """A node's fields as JSON gives them, of any type."""

    id: str
    op: str
    inputs: tuple[str, ...]
    settings: Mapping[str, SettingValue]
    module: str | None
    style: Literal["functional", "module"] | None


def checked_node(node: "Node | RawNode", path: str) -> dict[str, object]:
    """Return the fields of a node in the form it keeps, or refuse them by their path."""
    check_name(node.id, f"{path}.id")
    if node.id == INPUT:
        field_mistake(
            f"{path}.id",
            node.id,
            message(
                "Network", QT_TRANSLATE_NOOP("Network", "a name other than the network's input")
            ),
        )
    layer_type = _checked_op(node.op, f"{path}.op")
    module, style = _checked_style(node, layer_type, path)
    return {
        "inputs": _checked_inputs(node.inputs, layer_type, f"{path}.inputs"),
        "settings": _checked_settings(node.settings, layer_type, f"{path}.settings"),
        "module": module,
        "style": style,
    }


def check_name(name: object, path: str) -> None:
    """Check that ``name`` can name a node or module in Python code.

    Raises:
        UserMistake: it is empty, a Python keyword, too long, or not letters, digits and
            underscores that start with a letter.
    """
    if (
        not isinstance(name, str)
        or re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name) is None
        or len(name) > LONGEST_NAME
        or keyword.iskeyword(name)
    ):
        field_mistake(
            path,
            name,
            message(
                "Network",
                QT_TRANSLATE_NOOP(
                    "Network",
                    "a name of up to {most} letters, digits and underscores that starts with a "
                    "letter and is not a word of Python's own",
                ),
                most=LONGEST_NAME,
            ),
        )


def _checked_op(op: object, path: str) -> LayerType:
    if isinstance(op, str) and op in LAYER_TYPES:
        return LAYER_TYPES[op]
    known = tuple(LAYER_TYPES)
    guess = nearest(op, known) if isinstance(op, str) else None
    if guess is None:
        wanted = message(
            "Network", QT_TRANSLATE_NOOP("Network", "one of {known}"), known=", ".join(known)
        )
    else:
        wanted = message(
            "Network",
            QT_TRANSLATE_NOOP("Network", "one of {known} (did you mean {guess}?)"),
            known=", ".join(known),
            guess=guess,
        )
    field_mistake(path, op, wanted)


def _checked_style(
    node: "Node | RawNode", layer_type: LayerType, path: str
) -> tuple[str | None, str]:
    module = node.module
    if module is None and (not layer_type.functional or node.style == "module"):
        module = node.id
    if module is not None:
        check_name(module, f"{path}.module")
        if module in RESERVED_MODULE_NAMES:
            field_mistake(
                f"{path}.module",
                module,
                message(
                    "Network",
                    QT_TRANSLATE_NOOP("Network", "a name that torch.nn.Module does not use itself"),
                ),
            )
        if layer_type.module_class is None:
            field_mistake(
                f"{path}.module",
                module,
                message(
                    "Network",
                    QT_TRANSLATE_NOOP(
                        "Network", "nothing, for {op} is always called as a function"
                    ),
                    op=layer_type.op,
                ),
            )
    style = "functional" if module is None else "module"
    if node.style not in (None, style):
        field_mistake(
            f"{path}.style",
            node.style,
            message(
                "Network",
                QT_TRANSLATE_NOOP("Network", "{style}, for that is how this {op} is given"),
                style=written(style),
                op=layer_type.op,
            ),
        )
    return module, style


def _checked_inputs(inputs: object, layer_type: LayerType, path: str) -> tuple[str, ...]:
    fewest, most = layer_type.inputs
    wanted = (
        message(
            "Network",
            QT_TRANSLATE_NOOP("Network", "a list of {count} names of nodes or the network's input"),
            count=fewest,
        )
        if fewest == most
        else message(
            "Network",
            QT_TRANSLATE_NOOP("Network", "a list of at least {fewest} names of nodes or the input"),
            fewest=fewest,
        )
    )
    if not isinstance(inputs, (list, tuple)) or not fewest <= len(inputs) <= most:
        field_mistake(path, inputs, wanted)
    for i, name in enumerate(inputs):
        check_name(name, f"{path}[{i}]")
    return tuple(inputs)


def _checked_settings(settings: object, layer_type: LayerType, path: str) -> Settings:
    if not isinstance(settings, Mapping):
        field_mistake(
            path,
            settings,
            message("Network", QT_TRANSLATE_NOOP("Network", "an object of settings")),
        )
    names = tuple(setting.name for setting in layer_type.settings)
    required = tuple(setting.name for setting in layer_type.settings if setting.required)
    spec_text.check_keys(
        settings, path, required=required, optional=tuple(n for n in names if n not in required)
    )
    pairs = []
    for setting in layer_type.settings:
        if setting.name in settings:
            value = checked_value(setting, settings[setting.name], f"{path}.{setting.name}")
            pairs.append((setting.name, value))
    return Settings(tuple(pairs))
