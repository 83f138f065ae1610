import pytest

from lenet_viz.capture.words import ObjectiveWord, parse
from lenet_viz.errors import UserMistake


@pytest.mark.parametrize(
    ("word", "kind", "index"),
    [
        ("random", "random", None),
        ("mse", "mse", None),
        ("output:0", "output", 0),
        ("cross-entropy:7", "cross-entropy", 7),
    ],
)
def test_words(word: str, kind: str, index: int | None) -> None:
    assert parse(word) == ObjectiveWord(kind, index)
    assert parse(word).text == word


@pytest.mark.parametrize("numbers", [(1.0,), (0.1, -2.5, 1e-320, 3e300, -0.0), (1 / 3, 7.0)])
def test_a_vector_keeps_every_digit(numbers: tuple[float, ...]) -> None:
    word = ObjectiveWord("vector", numbers=numbers).text
    assert parse(word).numbers == numbers
    assert parse(word).text == word


def test_a_target_without_view() -> None:
    assert parse("mse:flat") == ObjectiveWord("mse", flat=True)
    assert parse("mse:flat").text == "mse:flat"


@pytest.mark.parametrize(
    ("word", "says"),
    [
        ("vector:", "Number 0 of the 1"),
        ("vector:1,,2", "Number 1 of the 3"),
        ("vector:1,nan", "“nan”"),
        ("vector:inf", "finite"),
        ("vector:1_0", "“1_0”"),
        ("vector:" + "1," * 10_000, "10001 numbers"),
    ],
)
def test_a_vector_that_is_none(word: str, says: str) -> None:
    with pytest.raises(UserMistake) as caught:
        parse(word)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "word",
    ["", "Random", "mse:1", "random:", "output", "output:", "output:-1", "output:x", "output:1.0",
     "output:²", "cross-entropy", "cross-entropy: 7", "output:9999999999", "loss"],
)  # fmt: skip
def test_other_words_are_mistakes(word: str) -> None:
    with pytest.raises(UserMistake) as caught:
        parse(word)
    assert f"“{word}”" in str(caught.value)
    assert ":7" in str(caught.value)
