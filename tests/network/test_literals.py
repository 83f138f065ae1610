"""Arguments as text: plain values, and nothing that runs."""

import pytest

from lenet_viz.errors import UserMistake
from lenet_viz.network.literals import literal_arguments, literal_keywords


def test_plain_values_are_read() -> None:
    assert literal_arguments("") == ((), {})
    assert literal_arguments("10, hidden=32") == ((10,), {"hidden": 32})
    args, kwargs = literal_arguments("-1, 2.5e-3, 'a,b)', [1, (2, 3)], p={'k': None}, on=True,")
    assert args == (-1, 0.0025, "a,b)", [1, (2, 3)])
    assert kwargs == {"p": {"k": None}, "on": True}
    assert literal_arguments("10  # outputs") == ((10,), {})


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("__import__('os').system('echo')", "__import__('os').system('echo') is not a plain"),
        ("hidden", "hidden is not a plain value"),
        ("f'{1}'", "not a plain value"),
        ("[x for x in (1,)]", "not a plain value"),
        ("**{'a': 1}", "**{'a': 1}"),
        ("*[1]", "*[1]"),
        ("1 +", "10, hidden=32"),
        ("1) + (2", "10, hidden=32"),
        ("1)(2", "10, hidden=32"),
        ("a=1, a=2", "repeated"),
        ("a=1, 2", "10, hidden=32"),
        ("\0", "10, hidden=32"),
        ("-" * 9000 + "1", ""),
        ("[" * 9000, "10, hidden=32"),
        ("1," * 6000, "12000 characters"),
    ],
)
def test_everything_else_is_refused(text: str, told: str) -> None:
    with pytest.raises(UserMistake) as mistake:
        literal_arguments(text)
    assert told in str(mistake.value)


def test_keywords_need_names() -> None:
    assert literal_keywords("training=False, scale=2") == {"training": False, "scale": 2}
    with pytest.raises(UserMistake, match="3 has no name"):
        literal_keywords("3, a=1")
