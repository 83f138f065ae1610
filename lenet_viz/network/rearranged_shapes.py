"""The shapes that rearranging and joining values gives."""

from math import prod

from lenet_viz.network.shape_step import (
    Outcome,
    Repair,
    Shape,
    ShapeClash,
    Step,
    axis_index,
    shape_text,
)
from lenet_viz.wording import QT_TRANSLATE_NOOP, message


def view(step: Step) -> Outcome:
    """Return the shape that a view gives.

    Raises:
        ShapeClash: the values do not fit, or samples would be mixed or cut apart.
    """
    shape = step.inputs[0]
    asked = step.node.setting("shape")
    assert isinstance(asked, tuple)
    total, fixed = prod(shape), prod(size for size in asked if size != -1)
    rest, remainder = divmod(total, fixed)
    if remainder or (-1 not in asked and rest != 1):
        _refuse_view(step, asked)
    output = tuple(rest if size == -1 else size for size in asked)
    if output[0] != shape[0]:
        _refuse_view(step, asked)
    return output, ()


def _refuse_view(step: Step, asked: Shape) -> None:
    shape = step.inputs[0]
    each = prod(shape[1:])
    # view(-1, f) over a batch would otherwise cut samples apart without any error.
    repair = Repair(step.node.id, "shape", (-1, each))
    raise ShapeClash(
        message(
            "Network",
            QT_TRANSLATE_NOOP(
                "Network",
                "{node} is asked for ({asked}), {giver} gives {shape}: {each} values for each of "
                "{batch} samples do not fit without mixing or cutting samples. "
                "view(-1, {each}) would fit.",
            ),
            node=step.node.id,
            asked=", ".join(map(str, asked)),
            giver=step.givers[0],
            shape=shape_text(shape),
            each=each,
            batch=shape[0],
        ),
        repair,
    )


def flatten(step: Step) -> Outcome:
    """Return the shape that flattening gives.

    Raises:
        ShapeClash: there are no such dimensions, or the batch is one of them.
    """
    shape = step.inputs[0]
    start = axis_index(step, "start_dim", least=1)
    end = axis_index(step, "end_dim", least=start)
    return (*shape[:start], prod(shape[start : end + 1]), *shape[end + 1 :]), ()


def add(step: Step) -> Outcome:
    """Return the shape of a sum.

    Raises:
        ShapeClash: its terms have different shapes.
    """
    first, second = step.inputs
    if first != second:
        raise ShapeClash(
            message(
                "Network",
                QT_TRANSLATE_NOOP(
                    "Network",
                    "{node} adds {shape} from {giver} and {other_shape} from {other}; "
                    "both must have the same shape.",
                ),
                node=step.node.id,
                shape=shape_text(first),
                giver=step.givers[0],
                other_shape=shape_text(second),
                other=step.givers[1],
            )
        )
    return first, ()


def cat(step: Step) -> Outcome:
    """Return the shape of values put one behind the other.

    Raises:
        ShapeClash: they differ in more than the dimension along which they are joined.
    """
    dim = axis_index(step, "dim", least=1)
    first = step.inputs[0]
    for giver, shape in zip(step.givers, step.inputs, strict=True):
        if len(shape) != len(first) or _without(shape, dim) != _without(first, dim):
            raise ShapeClash(
                message(
                    "Network",
                    QT_TRANSLATE_NOOP(
                        "Network",
                        "{node} joins along dim {dim} {shape} from {giver} and {other_shape} from "
                        "{other}; all other sizes must be equal.",
                    ),
                    node=step.node.id,
                    dim=dim,
                    shape=shape_text(first),
                    giver=step.givers[0],
                    other_shape=shape_text(shape),
                    other=giver,
                ),
                _cat_repair(step),
            )
    total = sum(shape[dim] for shape in step.inputs)
    return (*first[:dim], total, *first[dim + 1 :]), ()


def _cat_repair(step: Step) -> Repair | None:
    """Return the repair that joins along the one dimension in which the inputs differ."""
    first = step.inputs[0]
    if any(len(shape) != len(first) for shape in step.inputs):
        return None
    differing = [
        dim for dim, sizes in enumerate(zip(*step.inputs, strict=True)) if len({*sizes}) > 1
    ]
    return Repair(step.node.id, "dim", differing[0]) if len(differing) == 1 else None


def _without(shape: Shape, dim: int) -> Shape:
    return shape[:dim] + shape[dim + 1 :]


def softmax(step: Step) -> Outcome:
    """Return the shape that a softmax or its logarithm gives.

    Raises:
        ShapeClash: there is no such dimension, or it is the batch.
    """
    axis_index(step, "dim", least=1)
    return step.inputs[0], ()
