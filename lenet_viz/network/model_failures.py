"""What is said when a user's Python file cannot be made a model."""

import os
import sys
import traceback
from pathlib import Path
from typing import Final

from lenet_viz.errors import UserMistake
from lenet_viz.network.code_text import syntax_mistake
from lenet_viz.network.model_code import ModelCode
from lenet_viz.network.neighbours import is_installed
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_LONGEST: Final = 500
_PACKAGES: Final = {
    "cv2": "opencv-python",
    "PIL": "pillow",
    "sklearn": "scikit-learn",
    "skimage": "scikit-image",
    "yaml": "PyYAML",
    "pytorch_lightning": "pytorch-lightning",
    "dotenv": "python-dotenv",
}
"""Packages whose name to install is not their name to import."""

_NO_PACKAGE = QT_TRANSLATE_NOOP(
    "Network",
    "{file}, line {line}: there is no package {package}, which the file imports: {text} "
    "Install it for the Python that runs this program: {python} -m pip install {install}. "
    "If it is a file of yours, put it beside this one.",
)
_NO_NAME = QT_TRANSLATE_NOOP(
    "Network",
    "{file}, line {line}: {reason}: {text} Check the version of that package, or the name in "
    "your own file.",
)
_RELATIVE = QT_TRANSLATE_NOOP(
    "Network",
    "{file}, line {line}: the file is part of a package and cannot be loaded alone: {text} "
    "Name it with its package, from the folder above: package.module:Name.",
)
_EXITS = QT_TRANSLATE_NOOP(
    "Network",
    "{file}, line {line}: the file ends the program with {type} while its model is made: {text} "
    'Put what is not part of the model under if __name__ == "__main__":.',
)
_READS = QT_TRANSLATE_NOOP(
    "Network",
    "{file}, line {line}: the file waits for somebody to type (input or sys.stdin), and nobody "
    'can: {text} Take that call out, or put it under if __name__ == "__main__":.',
)
_MEMORY = QT_TRANSLATE_NOOP(
    "Network",
    "{file}, line {line}: there is not enough memory to make the model: {text} "
    "Make it smaller, or close other programs, and load it again.",
)
_IMPORT_RAISED = QT_TRANSLATE_NOOP(
    "Network",
    "{file}, line {line}: {type}: {reason} It was raised while the file was imported, by: {text} "
    'Correct that line; put what is not part of the model under if __name__ == "__main__":.',
)
_MAKING_RAISED = QT_TRANSLATE_NOOP(
    "Network",
    "{file}, line {line}: {type}: {reason} It was raised while {name} was made, by: {text} "
    "Correct that line, or pass other arguments: {word}(…).",
)


def failure(error: BaseException, code: ModelCode, name: str = "") -> UserMistake:
    """Return the mistake that tells what a user's file raised, with the line that did.

    Args:
        error: what was raised.
        code: the file.
        name: what was being made; "" while the file was imported.
    """
    if isinstance(error, SyntaxError) and error.filename:
        return UserMistake(syntax_mistake(error, code.path))
    file, line, text = user_line(error, code)
    place: dict[str, str | int] = {"file": file, "line": line, "text": text}
    if isinstance(error, ImportError):
        return UserMistake(_import_failure(error, place))
    kinds = (
        ((SystemExit, KeyboardInterrupt, GeneratorExit), _EXITS),
        (EOFError, _READS),
    )
    for kind, template in kinds:
        if isinstance(error, kind):
            return UserMistake(message("Network", template, type=type(error).__name__, **place))
    if isinstance(error, MemoryError) or "can't allocate memory" in sentence_of(error):
        return UserMistake(message("Network", _MEMORY, **place))
    told: dict[str, str | int] = {
        "type": type(error).__name__,
        "reason": sentence_of(error),
        **place,
    }
    if not name:
        return UserMistake(message("Network", _IMPORT_RAISED, **told))
    word = f"{Path(code.path).name}:{name}"
    return UserMistake(message("Network", _MAKING_RAISED, name=name, word=word, **told))


def user_line(error: BaseException, code: ModelCode) -> tuple[str, int, str]:
    """Return file, number and text of the user's innermost line that an error passed through.

    Args:
        error: what was raised.
        code: the model's file; its neighbours count as the user's too.
    """
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        own = frame.filename == code.path
        if own or (os.path.isfile(frame.filename) and not is_installed(frame.filename)):
            text = " ".join((frame.line or "").split())
            return frame.filename, frame.lineno or 1, text[:_LONGEST]
    return code.path, 1, ""


def _import_failure(error: ImportError, place: dict[str, str | int]) -> Message:
    if isinstance(error, ModuleNotFoundError) and error.name:
        package = error.name.partition(".")[0]
        return message(
            "Network",
            _NO_PACKAGE,
            package=error.name,
            install=_PACKAGES.get(package, package),
            python=sys.executable,
            **place,
        )
    if "relative import" in str(error):
        return message("Network", _RELATIVE, **place)
    return message("Network", _NO_NAME, reason=sentence_of(error).removesuffix("."), **place)


def sentence_of(error: BaseException) -> str:
    """Return an error's own words on one line, not too many, ending in a full stop."""
    try:
        text = " ".join(str(error).split())
    except Exception:  # noqa: BLE001 - the user's own exception may not even print
        text = ""
    text = text or type(error).__name__
    if len(text) > _LONGEST:
        text = text[:_LONGEST] + "…"
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."
