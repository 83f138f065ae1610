"""What a convolution finds in its padding: which row of the input each row of it repeats."""

from dataclasses import replace

from lenet_viz.network.axis import Axis, conv_axis


def padded_rows(in_size: int, before: int, after: int, mode: str) -> tuple[int, ...]:
    """Return, for each row of the padded input, the row of the input that it holds.

    Args:
        in_size: rows of the input.
        before: rows added before the first one.
        after: rows added after the last one.
        mode: ``zeros``, ``reflect``, ``replicate`` or ``circular``; ``reflect`` needs fewer rows
            of padding than of input, ``circular`` at most as many.

    Returns:
        As many numbers as the padded input has rows; -1 for a row of zeros.

    Source: torch.nn.ReflectionPad2d, ReplicationPad2d, CircularPad2d.
    """
    inside = tuple(range(in_size))
    if mode == "zeros":
        return (-1,) * before + inside + (-1,) * after
    if mode == "reflect":
        return inside[1 : before + 1][::-1] + inside + inside[::-1][1 : after + 1]
    if mode == "replicate":
        return (0,) * before + inside + (in_size - 1,) * after
    return inside[in_size - before :] + inside + inside[:after]


def row_sources(axis: Axis, mode: str) -> tuple[int, ...]:
    """Return `padded_rows` of an axis: its input with the padding that its windows run over."""
    return padded_rows(axis.in_size, axis.padding, axis.padding + axis.after, mode)


def padded_axis(axis: Axis) -> Axis:
    """Return the axis of the same windows over an input that has its padding already."""
    padded = axis.in_size + 2 * axis.padding + axis.after
    return conv_axis(axis.name, padded, axis.kernel, axis.stride, 0, axis.dilation)


def with_padding_mode(axis: Axis, mode: str) -> Axis:
    """Return the axis with the rows as dropped that no window touches, in the padding neither."""
    if mode == "zeros" or not axis.dropped:
        return axis
    missed = frozenset(padded_axis(axis).dropped)
    touched = {row for at, row in enumerate(row_sources(axis, mode)) if at not in missed}
    dropped = tuple(row for row in axis.dropped if row not in touched)
    return replace(axis, dropped=dropped, used=axis.in_size - len(dropped))
