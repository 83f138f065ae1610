"""What the window and the engine say to each other.

A message is one frame: four bytes of length (big-endian) and that many bytes of JSON. Arrays
never travel through the pipe; they lie in files that a message names.

Everything a run needs is named in its request and everything it makes is named in its reply, so
that an engine can be thrown away at any moment.
"""

import json
import struct
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO, get_type_hints

from lenet_viz.wording import Filling, Message

FRAME_LIMIT = 64 * 2**20
"""The longest frame in bytes that either side accepts."""


@dataclass(frozen=True, slots=True)
class InputRequest:
    """Which input a run takes.

    Attributes:
        kind: ``digit`` (a shipped scan), ``random`` (``torch.randn``) or ``preset`` (the preset's
            own image).
        label: the digit's class, 0 to 9.
        index: which scan of that class, from 0.
        seed: seed of the random input.
    """

    kind: str
    label: int = 0
    index: int = 0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class RunRequest:
    """One forward pass, and a backward pass if an objective is named.

    Attributes:
        run: the run's number, given back in every reply to it.
        spec: the network as JSON.
        preset: the preset's name where the spec is one of them; "" otherwise.
        weights_seed: seed the weights are made with, where ``weights`` is None.
        weights: name of a blob with the weights; None to make them from the seed.
        input: which input.
        objective: the word of the objective, such as ``cross-entropy:7``; None for forward only.
        objective_seed: seed of the random vector or target.
        zero_grad: whether the parameters' ``.grad`` is cleared before backward.
        grads: name of a blob with the ``.grad`` left by earlier runs; None where all are None.
        folder: where captures and blobs are written.
        same_input: whether ``input.grad`` in ``grads`` belongs to this very input; if not, this
            run starts with an ``input.grad`` of None.
    """

    run: int
    spec: str
    preset: str
    weights_seed: int
    weights: str | None
    input: InputRequest
    objective: str | None
    objective_seed: int
    zero_grad: bool
    grads: str | None
    folder: str
    same_input: bool = True


@dataclass(frozen=True, slots=True)
class Ready:
    """The engine has imported torch and waits for requests."""

    torch_version: str


@dataclass(frozen=True, slots=True)
class Progress:
    """A run has reached a stage.

    Attributes:
        run: the run's number.
        stage: what it does now.
        fraction: how much is done, 0 to 1.
    """

    run: int
    stage: Message
    fraction: float


@dataclass(frozen=True, slots=True)
class RunDone:
    """A run has ended well.

    Attributes:
        run: the run's number.
        capture: path of its capture file.
        weights: name of the blob with its weights.
        grads: name of the blob with every ``.grad`` after it; None where all are None.
    """

    run: int
    capture: str
    weights: str
    grads: str | None


@dataclass(frozen=True, slots=True)
class RunFailed:
    """A run could not be finished.

    Attributes:
        run: the run's number.
        message: what went wrong and what to do.
        capture: path of a capture with the steps so far; None where there are none.
        mistake: whether something the user gave is to blame; if not, it is the program or the
            machine, such as a full disk.
    """

    run: int
    message: Message
    capture: str | None = None
    mistake: bool = True


@dataclass(frozen=True, slots=True)
class Lost:
    """The engine ended or spoke nonsense; said by the client, never by the engine.

    Attributes:
        run: the run it was working on; None where it was idle.
        message: what happened and what to do.
        wanted: True where it ended because the user pressed Stop.
        details: the last lines the engine printed, as they came; "" where there are none.
        followed: whether another engine takes over by itself; if not, none is started before
            the next run is asked for.
        for_one_run: what is said where there is no window and this was the only run; None for
            `message`.
    """

    run: int | None
    message: Message
    wanted: bool = False
    details: str = ""
    followed: bool = True
    for_one_run: Message | None = None


Reply = Ready | Progress | RunDone | RunFailed | Lost
_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (RunRequest, Ready, Progress, RunDone, RunFailed)
}


class BadFrame(Exception):
    """What came through the pipe is no message."""


class CutFrame(BadFrame):
    """The stream ended inside a frame."""


def encode(message: RunRequest | Reply) -> bytes:
    """Return a message as one frame, its length included."""
    body = json.dumps({"kind": type(message).__name__, **asdict(message)}).encode()
    return struct.pack(">I", len(body)) + body


def read(stream: BinaryIO) -> RunRequest | Reply | None:
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


def decode(fields: dict[str, Any]) -> RunRequest | Reply:
    """Return the message that ``fields`` describe.

    Raises:
        KeyError: an unknown kind of message.
        TypeError: fields that do not belong to that kind, or of the wrong type.
    """
    values = dict(fields)
    kind = _KINDS[values.pop("kind")]
    if kind is RunRequest:
        values["input"] = _made(InputRequest, values["input"])
    for name in ("stage", "message"):
        if name in values:
            values[name] = decode_message(values[name])
    message: RunRequest | Reply = _made(kind, values)
    return message


def decode_message(fields: dict[str, Any]) -> Message:
    """Return the `Message` that `dataclasses.asdict` took apart."""
    values: list[tuple[str, Filling | Message]] = [
        (name, decode_message(value) if isinstance(value, dict) else value)
        for name, value in fields["values"]
    ]
    return Message(fields["context"], fields["template"], tuple(values))


def _made(kind: type[Any], values: dict[str, Any]) -> Any:
    """Return ``kind(**values)`` after a look at each value's type.

    Raises:
        TypeError: a field is missing, unknown or of the wrong type.
    """
    made = kind(**values)
    for name, wanted in get_type_hints(kind).items():
        value = getattr(made, name)
        if wanted is float and type(value) is int:
            continue
        if not isinstance(value, wanted) or (isinstance(value, bool) and wanted is not bool):
            raise TypeError(f"{kind.__name__}.{name} is a {type(value).__name__}")
    return made


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
