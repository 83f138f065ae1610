"""Importing the package, --help and --version load neither torch nor Qt."""

import json
import subprocess

import pytest

from tests.structure.repository import ROOT, python

HEAVY = ("torch", "PySide6", "shiboken6", "pyqtgraph")
REPORT = f"""
import json, sys
print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]), file=sys.stderr)
"""
START = """
import runpy, sys
sys.argv = ["lenet-viz", *sys.argv[1:]]
try:
    runpy.run_module("lenet_viz", run_name="__main__", alter_sys=True)
except SystemExit as end:
    assert end.code in (0, None), end.code
"""


def _loaded(ended: subprocess.CompletedProcess[str]) -> list[str]:
    assert ended.returncode == 0, ended.stderr
    loaded: list[str] = json.loads(ended.stderr.splitlines()[-1])
    return loaded


def _command_line_exists() -> bool:
    return (ROOT / "lenet_viz/cli.py").exists() or (ROOT / "lenet_viz/cli").exists()


def test_the_package_is_light() -> None:
    ended = python("-c", "import lenet_viz; lenet_viz.__version__" + REPORT, cwd=ROOT)

    assert _loaded(ended) == []


@pytest.mark.parametrize("module", HEAVY)
def test_a_heavy_import_would_be_noticed(module: str) -> None:
    assert module in _loaded(python("-c", f"import {module}" + REPORT, cwd=ROOT))


@pytest.mark.skipif(not _command_line_exists(), reason="there is no command line yet")
@pytest.mark.parametrize("option", ["--help", "--version"])
def test_the_command_line_is_light(option: str) -> None:
    ended = python("-c", START + REPORT, option, cwd=ROOT)

    assert _loaded(ended) == []
    assert ended.stdout.strip()
