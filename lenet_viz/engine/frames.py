"""Messages as frames: four bytes of length (big-endian) and that many bytes of JSON."""

import json
import struct
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any, BinaryIO, TypeVar, get_origin, get_type_hints

from lenet_viz.engine.messages import (
    CheckDone,
    CheckRequest,
    InputRequest,
    Nudge,
    Progress,
    Question,
    Ready,
    Reply,
    Request,
    RunDone,
    RunFailed,
    RunRequest,
)
from lenet_viz.engine.save_messages import SaveDone, SaveRequest
from lenet_viz.engine.update_messages import Trained, UpdateDone, UpdateRequest
from lenet_viz.network.initialisation import Initialisation
from lenet_viz.network.input_shapes import InputShape
from lenet_viz.network.model_code import ModelCode
from lenet_viz.network.optimiser import OptimiserChoice
from lenet_viz.network.weights_choice import WeightsChoice
from lenet_viz.wording import Filling, Message

FRAME_LIMIT = 64 * 2**20
"""The longest frame in bytes that either side accepts."""
_Kind = TypeVar("_Kind")
_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        RunRequest,
        CheckRequest,
        UpdateRequest,
        SaveRequest,
        Ready,
        Progress,
        RunDone,
        CheckDone,
        UpdateDone,
        SaveDone,
        RunFailed,
    )
}


class BadFrame(Exception):
    """What came through the pipe is no message."""


class CutFrame(BadFrame):
    """The stream ended inside a frame."""


def encode(message: Request | Reply) -> bytes:
    """Return a message as one frame, its length included."""
    body = json.dumps({"kind": type(message).__name__, **asdict(message)}).encode()
    return struct.pack(">I", len(body)) + body


def read(stream: BinaryIO) -> Request | Reply | None:
    """Return the next message of ``stream``; None at its end.

    Raises:
        BadFrame: the bytes are no message.
        CutFrame: the stream ended inside a message.
    """
    head = _exactly(stream, 4)
    if not head:
        return None
    if len(head) < 4:
        raise CutFrame("the stream ended inside a frame's length")
    (length,) = struct.unpack(">I", head)
    if length > FRAME_LIMIT:
        raise BadFrame(f"a frame of {length} bytes")
    body = _exactly(stream, length)
    if len(body) < length:
        raise CutFrame("the stream ended inside a frame")
    try:
        return decode(json.loads(body))
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise BadFrame(str(error)) from error


def decode(fields: dict[str, Any]) -> Request | Reply:
    """Return the message that ``fields`` describe.

    Raises:
        KeyError: an unknown kind of message.
        TypeError: fields that do not belong to that kind, or of the wrong type.
    """
    values = dict(fields)
    kind = _KINDS[values.pop("kind")]
    message: Request | Reply = _decoded(kind, values)
    return message


def _decoded(kind: type[_Kind], values: dict[str, Any]) -> _Kind:
    values = dict(values)
    for name, decoder in _PARTS.items():
        if values.get(name) is not None:
            values[name] = decoder(values[name])
    return _made(kind, values)


def _nudge(fields: dict[str, Any]) -> Nudge:
    return _made(Nudge, {**fields, "index": tuple(map(_whole, fields["index"]))})


def _shapes(listed: list[dict[str, Any]]) -> tuple[InputShape, ...]:
    return tuple(
        _made(InputShape, {**one, "shape": tuple(map(_whole, one["shape"]))}) for one in listed
    )


def _trained(listed: list[dict[str, Any]]) -> tuple[Trained, ...]:
    return tuple(_made(Trained, {**one, "names": tuple(map(str, one["names"]))}) for one in listed)


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise TypeError(f"a size is a {type(value).__name__}")
    return value


def _pairs(listed: list[list[Any]]) -> tuple[tuple[str, str], ...]:
    for pair in listed:
        if type(pair) is not list or [type(name) for name in pair] != [str, str]:
            raise TypeError("no pair of modules' names")
    return tuple((new, old) for new, old in listed)


def _question(fields: dict[str, Any]) -> Question:
    return _made(Question, {**fields, "options": tuple(map(str, fields["options"]))})


def decode_message(fields: dict[str, Any]) -> Message:
    """Return the `Message` that `dataclasses.asdict` took apart."""
    values: list[tuple[str, Filling | Message]] = [
        (name, decode_message(value) if isinstance(value, dict) else value)
        for name, value in fields["values"]
    ]
    return Message(fields["context"], fields["template"], tuple(values))


def _made(kind: type[_Kind], values: dict[str, Any]) -> _Kind:
    """Return ``kind(**values)`` after a look at each value's type.

    Raises:
        TypeError: a field is missing, unknown or of the wrong type.
    """
    made = kind(**values)
    for name, wanted in get_type_hints(kind).items():
        value = getattr(made, name)
        if wanted is float and type(value) is int:
            continue
        if get_origin(wanted) is tuple:
            wanted = tuple
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            raise TypeError(f"{kind.__name__}.{name} is a {type(value).__name__}")
    return made


_PARTS: dict[str, Callable[[Any], Any]] = {
    "input": partial(_made, InputRequest),
    "model": partial(_made, ModelCode),
    "weights_file": partial(_made, WeightsChoice),
    "initialisation": partial(_made, Initialisation),
    "shapes": _shapes,
    "of": partial(_decoded, RunRequest),
    "optimiser": partial(_made, OptimiserChoice),
    "parameters": _trained,
    "nudge": _nudge,
    "nudges": lambda listed: tuple(map(_nudge, listed)),
    "kept": _pairs,
    "notes": lambda listed: tuple(map(decode_message, listed)),
    "question": _question,
    "stage": decode_message,
    "message": decode_message,
}
"""What makes a field's value from JSON, where it is not plain."""


def _exactly(stream: BinaryIO, count: int) -> bytes:
    """Return ``count`` bytes, fewer only where the stream ends."""
    parts: list[bytes] = []
    while count > 0:
        part = stream.read(count)
        if not part:
            break
        parts.append(part)
        count -= len(part)
    return b"".join(parts)
