"""Inputs by name: the digits that come with the program, and the words that choose one."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file

from lenet_viz import resources
from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

SCAN_SIZE: Final = 8
"""Rows and columns of a scan."""

DARKEST: Final = 16
"""The largest value of a scan."""

LARGEST_SIDE: Final = 8192
"""The largest height or width a digit is enlarged to."""

_FILLED: Final = 7 / 8
"""The part of the shorter side that the scan fills: 28 of 32 pixels."""


@dataclass(frozen=True, slots=True)
class InputChoice:
    """Which input to run, in words that can be stored.

    Attributes:
        kind: ``digit``, ``random`` (a standard normal tensor, made by the engine) or ``preset``
            (the image that comes with a preset).
        label: the digit 0-9, for ``digit``; otherwise None.
        index: which scan of that digit, from 0; 0 for the other kinds.
        seed: the random seed, for ``random``; None for a fresh one.
    """

    kind: Literal["digit", "random", "preset"]
    label: int | None = None
    index: int = 0
    seed: int | None = None

    def words(self) -> str:
        """Return the words that `parse_input` reads back, as in ``digit:7:12``."""
        if self.kind == "digit":
            return f"digit:{self.label}" + (f":{self.index}" if self.index else "")
        if self.kind == "random" and self.seed is not None:
            return f"random:{self.seed}"
        return self.kind


@dataclass(frozen=True, slots=True, eq=False)
class DigitImage:
    """A scanned digit, enlarged.

    Attributes:
        pixels: shape (1, 1, H, W), float32, 0 (background) to 1 (ink).
        label: the digit 0-9.
        index: its number in the data set, 0 to 1796.
        scan: shape (8, 8), uint8, 0 to 16, as the data set has it.
    """

    pixels: NDArray[np.float32]
    label: int
    index: int
    scan: NDArray[np.uint8]


def digit(label: int, index: int = 0, size: tuple[int, int] = (32, 32)) -> DigitImage:
    """Return one scan of a digit, enlarged smoothly and centred with a margin.

    Args:
        label: the digit, 0 to 9.
        index: which scan of that digit, from 0 on in the data set's order.
        size: height and width, each from 1 to 8192.

    Raises:
        UserMistake: the label, the index or the size is out of range.
    """
    numbers = _numbers_of(label)
    if type(index) is not int or not 0 <= index < len(numbers):
        raise UserMistake(
            message(
                "Inputs",
                QT_TRANSLATE_NOOP(
                    "Inputs", "Digit {label} has scans 0..{last}; there is no scan {found}."
                ),
                label=label,
                last=len(numbers) - 1,
                found=str(index)[:60],
            )
        )
    number = int(numbers[index])
    scan = scans()[0][number]
    return DigitImage(enlarge(scan, size)[None, None], label, number, scan)


def count(label: int) -> int:
    """Return how many scans of a digit there are.

    Raises:
        UserMistake: the label is not 0 to 9.
    """
    return len(_numbers_of(label))


@cache
def scans() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return all scans, shape (1797, 8, 8), uint8, 0 to 16, and their labels, shape (1797,).

    Both arrays are read-only.

    Raises:
        FileNotFoundError: the installation lacks the file.
    """
    arrays = load_file(resources.path("digits", "optdigits.safetensors"))
    images, labels = arrays["images"], arrays["labels"]
    images.setflags(write=False)
    labels.setflags(write=False)
    return images, labels


def enlarge(scan: NDArray[np.uint8], size: tuple[int, int] = (32, 32)) -> NDArray[np.float32]:
    """Return a scan enlarged bilinearly to 7/8 of the shorter side, centred on background.

    Where the target is smaller than the scan, each pixel averages the area it covers.

    Args:
        scan: shape (8, 8), 0 to 16.
        size: height and width, each from 1 to 8192.

    Returns:
        Array (H, W), float32, 0 to 1.

    Raises:
        UserMistake: a side is not a whole number from 1 to 8192.
    """
    for side in size:
        if type(side) is not int or not 1 <= side <= LARGEST_SIDE:
            raise UserMistake(
                message(
                    "Inputs",
                    QT_TRANSLATE_NOOP(
                        "Inputs",
                        "The input's size is {height} × {width}; wanted: whole numbers from 1 to "
                        "{most}.",
                    ),
                    height=str(size[0])[:60],
                    width=str(size[1])[:60],
                    most=LARGEST_SIDE,
                )
            )
    filled = max(1, round(min(size) * _FILLED))
    rows = _weights(size[0], filled)
    columns = _weights(size[1], filled)
    # Summed term by term, not by a matrix product: those differ in the last bit from one
    # processor to another, and the same digit must be the same input everywhere.
    halfway = np.zeros((size[0], SCAN_SIZE))
    for i in range(SCAN_SIZE):
        halfway += rows[:, i, None] * scan[i]
    image = np.zeros(size)
    for j in range(SCAN_SIZE):
        image += halfway[:, j, None] * columns[:, j]
    return np.clip(image / DARKEST, 0, 1).astype(np.float32)


def _weights(side: int, filled: int) -> NDArray[np.float64]:
    """Return how much of each scan row goes into each output row, shape (side, 8)."""
    scale = filled / SCAN_SIZE
    width = max(1.0, 1 / scale)
    centres = (np.arange(side) - (side - filled) / 2 + 0.5) / scale - 0.5
    distance = np.abs(centres[:, None] - np.arange(SCAN_SIZE))
    weights: NDArray[np.float64] = np.maximum(0.0, 1 - distance / width) / width
    return weights


def parse_input(words: str) -> InputChoice:
    """Return the input that command-line words choose.

    Args:
        words: ``digit:7``, ``digit:7:12`` (scan 12 of that digit), ``random``, ``random:3``
            (with random seed 3) or ``preset``.

    Raises:
        UserMistake: the words are none of these, or there is no such digit or scan.
    """
    match = re.fullmatch(
        r"digit:(\d{1,9})(?::(\d{1,9}))?|random(?::(\d{1,18}))?|preset", words, re.A
    )
    if match is None:
        raise UserMistake(
            message(
                "Inputs",
                QT_TRANSLATE_NOOP(
                    "Inputs",
                    "The input is {found}; wanted: digit:7, digit:7:12 (its scan 12), random, "
                    "random:3 (with random seed 3) or preset.",
                ),
                found=words[:60],
            )
        )
    label, index, seed = match.groups()
    if label is not None:
        digit(int(label), int(index or 0), (SCAN_SIZE, SCAN_SIZE))
        return InputChoice("digit", int(label), int(index or 0))
    if words == "preset":
        return InputChoice("preset")
    return InputChoice("random", seed=None if seed is None else int(seed))


@cache
def _numbers() -> tuple[NDArray[np.intp], ...]:
    labels = scans()[1]
    return tuple(np.flatnonzero(labels == label) for label in range(10))


def _numbers_of(label: int) -> NDArray[np.intp]:
    if type(label) is not int or not 0 <= label <= 9:
        raise UserMistake(
            message(
                "Inputs",
                QT_TRANSLATE_NOOP("Inputs", "The digit is {found}; wanted: 0 to 9."),
                found=str(label)[:60],
            )
        )
    return _numbers()[label]
