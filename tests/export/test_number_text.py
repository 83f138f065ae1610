"""CSV and clipboard text: read back by Python's own csv module, `float` and `complex`."""

import csv
import io
import itertools

import numpy as np
import pytest

from lenet_viz.errors import UserMistake
from lenet_viz.export.number_text import (
    AT_ONCE,
    CLIPBOARD_LIMIT,
    check_clipboard,
    csv_size,
    csv_text,
    tabbed_text,
)
from lenet_viz.panels.map_side import axis_words
from tests.export.arrays_of_captures import expected, odd
from tests.panels.runs import odd_captures


def table(array: np.ndarray, axes: tuple[str, ...] | None = None) -> list[list[str]]:
    words = axes or tuple(f"a{axis}" for axis in range(array.ndim))
    text = "".join(csv_text(array, words))
    assert text.endswith("\n")
    assert "\r" not in text
    assert text.isascii()
    return list(csv.reader(io.StringIO(text, newline="")))


def number(text: str, dtype: np.dtype) -> object:
    if dtype.kind == "b":
        return {"True": True, "False": False}[text]
    return {"i": int, "u": int, "f": float, "c": complex}[dtype.kind](text)


def read_back(array: np.ndarray) -> np.ndarray:
    """Put every number of the CSV where its indices and its column say."""
    head, *rows = table(array)
    lead = max(array.ndim - 1, 0) if array.ndim > 1 else array.ndim
    read = np.full(array.shape, 7, dtype=array.dtype)
    filled = np.zeros(array.shape, dtype=bool)
    for row in rows:
        assert len(row) == len(head)
        index = tuple(int(text) for text in row[:lead])
        for name, text in zip(head[lead:], row[lead:], strict=True):
            at = index if array.ndim < 2 else (*index, int(name.rpartition("=")[2]))
            assert not filled[at]
            filled[at] = True
            read[at] = number(text, array.dtype)
    assert filled.all()
    return read


def agree(one: np.ndarray, other: np.ndarray) -> bool:
    """Whether all bits are equal; of NaN only that it is NaN."""
    if one.dtype.kind == "c":
        return agree(one.real.copy(), other.real.copy()) and agree(
            one.imag.copy(), other.imag.copy()
        )
    if one.dtype.kind != "f":
        return one.tobytes() == other.tobytes()
    nan = np.isnan(one)
    same = (np.signbit(one) == np.signbit(other)) & (one == other)
    return bool((np.isnan(other) == nan).all() and same[~nan].all())


@pytest.mark.parametrize("name", odd_captures())
def test_every_array_of_odd_runs_reads_back(name: str) -> None:
    for *_, array in expected(odd(name)):
        if array is not None and array.size <= 20_000:
            assert agree(array, read_back(array))


@pytest.mark.parametrize(("kind", "bits"), [("f4", "u4"), ("f8", "u8"), ("f2", "u2")])
def test_any_bits_of_a_float_read_back(kind: str, bits: str) -> None:
    rng = np.random.default_rng(3)
    top = np.iinfo(bits).max
    patterns = rng.integers(0, top, size=6000, dtype=bits, endpoint=True)
    patterns[:4] = [0, 1, top, top >> 1]
    array = patterns.view(kind).reshape(30, 200)
    # A float32's text, read as Python reads it and cut back to 32 bits, is the same float32.
    assert agree(array, read_back(array))


def test_the_fewest_digits() -> None:
    array = np.array([[0.1, 1 / 3, 1e-45, 3.4028235e38]], dtype=np.float32)
    assert table(array)[1][1:] == ["0.1", "0.33333334", "1e-45", "3.4028235e+38"]


def test_what_is_not_finite_complex_numbers_and_booleans() -> None:
    nan, inf = float("nan"), float("inf")
    assert [row[1] for row in table(np.array([nan, inf, -inf, -0.0]))] == [
        "value", "nan", "inf", "-inf", "-0.0",
    ]  # fmt: skip
    assert table(np.array([[1 + 2j, -0.5j]]))[1] == ["0", "(1+2j)", "(-0-0.5j)"]
    assert table(np.array([[True, False]]))[1] == ["0", "True", "False"]
    extremes = np.array([[-(2**63), 2**63 - 1]])
    assert table(extremes)[1] == ["0", "-9223372036854775808", "9223372036854775807"]
    assert table(np.array([[2**64 - 1]], dtype=np.uint64))[1] == ["0", "18446744073709551615"]


def test_the_layout() -> None:
    maps = np.arange(24.0, dtype=np.float32).reshape(1, 2, 3, 4)
    read = table(maps, ("n", "c", "h", "w"))
    assert read[0] == ["n", "c", "h", "w=0", "w=1", "w=2", "w=3"]
    assert read[1] == ["0", "0", "0", "0.0", "1.0", "2.0", "3.0"]
    assert read[-1] == ["0", "1", "2", "20.0", "21.0", "22.0", "23.0"]
    assert table(np.array([5.0, 6.0]), ("i",)) == [["i", "value"], ["0", "5.0"], ["1", "6.0"]]
    assert table(np.array(2.5), ()) == [["value"], ["2.5"]]


@pytest.mark.parametrize(
    ("shape", "lines"),
    [((0,), 1), ((3, 0), 4), ((0, 2, 4, 4), 1), ((2, 0, 4), 1), ((0, 0), 1), ((2, 3, 0), 7)],
)
def test_no_numbers(shape: tuple[int, ...], lines: int) -> None:
    read = table(np.zeros(shape, dtype=np.float32))
    assert len(read) == lines == csv_size(shape)[0]
    assert all(len(row) == len(read[0]) == csv_size(shape)[1] for row in read)


@pytest.mark.parametrize(
    "shape",
    [
        (3, AT_ONCE),
        (3, AT_ONCE + 1),
        (1, 3 * AT_ONCE + 7),
        (2 * AT_ONCE + 3,),
        (AT_ONCE + 1, 1),
        (5, 700, 3),
        (2, 1, 3, 2, 1, 2),
        (),
    ],
)
def test_pieces_fit_together(shape: tuple[int, ...]) -> None:
    array = np.random.default_rng(1).integers(-9, 9, size=shape)
    assert np.array_equal(read_back(np.asarray(array)), array)
    lines, columns = csv_size(shape)
    read = table(np.asarray(array))
    assert (len(read), len(read[0])) == (lines, columns)


@pytest.mark.parametrize("shape", [(3_000_000,), (1, 3_000_000), (1_000_000, 3), (3000, 1000)])
def test_a_large_array_is_never_one_text(shape: tuple[int, ...]) -> None:
    array = np.broadcast_to(np.float32(0.1), shape)
    pieces = itertools.islice(csv_text(array, ("i", "j")[: len(shape)]), 300)
    assert max(map(len, pieces)) < 100_000


@pytest.mark.parametrize("rank", range(8))
@pytest.mark.parametrize("batched", [False, True])
def test_no_column_is_called_as_another(rank: int, batched: bool) -> None:
    shape = (2,) * (rank + batched)
    (head, *_) = table(np.zeros(shape), axis_words(shape, batched))
    assert len(set(head)) == len(head)


# -- the clipboard -----------------------------------------------------------------------------


def test_a_matrix_a_vector_and_a_number() -> None:
    matrix = np.array([[0.1, -2.0], [np.nan, 3e30]], dtype=np.float32)
    assert tabbed_text(matrix, ("h", "w")) == "0.1\t-2.0\nnan\t3e+30"
    assert tabbed_text(np.array([1, 2, 3]), ("i",)) == "1\n2\n3"
    assert tabbed_text(np.array(True), ()) == "True"


def test_maps_are_told_apart() -> None:
    maps = np.arange(8).reshape(2, 2, 2)
    assert tabbed_text(maps, ("c", "h", "w")) == "c=0\n0\t1\n2\t3\n\nc=1\n4\t5\n6\t7"
    deep = np.arange(4).reshape(1, 2, 1, 2)
    assert tabbed_text(deep, ("c", "d", "h", "w")) == "c=0\td=0\n0\t1\n\nc=0\td=1\n2\t3"


@pytest.mark.parametrize("name", odd_captures())
def test_the_clipboard_reads_back(name: str) -> None:
    for *_, array in expected(odd(name)):
        if array is None or not 2 <= array.ndim <= 3 or array.size > 20_000 or not array.size:
            continue
        blocks = tabbed_text(array, ("a", "b", "c")[: array.ndim]).split("\n\n")
        rows = [
            [number(text, array.dtype) for text in line.split("\t")]
            for block in blocks
            for line in block.split("\n")[array.ndim - 2 :]
        ]
        assert agree(array, np.array(rows, dtype=array.dtype).reshape(array.shape))


def test_too_much_for_the_clipboard() -> None:
    check_clipboard(CLIPBOARD_LIMIT, "conv1")
    with pytest.raises(UserMistake) as refused:
        check_clipboard(CLIPBOARD_LIMIT + 1, "conv1")
    for part in ("conv1", "250,001", "250,000", ".npy"):
        assert part in str(refused.value)
