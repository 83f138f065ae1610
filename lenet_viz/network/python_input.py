"""Which input fits a network whose text does not say it."""

from collections.abc import Iterator
from math import isqrt
from typing import Final

from lenet_viz.errors import UserMistake
from lenet_viz.network.draft import Draft, examine
from lenet_viz.network.spec import Spec
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_SIDES: Final = (28, 32, 64, 96, 128, 224, 227, 256, 299)
"""Heights and widths of inputs that are tried."""


def fitting(draft: Draft, input_shape: tuple[int, int, int] | None) -> Spec:
    """Return the network with an input that fits.

    Args:
        draft: the layers; its own input's shape is not looked at.
        input_shape: channels, height, width; None for the first usual one that fits.

    Raises:
        UserMistake: none does.
    """
    shapes = (input_shape,) if input_shape is not None else tuple(_proposals(draft))
    mistake: Message | None = None
    for shape in shapes:
        found = examine(Draft(draft.name, shape, draft.nodes))
        if found.spec is not None:
            return found.spec
        mistake = mistake or found.mistake
    template = QT_TRANSLATE_NOOP(
        "Python", "Its shapes fit no input that was tried ({tried}): {mistake}"
    )
    tried = ", ".join("×".join(map(str, shape)) for shape in shapes[:8])
    raise UserMistake(
        message("Python", template, tried=tried, mistake=mistake or message("Python", "?"))
    )


def _proposals(draft: Draft) -> Iterator[tuple[int, int, int]]:
    """Give input shapes that the first layer with a width allows, smaller ones first."""
    channels, features = 0, 0
    for node in draft.nodes:
        if node.op in ("conv2d", "conv_transpose2d"):
            channels = node.number("in_channels")
            break
        if node.op == "batch_norm2d":
            channels = node.number("num_features")
            break
        if node.op == "linear":
            features = node.number("in_features")
            break
    for count in (channels,) if channels else (1, 3):
        if features and features % count == 0:
            side = isqrt(features // count)
            if side * side * count == features:
                yield count, side, side
        for side in _SIDES:
            yield count, side, side
        yield from ((count, side, side) for side in range(4, 28))
