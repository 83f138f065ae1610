"""Arrays as text that reads back as the very same numbers: CSV files and the clipboard.

How one number is written: floats with the fewest digits that mean the same number in their own
type (``0.1`` for a float32 of 0.1), half precision as the float32 that equals it, ``nan``,
``inf``, ``-inf``; integers plain; ``True`` and ``False``; complex numbers as Python does, such as
``(1+2j)``.
"""

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from threading import Event
from typing import Any, Final

import numpy as np

from lenet_viz.capture.arrays import Array
from lenet_viz.capture.atomic import write_atomically
from lenet_viz.errors import UserMistake
from lenet_viz.export.stoppable import stoppable
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

AT_ONCE: Final = 2048
"""Numbers that are turned into text at once: 1 ms, so that other threads get their turn."""
CLIPBOARD_LIMIT: Final = 250_000
"""Numbers that the clipboard takes: some 3 MB of text."""
SPREADSHEET_ROWS: Final = 1_048_576
SPREADSHEET_COLUMNS: Final = 16_384
"""What the usual spreadsheets read of a table."""


def number_texts(values: Array) -> list[Any]:
    """Return every number as text, in lists nested as the array's axes are.

    Args:
        values: at least one axis.
    """
    wide = values.astype(np.float32) if values.dtype == np.float16 else values
    texts: list[Any] = wide.astype(np.str_).tolist()
    return texts


def csv_size(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return how many lines and columns the CSV of an array of that shape has."""
    lead, width = _table(shape)
    return 1 + math.prod(lead), len(lead) + width


def csv_text(array: Array, axes: Sequence[str]) -> Iterator[str]:
    r"""Yield an array as CSV, in pieces; lines end with ``\n``.

    Each line is one row of the array along its last axis, so that a feature map lies in the sheet
    as the rectangle that it is. Before it stand the row's indices, a column for each other axis.
    A map of shape (1, 6, 28, 28) gives::

        n,c,h,w=0,w=1,w=2,...
        0,0,0,0.1,0.25,-3.0,...

    so that in pandas ``pd.read_csv(path, index_col=["n", "c"]).loc[0, 3]`` is channel 3. A vector
    has one number on each line, with the columns ``i`` and ``value``; a single number the column
    ``value``. An axis of size 0 leaves the header, and the indices where there are any.

    Args:
        array: any shape; bool, integers, floats, complex numbers.
        axes: a name for each axis, such as ``("n", "c", "h", "w")``.
    """
    lead, width = _table(array.shape)
    names = axes[: len(lead)]
    columns: Iterable[str] = (f"{axes[-1]}={at}" for at in range(width))
    yield from _joined(itertools.chain(names, columns if array.ndim > 1 else ("value",)))
    yield "\n"
    table = array.reshape(math.prod(lead), width)
    indices = itertools.product(*(range(size) for size in lead))
    if width > AT_ONCE or not width:
        for row, index in zip(table, indices, strict=True):
            yield from _joined(itertools.chain(map(str, index), _texts(row)))
            yield "\n"
        return
    several = AT_ONCE // width
    for start in range(0, len(table), several):
        rows = number_texts(table[start : start + several])
        lines = (
            ",".join((*map(str, index), *row))
            for row, index in zip(rows, indices, strict=False)  # `indices` goes on
        )
        yield "".join(f"{line}\n" for line in lines)


def _table(shape: tuple[int, ...]) -> tuple[tuple[int, ...], int]:
    """Return the sizes of the axes that become index columns, and how many numbers a line has."""
    return (shape[:-1], shape[-1]) if len(shape) > 1 else (shape, 1)


def _texts(row: Array) -> Iterator[str]:
    for start in range(0, row.size, AT_ONCE):
        yield from number_texts(row[start : start + AT_ONCE])


def _joined(cells: Iterable[str]) -> Iterator[str]:
    """Yield cells with commas between them, in pieces of a few kilobytes."""
    waiting, comma = iter(cells), ""
    while some := list(itertools.islice(waiting, AT_ONCE)):
        yield comma + ",".join(some)
        comma = ","


def write_csv(array: Array, axes: Sequence[str], path: Path, stop: Event | None = None) -> Path:
    """Write an array to a CSV file and return its path; an older file stays until it is whole.

    Args:
        array: as for `csv_text`.
        axes: a name for each axis.
        path: the file to make.
        stop: once set, writing is given up.

    Raises:
        UserMistake: the file cannot be written, the disk is full, or ``stop`` was set.
    """
    write_atomically(
        path,
        lambda stream: stoppable(stream, stop).writelines(
            piece.encode("ascii", "backslashreplace") for piece in csv_text(array, axes)
        ),
    )
    return path


def check_clipboard(count: int, name: str) -> None:
    """Refuse more numbers than the clipboard takes.

    Args:
        count: how many there are.
        name: what they are called.

    Raises:
        UserMistake: there are too many.
    """
    if count > CLIPBOARD_LIMIT:
        template = QT_TRANSLATE_NOOP(
            "Data",
            "Not copied: {name} has {found} numbers, and the clipboard takes {allowed}. "
            "Save it as a .npy file instead, or enlarge one channel and copy that.",
        )
        raise UserMistake(
            message("Data", template, name=name, found=f"{count:,}", allowed=f"{CLIPBOARD_LIMIT:,}")
        )


def tabbed_text(array: Array, axes: Sequence[str]) -> str:
    """Return an array as a spreadsheet pastes it: cells apart by tabs, rows by line ends.

    A vector stands in one column, a matrix as it is. Of more axes, each matrix has a line before
    it that says which one it is (``c=3``) and an empty line after it.

    Args:
        array: any shape, of at most `CLIPBOARD_LIMIT` numbers.
        axes: a name for each axis.
    """
    if array.ndim < 2:
        return "\n".join(_texts(array.reshape(-1)))
    if array.ndim == 2:
        return "\n".join("\t".join(_texts(row)) for row in array)
    lead = array.shape[:-2]
    blocks = []
    for index in itertools.product(*(range(size) for size in lead)):
        which = "\t".join(f"{name}={at}" for name, at in zip(axes, index, strict=False))
        blocks.append(f"{which}\n{tabbed_text(array[index], axes[-2:])}")
    return "\n\n".join(blocks)
