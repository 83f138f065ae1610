"""Runs tests on a copy of the program into which a bug was put."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.seeded import Mutant

ROOT = Path(__file__).parents[2]
_LIMIT_S = 240.0
_TESTS_FAILED = 1


class Rotten(Exception):
    """An edit that no longer fits the source."""


@dataclass(frozen=True)
class Outcome:
    """What the tests said to one mutant.

    Attributes:
        mutant: the bug.
        caught: whether a test failed.
        by: the first test that did, or what else came of it.
        seconds: how long it took.
    """

    mutant: Mutant
    caught: bool
    by: str
    seconds: float


def check(mutant: Mutant) -> None:
    """Raise where an edit's old text is not in the source exactly once.

    Raises:
        Rotten: with the file and the number of times.
    """
    for edit in mutant.edits:
        found = (ROOT / edit.file).read_text(encoding="utf-8").count(edit.old)
        if found != 1:
            raise Rotten(f"{mutant.name}: {edit.file} has {edit.old!r} {found} times, not once")


def copy_program(folder: Path) -> Path:
    """Return a copy of the program and its tests in ``folder``, ready to be changed."""
    program = folder / "program"
    unwanted = shutil.ignore_patterns("__pycache__", "*.egg-info", ".*_cache", ".hypothesis")
    for name in ("lenet_viz", "tests", "resources", "devtools"):
        shutil.copytree(ROOT / name, program / name, ignore=unwanted)
    shutil.copy2(ROOT / "pyproject.toml", program)
    return program


def run_tests(program: Path, tests: Sequence[str]) -> tuple[int, str]:
    """Return pytest's exit status and output for a copy of the program."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--tb=no", "-p", "no:cacheprovider"]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")},
        "PYTHONPATH": str(program),
        "PYTHONDONTWRITEBYTECODE": "1",  # a stale one could hide the next bug
        "OMP_NUM_THREADS": "1",
    }
    done = subprocess.run(
        [*command, *tests],
        cwd=program,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_LIMIT_S,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def try_mutant(mutant: Mutant, program: Path) -> Outcome:
    """Return what the mutant's tests say to it; the copy ends as it was."""
    check(mutant)
    begun = time.perf_counter()
    before: dict[Path, str] = {}
    try:
        for edit in mutant.edits:
            file = program / edit.file
            text = file.read_text(encoding="utf-8")
            before.setdefault(file, text)
            file.write_text(text.replace(edit.old, edit.new), encoding="utf-8")
        try:
            status, output = run_tests(program, mutant.tests)
            caught, by = status == _TESTS_FAILED, _first_failure(status, output)
        except subprocess.TimeoutExpired:
            caught, by = True, "ran for too long"
    finally:
        for file, text in before.items():
            file.write_text(text, encoding="utf-8")
    return Outcome(mutant, caught, by, time.perf_counter() - begun)


def _first_failure(status: int, output: str) -> str:
    for line in output.splitlines():
        if line.startswith(("FAILED ", "ERROR ")):
            return line.split(" - ")[0].partition(" ")[2].removeprefix("tests/")
    return "nothing failed" if status == 0 else f"pytest ended with status {status}"


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the outcomes as text, one a line, and how many bugs were caught."""
    width = max(len(outcome.mutant.name) for outcome in outcomes)
    lines = [
        f"{'caught' if o.caught else 'MISSED'}  {o.mutant.name:{width}}  {o.seconds:5.1f} s  {o.by}"
        for o in outcomes
    ]
    caught = sum(outcome.caught for outcome in outcomes)
    return "\n".join([*lines, f"{caught} of {len(outcomes)} seeded bugs caught"])
