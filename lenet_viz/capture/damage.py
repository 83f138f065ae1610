"""What is wrong with a file that cannot be read, and the sentence for it."""

from collections.abc import Callable
from pathlib import Path

from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

JSON_LIMIT = 64 * 2**20
"""The most bytes of JSON that are read."""
DEPTH_LIMIT = 64
"""How deep that JSON may be nested."""
TENSOR_LIMIT = 20_000
"""The most tensors a file may hold."""


class Unreadable(Exception):
    """What is wrong with a file, for `read_failure` to turn into a sentence."""


def read_failure(path: Path, error: Exception) -> Message:
    """Return the sentence for a file that cannot be read."""
    reason = error.args[0] if isinstance(error, Unreadable) else ""
    make = _REASONS.get(reason)
    if make is not None:
        return message("capture", make(), path=str(path), **_LIMITS)
    if isinstance(error, FileNotFoundError):
        template = QT_TRANSLATE_NOOP(
            "capture", "There is no file “{path}”. Check the name and the folder."
        )
        return message("capture", template, path=str(path))
    if isinstance(error, IsADirectoryError) or path.is_dir():
        template = QT_TRANSLATE_NOOP(
            "capture", "“{path}” is a folder. Give the name of a capture file inside it."
        )
        return message("capture", template, path=str(path))
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    template = QT_TRANSLATE_NOOP(
        "capture", "“{path}” cannot be read: {reason}. Check that you may open it."
    )
    return message("capture", template, path=str(path), reason=why)


_LIMITS = {"tensors": TENSOR_LIMIT, "mebibytes": JSON_LIMIT // 2**20, "depth": DEPTH_LIMIT}
_REASONS: dict[str, Callable[[], str]] = {
    "empty": lambda: QT_TRANSLATE_NOOP(
        "capture", "“{path}” is empty, not a capture. Save the capture again."
    ),
    "no-file": lambda: QT_TRANSLATE_NOOP(
        "capture", "“{path}” is no ordinary file but a pipe or a device. Give a capture file."
    ),
    "no-capture": lambda: QT_TRANSLATE_NOOP(
        "capture",
        "“{path}” is not a capture. Give a file that lenet_viz has saved, such as run.lvcap.",
    ),
    "no-json": lambda: QT_TRANSLATE_NOOP(
        "capture",
        "“{path}” is not a capture, or its header is damaged. Take another copy, or save it again.",
    ),
    "truncated": lambda: QT_TRANSLATE_NOOP(
        "capture",
        "“{path}” is cut off: it declares more bytes than it has. Copy or save it again.",
    ),
    "damaged": lambda: QT_TRANSLATE_NOOP(
        "capture",
        "“{path}” is damaged: its header contradicts itself. Take another copy, or save it again.",
    ),
    "newer": lambda: QT_TRANSLATE_NOOP(
        "capture",
        "“{path}” was saved by a newer lenet_viz. Update lenet_viz, or save the capture with "
        "this version.",
    ),
    "numbers": lambda: QT_TRANSLATE_NOOP(
        "capture",
        "“{path}” is damaged: some of its numbers are not those that were saved. "
        "Take another copy, or make it again.",
    ),
    "tensors": lambda: QT_TRANSLATE_NOOP(
        "capture",
        "“{path}” holds more than {tensors} tensors, the most that are read. "
        "Capture a smaller part of the model.",
    ),
    "json-size": lambda: QT_TRANSLATE_NOOP(
        "capture",
        "“{path}” holds more than {mebibytes} MiB of JSON, the most that is read. "
        "Capture a smaller part of the model.",
    ),
    "json-depth": lambda: QT_TRANSLATE_NOOP(
        "capture",
        "“{path}” holds JSON nested deeper than {depth} levels, the most that is read. "
        "It was not saved by lenet_viz.",
    ),
}
