"""A model that somebody's Python makes: which file, which name in it, with which arguments."""

import hashlib
import os
import re
from dataclasses import dataclass
from keyword import iskeyword
from pathlib import Path

from lenet_viz.errors import UserMistake
from lenet_viz.network.code_text import check_syntax, read_bytes
from lenet_viz.network.literals import literal_arguments
from lenet_viz.network.model_question import ModelQuestion
from lenet_viz.network.module_path import module_file
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

_MODULE = re.compile(
    r"(?P<left>[^\W\d]\w*(?:\.[^\W\d]\w*)*):(?P<rest>[^\W\d]\w*(?:\s*\(.*)?)", re.S
)
_FILE = re.compile(r"(?P<left>.+?\.py)(?::(?P<rest>.*))?", re.S | re.I)
_DOTTED = re.compile(r"(?P<left>[^\W\d]\w*(?:\.[^\W\d]\w*)*):(?P<rest>[^\\/].*)", re.S)
_REST = re.compile(r"\s*(?P<name>[^\s(]*)\s*(?:\((?P<arguments>.*)\))?\s*", re.S)


@dataclass(frozen=True, slots=True)
class ModelCode:
    """Python code that makes a model, as it was agreed to.

    The file is code: nothing of it runs but in the engine, and only while its text is the one
    whose hash stands here.

    Attributes:
        path: absolute path of the file.
        module: its dotted name, such as ``package.module``, where it was named so; "" otherwise.
        name: the class, function or instance in it; "" for the only one.
        arguments: what the class or function is called with, as Python literals: ``10, hidden=32``.
        sha256: of the file's bytes, in hexadecimal.
    """

    path: str
    module: str
    name: str
    arguments: str
    sha256: str

    @property
    def word(self) -> str:
        """What a user types for it: ``/folder/file.py:Name(10)``, ``package.module:make``."""
        called = f"({self.arguments})" if self.arguments else ""
        return (self.module or self.path) + (f":{self.name}{called}" if self.name else "")


def parse_model_word(word: str, folder: Path) -> ModelCode | None:
    """Return the Python code that a model word names; None where it names none.

    Nothing of the code runs. The file is read and compiled, so that a mistake in it is told now.

    Args:
        word: ``file.py``, ``file.py:Name``, ``file.py:Name(10, hidden=32)``,
            ``package.module:factory`` or ``package.module:factory(10)``. Anything else is left to
            others.
        folder: what a relative path starts from, and where packages are looked for first.

    Raises:
        UserMistake: there is no such file or module; it is a folder, unreadable, no text, too
            long or no Python; the name is no name, or the arguments are not plain values.
    """
    left, rest, is_file = _parts(word)
    if not left:
        return None
    name, arguments = ("", "") if rest is None else _named(word, rest)
    if is_file:
        path = os.path.abspath(folder / os.path.expanduser(left))
    else:
        path = module_file(left, folder)
    data = read_bytes(path)
    check_syntax(path, data)
    sha256 = hashlib.sha256(data).hexdigest()
    return ModelCode(path, "" if is_file else left, name, arguments, sha256)


def read_code(code: ModelCode) -> bytes:
    """Return the file's bytes, which are the ones that were agreed to.

    Raises:
        ModelQuestion: they have changed; of kind ``changed`` with the hash they have now.
        UserMistake: the file is gone or cannot be read.
    """
    data = read_bytes(code.path)
    found = hashlib.sha256(data).hexdigest()
    if found != code.sha256:
        template = QT_TRANSLATE_NOOP(
            "Network",
            "{file} has changed since you agreed to run it. Look at its text and agree again, "
            "or put the earlier text back.",
        )
        raise ModelQuestion(message("Network", template, file=code.path), "changed", (found,))
    return data


def _parts(word: str) -> tuple[str, str | None, bool]:
    """Return what names the file or module, what follows the colon, and whether it is a file."""
    module = _MODULE.fullmatch(word)
    if module is not None and not module["left"].lower().endswith(".py"):
        return module["left"], module["rest"], False
    file = _FILE.fullmatch(word)
    if file is not None:
        return file["left"], file["rest"], True
    dotted = _DOTTED.fullmatch(word)
    if dotted is not None:
        return dotted["left"], dotted["rest"], False
    return "", None, False


def _named(word: str, rest: str) -> tuple[str, str]:
    """Return the name and the arguments' text after the colon of ``word``."""
    match = _REST.fullmatch(rest)
    name = match["name"] if match is not None else rest.partition("(")[0]
    if match is None or not name.isidentifier() or iskeyword(name):
        template = QT_TRANSLATE_NOOP(
            "Network",
            "“{word}” has “{found}” where the name of a class, a function or a model in the "
            "file belongs. Write it like file.py:Net, or file.py:Net(10) with arguments.",
        )
        raise UserMistake(message("Network", template, word=word[:300], found=rest[:100]))
    arguments = (match["arguments"] or "").strip()
    literal_arguments(arguments)
    return name, arguments
