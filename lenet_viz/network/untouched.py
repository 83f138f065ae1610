"""Which weights of an edited network are those it had before."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from lenet_viz.network.shapes import parameters_of
from lenet_viz.network.spec import Node, Spec

Pairs = tuple[tuple[str, str], ...]
"""Module names of a new network, each with the name that it had in the one before."""

_NOT_SHAPING: Final = frozenset(
    {
        "stride",
        "padding",
        "dilation",
        "output_padding",
        "padding_mode",
        "eps",
        "momentum",
        "negative_slope",
        "inplace",
    }
)
"""Settings that say how weights are used. All others shape them or change what they mean: with
other groups, equal shapes belong to other channels."""

NOTHING_RENAMED: Final[Mapping[str, str]] = MappingProxyType({})
"""Every module has the name that it had."""


@dataclass(frozen=True, slots=True)
class KeptWeights:
    """Weights that an edited network takes over from the one before.

    Attributes:
        blob: name of the blob with the weights of the network before.
        pairs: the modules that keep theirs: name now, name in the blob.
    """

    blob: str
    pairs: Pairs


def kept_pairs(old: Spec, new: Spec, renamed: Mapping[str, str] = NOTHING_RENAMED) -> Pairs:
    """Return the modules of ``new`` that keep their weights, each with its name in ``old``.

    Kept are parameters and buffers of a module with the same name, op and settings that shape
    them. Another padding, stride or ``eps`` keeps them.

    Args:
        old: the network before.
        new: the network after.
        renamed: for modules that have another name now: the new name and the old one.
    """
    before, taken = old.modules(), set(renamed.values())
    pairs = []
    for name, node in new.modules().items():
        if name not in renamed and name in taken:
            continue  # another layer under a name that has moved away
        source = renamed.get(name, name)
        if has_state(node) and source in before and _same_weights(before[source], node):
            pairs.append((name, source))
    return tuple(pairs)


def kept_modules(
    old: Spec, new: Spec, renamed: Mapping[str, str] = NOTHING_RENAMED
) -> tuple[str, ...]:
    """Return the names of the modules of ``new`` that keep their weights; see `kept_pairs`."""
    return tuple(name for name, _ in kept_pairs(old, new, renamed))


def changed_modules(
    old: Spec, new: Spec, renamed: Mapping[str, str] = NOTHING_RENAMED
) -> tuple[str, ...]:
    """Return the modules of ``new`` whose parameters or statistics begin anew."""
    kept = set(kept_modules(old, new, renamed))
    return tuple(
        name for name, node in new.modules().items() if has_state(node) and name not in kept
    )


def has_state(node: Node) -> bool:
    """Return whether a node's module has parameters or buffers."""
    return bool(parameters_of(node)) or (
        node.layer_type.setting("track_running_stats") is not None
        and node.flag("track_running_stats")
    )


def _same_weights(old: Node, new: Node) -> bool:
    return old.op == new.op and _shaping(old) == _shaping(new)


def _shaping(node: Node) -> dict[str, object]:
    """Return the settings that shape a module's weights, written in one form."""
    return {
        setting.name: node.pair(setting.name)
        if setting.kind == "pair"
        else node.setting(setting.name)
        for setting in node.layer_type.settings
        if setting.name not in _NOT_SHAPING
    }
