"""The virtual environment `.venv` and what is installed in it."""

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

from devtools.progress import Stop, say

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = "lenet_viz.stamp"  # written last: what the environment was installed from
UNFINISHED = "lenet_viz.unfinished"  # there while installing: such an environment is rebuilt


def _read(path: Path) -> str:
    """The text of `path`, or nothing when it cannot be read."""
    with contextlib.suppress(OSError):
        return path.read_text(encoding="utf-8")
    return ""


def venv_python(venv: Path = VENV) -> Path:
    """The interpreter inside `venv`."""
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def fingerprint(pyproject: str, constraints: str, python: str, root: str) -> str:
    """A SHA-256 of everything that decides what must be installed.

    Args:
        pyproject: Text of pyproject.toml; only what pip reads of it counts.
        constraints: Text of constraints.txt.
        python: Version of the interpreter.
        root: Where the repository lies; the editable install and the scripts name it.
    """
    content = tomllib.loads(pyproject)
    project = content.get("project", {})
    keys = ("version", "requires-python", "dependencies", "optional-dependencies", "scripts")
    parts = [
        content.get("build-system"),
        [project.get(key) for key in (*keys, "gui-scripts")],
        constraints,
        python,
        root,
    ]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def current_fingerprint() -> str:
    """The fingerprint of this repository and this interpreter."""
    return fingerprint(
        (ROOT / "pyproject.toml").read_text(encoding="utf-8"),
        (ROOT / "constraints.txt").read_text(encoding="utf-8"),
        sys.version,
        str(ROOT),
    )


def torch_pin(constraints: str) -> str:
    """The line of constraints.txt that pins torch, such as `torch==2.13.0`."""
    found = re.search(r"^torch==\S+", constraints, re.MULTILINE)
    if found is None:
        raise Stop("constraints.txt has no line torch==VERSION; take it from the repository again")
    return found.group()


def is_broken(venv: Path) -> bool:
    """Whether `venv` exists but cannot be used: half made, or its interpreter is gone."""
    if not venv.exists():
        return False
    if (venv / UNFINISHED).exists() or not (venv / "pyvenv.cfg").is_file():
        return True
    with contextlib.suppress(OSError):
        line = [str(venv_python(venv)), "-m", "pip", "--version"]
        return subprocess.run(line, capture_output=True, check=False).returncode != 0
    return True


def is_ready(venv: Path, wanted: str) -> bool:
    """Whether `venv` was installed completely from what `wanted` is the fingerprint of."""
    return (
        _read(venv / STAMP) == wanted
        and not (venv / UNFINISHED).exists()
        and (venv / "pyvenv.cfg").is_file()
        and venv_python(venv).is_file()
    )


def pip_install(*arguments: str) -> None:
    """Runs pip in the virtual environment, its output on stderr.

    Raises:
        Stop: When pip fails.
    """
    line = [str(venv_python()), "-m", "pip", "install", "--no-input", *arguments]
    line += ["-c", str(ROOT / "constraints.txt")]
    environ = {**os.environ, "PIP_USER": "0", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    if subprocess.call(line, cwd=ROOT, env=environ, stdout=sys.stderr) != 0:
        raise Stop(
            "pip could not install " + arguments[-1] + " (its own message is above): check the "
            "network connection and the free disk space (2 GB, with CUDA 8 GB), then start the "
            "same command again; where pip finds no matching torch, use 64-bit Python 3.11 to 3.13"
        )


def make_venv() -> None:
    """Makes an empty virtual environment in place of whatever is there.

    Raises:
        Stop: When Python's venv module fails.
    """
    say(f"making {VENV.name}")
    # Not sys.executable: that may be the interpreter inside the folder that is being replaced.
    python = getattr(sys, "_base_executable", None) or sys.executable
    if subprocess.call([python, "-m", "venv", "--clear", str(VENV)], stdout=sys.stderr) != 0:
        advice = "install Python's venv module (on Debian: sudo apt-get install -y python3-venv)"
        raise Stop(
            f"could not make {VENV}: " + (advice if os.name == "posix" else "reinstall Python")
        )


def prepare_venv() -> None:
    """Makes `.venv` hold what this repository needs; does nothing when it does.

    Raises:
        Stop: When something cannot be installed.
    """
    wanted = current_fingerprint()
    if is_ready(VENV, wanted):
        return
    if is_broken(VENV):
        say(f"{VENV.name} is broken or was left half made: rebuilding it")
        shutil.rmtree(VENV, ignore_errors=True)
    if not VENV.exists():
        make_venv()
    (VENV / UNFINISHED).touch()
    # First and alone, so that pip may take a CPU build where its configuration offers one.
    torch = torch_pin((ROOT / "constraints.txt").read_text(encoding="utf-8"))
    say(f"installing {torch} (the largest part; minutes on the first call)")
    pip_install(torch)
    say("installing lenet_viz and what its tests need")
    # By a path entry, not by an import hook: the hook would lose against a folder that is named
    # like the package, such as the clone itself when Python is started beside it.
    pip_install("--config-settings", "editable_mode=compat", "-e", ".[dev]")
    (VENV / STAMP).write_text(wanted, encoding="utf-8")
    (VENV / UNFINISHED).unlink()
    say("installed")
