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
