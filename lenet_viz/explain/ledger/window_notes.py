"""What is to be said about windows: rounding, what is dropped, what a kernel takes."""

from collections.abc import Sequence

from lenet_viz.explain.ledger.called import Called, Shape
from lenet_viz.network.axis import Axis
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message


def window_notes(axes: Sequence[Axis]) -> tuple[Message, ...]:
    """Return the sentences about rounding and about what no window touches, in that order."""
    notes = [note for note in (_rounding(axes), dropped_note(axes)) if note is not None]
    return tuple(notes)


def convolution_notes(
    called: Called, shape: Shape, weight: Shape, axes: Sequence[Axis]
) -> tuple[Message, ...]:
    """Return the sentences about channels and about what the kernel takes from the edges."""
    notes = [_channels(called, shape[-len(axes) - 1], weight)]
    if called.step.literal("padding") == "same":
        template = QT_TRANSLATE_NOOP(
            "Shape", 'padding="same" adds as many zeros as keep the size where the stride is 1.'
        )
        notes.append(message("Shape", template))
    taken = _taken(axes)
    if taken is not None:
        notes.append(taken)
    return tuple(notes)


def _rounding(axes: Sequence[Axis]) -> Message | None:
    cut = [axis for axis in axes if axis.last_window_cut]
    if cut:
        template = QT_TRANSLATE_NOOP(
            "Shape",
            "ceil_mode would round up to {more}, but that last window would start beyond the "
            "input: it does not count.",
        )
        return message("Shape", template, more=cut[0].out_size + 1)
    if all(axis.exact == axis.out_size for axis in axes):
        return None
    template = (
        QT_TRANSLATE_NOOP("Shape", "ceil_mode rounds up: an incomplete last window counts.")
        if axes[0].ceil_mode
        else QT_TRANSLATE_NOOP("Shape", "Only whole windows count, so the size is rounded down.")
    )
    return message("Shape", template)


def numbers_text(values: tuple[int, ...]) -> str:
    """Return row numbers as text, a run of them as ``28-29``."""
    if len(values) > 2 and values == tuple(range(values[0], values[-1] + 1)):
        return f"{values[0]}-{values[-1]}"
    return ", ".join(map(str, values[:8])) + (" …" if len(values) > 8 else "")


def dropped_note(axes: Sequence[Axis]) -> Message | None:
    """Return which rows and columns no window touches; None where all are used."""
    if not any(axis.dropped for axis in axes):
        return None
    texts = [numbers_text(axis.dropped) or "-" for axis in axes]
    if len(axes) == 1:
        template = QT_TRANSLATE_NOOP(
            "Shape", "No window touches place {places} of the input: dropped."
        )
        return message("Shape", template, places=texts[0])
    if len(axes) == 3:
        template = QT_TRANSLATE_NOOP(
            "Shape",
            "No window touches these of the input: depth {depth}; rows {rows}; columns {columns}. "
            "Dropped.",
        )
        return message("Shape", template, depth=texts[0], rows=texts[1], columns=texts[2])
    if axes[0].dropped == axes[1].dropped:
        template = QT_TRANSLATE_NOOP(
            "Shape", "No window touches row {rows} and column {rows} of the input: dropped."
        )
        return message("Shape", template, rows=texts[0])
    template = QT_TRANSLATE_NOOP(
        "Shape",
        "No window touches these of the input: rows {rows}; columns {columns}. Dropped.",
    )
    return message("Shape", template, rows=texts[0], columns=texts[1])


def _channels(called: Called, channels: int, weight: Shape) -> Message:
    groups = called.number("groups", default=1) or 1
    per_output = weight[1]
    bias = message(
        "Shape",
        QT_TRANSLATE_NOOP("Shape", "without a bias")
        if called.shape("bias") is None
        else QT_TRANSLATE_NOOP("Shape", "plus one bias"),
    )
    if per_output == 1:
        template = QT_TRANSLATE_NOOP(
            "Shape", "Each output channel slides one kernel over its input channel, {bias}."
        )
        return message("Shape", template, bias=bias)
    if groups > 1:
        template = QT_TRANSLATE_NOOP(
            "Shape",
            "{groups} groups: each output channel is the sum of {count} kernels, one for each "
            "input channel of its group ({channels}/{groups} = {count}), {bias}.",
        )
        return message(
            "Shape", template, groups=groups, count=per_output, channels=channels, bias=bias
        )
    template = QT_TRANSLATE_NOOP(
        "Shape",
        "Each output channel is the sum of {count} kernels, one for each input channel, {bias}: "
        "{out} × {count} = {kernels} kernels in all.",
    )
    kernels = weight[0] * per_output
    return message("Shape", template, count=per_output, bias=bias, out=weight[0], kernels=kernels)


def _taken(axes: Sequence[Axis]) -> Message | None:
    """Return what a kernel without padding takes, and what another kernel would leave.

    Whoever took a network's 3×3 kernels for 5×5 ones expects other sizes.
    """
    kernel = axes[0].kernel
    plain = all((a.stride, a.padding, a.after, a.dilation) == (1, 0, 0, 1) for a in axes)
    if len(axes) != 2 or not plain or kernel < 2 or axes[1].kernel != kernel:
        return None
    other = 3 if kernel == 5 else 5
    left = tuple(axis.in_size - other + 1 for axis in axes)
    if min(left) < 1:
        return None
    template = QT_TRANSLATE_NOOP(
        "Shape",
        "{kernel}×{kernel} without padding takes {less} rows and columns: {before} → {after}; a "
        "{other}×{other} would give {left}.",
    )
    return message(
        "Shape",
        template,
        kernel=kernel,
        less=kernel - 1,
        before=_sizes([axis.in_size for axis in axes]),
        after=_sizes([axis.out_size for axis in axes]),
        other=other,
        left=_sizes(left),
    )


def _sizes(sizes: Sequence[int]) -> str:
    return str(sizes[0]) if len(set(sizes)) == 1 else "×".join(map(str, sizes))
