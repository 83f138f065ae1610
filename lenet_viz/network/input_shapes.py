"""What a model takes: the shape and type of each tensor it is called with."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class InputShape:
    """One tensor that a model is called with.

    Attributes:
        shape: its shape, the batch included where there is one.
        dtype: its type as torch names it, without the prefix: ``float32``.
        name: the keyword of ``forward`` it is passed by; "" where it is passed by position.
        low: the least whole number, where ``dtype`` is one of whole numbers.
        high: the number above the largest, likewise; 0 where that does not matter.
    """

    shape: tuple[int, ...]
    dtype: str = "float32"
    name: str = ""
    low: int = 0
    high: int = 0
