"""Names of user's modules become parts of paths that every system takes."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenet_viz.export.entry_names import LONGEST, EntryNames, file_part

NASTY = (
    "..", ".", "...", "/", "a/b", "/etc/passwd", "C:\\x", "a\\b", "\0", "a\0b", "CON", "con", "Nul",
    "com1", "LPT9.txt", "aux.weight", "x" * 300, "x" * 299 + "y", "🦊", "🦊" * 100, "\u202eabc",
    "a b", "a ", " a", "a.", ".hidden", "a:b", "a*?", '"', "<>|", "%", "%2E", "~", "~2", "", "\n",
    "\ud800", "卷积", "é", "e\u0301", "-rf", "$(x)", "a\tb", "conv1", "layer1.0.conv", "Conv1",
)  # fmt: skip
LEGAL = re.compile(r"[A-Za-z0-9_\-.%~]+")
WINDOWS = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def check(part: str) -> None:
    assert LEGAL.fullmatch(part), part
    assert len(part) <= LONGEST
    assert not WINDOWS.match(part)
    assert not part.startswith(".")
    assert not part.endswith((".", " "))


@pytest.mark.parametrize("name", NASTY)
def test_nasty_names(name: str, tmp_path: Path) -> None:
    part = file_part(name)
    check(part)
    (tmp_path / part).mkdir()
    assert [entry.name for entry in tmp_path.iterdir()] == [part]


@pytest.mark.parametrize("name", ["conv1", "layer1.0.conv", "max_pool2d_2", "A-b"])
def test_plain_names_stay(name: str) -> None:
    assert file_part(name) == name


def test_no_two_nasty_names_meet() -> None:
    names = EntryNames()
    parts = [names.give(name) for name in NASTY]
    assert len({part.lower() for part in parts}) == len(NASTY)
    for part in parts:
        assert LEGAL.fullmatch(part)


@given(st.lists(st.text(), unique=True, max_size=8))
def test_any_names(found: list[str]) -> None:
    for name in found:
        check(file_part(name))
    assert len({file_part(name) for name in found}) == len(found)
    names = EntryNames()
    assert len({names.give(name).lower() for name in found}) == len(found)


def test_equal_names_and_cases_are_numbered() -> None:
    names = EntryNames()
    assert [names.give(name) for name in ("conv", "Conv", "conv", "CONV~2")] == [
        "conv", "Conv~2", "conv~3", "CONV%7E2",
    ]  # fmt: skip
