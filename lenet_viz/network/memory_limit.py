"""The most memory that a network may take, checked before any is asked for."""

from math import prod
from typing import Final

from lenet_viz.network.shape_step import Shape, ShapeClash, shape_text
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

MOST_BYTES: Final = 2**30
"""The most memory that all parameters, or one activation, may take in float32."""

_BYTES_EACH: Final = 4


def check_activation(node_id: str, shape: Shape) -> None:
    """Check that an activation can be computed.

    Raises:
        ShapeClash: it takes more than `MOST_BYTES`.
    """
    activation = prod(shape) * _BYTES_EACH
    if activation > MOST_BYTES:
        raise ShapeClash(
            message(
                "Network",
                QT_TRANSLATE_NOOP(
                    "Network",
                    "{node} would give {shape}: {memory} GiB in float32; at most {most} GiB "
                    "are computed. Make its channels, its input or the batch smaller.",
                ),
                node=node_id,
                shape=shape_text(shape),
                memory=_gibibytes(activation),
                most=_gibibytes(MOST_BYTES),
            )
        )


def check_padded(node_id: str, shape: Shape) -> None:
    """Check that a convolution's input can be kept with its padding, as torch then does.

    Raises:
        ShapeClash: it takes more than `MOST_BYTES`.
    """
    padded = prod(shape) * _BYTES_EACH
    if padded > MOST_BYTES:
        raise ShapeClash(
            message(
                "Network",
                QT_TRANSLATE_NOOP(
                    "Network",
                    "{node} would pad its input to {shape}: {memory} GiB in float32; at most "
                    "{most} GiB are computed. Make its padding, its input or the batch smaller.",
                ),
                node=node_id,
                shape=shape_text(shape),
                memory=_gibibytes(padded),
                most=_gibibytes(MOST_BYTES),
            )
        )


def check_parameter_memory(node_id: str, count: int, total: int) -> None:
    """Check that the parameters up to a node can be made.

    Args:
        node_id: the node.
        count: how many numbers its own parameters hold.
        total: how many they hold with all before them.

    Raises:
        ShapeClash: they take more than `MOST_BYTES`.
    """
    if total * _BYTES_EACH > MOST_BYTES:
        raise ShapeClash(
            message(
                "Network",
                QT_TRANSLATE_NOOP(
                    "Network",
                    "{node} has {count} parameters; with those before it they take {memory} GiB "
                    "in float32, and at most {most} GiB are made. Make its channels or features "
                    "fewer.",
                ),
                node=node_id,
                count=str(count),
                memory=_gibibytes(total * _BYTES_EACH),
                most=_gibibytes(MOST_BYTES),
            )
        )


def _gibibytes(count: int) -> str:
    # Rounded down to tenths in whole numbers: a count of 10⁴⁰ fits no float format.
    tenths = count * 10 // 2**30
    return f"{tenths // 10}.{tenths % 10}"
