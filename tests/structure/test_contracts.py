"""Every import contract holds, and every one of them notices a planted violation."""

import ast
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.structure.repository import ROOT, copy_package, python

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETTINGS = PROJECT["tool"]["importlinter"]["contracts"]
CONTRACTS = {contract["id"]: contract["name"] for contract in SETTINGS}
LINT = "from importlinter.cli import lint_imports_command as command; command(['--no-cache'])"


@dataclass(frozen=True)
class Plant:
    """A line that breaks a contract.

    Attributes:
        contract: The contract's id.
        path: The file, which need not exist.
        text: What is appended to it.
        reported: What the contract must report.
    """

    contract: str
    path: str
    text: str
    reported: str


def _plant(contract: str, module: str, imported: str) -> Plant:
    """A module that imports what it must not."""
    path = module.replace(".", "/") + ".py"
    return Plant(contract, path, f"import {imported}", f"{module} -> {imported}")


PLANTS = (
    _plant("rooms", "lenet_viz.network.planted_upwards", "lenet_viz.session"),
    Plant("rooms", "lenet_viz/planted_room.py", "", "- lenet_viz.planted_room"),
    _plant("qt-rooms", "lenet_viz.session.planted_qt", "PySide6"),
    _plant("qt-rooms", "lenet_viz.planted_above", "pyqtgraph"),
    _plant("qt-rooms", "lenet_viz.planted_below", "shiboken6"),
    _plant("torch-tower", "lenet_viz.panels.planted_torch", "torch"),
    _plant("torch-tower", "lenet_viz.engine.planted_torch", "torch"),
    _plant("no-tower-from-qt", "lenet_viz.window.planted_tower", "lenet_viz.network.build"),
    _plant("tower", "lenet_viz.network.build", "lenet_viz.explain"),
    Plant(
        "panels",
        "lenet_viz/panels/planted_panel.py",
        "import lenet_viz.panels.strip",
        "lenet_viz.panels.planted_panel -> lenet_viz.panels.strip",
    ),
    _plant("panels-and-session", "lenet_viz.panels.planted_verbs", "lenet_viz.session.session"),
)


@pytest.fixture(scope="module")
def sections(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What import-linter says of a copy with all plants: contract id -> its report."""
    copy = copy_package(tmp_path_factory.mktemp("planted"))
    settings = copy / "pyproject.toml"
    text = settings.read_text(encoding="utf-8")
    listed = '    "*.panels.strip",\n'
    assert listed in text
    settings.write_text(text.replace(listed, listed + '"*.panels.planted_panel",'), "utf-8")
    for plant in PLANTS:
        path = copy / plant.path
        path.parent.mkdir(exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.write(f"\n{plant.text}\n")
    ended = python("-c", LINT, cwd=copy)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    return _by_contract(ended.stdout)


def _by_contract(report: str) -> dict[str, str]:
    _, _, broken = report.partition("Broken contracts")
    found = {}
    for identity, name in CONTRACTS.items():
        match = re.search(
            rf"^{re.escape(name)}\n-+\n(.*?)(?=^[^\n]+\n-{{4,}}\n|\Z)", broken, re.DOTALL | re.M
        )
        found[identity] = match.group(1) if match else ""
    return found


def test_all_contracts_hold(tmp_path: Path) -> None:
    ended = python("-c", LINT, cwd=copy_package(tmp_path / "copy"))

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert f"Contracts: {len(CONTRACTS)} kept, 0 broken." in ended.stdout


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: f"{plant.contract}-{plant.path}")
def test_contract_notices(plant: Plant, sections: dict[str, str]) -> None:
    assert plant.reported in sections[plant.contract]


def test_every_contract_has_a_plant() -> None:
    assert {plant.contract for plant in PLANTS} == set(CONTRACTS)


def test_every_panel_is_listed_as_independent() -> None:
    panels = {
        f"*.panels.{path.stem}"
        for path in (ROOT / "lenet_viz/panels").glob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
        and any(isinstance(base, ast.Name) and base.id == "Panel" for base in node.bases)
    }

    listed = next(each for each in SETTINGS if each["id"] == "panels")["modules"]

    assert panels == set(listed), "[tool.importlinter] in pyproject.toml lists other panels"
