"""What to try next after a model did not take an input."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from math import prod
from typing import Final

from lenet_viz.engine.guesses import Candidate, Guess, Layout, square_pictures
from lenet_viz.engine.needs import Need
from lenet_viz.engine.probe import Tried

SIZES: Final = (32, 28, 64, 224, 96, 128, 16, 8, 48, 40, 56, 112, 256, 299, 227, 512)
"""Sizes of pictures that models are made for, the likeliest first."""
LENGTHS: Final = (16, 32, 64, 128, 8, 256, 512, 10, 20, 50, 100)
"""Lengths of sequences, likewise."""
LARGEST: Final = 2048
_DOUBLED: Final = (8, 16, 28, 32, 64, 128, 224, 256, 512)

_BY_AXES: Final[dict[int, Layout]] = {
    1: ("N",),
    2: ("N", "L"),
    3: ("N", "L", 16),
    4: ("N", 3, "S", "S"),
    5: ("N", 3, "S", "S", "S"),
}


@dataclass
class Memory:
    """What sizes gave before, so that the next one lies between those too small and too large.

    Attributes:
        found: for each demand, what the model got there by size.
    """

    found: dict[tuple[object, ...], dict[int, int]] = field(default_factory=dict)

    def next_sizes(self, key: tuple[object, ...], size: int, got: int, want: int) -> list[int]:
        """Return the sizes worth a try, the best first.

        What an op gets grows with the size of the picture, so it is closed in from both sides.

        Args:
            key: the demand and all else that is the same.
            size: the size that was tried.
            got: what the op got for it.
            want: what it wants.
        """
        known = self.found.setdefault(key, {})
        known[size] = got
        low = max((s for s, g in known.items() if g < want), default=0)
        high = min((s for s, g in known.items() if g > want), default=0)
        usual = [s for s in SIZES if low < s < (high or LARGEST) and s not in known]
        if high:
            middle = (low + high) // 2
            return [*usual[:1], *([middle] if low < middle < high else [])][:1]
        larger = [s for s in usual if s > low] or [s for s in (2 * low,) if low < s <= LARGEST]
        return larger[:1]


def repaired(candidate: Candidate, tried: Tried, memory: Memory) -> list[Candidate]:
    """Return what to try next, the best first.

    Args:
        candidate: what was tried.
        tried: what became of it.
        memory: what earlier sizes gave.
    """
    need = tried.need
    if need is not None and tried.inputs:
        if tried.raw:
            return [made for number in tried.inputs for made in _for_raw(candidate, number, need)]
        return _resized(candidate, need, memory)
    if tried.hint == "small":
        return _larger(candidate)
    if tried.hint == "whole":
        return [
            candidate.with_guess(number, Guess(_ids_layout(guess.layout), "int64", 2))
            for number, guess in enumerate(candidate.guesses)
            if guess.dtype != "int64"
        ]
    if tried.hint == "floating":
        return [
            candidate.with_guess(number, replace(guess, dtype="float32", high=0))
            for number, guess in enumerate(candidate.guesses)
            if guess.dtype == "int64"
        ]
    if tried.hint == "axes":
        return _with_axes(candidate, tried.number)
    return [*_other_sizes(candidate), *_alike(candidate)]


def _for_raw(candidate: Candidate, number: int, need: Need) -> list[Candidate]:
    """Return other guesses at the input that an op took, as it is or merely reshaped."""
    guess, shape = candidate.guesses[number], candidate.shape(number)
    layouts = _raw_layouts(guess.layout, shape, need)
    if need.kind == "ids":
        made = [Guess(layout, "int64", need.want) for layout in layouts]
    else:
        made = [replace(guess, layout=layout) for layout in layouts]
    return [candidate.with_guess(number, other) for other in made if other != guess]


def _raw_layouts(layout: Layout, shape: tuple[int, ...], need: Need) -> list[Layout]:
    if need.kind == "ids":
        return [_ids_layout(layout), ("N", "L"), ("L",), ("N",)]
    if need.kind == "count":
        return [*square_pictures(need.want), ("N", need.want)]
    taken = tuple(need.tensor.shape)
    if taken == shape and need.kind == "axis":
        same = list(layout)
        same[need.axis] = need.want
        kept = tuple(same)
        if "S" in need.layout:
            return [need.layout, _channels_last(need), kept]
        if "L" in need.layout or "S" in layout:
            return [need.layout, kept]
        return [kept, need.layout]
    if len(taken) == len(shape):
        return [need.layout, _channels_last(need), *_each_axis(layout, need.want)]
    if "S" in need.layout:
        return _with_one_axis_less(need.layout, len(taken) - len(shape))
    if len(taken) < len(shape):
        return [*square_pictures(need.want), ("N", need.want), need.layout]
    return [need.layout[1:], need.layout, ("N", "L")]


def _channels_last(need: Need) -> Layout:
    """Return the layout of pictures whose channels come last."""
    layout = need.layout
    return (layout[0], *layout[2:], layout[1]) if "S" in layout else layout


def _each_axis(layout: Layout, want: int) -> Iterator[Layout]:
    for axis in range(len(layout) - 1, 0, -1):
        yield (*layout[:axis], want, *layout[axis + 1 :])


def _with_one_axis_less(layout: Layout, more: int) -> list[Layout]:
    """Return layouts for a model that adds an axis to its input, or takes one off."""
    if more > 0:
        return [(layout[0], *layout[2:]), layout[1:], layout[2:]]
    return [layout, (layout[0], 1, *layout[1:])]


def _ids_layout(layout: Layout) -> Layout:
    return layout if layout and all(axis in ("N", "L") for axis in layout) else ("N", "L")


def _resized(candidate: Candidate, need: Need, memory: Memory) -> list[Candidate]:
    """Return the same with other sizes, for an op that comes after layers."""
    key = (candidate.guesses, candidate.batch, need.kind, need.axis, need.want)
    if candidate.uses("S"):
        sizes = memory.next_sizes((*key, "S"), candidate.size, need.got, need.want)
        return [replace(candidate, size=size) for size in sizes]
    if candidate.uses("L"):
        length = candidate.length + need.want - need.got
        lengths = [length] if 0 < length <= LARGEST else []
        lengths += memory.next_sizes((*key, "L"), candidate.length, need.got, need.want)
        return [replace(candidate, length=each) for each in lengths]
    return []


def _larger(candidate: Candidate) -> list[Candidate]:
    made: list[Candidate] = []
    if candidate.uses("S"):
        larger = [size for size in _DOUBLED if size > candidate.size]
        made += [replace(candidate, size=size) for size in larger[:1]]
    elif candidate.uses("L"):
        larger = [length for length in sorted(LENGTHS) if length > candidate.length]
        made += [replace(candidate, length=length) for length in larger[:1]]
    if candidate.batch == 1:
        made.append(replace(candidate, batch=2))
    return made


def _with_axes(candidate: Candidate, wanted: int) -> list[Candidate]:
    """Return guesses with another number of axes; 0 for one more."""
    made: list[Candidate] = []
    for number, guess in enumerate(candidate.guesses):
        axes = wanted or len(guess.layout) + 1
        layout = _BY_AXES.get(axes)
        if layout is not None and len(guess.layout) != axes:
            made.append(candidate.with_guess(number, replace(guess, layout=layout)))
    return made


def _other_sizes(candidate: Candidate) -> list[Candidate]:
    if candidate.uses("S"):
        return [replace(candidate, size=size) for size in SIZES if size != candidate.size][:7]
    if candidate.uses("L"):
        return [replace(candidate, length=n) for n in LENGTHS if n != candidate.length][:5]
    return []


def _alike(candidate: Candidate) -> list[Candidate]:
    """Return the same with each tensor like the first, for models that join their inputs."""
    first = candidate.guesses[0] if candidate.guesses else None
    if first is None or all(guess == first for guess in candidate.guesses):
        return []
    return [replace(candidate, guesses=(first,) * len(candidate.guesses))]


def numbers(candidate: Candidate) -> int:
    """Return how many numbers all tensors of a candidate have."""
    return sum(prod(candidate.shape(number)) for number in range(len(candidate.guesses)))
