"""One array as a .npy file: the numbers exactly as they were captured, and nothing else."""

import io
from pathlib import Path
from threading import Event
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy_format

from lenet_viz.capture.arrays import Array
from lenet_viz.capture.atomic import write_atomically
from lenet_viz.export.stoppable import stoppable

PIECE = 4 * 2**20
"""Bytes that are written at once."""


def put_npy(array: Array, stream: BinaryIO) -> None:
    """Write an array in NumPy's format, piece by piece; equal arrays give equal bytes.

    Nothing is pickled: the arrays of a capture are plain numbers of a fixed size.

    Args:
        array: any shape, axes in C order in the file; bool, integers, floats, complex numbers.
        stream: open for binary writing.

    Raises:
        ValueError: the array holds Python objects.
    """
    if array.dtype.hasobject:
        raise ValueError("an array of Python objects has no numbers to write")
    header: dict[str, Any] = {
        "descr": npy_format.dtype_to_descr(array.dtype),
        "fortran_order": False,
        "shape": array.shape,
    }
    npy_format.write_array_header_1_0(stream, header)
    if not array.size:
        return
    # Not `tofile`: where the disk is full it does not say so.
    flat = array.reshape(-1).view(np.uint8)
    for start in range(0, flat.size, PIECE):
        stream.write(flat[start : start + PIECE].data)


def npy_bytes(array: Array) -> bytes:
    """Return an array as the bytes of a .npy file; for small arrays.

    Args:
        array: as for `put_npy`.
    """
    stream = io.BytesIO()
    put_npy(array, stream)
    return stream.getvalue()


def write_npy(array: Array, path: Path, stop: Event | None = None) -> Path:
    """Write an array to a .npy file and return its path; an older file stays until it is whole.

    Args:
        array: as for `put_npy`.
        path: the file to make.
        stop: once set, writing is given up.

    Raises:
        UserMistake: the file cannot be written, the disk is full, or ``stop`` was set.
    """
    write_atomically(path, lambda stream: put_npy(array, stoppable(stream, stop)))
    return path
