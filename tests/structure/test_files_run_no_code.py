"""Opening a file never runs code: the package has no call in it that could."""

import ast
from pathlib import Path

import pytest

import lenet_viz

PACKAGE = Path(lenet_viz.__file__).parent
FORBIDDEN = {
    "pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "yaml",
    "jsonpickle",
}  # fmt: skip
RUNS = {"eval", "exec", "__import__", "execfile"}
ALLOWED = {
    # Names its exceptions alone: torch's own unpickler, told weights_only, raises them.
    ("engine/weights_file.py", "pickle"),
    ("__init__.py", "import_module"),  # its own rooms, when they are asked for
    # Imports what the user agreed to run: inside the engine.
    ("network/neighbours.py", "importlib.import_module"),
}
"""Files with what they may do, and nothing else may."""


def found(text: str) -> set[str]:
    """Return what in a Python text could run code that a file brings."""
    seen = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            seen |= {alias.name for alias in node.names if alias.name.split(".")[0] in FORBIDDEN}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in FORBIDDEN:
            seen.add(str(node.module))
        elif isinstance(node, ast.Call):
            seen |= _of_call(node)
    return seen


def _of_call(call: ast.Call) -> set[str]:
    name = ast.unparse(call.func)
    last = name.rpartition(".")[2]
    given = {word.arg: word.value for word in call.keywords}
    if name in RUNS:
        return {name}
    if last in ("import_module", "run_path", "run_module", "hubconf", "load_state_dict_from_url"):
        return {name}
    if name in ("torch.load", "torch.jit.load", "torch.package.PackageImporter", "torch.hub.load"):
        only = given.get("weights_only")
        safe = isinstance(only, ast.Constant) and only.value is True
        return set() if name == "torch.load" and safe else {name}
    if last in ("load", "fromfile") and name.startswith(("np.", "numpy.")):
        no_pickle = given.get("allow_pickle")
        safe = isinstance(no_pickle, ast.Constant) and no_pickle.value is False
        return set() if safe else {name}
    if any(word.arg == "shell" and ast.unparse(word.value) != "False" for word in call.keywords):
        return {name}
    return set()


def test_nothing_in_the_package_could() -> None:
    paths = sorted(PACKAGE.rglob("*.py"))
    assert len(paths) > 100
    everything = {
        (path.relative_to(PACKAGE).as_posix(), what)
        for path in paths
        for what in found(path.read_text(encoding="utf-8"))
    }
    assert everything == ALLOWED


def test_pickle_is_used_for_the_name_of_its_exception_alone() -> None:
    tree = ast.parse((PACKAGE / "engine" / "weights_file.py").read_text(encoding="utf-8"))
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "pickle"
    }
    assert used == {"UnpicklingError"}


@pytest.mark.parametrize(
    "text",
    [
        "import pickle", "from yaml import load", "eval('3')", "exec(x)", "torch.load(f)",
        "torch.load(f, weights_only=False)", "torch.load(f, weights_only=y)", "np.load(f)",
        "np.load(f, allow_pickle=True)", "torch.jit.load(f)", "importlib.import_module(x)",
        "runpy.run_path(p)", "subprocess.run(x, shell=True)",
    ],
)  # fmt: skip
def test_another_way_would_be_noticed(text: str) -> None:
    assert found(text)
