"""The shapes that linear layers and normalisations give."""

from math import prod

from lenet_viz.network.shape_step import (
    Outcome,
    Repair,
    ShapeClash,
    Step,
    check_width,
    image_shape,
    shape_text,
)
from lenet_viz.wording import QT_TRANSLATE_NOOP, message


def linear(step: Step) -> Outcome:
    """Return the shape that a linear layer gives.

    Raises:
        ShapeClash: the last size is not its ``in_features``.
    """
    shape = step.inputs[0]
    if len(shape) > 2 and prod(shape[1:]) == step.node.number("in_features") != shape[-1]:
        raise ShapeClash(
            message(
                "Network",
                QT_TRANSLATE_NOOP(
                    "Network",
                    "{node} takes {wanted} features in the last size, {giver} gives {shape}. "
                    "Put a view or flatten between them.",
                ),
                node=step.node.id,
                wanted=step.node.number("in_features"),
                giver=step.givers[0],
                shape=shape_text(shape),
            )
        )
    check_width(step, "in_features", shape[-1])
    return (*shape[:-1], step.node.number("out_features")), ()


def batch_norm2d(step: Step) -> Outcome:
    """Return the shape that batch normalisation gives.

    Raises:
        ShapeClash: other channels than its ``num_features``, or one value alone per channel.
    """
    shape = image_shape(step)
    check_width(step, "num_features", shape[1])
    own_statistics = step.training or not step.node.flag("track_running_stats")
    if own_statistics and shape[0] * shape[2] * shape[3] == 1:
        raise ShapeClash(
            message(
                "Network",
                QT_TRANSLATE_NOOP(
                    "Network",
                    "{node} in training mode needs more than one value per channel, {giver} gives "
                    "{shape}. Use a batch of 2 or more, or eval mode.",
                )
                if step.node.flag("track_running_stats")
                else QT_TRANSLATE_NOOP(
                    "Network",
                    "{node} keeps no running statistics and needs more than one value per "
                    "channel, {giver} gives {shape}. Use a batch of 2 or more, or set "
                    "track_running_stats to true and use eval mode.",
                ),
                node=step.node.id,
                giver=step.givers[0],
                shape=shape_text(shape),
            ),
            None if step.training else Repair(step.node.id, "track_running_stats", True),
        )
    return shape, ()


def layer_norm(step: Step) -> Outcome:
    """Return the shape that layer normalisation gives.

    Raises:
        ShapeClash: the last sizes are not its ``normalized_shape``, or the batch would be one of
            them.
    """
    shape = step.inputs[0]
    wanted = step.node.setting("normalized_shape")
    assert isinstance(wanted, tuple)
    # The batch is no size of a sample: normalised along with it, samples would mix.
    ends = shape[1:][-len(wanted) :]
    if not ends:
        template = QT_TRANSLATE_NOOP(
            "Network",
            "{node} normalises the values of each sample, {giver} gives {shape}: one value for "
            "each. Put it before the view.",
        )
        shape_given = shape_text(shape)
        raise ShapeClash(
            message("Network", template, node=step.node.id, giver=step.givers[0], shape=shape_given)
        )
    if wanted != ends:
        raise ShapeClash(
            message(
                "Network",
                QT_TRANSLATE_NOOP(
                    "Network",
                    "{node} normalises over last sizes of {wanted}, {giver} gives {shape}. "
                    "Set normalized_shape to {ends}.",
                ),
                node=step.node.id,
                wanted=shape_text(wanted),
                giver=step.givers[0],
                shape=shape_text(shape),
                ends=shape_text(ends),
            ),
            Repair(step.node.id, "normalized_shape", ends),
        )
    return shape, ()
