"""How a user's Python file is imported: beside what it needs, and never in place of anything."""

import importlib
import io
import linecache
import os
import sys
import sysconfig
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from types import CodeType, ModuleType

from lenet_viz.network.code_text import decoded
from lenet_viz.network.model_code import ModelCode
from lenet_viz.network.module_path import package_root

_INSTALLED = ("site-packages", "dist-packages")
_LIBRARY = tuple(
    os.path.normcase(os.path.join(sysconfig.get_path(name), ""))
    for name in ("stdlib", "platstdlib")
)
_PROGRAM = os.path.normcase(os.path.join(os.path.dirname(os.path.dirname(__file__)), ""))


def is_installed(path: str) -> bool:
    """Return whether a file belongs to Python, to an installed package or to this program."""
    path = os.path.normcase(os.path.abspath(path))
    if path.startswith((*_LIBRARY, _PROGRAM)):
        return True
    return any(part in _INSTALLED for part in path.split(os.sep))


class _AgreedText(SourceFileLoader):
    """Runs the very bytes that were agreed to, whatever the file holds by now."""

    def __init__(self, name: str, path: str, data: bytes) -> None:
        super().__init__(name, path)
        self._data = data

    def get_data(self, path: str) -> bytes:
        return self._data if path == self.path else super().get_data(path)

    def get_code(self, fullname: str) -> CodeType:
        made: CodeType = compile(self._data, self.path, "exec", dont_inherit=True)
        return made


class _Finder(MetaPathFinder):
    """Finds the neighbours of a user's file for the user's own imports.

    Everybody else's imports, and names of the standard library, are found as if it were not there.
    """

    def __init__(self, root: str, code: ModelCode, spec: ModuleSpec | None) -> None:
        self._root = root
        self._beside = os.path.normcase(os.path.join(root, ""))
        self._path = code.path
        self._spec = spec
        self._package = "" if spec is None else spec.name.partition(".")[0]

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if self._spec is not None and fullname == self._spec.name:
            return self._spec
        if path is not None:
            return None
        if fullname == self._package:
            return PathFinder.find_spec(fullname, [self._root, *sys.path])
        if fullname in sys.stdlib_module_names or not self._asked_by_the_user():
            return None
        found = PathFinder.find_spec(fullname, [self._root])
        if found is None or found.loader is None or found.origin == self._path:
            return None  # a mere folder, or the file itself: it means the installed package
        return found

    def _asked_by_the_user(self) -> bool:
        frame = sys._getframe(2)
        while frame.f_code.co_filename.startswith("<frozen importlib") and frame.f_back:
            frame = frame.f_back
        asking = os.path.normcase(frame.f_code.co_filename)
        return asking.startswith(self._beside) and not is_installed(asking)


@contextmanager
def importable(code: ModelCode, data: bytes) -> Iterator[ModuleType]:
    """Give the module that a user's file makes; leave Python's modules and paths as they were.

    The file runs under a name of its own, so that one called ``torch.py`` hides nothing. A module
    of a package is imported with its package. What was imported from beside it is forgotten at
    the end, so that a neighbour that was changed is read again; installed packages stay.

    Args:
        code: the file.
        data: its bytes, which are the ones that run.

    Raises:
        BaseException: whatever the file raises.
    """
    in_package = "." in code.module or os.path.basename(code.path) == "__init__.py"
    in_package = in_package and bool(code.module)
    root = package_root(code.path, code.module) if in_package else os.path.dirname(code.path)
    known = in_package and is_installed(code.path)
    name = code.module if in_package else f"model_file_{code.sha256[:16]}"
    modules = dict(sys.modules)
    path, meta_path, bytecode = sys.path[:], sys.meta_path[:], sys.dont_write_bytecode
    try:
        sys.dont_write_bytecode = True  # the user's folder stays as it is
        importlib.invalidate_caches()
        linecache.checkcache()
        if known:
            yield importlib.import_module(name)
            return
        _set_aside(name, root)
        spec = _spec(name, code.path, data)
        _show_lines(code.path, data)
        sys.meta_path.insert(0, _Finder(root, code, spec if in_package else None))
        sys.path.append(root)
        yield importlib.import_module(name) if in_package else _run(spec)
    finally:
        sys.path[:], sys.meta_path[:] = path, meta_path
        sys.dont_write_bytecode = bytecode
        linecache.cache.pop(code.path, None)
        _forget(modules)


def _spec(name: str, path: str, data: bytes) -> ModuleSpec:
    inside = [os.path.dirname(path)] if os.path.basename(path) == "__init__.py" else None
    loader = _AgreedText(name, path, data)
    spec = spec_from_file_location(name, path, loader=loader, submodule_search_locations=inside)
    assert spec is not None
    return spec


def _run(spec: ModuleSpec) -> ModuleType:
    module = module_from_spec(spec)
    sys.modules[spec.name] = module
    assert spec.loader is not None
    spec.loader.exec_module(module)
    return sys.modules.get(spec.name, module)


def _show_lines(path: str, data: bytes) -> None:
    """Let tracebacks and records quote the text that runs, whatever the file holds by now."""
    lines = io.StringIO(decoded(data)).readlines()
    linecache.cache[path] = (len(data), None, lines, path)


def _set_aside(name: str, root: str) -> None:
    """Take a package that is not in ``root`` out of the way of the user's of the same name."""
    package = name.partition(".")[0]
    loaded = sys.modules.get(package)
    if loaded is None or _lies_in(loaded, root):
        return
    for other in list(sys.modules):
        if other == package or other.startswith(f"{package}."):
            del sys.modules[other]


def _lies_in(module: ModuleType, root: str) -> bool:
    return any(os.path.dirname(place).startswith(root) for place in _places(module))


def _places(module: object) -> list[str]:
    """Return the file of a module, or a package's folders."""
    file = getattr(module, "__file__", None)
    if isinstance(file, str):
        return [file]
    try:
        return [os.path.join(place, "") for place in getattr(module, "__path__", ())]
    except (TypeError, KeyError):
        return []


def _forget(before: dict[str, ModuleType]) -> None:
    """Bring back the modules there were, and drop new ones that lie in nobody's installation."""
    packages = {name.partition(".")[0] for name in before}
    for name, module in list(sys.modules.items()):
        if name in before or (name.partition(".")[0] in packages and not _replaced(name, before)):
            continue
        if not all(map(is_installed, _places(module))):
            del sys.modules[name]
    sys.modules.update(before)


def _replaced(name: str, before: dict[str, ModuleType]) -> bool:
    """Return whether the package of a new module took the place of another one."""
    package = name.partition(".")[0]
    return sys.modules.get(package) is not before.get(package)
