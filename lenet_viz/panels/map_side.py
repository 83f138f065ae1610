"""One array of the map panel: its numbers, its axes, its colour scales. Draws nothing."""

from dataclasses import dataclass, replace

from lenet_viz.capture.address import Address
from lenet_viz.capture.arrays import Array
from lenet_viz.capture.records import Capture, GradientState
from lenet_viz.display.scale import Scale
from lenet_viz.panels.thumbnail import drawable
from lenet_viz.wording import Message


@dataclass(frozen=True, eq=False, slots=True)
class MapSide:
    """One array of one sample, ready to be laid out, or why there is none.

    Attributes:
        address: the whole tensor's.
        role: ``activation``, ``gradient``, ``target`` or ``upstream``: what its heading says.
        shape: the tensor's shape, the batch included.
        letters: one word for each axis of ``shape``: ``n, c, h, w``.
        values: what is drawn, without the batch axis and, in a channel zoom, of that channel
            alone; None where there is nothing to draw.
        prefix: what has to be put before an index of ``values`` to get one of the tensor.
        scales: one for all, or one for each element of the first axis of ``values``.
        shared: whether all channels have one scale.
        zoomed: whether ``values`` are one channel of several.
        missing: why there is no gradient; None where there is one or none was asked for.
        sentence: why there is nothing to draw, other than ``missing``.
        stale: whether it belongs to older settings.
        source_shape: for a view that flattens, its parent's shape without the batch; else empty.
        marked: the class that the objective asks for, where ``values`` are its logits.
        dropped_by: the step whose windows leave out what is hatched; "" for none.
    """

    address: Address
    role: str
    shape: tuple[int, ...]
    letters: tuple[str, ...]
    values: Array | None = None
    prefix: tuple[int, ...] = ()
    scales: tuple[Scale, ...] = ()
    shared: bool = True
    zoomed: bool = False
    missing: GradientState | None = None
    sentence: Message | None = None
    stale: bool = False
    source_shape: tuple[int, ...] = ()
    marked: int | None = None
    dropped_by: str = ""

    @property
    def has_channels(self) -> bool:
        """Whether the first axis of ``values`` are several channels."""
        several = self.values is not None and self.values.ndim >= 3 and self.values.shape[0] > 1
        return several and not self.zoomed

    def address_of(self, index: tuple[int, ...]) -> Address:
        """Return the address of one number from its index in the tensor."""
        return replace(self.address, index=index)

    def holds(self, index: tuple[int, ...]) -> bool:
        """Return whether an index of the tensor is among the drawn numbers."""
        if self.values is None or len(index) != len(self.prefix) + self.values.ndim:
            return False
        own = index[len(self.prefix) :]
        within = all(0 <= at < size for at, size in zip(own, self.values.shape, strict=True))
        return within and index[: len(self.prefix)] == self.prefix


def has_batch(capture: Capture, shape: tuple[int, ...]) -> bool:
    """Return whether a tensor's first axis is the batch: as long as the input's first axis.

    A vector has none: one sample's logits without a batch look the same as a batch of scalars.
    """
    if len(shape) < 2 or not capture.input_values:
        return False
    first = capture.input_values[0].shape
    # An input of three axes is taken as (C, H, W): it has no batch, and C is not one.
    return len(first) >= 2 and len(first) != 3 and shape[0] == first[0]


def axis_words(shape: tuple[int, ...], batched: bool) -> tuple[str, ...]:
    """Return a short word for each axis: ``n, c, h, w``.

    Args:
        shape: the tensor's.
        batched: whether the first axis is the batch.
    """
    rank = len(shape) - batched
    known = {0: (), 1: ("i",), 2: ("i", "j"), 3: ("c", "h", "w"), 4: ("c", "d", "h", "w")}
    own = known.get(rank) or tuple(f"i{axis}" for axis in range(rank))
    return ("n", *own) if batched else tuple(own)


def filled(
    side: MapSide, array: Array, batched: bool, channel: int | None, grey: bool = False
) -> MapSide:
    """Return ``side`` with the numbers of its first sample and their scales.

    Args:
        side: what is known without the numbers.
        array: the tensor's numbers.
        batched: whether the first axis is the batch.
        channel: the zoomed channel; None for all.
        grey: whether it is an input picture.
    """
    prefix: tuple[int, ...] = ()
    if batched:
        # A batch of no samples has nothing to draw, but is no error.
        array, prefix = (array[0], (0,)) if array.shape[0] else (array.reshape(0), ())
    zoomed = channel is not None and array.ndim >= 3 and 0 <= channel < array.shape[0]
    shared = side.shared or array.ndim < 3
    scales: tuple[Scale, ...] = (Scale.of(drawable(array), grey),)
    if zoomed and channel is not None:
        array, prefix = array[channel], (*prefix, channel)
        if not shared:
            scales = (Scale.of(drawable(array), grey),)
    elif not shared:
        scales = Scale.of_channels(drawable(array), grey) or scales
    return replace(side, values=array, prefix=prefix, scales=scales, shared=shared, zoomed=zoomed)
