"""A model that somebody's Python makes: which file, which name in it, with which arguments."""

from dataclasses import dataclass


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
