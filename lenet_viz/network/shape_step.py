"""What a shape rule works on: a node with the shapes it gets, and what to say if they clash."""

from dataclasses import dataclass

from lenet_viz.errors import UserMistake
from lenet_viz.network.axis import Axis
from lenet_viz.network.node import Node
from lenet_viz.network.setting import SettingValue
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

Shape = tuple[int, ...]
Outcome = tuple[Shape, tuple[Axis, ...]]
"""The shape that a node gives, and its height and width where it has windows."""


@dataclass(frozen=True, slots=True)
class Repair:
    """A change of one setting that makes a node fit.

    Attributes:
        node_id: the node.
        setting: the name of its setting.
        value: what to set it to; None where it is to be left out.
    """

    node_id: str
    setting: str
    value: SettingValue | None


class ShapeClash(Exception):
    """Shapes that do not fit; carries the sentence and, where there is one, the repair."""

    def __init__(self, message: Message, repair: Repair | None = None) -> None:
        """Keep both."""
        super().__init__(message.english())
        self.message = message
        self.repair = repair


@dataclass(frozen=True, slots=True)
class Step:
    """A node with what it gets.

    Attributes:
        node: the node.
        givers: the ids of the nodes (or ``input``) that its inputs come from.
        inputs: their shapes, batch included.
        training: whether batch normalisation is in training mode.
    """

    node: Node
    givers: tuple[str, ...]
    inputs: tuple[Shape, ...]
    training: bool = False


def shape_text(shape: Shape) -> str:
    """Return a shape as it is written in sentences: ``1×16×6×6``."""
    return "×".join(map(str, shape))


def image_shape(step: Step) -> tuple[int, int, int, int]:
    """Return the first input's (N, C, H, W).

    Raises:
        ShapeClash: it has not four sizes.
    """
    shape = step.inputs[0]
    if len(shape) != 4:
        raise ShapeClash(
            message(
                "Network",
                QT_TRANSLATE_NOOP(
                    "Network",
                    "{node} ({op}) takes (N, C, H, W), four sizes; {giver} gives {shape}. "
                    "Put it before the view or flatten.",
                ),
                node=step.node.id,
                op=step.node.op,
                giver=step.givers[0],
                shape=shape_text(shape),
            )
        )
    return shape[0], shape[1], shape[2], shape[3]


def check_width(step: Step, setting: str, found: int) -> None:
    """Check that a layer's channels or features are those it gets.

    Args:
        step: the node with its inputs.
        setting: the setting that holds them.
        found: how many it gets.

    Raises:
        ShapeClash: they differ; the repair sets the setting.
    """
    wanted = step.node.number(setting)
    if wanted == found:
        return
    if setting == "in_features":
        template = QT_TRANSLATE_NOOP(
            "Network",
            "{node} takes {wanted} features, {giver} gives {found} (shape {shape}). "
            "Set {setting} to {found}.",
        )
    else:
        template = QT_TRANSLATE_NOOP(
            "Network",
            "{node} takes {wanted} channels, {giver} gives {found} (shape {shape}). "
            "Set {setting} to {found}.",
        )
    raise ShapeClash(
        message(
            "Network",
            template,
            node=step.node.id,
            wanted=wanted,
            giver=step.givers[0],
            found=found,
            shape=shape_text(step.inputs[0]),
            setting=setting,
        ),
        Repair(step.node.id, setting, found),
    )


def axis_index(step: Step, setting: str, *, least: int) -> int:
    """Return which size a dim setting means, negative ones counted from the end.

    Args:
        step: the node with its inputs.
        setting: the setting's name.
        least: the smallest dimension that makes sense; 1 leaves the batch alone.

    Raises:
        ShapeClash: there is no such dimension, or it is the batch.
    """
    rank = len(step.inputs[0])
    found = step.node.number(setting)
    index = found + rank if found < 0 else found
    if not least <= index < rank:
        raise ShapeClash(
            message(
                "Network",
                QT_TRANSLATE_NOOP(
                    "Network",
                    "{node} has {setting} = {found}, {giver} gives {shape}; wanted: {least} to "
                    "{most}, for size 0 is the batch, whose samples stay apart.",
                ),
                node=step.node.id,
                setting=setting,
                found=found,
                giver=step.givers[0],
                shape=shape_text(step.inputs[0]),
                least=least,
                most=rank - 1,
            ),
            Repair(step.node.id, setting, min(max(index, least), rank - 1)) if rank > 1 else None,
        )
    return index


def located(step: Step, mistake: UserMistake, repair: Repair | None = None) -> ShapeClash:
    """Return a mistake along one axis with the node it happened in."""
    return ShapeClash(
        message(
            "Network",
            QT_TRANSLATE_NOOP("Network", "{node} gets {shape} from {giver}. {reason}"),
            node=step.node.id,
            shape=shape_text(step.inputs[0]),
            giver=step.givers[0],
            reason=mistake.message,
        ),
        repair,
    )


def pair_repair(node: Node, setting: str, values: tuple[int, int]) -> Repair:
    """Return the repair that sets a pair, as one number where that says the same."""
    height, width = values
    return Repair(node.id, setting, height if height == width else values)


def pair_text(values: tuple[int, int]) -> str:
    """Return a pair as it is written in sentences: ``2``, or ``(2, 3)``."""
    return str(values[0]) if values[0] == values[1] else f"({values[0]}, {values[1]})"
