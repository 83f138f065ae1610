"""What a model takes: the shape and type of each tensor it is called with."""

import re
from dataclasses import dataclass
from keyword import iskeyword
from math import prod
from typing import Final

from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

FLOATING: Final = ("float32", "float64", "float16", "bfloat16")
COMPLEX: Final = ("complex64", "complex128")
WHOLE: Final = ("int64", "int32", "int16", "int8", "uint8")
DTYPES: Final = (*FLOATING, *WHOLE, "bool", *COMPLEX)
"""Types that an input can have."""

MOST_NUMBERS: Final = 2**28
"""The most numbers that one input can have: 1 GiB in float32."""

_MOST_AXES: Final = 16
_LIMITS: Final = {
    "uint8": (0, 2**8),
    **{f"int{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1)) for bits in (8, 16, 32)},
    "int64": (-(2**63), 2**63 - 1),  # torch draws below a bound that is an int64 itself
}
_WORD: Final = re.compile(
    r"\s*(?:(?P<name>[^=:,\s]+)\s*=\s*)?"
    r"(?P<shape>\(\s*\)|[^:=]*?)\s*"
    r"(?::\s*(?P<dtype>[^:]*?)\s*)?"
    r"(?::\s*(?P<range>[^:]*?)\s*)?"
)


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

    def words(self) -> str:
        """Return the words that `parse_input_shape` reads back: ``ids=1,16:int64:0..1000``."""
        text = ",".join(map(str, self.shape)) or "()"
        if self.name:
            text = f"{self.name}={text}"
        has_range = bool(self.low or self.high)
        if self.dtype != "float32" or has_range:
            text += f":{self.dtype}"
        return f"{text}:{self.low}..{self.high}" if has_range else text


def parse_input_shape(words: str) -> InputShape:
    """Return the tensor that ``words`` describe.

    Args:
        words: ``1,3,32,32`` or ``1x3x32x32``; with a type ``1,16:int64``; whole numbers with
            their range ``1,16:int64:0..1000`` (1000 not included); passed by keyword
            ``ids=1,16:int64``. ``()`` is one number without axes.

    Raises:
        UserMistake: they are none of these.
    """
    match = _WORD.fullmatch(words)
    if match is None:
        raise UserMistake(_malformed(words))
    name, dtype = match["name"] or "", match["dtype"] or "float32"
    if name and (not name.isidentifier() or iskeyword(name)):
        raise UserMistake(_bad_name(words, name))
    shape = _sizes(words, match["shape"])
    dtype = dtype.removeprefix("torch.")
    if dtype not in DTYPES:
        raise UserMistake(_bad_dtype(words, dtype))
    low, high = _range(words, dtype, match["range"])
    return InputShape(shape, dtype, name, low, high)


def _sizes(words: str, text: str) -> tuple[int, ...]:
    inner = text.strip().strip("()[]").strip()
    if not inner:
        if text.strip() in ("()", "[]"):
            return ()
        raise UserMistake(_malformed(words))
    parts = [part.strip() for part in re.split(r"[,x×]", inner.removesuffix(","))]
    if len(parts) > _MOST_AXES or not all(re.fullmatch(r"[0-9]{1,10}", part) for part in parts):
        raise UserMistake(_malformed(words))
    sizes = tuple(map(int, parts))
    if 0 in sizes or prod(sizes) > MOST_NUMBERS:
        raise UserMistake(_bad_count(words, prod(sizes)))
    return sizes


def _range(words: str, dtype: str, text: str | None) -> tuple[int, int]:
    if not text:
        return 0, 0
    match = re.fullmatch(r"(-?[0-9]{1,19})\s*\.\.\s*(-?[0-9]{1,19})", text)
    if match is None or dtype not in WHOLE:
        raise UserMistake(_bad_range(words, text))
    low, high = int(match[1]), int(match[2])
    least, most = _LIMITS[dtype]
    if not least <= low < high <= most:
        raise UserMistake(_bad_range(words, text))
    return low, high


def _malformed(words: str) -> Message:
    return message(
        "Network",
        QT_TRANSLATE_NOOP(
            "Network",
            "The input's shape is “{words}”; wanted: sizes with commas, the batch first, such as "
            "1,3,32,32, with a type and a range where needed: ids=1,16:int64:0..1000.",
        ),
        words=words[:120],
    )


def _bad_name(words: str, name: str) -> Message:
    return message(
        "Network",
        QT_TRANSLATE_NOOP(
            "Network",
            "The input “{words}” is called {name}, which is no name of an argument of forward. "
            "Write it like ids=1,16:int64.",
        ),
        words=words[:120],
        name=name[:60],
    )


def _bad_dtype(words: str, dtype: str) -> Message:
    return message(
        "Network",
        QT_TRANSLATE_NOOP(
            "Network", "The input “{words}” has the type “{found}”; wanted: one of {known}."
        ),
        words=words[:120],
        found=dtype[:60],
        known=", ".join(DTYPES),
    )


def _bad_range(words: str, found: str) -> Message:
    return message(
        "Network",
        QT_TRANSLATE_NOOP(
            "Network",
            "The input “{words}” has the range “{found}”; wanted for a type of whole numbers: "
            "the least and the number above the largest, such as 1,16:int64:0..1000.",
        ),
        words=words[:120],
        found=found[:60],
    )


def _bad_count(words: str, count: int) -> Message:
    return message(
        "Network",
        QT_TRANSLATE_NOOP(
            "Network",
            "The input “{words}” would hold {count} numbers; wanted: from 1 to {most}. "
            "Take other sizes.",
        ),
        words=words[:120],
        count=str(count)[:30],
        most=MOST_NUMBERS,
    )
