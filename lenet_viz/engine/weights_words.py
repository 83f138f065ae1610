"""What is wrong with a weights file, as sentences."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from lenet_viz.capture.damage import DEPTH_LIMIT, JSON_LIMIT, TENSOR_LIMIT
from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, Filling, Message, message

FILE_LIMIT: Final = 2 * 2**30
"""The most bytes of a .pt file, which is read into memory; safetensors files are mapped."""
PICKLE_LIMIT: Final = 64 * 2**20
"""The most bytes of the list of tensors (``data.pkl``) in a .pt file."""
OPCODE_LIMIT: Final = 2_000_000
"""The most instructions of that list; a tensor takes about 25."""


class Refused(Exception):
    """Why a weights file is not read, for `file_mistake` to turn into a sentence.

    Attributes:
        reason: a key of the sentences below.
        values: what fills the sentence, besides the path and the limits.
    """

    def __init__(self, reason: str, **values: Filling | Message) -> None:
        """Keep the reason and what fills its sentence."""
        super().__init__(reason)
        self.reason = reason
        self.values = values


def file_mistake(path: Path, refused: Refused) -> UserMistake:
    """Return the error for a weights file that is not read."""
    values = {**_LIMITS, **refused.values, "path": printable(str(path), 1000)}
    return UserMistake(message("engine", _SENTENCES[refused.reason](), **values))


def system_mistake(path: Path, error: OSError | ValueError) -> UserMistake:
    """Return the error for a weights file that the system does not open."""
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return file_mistake(path, Refused("missing"))
    if isinstance(error, PermissionError):
        return file_mistake(path, Refused("permission"))
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return file_mistake(path, Refused("system", why=printable(why)))


def printable(text: str, most: int = 120) -> str:
    """Return ``text`` on one line, at most ``most`` characters, nothing in it unprintable."""
    cut = text if len(text) <= most else text[: most - 1] + "…"
    return "".join(letter if letter.isprintable() else "�" for letter in cut)


_LIMITS: Final[dict[str, Filling | Message]] = {
    "tensors": TENSOR_LIMIT,
    "depth": DEPTH_LIMIT,
    "mebibytes": JSON_LIMIT // 2**20,
    "gibibytes": FILE_LIMIT // 2**30,
    "instructions": OPCODE_LIMIT,
}

_SENTENCES: Final[dict[str, Callable[[], str]]] = {
    "missing": lambda: QT_TRANSLATE_NOOP(
        "engine", "There is no weights file “{path}”. Check the name and the folder."
    ),
    "folder": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "“{path}” is a folder, not a weights file. Choose a .safetensors or .pt file inside it.",
    ),
    "no-file": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "“{path}” is no ordinary file but a pipe or a device. Choose a .safetensors or .pt file.",
    ),
    "permission": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "The weights file “{path}” may not be read by you. Change its permissions, or copy it to "
        "a folder of your own.",
    ),
    "system": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "The weights file “{path}” cannot be read: {why}. Try again, or take another copy.",
    ),
    "empty": lambda: QT_TRANSLATE_NOOP(
        "engine", "The weights file “{path}” is empty (0 bytes). Copy or save it again."
    ),
    "text": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "“{path}” is text, not weights. Choose a .safetensors file, or a .pt file from "
        "torch.save(model.state_dict(), …).",
    ),
    "unknown": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "“{path}” is neither a safetensors file nor one from torch.save, or its beginning is "
        "damaged. Choose another file, or save it again.",
    ),
    "capture": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "“{path}” is a saved run, not a weights file. Open it instead, or choose a .safetensors "
        "or .pt file.",
    ),
    "cut-off": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "The weights file “{path}” is cut off: its end, which every whole file of its kind has, "
        "is missing, or something was added behind it. Copy or save it again.",
    ),
    "cut-off-tensors": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "The weights file “{path}” is cut off: its tensors take {wanted} bytes, but {found} are "
        "there. Copy or save it again.",
    ),
    "damaged": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "The weights file “{path}” is damaged: {what}. Take another copy, or save it again.",
    ),
    "checksum": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "The weights file “{path}” is damaged: the checksum of its entry {entry} is wrong, so at "
        "least one byte has changed. Take another copy, or save it again.",
    ),
    "no-torch-zip": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "“{path}” is a zip file, but not one from torch.save: it has no data.pkl. Choose a "
        ".safetensors file, or a .pt file from torch.save(model.state_dict(), …).",
    ),
    "deflated": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "The weights file “{path}” has the compressed entry {entry}; torch.save stores entries "
        "as they are, and nothing is unpacked here. Save the weights again with "
        "torch.save(model.state_dict(), …).",
    ),
    "too-large": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "The weights file “{path}” has {found} bytes; at most {gibibytes} GiB of a .pt file are "
        "read. Save it as .safetensors, which may be larger: "
        "safetensors.torch.save_file(model.state_dict(), …).",
    ),
    "entries": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "The weights file “{path}” holds more than {tensors} tensors, the most that are read. "
        "Save the model's own weights only: torch.save(model.state_dict(), …).",
    ),
    "header-size": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "The weights file “{path}” declares a list of its tensors of more than {mebibytes} MiB, "
        "the most that is read. Save the model's own weights only.",
    ),
    "instructions": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "The weights file “{path}” takes more than {instructions} instructions to read, the most "
        "that are followed. Save the model's own weights only: torch.save(model.state_dict(), …).",
    ),
    "depth": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "The weights file “{path}” is nested deeper than {depth} levels, the most that are read. "
        "Save the model's own weights only.",
    ),
    "bomb": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "The weights file “{path}” declares a tensor of shape {shape} ({wanted} bytes), but "
        "stores {found} bytes for it. Such a tensor cannot be weights; save them again as "
        "ordinary tensors: tensor.contiguous().",
    ),
    "kind": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "The weights file “{path}” holds tensors of another kind ({kind}); wanted: ordinary dense "
        "tensors. Save them as such, for example with tensor.to_dense().",
    ),
    "quantized": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "The weights file “{path}” holds quantized tensors, which are not supported. Save the "
        "weights of the model before it was quantized.",
    ),
    "torchscript": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "“{path}” is a TorchScript archive, which holds code; wanted: weights alone. Load it "
        "where you trust it, and save them: "
        "torch.save(torch.jit.load(…).state_dict(), “weights.pt”).",
    ),
    "legacy": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "“{path}” is in the old format of torch.save (before torch 1.6), which cannot be checked "
        "before it is read. Save it again with a newer torch: "
        "torch.save(torch.load(…, weights_only=True), “weights.pt”).",
    ),
    "bare-pickle": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "“{path}” is a bare pickle, which can run any code when it is opened; nothing of it was "
        "run. Wanted: a .safetensors file, or a .pt file from "
        "torch.save(model.state_dict(), …).",
    ),
    "whole-model": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "“{path}” holds a whole model (class {name}), which would run code when it is opened; "
        "nothing of it was run. Save its weights alone instead: "
        "torch.save(model.state_dict(), “weights.pt”).",
    ),
    "code": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "“{path}” calls for {name} when it is opened, which is code; nothing of it was run. "
        "Wanted: nothing but tensors, numbers, texts, lists and dicts. If you trust where it "
        "comes from, save the weights alone: torch.save(model.state_dict(), “weights.pt”).",
    ),
    "protocol": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "“{path}” was saved with a pickle protocol other than 2 (instruction {found}), which is "
        "not read. Save it again without that setting: torch.save(model.state_dict(), …).",
    ),
    "unreadable": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "The weights in “{path}” cannot be read: {why}. Save them again: "
        "torch.save(model.state_dict(), “weights.pt”).",
    ),
    "no-dict": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "“{path}” holds {found}; wanted: a dict from names to tensors. Save the weights with "
        "torch.save(model.state_dict(), …).",
    ),
    "no-tensors": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "“{path}” holds a dict without tensors{keys}; wanted: a dict from names to tensors. Save "
        "the weights with torch.save(model.state_dict(), …).",
    ),
    "several": lambda: QT_TRANSLATE_NOOP(
        "engine",
        "“{path}” holds several dicts of tensors: {names}. Save the one that is wanted by "
        "itself: torch.save(checkpoint[“{first}”], “weights.pt”).",
    ),
}
