"""A .npy file holds the captured bits: read by NumPy, and equal to what NumPy itself writes."""

import io

import numpy as np
import pytest

from lenet_viz.export import arrays
from lenet_viz.export.arrays import npy_bytes, put_npy
from tests.export.arrays_of_captures import expected, odd, same_bits
from tests.panels.runs import odd_captures


def numpys(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    return stream.getvalue()


@pytest.mark.parametrize("name", odd_captures())
def test_every_array_of_odd_runs(name: str) -> None:
    count = 0
    for *_, array in expected(odd(name)):
        if array is None:
            continue
        written = npy_bytes(array)
        assert same_bits(np.load(io.BytesIO(written), allow_pickle=False), array)
        assert written == npy_bytes(array)
        assert written == numpys(array.copy(order="C"))
        count += 1
    assert count


@pytest.mark.parametrize("shape", [(), (0,), (3, 0), (1,), (2, 3, 4, 5), (1, 2, 1, 2, 1, 2)])
@pytest.mark.parametrize("kind", ["?", "i1", "u8", "f2", "f4", "f8", "c8", "c16"])
def test_shapes_and_types(shape: tuple[int, ...], kind: str) -> None:
    array = np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(kind)
    assert npy_bytes(array) == numpys(array)


@pytest.mark.parametrize(
    "view",
    [
        lambda a: a.T,
        lambda a: a[:, ::-2],
        lambda a: np.asfortranarray(a),
        lambda a: np.broadcast_to(a[0], (5, *a.shape)),
    ],
)
def test_any_layout_in_memory_gives_the_same_numbers(view) -> None:  # type: ignore[no-untyped-def]
    array = view(np.arange(24, dtype=np.float32).reshape(4, 6))
    read = np.load(io.BytesIO(npy_bytes(array)))
    assert same_bits(read, np.array(array, order="C"))
    assert read.flags.c_contiguous


def test_the_bits_of_nan_and_the_sign_of_zero_stay() -> None:
    bits = np.array([0x7FC00001, 0xFFC12345, 0x80000000, 0x7F800000, 1], dtype=np.uint32)
    read = np.load(io.BytesIO(npy_bytes(bits.view(np.float32))))
    assert read.view(np.uint32).tolist() == bits.tolist()


def test_large_arrays_are_written_in_pieces() -> None:
    pieces: list[int] = []

    class Stream(io.BytesIO):
        def write(self, piece) -> int:  # type: ignore[no-untyped-def]
            pieces.append(len(piece))
            return super().write(piece)

    array = np.arange(3 * arrays.PIECE // 4 + 5, dtype=np.float32)
    stream = Stream()
    put_npy(array, stream)
    assert max(pieces) <= arrays.PIECE
    assert same_bits(np.load(io.BytesIO(stream.getvalue())), array)


def test_nothing_is_ever_pickled() -> None:
    with pytest.raises(ValueError, match="Python objects"):
        npy_bytes(np.array([{}], dtype=object))
