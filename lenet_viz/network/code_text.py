"""The text of a Python file, looked at without running any of it."""

import ast
import io
import os
import stat
import tokenize
import warnings
from typing import Final

from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

LARGEST_FILE: Final = 2 * 2**20
"""The longest Python file that is read, in bytes."""

_SHOWN: Final = 160


def read_bytes(path: str) -> bytes:
    """Return a Python file's bytes.

    Raises:
        UserMistake: there is no such file, it is a folder or no ordinary file, too long or
            cannot be read.
    """
    try:
        status = os.stat(path)
        if stat.S_ISDIR(status.st_mode):
            raise UserMistake(_folder(path))
        if not stat.S_ISREG(status.st_mode):
            raise UserMistake(_no_file_of_text(path))
        if status.st_size > LARGEST_FILE:
            raise UserMistake(_too_long(path, status.st_size))
        with open(path, "rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except FileNotFoundError as error:
        raise UserMistake(_missing(path)) from error
    except (OSError, ValueError) as error:
        raise UserMistake(_unreadable(path, error)) from error
    if len(data) > LARGEST_FILE:
        raise UserMistake(_too_long(path, len(data)))
    return data


def decoded(data: bytes) -> str:
    """Return the text of a Python file as Python itself reads it; "" where it cannot be read."""
    # Python ends lines first and looks for an encoding in the first two then.
    data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        return io.TextIOWrapper(io.BytesIO(data), encoding).read()
    except (SyntaxError, UnicodeDecodeError, LookupError):
        return ""


def check_syntax(path: str, data: bytes) -> None:
    """Return where ``data`` is Python that can be compiled; nothing of it runs.

    Raises:
        UserMistake: it is no text, or no Python; names the line.
    """
    if b"\0" in data:
        raise UserMistake(_not_text(path))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(data, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise UserMistake(syntax_mistake(error, path)) from error
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        template = QT_TRANSLATE_NOOP(
            "Network",
            "{file} cannot be compiled: an expression in it is nested too deeply or too long "
            "({reason}). Check that this is the model's file.",
        )
        reason = type(error).__name__
        raise UserMistake(message("Network", template, file=path, reason=reason)) from error


def syntax_mistake(error: SyntaxError, path: str) -> Message:
    """Return the sentence for a syntax error: file, line, its text and Python's reason."""
    if error.lineno is None or error.lineno < 1:
        return message(
            "Network",
            QT_TRANSLATE_NOOP(
                "Network",
                "{file} is not Python: {reason}. Check that this is the model's file and that "
                "it is saved as UTF-8.",
            ),
            file=error.filename or path,
            reason=error.msg or type(error).__name__,
        )
    return message(
        "Network",
        QT_TRANSLATE_NOOP(
            "Network",
            "{file}, line {line}: {reason}: {text} Correct that line and load the model again.",
        ),
        file=error.filename or path,
        line=error.lineno,
        reason=error.msg or type(error).__name__,
        text=_line(error),
    )


def _line(error: SyntaxError) -> str:
    text = " ".join((error.text or "").split())
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def candidates(text: str) -> tuple[str, ...]:
    """Return the names in a Python file that look like models, the likeliest first.

    Nothing runs: classes are known by their bases (``nn.Module``, another class of the file that
    looks like one, …), instances by the class they are made from. What a user means is most
    often an instance, or else the last class.

    Args:
        text: the file's text.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()
    classes: list[str] = []
    instances: list[str] = []
    for node in body:
        if isinstance(node, ast.ClassDef):
            if any(_looks_like_module(base, classes) for base in node.bases):
                _add(classes, node.name)
            continue
        for name in _names_of_instance(node, classes):
            _add(instances, name)
    return (*reversed(instances), *reversed(classes))


def _add(names: list[str], name: str) -> None:
    if name in names:
        names.remove(name)
    names.append(name)


def _looks_like_module(base: ast.expr, classes: list[str]) -> bool:
    """Return whether a base class is one of a module, as far as its name tells."""
    if isinstance(base, ast.Subscript):
        base = base.value
    if isinstance(base, ast.Attribute):
        owner = ast.unparse(base.value)
        return owner == "nn" or owner.endswith(".nn") or base.attr.endswith("Module")
    if isinstance(base, ast.Name):
        return base.id in classes or base.id.endswith("Module") or base.id in _CONTAINERS
    return False


def _names_of_instance(node: ast.stmt, classes: list[str]) -> list[str]:
    """Return the names that an assignment gives to a new module; none for other statements."""
    if not isinstance(node, ast.Assign | ast.AnnAssign) or not isinstance(node.value, ast.Call):
        return []
    if not _makes_module(node.value.func, classes):
        return []
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def _makes_module(called: ast.expr, classes: list[str]) -> bool:
    name = called.attr if isinstance(called, ast.Attribute) else ""
    if isinstance(called, ast.Name):
        return called.id in classes or called.id in _CONTAINERS
    return name in _CONTAINERS


_CONTAINERS: Final = frozenset({"Sequential", "ModuleList", "ModuleDict"})


def _missing(path: str) -> Message:
    return message(
        "Network",
        QT_TRANSLATE_NOOP(
            "Network",
            "There is no file {path}. Write the model as file.py or file.py:Name, with the "
            "folder where the file is not in this one.",
        ),
        path=path,
    )


def _folder(path: str) -> Message:
    return message(
        "Network",
        QT_TRANSLATE_NOOP(
            "Network",
            "{path} is a folder; wanted: a Python file with a model in it. "
            "Name the file, or write package.module:Name.",
        ),
        path=path,
    )


def _no_file_of_text(path: str) -> Message:
    return message(
        "Network",
        QT_TRANSLATE_NOOP(
            "Network",
            "{path} is a device or a pipe; wanted: an ordinary Python file. "
            "Save the model in a file and name that.",
        ),
        path=path,
    )


def _too_long(path: str, size: int) -> Message:
    return message(
        "Network",
        QT_TRANSLATE_NOOP(
            "Network",
            "{path} has {size} bytes; a Python file of at most {most} bytes (2 MiB) is read. "
            "Check that this is the model's file; move data in it to a file of its own.",
        ),
        path=path,
        size=size,
        most=LARGEST_FILE,
    )


def _unreadable(path: str, error: Exception) -> Message:
    return message(
        "Network",
        QT_TRANSLATE_NOOP(
            "Network",
            "{path} cannot be read: {reason}. Check the name, and that you may read the file.",
        ),
        path=path,
        reason=getattr(error, "strerror", None) or str(error),
    )


def _not_text(path: str) -> Message:
    return message(
        "Network",
        QT_TRANSLATE_NOOP(
            "Network",
            "{path} is not text (it has zero bytes in it); wanted: a Python file. "
            "Check that this is the model's file and that it is saved as UTF-8.",
        ),
        path=path,
    )
