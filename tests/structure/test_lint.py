"""ruff, mypy and pytest are set so that they notice what this repository forbids."""

import json
from pathlib import Path

import pytest

from tests.structure.repository import ROOT, copy_package, python

# What is planted in lenet_viz/session/planted.py -> the ruff rule that must notice it.
RUFF_PLANTS = {
    '"""One."""\n\nfrom .state import State\n\n__all__ = ["State"]\n': "TID252",
    '"""One."""\n\nprint("a line")\n': "T201",
    '"""One."""\n\ntry:\n    A = 1\nexcept Exception:\n    A = 2\n': "BLE001",
    '"""One."""\n\n\ndef public() -> None:\n    return None\n': "D103",
    '"""One."""\n\nimport os\n': "F401",
    '"""One."""\n\nLINE = "' + "x" * 100 + '"\n': "E501",
    '"""One."""\n\n\ndef branchy(a: int) -> int:\n    """One."""\n'
    + "".join(f"    if a == {n}:\n        a += 1\n" for n in range(10))
    + "    return a\n": "C901",
    '"""One."""\n\n\nclass Wrong_Name:\n    """One."""\n': "N801",
    '"""One."""\n\n\ndef keep(a: list[int] = []) -> None:\n    """One."""\n    a.clear()\n': "B006",
    '"""One."""\n\n\ndef add(a: int) -> int:\n    """One.\n\n    Args:\n        b: What?\n    """\n'
    + "    return a\n": "D417",
}
CLEAN = (
    '"""One."""\n\n\ndef paintEvent(a: int) -> int:\n    """One.\n\n    Args:\n'
    + '        a: one × one\n    """\n    return a\n'
)

MYPY_PLANT = '''"""One."""

from PySide6.QtWidgets import QWidget


def untyped(a):
    """One."""
    return a


def wrong(widget: QWidget) -> int:
    """One."""
    return widget.windowTitle()


def bare(a: list) -> None:
    """One."""
'''

PYTEST_PLANT = """
import warnings

import pytest


def test_warning():
    warnings.warn("a warning", stacklevel=1)


def test_qt_warning():
    from PySide6.QtCore import qWarning

    qWarning("a warning of Qt")


@pytest.mark.xfail
def test_passes_although_expected_to_fail():
    pass


def test_clean():
    pass
"""


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package for this module's plants."""
    return copy_package(tmp_path_factory.mktemp("lint"))


def _ruff(folder: Path) -> dict[str, set[str]]:
    """The rules that ruff finds broken in `folder`: file name -> rules."""
    ended = python("-m", "ruff", "check", "--no-cache", "--output-format=json", ".", cwd=folder)
    assert ended.stderr == ""
    found: dict[str, set[str]] = {}
    for each in json.loads(ended.stdout):
        found.setdefault(Path(each["filename"]).name, set()).add(each["code"])
    return found


def test_ruff_notices(copy: Path) -> None:
    room = copy / "lenet_viz/session"
    room.mkdir(parents=True, exist_ok=True)
    for code_text, rule in RUFF_PLANTS.items():
        (room / f"planted_{rule.lower()}.py").write_text(code_text, encoding="utf-8")
    (room / "planted_clean.py").write_text(CLEAN, encoding="utf-8")

    found = _ruff(room)

    for rule in RUFF_PLANTS.values():
        assert found.get(f"planted_{rule.lower()}.py") == {rule}
    assert "planted_clean.py" not in found


@pytest.mark.parametrize("place", ["lenet_viz/cli.py", "tests/benchmarks/bench.py"])
def test_print_is_allowed_where_output_is_the_purpose(tmp_path: Path, place: str) -> None:
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    path = tmp_path / place
    path.parent.mkdir(parents=True)
    path.write_text('"""One."""\n\nprint("a line")\n', encoding="utf-8")

    assert not any("T201" in rules for rules in _ruff(tmp_path).values())


def test_formatting_is_checked(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    (tmp_path / "spaced.py").write_text("A  =  1\n", encoding="utf-8")

    ended = python("-m", "ruff", "format", "--no-cache", "--check", ".", cwd=tmp_path)

    assert ended.returncode == 1
    assert "spaced.py" in ended.stdout


def test_mypy_notices(tmp_path: Path) -> None:
    package = tmp_path / "lenet_viz/panels"
    package.mkdir(parents=True)
    (tmp_path / "lenet_viz/__init__.py").touch()
    (package / "__init__.py").touch()
    (package / "planted.py").write_text(MYPY_PLANT, encoding="utf-8")
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())

    ended = python("-m", "mypy", "lenet_viz/panels/planted.py", cwd=tmp_path)

    assert ended.returncode == 1, ended.stderr
    for code in ("[no-untyped-def]", "[return-value]", "[type-arg]"):
        assert code in ended.stdout


def test_pytest_fails_on_warnings(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "test_planted.py").write_text(PYTEST_PLANT, encoding="utf-8")
    line = ("-m", "pytest", "-p", "no:cacheprovider", "-p", "no:xdist", "-q")

    ended = python(*line, cwd=tmp_path, QT_QPA_PLATFORM="offscreen")

    assert "3 failed, 1 passed" in ended.stdout, ended.stdout + ended.stderr


def test_pytest_refuses_an_unknown_marker(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    planted = "import pytest\n\n\n@pytest.mark.slwo\ndef test_one():\n    pass\n"
    (tmp_path / "test_planted.py").write_text(planted, encoding="utf-8")
    line = ("-m", "pytest", "-p", "no:cacheprovider", "-q", "test_planted.py")

    ended = python(*line, cwd=tmp_path, QT_QPA_PLATFORM="offscreen")

    assert "'slwo' not found in `markers`" in ended.stdout
