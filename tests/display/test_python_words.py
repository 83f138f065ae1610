"""The kinds of words against Python's own tokenizer."""

import io
import keyword
import sysconfig
import time
import tokenize
from pathlib import Path

import pytest

from lenet_viz.display.python_words import Kind, PythonWords

STANDARD = Path(sysconfig.get_path("stdlib"))
FILES = sorted(STANDARD.glob("[a-d]*.py")) + sorted((STANDARD / "test").glob("test_string*.py"))
_KINDS = {
    tokenize.STRING: Kind.STRING,
    tokenize.COMMENT: Kind.COMMENT,
    tokenize.NUMBER: Kind.NUMBER,
}
Found = set[tuple[int, int, int, Kind]]


def tokenized(text: str) -> Found:
    """Row, start, stop and kind of everything that is not plain, as Python's tokenizer sees it."""
    rows = text.split("\n")
    found: Found = set()
    before = ""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        kind = _KINDS.get(token.type)
        if token.type == tokenize.NAME:
            new = Kind.NAME if before in {"def", "class"} else None
            kind = Kind.KEYWORD if keyword.iskeyword(token.string) else new
        before = token.string
        if kind is None:
            continue
        (first, start), (last, stop) = token.start, token.end
        for row in range(first, last + 1):
            left = start if row == first else 0
            right = stop if row == last else len(rows[row - 1])
            if right > left:
                found.add((row - 1, left, right, kind))
    return found


def coloured(text: str) -> Found:
    rows = text.split("\n")
    words = PythonWords(rows)
    return {(row, *stretch) for row in range(len(rows)) for stretch in words.stretches(row)}


@pytest.mark.skipif(
    hasattr(tokenize, "FSTRING_START"), reason="this Python's tokenizer takes f-strings apart"
)
def test_files_of_the_standard_library() -> None:
    count = 0
    for path in FILES:
        with tokenize.open(path) as stream:
            text = stream.read()
        assert coloured(text) == tokenized(text), path
        count += len(text.splitlines())
    assert count > 15_000


@pytest.mark.parametrize(
    "text",
    [
        "def größe(名前): return 0x1F + 1_0.5e-3j  # 中文 'quoted'",
        "x = '''a\n# no comment\n\"\"\" ''' + \"b\\\"c\"  # yes",
        "class A: pass\nasync def b(): await c\nis_not = None is not True",
        "r'\\\\' + Rb\"\\\\\" if 1 else .5",
        "'a\\\nb' + 'c'",
        "x1 = y2.e3 - 1.e5 - 0b1_0 - 0o17",
        "def\tf(): pass",
        "",
        "\n\n",
    ],
)
def test_small_texts(text: str) -> None:
    assert coloured(text) == tokenized(text)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("x = 'open\nif x:", {(0, 4, 9, Kind.STRING), (1, 0, 2, Kind.KEYWORD)}),
        ('"""open\nif', {(0, 0, 7, Kind.STRING), (1, 0, 2, Kind.STRING)}),
        ("'\\", {(0, 0, 2, Kind.STRING)}),
        ('"""\\', {(0, 0, 4, Kind.STRING)}),
        ("def if(:", {(0, 0, 3, Kind.KEYWORD)}),
        ("return ))) 3", {(0, 0, 6, Kind.KEYWORD), (0, 11, 12, Kind.NUMBER)}),
        ("  class", {(0, 2, 7, Kind.KEYWORD)}),
    ],
)
def test_broken_texts(text: str, wanted: Found) -> None:
    assert coloured(text) == wanted


def test_a_hostile_text_takes_no_time() -> None:
    """Quotes and backslashes without end, which patterns that go back would chew on for hours."""
    began = time.monotonic()
    for text in ("'" * 100_001, '"""' + "\\" * 100_001, "'\\" * 50_000, 'f"' * 50_000):
        PythonWords(text.split("\n")).stretches(0)
    assert time.monotonic() - began < 20
