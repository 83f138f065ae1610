"""One spatial axis of a convolution or pooling: where its windows stand and what they leave out."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, NoReturn

from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

NAMES: Final = ("height", "width")
"""The two axes, in torch's order."""


@dataclass(frozen=True, slots=True)
class Axis:
    """The arithmetic of one axis.

    Attributes:
        name: ``height`` or ``width``.
        in_size: rows (or columns) of the input.
        kernel: rows of the kernel.
        stride: rows from one window to the next.
        padding: rows added on each side.
        dilation: rows from one row of the kernel to the next.
        ceil_mode: whether an incomplete last window counts.
        exact: (in + 2·padding - span)/stride + 1, before rounding.
        out_size: rows of the output.
        used: how many input rows some window touches.
        dropped: the input rows that no window touches, ascending, counted from 0.
        after: rows that are added after the last one, beyond ``padding``: ``padding="same"`` with
            an even span.
    """

    name: str
    in_size: int
    kernel: int
    stride: int
    padding: int
    dilation: int
    ceil_mode: bool
    exact: Fraction
    out_size: int
    used: int
    dropped: tuple[int, ...]
    after: int = 0

    @property
    def span(self) -> int:
        """Rows from the first to the last row of one window, gaps of dilation included."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def last_window_cut(self) -> bool:
        """Whether ``ceil_mode`` took back a window that would start beyond the input."""
        return self.ceil_mode and self.out_size < -(-self.exact.numerator // self.exact.denominator)

    def formula(self) -> str:
        """Return the formula with this axis's numbers, as short as they allow.

        ``15 - 3 + 1 = 13``, ``(13 - 2)/2 + 1 = 6.5 → 6``, ``28 + 2·2 - 5 + 1 = 28``.
        """
        span = str(self.kernel) if self.dilation == 1 else f"({self._span_text()})"
        padded = f"{self.in_size} + 2·{self.padding}" if self.padding else f"{self.in_size}"
        padded += f" + {self.after}" if self.after else ""
        if self.stride == 1:
            left = f"{padded} - {span} + 1"
        else:
            left = f"({padded} - {span})/{self.stride} + 1"
        return f"{left} = {self._outcome()}"

    def general_formula(self) -> str:
        """Return PyTorch's formula with every term, those without effect included.

        Source: https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html, "Shape".
        """
        return (
            f"({self.in_size} + 2·{self.padding}{f' + {self.after}' if self.after else ''}"
            f" - {self.dilation}·({self.kernel} - 1) - 1)/{self.stride} + 1 = {self._outcome()}"
        )

    def _span_text(self) -> str:
        return f"{self.dilation}·({self.kernel} - 1) + 1"

    def _outcome(self) -> str:
        exact = exactly(self.exact)
        return exact if self.exact == self.out_size else f"{exact} → {self.out_size}"


def exactly(number: Fraction) -> str:
    """Return a number without rounding: ``13``, ``6.5``, or ``5 1/3`` where decimals never end."""
    whole, rest = divmod(number.numerator, number.denominator)
    if rest == 0:
        return str(whole)
    if 1000 % number.denominator == 0:
        return f"{whole}.{rest * 1000 // number.denominator:03d}".rstrip("0")
    return f"{whole} {rest}/{number.denominator}"


def conv_axis(
    name: str,
    in_size: int,
    kernel: int,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    *,
    after: int = 0,
) -> Axis:
    """Return the arithmetic of one axis of a convolution.

    Args:
        name: ``height`` or ``width``.
        in_size: rows of the input, from 1.
        kernel: rows of the kernel, from 1.
        stride: from 1.
        padding: zeros added on each side, from 0.
        dilation: from 1.
        after: zeros added after the last row beyond ``padding``, from 0.

    Raises:
        UserMistake: a size is out of range or the kernel is larger than the padded input.
    """
    return _axis(name, in_size, kernel, stride, padding, dilation, ceil_mode=False, after=after)


def pool_axis(
    name: str,
    in_size: int,
    kernel: int,
    stride: int | None = None,
    padding: int = 0,
    dilation: int = 1,
    *,
    ceil_mode: bool = False,
) -> Axis:
    """Return the arithmetic of one axis of a pooling.

    Args:
        name: ``height`` or ``width``.
        in_size: rows of the input, from 1.
        kernel: rows of the window, from 1.
        stride: from 1; None for the kernel's size, as torch has it.
        padding: rows added on each side, at most half the kernel.
        dilation: from 1.
        ceil_mode: round the number of windows up instead of down.

    Raises:
        UserMistake: a size is out of range, the padding is more than half the kernel, or there
            would be no window.
    """
    if 2 * padding > kernel:
        raise UserMistake(
            message(
                "Network",
                QT_TRANSLATE_NOOP(
                    "Network",
                    "Along the {axis}, padding is {padding} and the pooling window has {kernel}; "
                    "padding may be at most half the window, {most}.",
                ),
                axis=axis_name(name),
                padding=padding,
                kernel=kernel,
                most=kernel // 2,
            )
        )
    stride = kernel if stride is None else stride
    return _axis(name, in_size, kernel, stride, padding, dilation, ceil_mode=ceil_mode)


def window_starts(axis: Axis) -> tuple[int, ...]:
    """Return each window's first input row, ascending; negative where it starts in the padding."""
    return tuple(i * axis.stride - axis.padding for i in range(axis.out_size))


def window_rows(axis: Axis, out_index: int) -> tuple[int, ...]:
    """Return the input rows that one window touches, without those in the padding.

    Args:
        axis: the axis.
        out_index: the row of the output, 0 to ``axis.out_size - 1``.

    Raises:
        IndexError: there is no such row.
    """
    if not 0 <= out_index < axis.out_size:
        raise IndexError(out_index)
    start = out_index * axis.stride - axis.padding
    rows = range(start, start + axis.span, axis.dilation)
    return tuple(row for row in rows if 0 <= row < axis.in_size)


def _axis(
    name: str,
    in_size: int,
    kernel: int,
    stride: int,
    padding: int,
    dilation: int,
    *,
    ceil_mode: bool,
    after: int = 0,
) -> Axis:
    _check(name, "input", in_size, 1)
    _check(name, "kernel_size", kernel, 1)
    _check(name, "stride", stride, 1)
    _check(name, "padding", padding, 0)
    _check(name, "dilation", dilation, 1)
    exact = Fraction(in_size + 2 * padding + after - dilation * (kernel - 1) - 1, stride) + 1
    out_size = exact.numerator // exact.denominator
    if ceil_mode:
        out_size = -(-exact.numerator // exact.denominator)
        # A window that would start beyond the input and its left padding does not count.
        # Source: torch.nn.MaxPool2d, note on ceil_mode.
        if (out_size - 1) * stride >= in_size + padding:
            out_size -= 1
    if out_size < 1 or (not ceil_mode and exact < 1):
        _no_window(name, in_size, kernel, padding, dilation)
    dropped = _dropped(in_size, kernel, stride, padding, dilation, out_size)
    return Axis(
        name=name,
        in_size=in_size,
        kernel=kernel,
        stride=stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=ceil_mode,
        exact=exact,
        out_size=out_size,
        used=in_size - len(dropped),
        dropped=dropped,
        after=after,
    )


def _dropped(
    in_size: int, kernel: int, stride: int, padding: int, dilation: int, out_size: int
) -> tuple[int, ...]:
    touched = bytearray(in_size)
    # Row t of the kernel touches every stride-th row from t·dilation - padding on; only the
    # rows inside the input are marked, with one slice per row of the kernel.
    for tap in range(kernel):
        first = tap * dilation - padding
        last = first + (out_size - 1) * stride
        if first >= in_size or last < 0:
            continue
        if first < 0:
            first += -(first // stride) * stride
        end = min(last, in_size - 1) + 1
        touched[first:end:stride] = b"\x01" * len(range(first, end, stride))
    return tuple(row for row, mark in enumerate(touched) if not mark)


def axis_name(name: str) -> Message:
    """Return an axis's name as a person reads it."""
    if name == "height":
        return message("Network", QT_TRANSLATE_NOOP("Network", "height"))
    return message("Network", QT_TRANSLATE_NOOP("Network", "width"))


def _check(name: str, what: str, found: int, least: int) -> None:
    if found < least:
        raise UserMistake(
            message(
                "Network",
                QT_TRANSLATE_NOOP(
                    "Network", "Along the {axis}, {what} is {found}; wanted: {least} or more."
                ),
                axis=axis_name(name),
                what=what,
                found=found,
                least=least,
            )
        )


def _no_window(name: str, in_size: int, kernel: int, padding: int, dilation: int) -> NoReturn:
    span = dilation * (kernel - 1) + 1
    raise UserMistake(
        message(
            "Network",
            QT_TRANSLATE_NOOP(
                "Network",
                "Along the {axis}, the kernel spans {span} and the input with its padding has "
                "{padded}, so the output would have size 0. Make the kernel smaller, the padding "
                "larger, or take out a pooling before it.",
            ),
            axis=axis_name(name),
            span=span,
            padded=in_size + 2 * padding,
        )
    )
