"""Where a dotted module's file lies, found without importing anything."""

import sys
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path

from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message


def module_file(module: str, folder: Path) -> str:
    """Return the absolute path of a module's Python file; no code of it or its packages runs.

    It is looked for in ``folder`` first, as Python itself does in the folder of a program, then
    where this program's own modules come from.

    Args:
        module: its dotted name.
        folder: where the user works.

    Raises:
        UserMistake: there is no such module, or it is not a Python file.
    """
    places = [str(folder), *sys.path]
    spec: ModuleSpec | None = None
    done: list[str] = []
    for part in module.split("."):
        # By its last part alone: a dotted name would have the finder ask for the parent package,
        # which is not imported.
        spec = PathFinder.find_spec(part, places)
        if spec is None:
            raise UserMistake(_missing(module, ".".join([*done, part]), folder))
        done.append(part)
        places = list(spec.submodule_search_locations or ())
    file = spec.origin if spec is not None else None
    if spec is None or file is None or not isinstance(spec.loader, SourceFileLoader):
        raise UserMistake(_no_source(module))
    return str(Path(file).absolute())


def package_root(path: str, module: str) -> str:
    """Return the folder that ``module`` is imported from, the one above its outermost package.

    Args:
        path: the module's file.
        module: its dotted name.
    """
    depth = module.count(".") + (Path(path).name == "__init__.py")
    return str(Path(path).parents[depth])


def _missing(module: str, part: str, folder: Path) -> Message:
    return message(
        "Network",
        QT_TRANSLATE_NOOP(
            "Network",
            "There is no module {part} (of {module}) in {folder} or among the installed "
            "packages. Check the name, install the package, or name the file: file.py:Name.",
        ),
        module=module,
        part=part,
        folder=str(folder),
    )


def _no_source(module: str) -> Message:
    return message(
        "Network",
        QT_TRANSLATE_NOOP(
            "Network",
            "{module} is not a Python file (a package without __init__.py, or compiled code); "
            "wanted: a module whose text can be shown. Name a module in it: {module}.module:Name.",
        ),
        module=module,
    )
