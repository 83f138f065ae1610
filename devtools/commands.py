"""The commands of dev.py."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from devtools.environment import ROOT, VENV, prepare_venv, venv_python
from devtools.progress import Stop, say
from devtools.system import prepare_system, wants_screen

USAGE = """usage: python3 dev.py COMMAND [arguments]

  run     start the program (arguments go to lenet-viz)
  test    run all tests (arguments go to pytest)
  check   ruff, mypy and the import contracts
  bench   print the benchmarks
  soak    run the tests that take minutes
  setup   only make .venv; with --display also what tests of real windows need
"""

CHECKS = (
    ("ruff check", ("-m", "ruff", "check", ".")),
    ("ruff format", ("-m", "ruff", "format", "--check", ".")),
    ("mypy", ("-m", "mypy")),
    ("import contracts", ("-c", "from importlinter.cli import lint_imports_command as c; c()")),
)

HEADLESS = {"summary", "capture", "--version", "--help", "-h"}  # commands that start no Qt


def start(arguments: Sequence[str], folder: Path | None = None) -> int:
    """The exit status of the environment's Python with `arguments`, in place of this process."""
    line = [str(venv_python()), *arguments]
    sys.stdout.flush()
    sys.stderr.flush()
    if os.name == "posix":  # one process less, and signals reach the program itself
        if folder is not None:
            os.chdir(folder)
        os.execv(line[0], line)
    return subprocess.call(line, cwd=folder)


def check() -> int:
    """1 when one of the static checks fails, else 0; all of them run."""
    failed = []
    for name, arguments in CHECKS:
        say(name)
        if subprocess.call([str(venv_python()), *arguments], cwd=ROOT) != 0:
            failed.append(name)
    say("failed: " + ", ".join(failed) if failed else "all checks passed")
    return 1 if failed else 0


def setup(arguments: Sequence[str]) -> int:
    """0 after everything is installed; `--display` adds what tests of real windows need."""
    if set(arguments) - {"--display"}:
        raise Stop("setup takes only --display")
    display = "--display" in arguments
    prepare_system(display or wants_screen(os.environ), VENV, programs=display)
    prepare_venv()
    return 0


def run(arguments: Sequence[str]) -> int:
    """The exit status of the program."""
    if not (arguments and arguments[0] in HEADLESS):
        prepare_system(wants_screen(os.environ), VENV)
    prepare_venv()
    return start(["-m", "lenet_viz", *arguments])


def pytest(arguments: Sequence[str]) -> int:
    """The exit status of pytest."""
    prepare_system(False, VENV)
    prepare_venv()
    return start(["-m", "pytest", *arguments], ROOT)


def bench(arguments: Sequence[str]) -> int:
    """The exit status of the benchmarks."""
    prepare_system(False, VENV)
    prepare_venv()
    return start(["-m", "tests.benchmarks", *arguments], ROOT)


def check_command(arguments: Sequence[str]) -> int:
    """The exit status of the static checks, which take no arguments."""
    if arguments:
        raise Stop("check takes no arguments")
    prepare_venv()
    return check()


COMMANDS: dict[str, Callable[[Sequence[str]], int]] = {
    "run": run,
    "test": pytest,
    "check": check_command,
    "bench": bench,
    "soak": lambda arguments: pytest(["-m", "soak", *arguments]),
    "setup": setup,
}


def main(arguments: Sequence[str]) -> int:
    """The exit status for a command line without the program's name."""
    if not arguments or arguments[0] in ("-h", "--help"):
        print(USAGE, end="", file=sys.stdout if arguments else sys.stderr)
        return 0 if arguments else 2
    command = COMMANDS.get(arguments[0])
    if command is None:
        say(f"there is no command {arguments[0]!r}; there are: " + ", ".join(COMMANDS))
        return 2
    try:
        return command(arguments[1:])
    except Stop as stop:
        say(str(stop))
        return 1
    except KeyboardInterrupt:
        return 130
