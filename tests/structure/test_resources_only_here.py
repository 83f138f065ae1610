"""Files that ship with the program are found through lenet_viz/resources.py and nowhere else."""

import re

import pytest

from tests.structure.repository import ROOT

ELSEWHERE = re.compile(r"_resources\b|importlib[. ]+(?:import )?resources|pkgutil\.get_data")


def test_only_one_module_knows_where_resources_lie() -> None:
    knowing = [
        path.name
        for path in (ROOT / "lenet_viz").rglob("*.py")
        if ELSEWHERE.search(path.read_text(encoding="utf-8"))
    ]

    assert knowing == ["resources.py"]


@pytest.mark.parametrize(
    "line", ["import importlib.resources", "from importlib import resources", '"_resources"']
)
def test_another_way_would_be_noticed(line: str) -> None:
    assert ELSEWHERE.search(line)
