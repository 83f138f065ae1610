"""The repository's own files, and a copy of the package that a test may spoil."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_NOT_OURS = {"build", "dist", "__pycache__", "node_modules"}


def files() -> Iterator[Path]:
    """Every file of the repository, without what is built, installed or hidden by a dot."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [
            name
            for name in folders
            if name not in _NOT_OURS
            and (not name.startswith(".") or name == ".ci")
            and not name.endswith(".egg-info")
        ]
        yield from (Path(folder) / name for name in names)


def copy_package(target: Path) -> Path:
    """`target`, into which the package and its settings were copied."""
    target.mkdir(parents=True, exist_ok=True)
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "lenet_viz", target / "lenet_viz", ignore=ignore)
    shutil.copy(ROOT / "pyproject.toml", target)
    return target


def python(*arguments: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """What this interpreter did with `arguments` in the folder `cwd`, from which it imports."""
    variables = {**os.environ, "PYTHONPATH": str(cwd), "COLUMNS": "300", **environ}
    line = [sys.executable, *arguments]
    return subprocess.run(
        line, cwd=cwd, env=variables, capture_output=True, text=True, check=False, timeout=300
    )
