"""The words for what a model takes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet_viz.errors import UserMistake
from lenet_viz.network.input_shapes import DTYPES, WHOLE, InputShape, parse_input_shape

WORDS = {
    "1,3,32,32": InputShape((1, 3, 32, 32)),
    "1x3x32x32": InputShape((1, 3, 32, 32)),
    "1×3×32×32": InputShape((1, 3, 32, 32)),
    " 1, 3 ,5 ": InputShape((1, 3, 5)),
    "(2, 7)": InputShape((2, 7)),
    "[2,7,]": InputShape((2, 7)),
    "9": InputShape((9,)),
    "()": InputShape(()),
    "t=():int64:0..10": InputShape((), "int64", "t", 0, 10),
    "ids=1,16:int64:0..1000": InputShape((1, 16), "int64", "ids", 0, 1000),
    "1,16:int64": InputShape((1, 16), "int64"),
    "x=1,4:torch.float16": InputShape((1, 4), "float16", "x"),
    "1,4:int8:-5..5": InputShape((1, 4), "int8", "", -5, 5),
    "mask=1,4:bool": InputShape((1, 4), "bool", "mask"),
    "z=1,4:complex64": InputShape((1, 4), "complex64", "z"),
}


@pytest.mark.parametrize("words", WORDS)
def test_words_are_read(words: str) -> None:
    assert parse_input_shape(words) == WORDS[words]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("", "1,3,32,32"),
        ("1,,3", "commas"),
        ("1,3.5", "commas"),
        ("1,-3", "commas"),
        ("1 3 32", "commas"),
        ("a,b", "commas"),
        ("0,3", "0 numbers"),
        ("100000,100000", "10000000000 numbers"),
        ("1,2:float", "“float”"),
        ("1,2:int64:5", "“5”"),
        ("1,2:int64:5..5", "“5..5”"),
        ("1,2:int8:0..300", "“0..300”"),
        ("1,2:float32:0..3", "“0..3”"),
        ("1,2:int64:0..1:9", "commas"),
        ("class=1,2", "class"),
        ("3d=1,2", "3d"),
        (",".join("1" * 30), "commas"),
        ("٣,٣", "commas"),
        ("9" * 5000, "commas"),
    ],
)
def test_what_cannot_be_read_is_told_with_what_was_found_and_wanted(words: str, told: str) -> None:
    with pytest.raises(UserMistake) as mistake:
        parse_input_shape(words)
    assert told in str(mistake.value)


@given(
    st.lists(st.integers(1, 9), max_size=6).map(tuple),
    st.sampled_from(DTYPES),
    st.sampled_from(["", "x", "ids", "größe"]),
    st.integers(0, 100),
    st.integers(1, 27),
)
def test_words_are_written_as_they_are_read(
    shape: tuple[int, ...], dtype: str, name: str, low: int, more: int
) -> None:
    ranged = (low, low + more) if dtype in WHOLE else (0, 0)
    made = InputShape(shape, dtype, name, *ranged)
    assert parse_input_shape(made.words()) == made
