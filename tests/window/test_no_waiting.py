"""The window's thread waits for no file, pipe or process: what could do so is not called there."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import lenet_viz

ROOT = Path(lenet_viz.__file__).parent
ROOMS = ("panels", "window", "session")

MODULES = {"subprocess", "safetensors", "socket", "urllib", "shutil", "tempfile", "multiprocessing"}
CALLS = {
    "open",
    "input",
    "load",
    "sleep",
    "write_bytes",
    "write_atomically",
    "waitForDone",
    "wait_for",
    "join",
}
METHODS = {
    "read_text", "read_bytes", "write_text", "write_bytes", "read", "readline", "mkdir", "touch",
    "unlink", "rename", "rmtree", "stat", "exists", "is_file", "is_dir", "iterdir", "glob",
    "mkdtemp", "system", "popen", "sync", "waitForFinished", "exec",
}  # fmt: skip

ALLOWED = {
    # While the window opens or closes, or where there is no window at all.
    ("window/app.py", "shutil"): "the session's folder, removed once the window is closed",
    ("window/app.py", "tempfile"): "the session's folder, made before the window is",
    ("window/app.py", "mkdtemp"): "the same",
    ("window/app.py", "rmtree"): "the same",
    ("window/app.py", "exec"): "Qt's own loop of events",
    ("window/background.py", "wait_for"): "called as the window closes",
    ("window/background.py", "waitForDone"): "the same",
    ("window/memory.py", "open"): "called before the window is made",
    ("window/memory.py", "read"): "the same",
    ("window/memory.py", "mkdir"): "called as the window closes",
    ("window/memory.py", "write_bytes"): "the same",
    # A mistake of the program itself, reported once.
    ("window/mishaps.py", "tempfile"): "the report of a bug, a few kilobytes",
    # On other threads.
    ("window/figures.py", "write_bytes"): "runs on a thread of the pool",
    ("window/code_file.py", "write_bytes"): "runs on a thread of the pool",
    ("window/opening.py", "load"): "runs on a thread of the pool",
    ("window/engine_bridge.py", "load"): "runs on the engine client's thread",
    # A dialog's own loop serves events.
    ("window/models.py", "open"): "a dialog is opened, no file",
    ("window/figures.py", "exec"): "a dialog serves events",
    ("window/main_window.py", "exec"): "a dialog serves events",
    ("window/file_question.py", "exists"): "one look at a name, as the file dialog itself does",
}


def sources() -> list[Path]:
    return [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


def is_text(node: ast.expr) -> bool:
    """Whether a value is a text, whose ``join`` waits for nothing."""
    return isinstance(node, ast.Constant | ast.JoinedStr) or (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "translate"
    )


def waits(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Yield what may wait, and its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                if name.name.split(".")[0] in MODULES:
                    yield name.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES:
            yield str(node.module), node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in CALLS:
                yield node.func.id, node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name, owner = node.func.attr, node.func.value
            if name in (METHODS | CALLS) and not (name == "join" and is_text(owner)):
                yield name, node.lineno


@pytest.mark.parametrize("path", sources(), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_nothing_that_waits_is_called(path: Path) -> None:
    where = path.relative_to(ROOT).as_posix()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [
        f"{where}:{line}: {name}" for name, line in waits(tree) if (where, name) not in ALLOWED
    ]
    # An array is read from a mapped file through `source.read`; that is what a click costs.
    assert [line for line in found if not line.endswith(": read")] == []


def test_each_exception_is_still_needed() -> None:
    used = {
        (path.relative_to(ROOT).as_posix(), name)
        for path in sources()
        for name, _ in waits(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert set(ALLOWED) - used == set()


@pytest.mark.parametrize(
    "line",
    [
        "open('x')",
        "Path('x').read_text()",
        "time.sleep(1)",
        "import subprocess",
        "from safetensors import safe_open",
        "thread.join()",
        "load(path)",
    ],
)
def test_the_search_finds(line: str) -> None:
    assert list(waits(ast.parse(line)))


def test_joining_words_is_no_wait() -> None:
    assert not list(waits(ast.parse("' '.join(words)")))
