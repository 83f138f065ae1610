"""Which line of the user's ``forward`` is running, and the text of a model's class."""

import inspect
import linecache
import os
import sys
from types import CodeType, FrameType
from typing import Any

import torch

from lenet_viz.capture.records import SourceLine

_TORCH = os.path.dirname(torch.__file__) + os.sep
_HERE = os.path.dirname(__file__) + os.sep
_TORCHS, _OURS, _USERS = range(3)
_owners: dict[str, int] = {}
_lines: dict[tuple[int, int], tuple[CodeType, SourceLine]] = {}
_instructions: dict[tuple[int, int], tuple[CodeType, SourceLine]] = {}
_texts: dict[type, str] = {}
_MOST = 10_000


class Lines:
    """Says which line of a model's ``forward`` runs.

    A model that knows its own line (its attribute ``current_source`` has a number and a text)
    is believed; such a line has no file. Otherwise it is the innermost frame called ``forward``
    that lies outside torch, or the innermost frame outside torch where there is none.
    """

    __slots__ = ("_always", "_members", "_model")

    def __init__(self, model: Any) -> None:
        """Prepare to be asked often: a module is slow to say that it lacks an attribute."""
        self._model = model
        self._members = model.__dict__
        self._always = hasattr(type(model), "current_source")

    def running(self) -> SourceLine | None:
        """Return the line that runs now. The caller is not looked at."""
        if self._always or "current_source" in self._members:
            own = getattr(self._model, "current_source", None)
            if own is not None:
                return SourceLine("", own.number, own.text.strip())
        return _running(sys._getframe(2))


def _running(innermost: FrameType) -> SourceLine | None:
    frame: FrameType | None = innermost
    first: FrameType | None = None
    while frame is not None:
        code = frame.f_code
        # One question for most frames, which are torch's.
        owner = _owners.get(code.co_filename)
        if owner != _TORCHS:
            owner = _owner(code) if owner is None else owner
            if owner == _USERS and code.co_name == "forward":
                # By instruction: Python looks long for the number of a line.
                known = _instructions.get((id(code), frame.f_lasti))
                return _line_of(frame) if known is None else known[1]
            if owner == _OURS and code.co_name == "run_forward":
                break
            if owner == _USERS:
                first = first or frame
        frame = frame.f_back
    return None if first is None else _line_of(first)


def _line_of(frame: FrameType) -> SourceLine:
    """Return the line that a frame is at."""
    code = frame.f_code
    key = (id(code), frame.f_lasti)
    line = source_line(code, frame.f_lineno)
    if len(_instructions) > _MOST:
        _instructions.clear()
    _instructions[key] = (code, line)
    return line


def _owner(code: CodeType) -> int:
    """Return whether code is torch's, of the room that captures, or the user's."""
    file = code.co_filename
    owner = _owners.get(file)
    if owner is None:
        owner = _TORCHS if file.startswith(_TORCH) else _USERS
        owner = _OURS if file.startswith(_HERE) else owner
        if len(_owners) > _MOST:
            _owners.clear()
        _owners[file] = owner
    return owner


def source_line(code: CodeType, number: int) -> SourceLine:
    """Return a line with its text as it was when the line was first asked for."""
    # By identity, which costs nothing; the code is kept, so that its id is not used again.
    known = _lines.get((id(code), number))
    if known is not None:
        return known[1]
    text = linecache.getline(code.co_filename, number).strip()
    line = SourceLine(code.co_filename, number, text, code.co_name)
    if len(_lines) > _MOST:
        _lines.clear()
    _lines[id(code), number] = (code, line)
    return line


def failed_line(model: Any, error: BaseException) -> SourceLine | None:
    """Return the user's innermost line that ``error`` passed through; None where there is none."""
    own = getattr(model, "current_source", None)
    if own is not None:
        return SourceLine("", own.number, own.text.strip())
    found: SourceLine | None = None
    trace = error.__traceback__
    while trace is not None:
        if _owner(trace.tb_frame.f_code) == _USERS:
            found = source_line(trace.tb_frame.f_code, trace.tb_lineno)
        trace = trace.tb_next
    return found


def model_text(model: Any) -> str:
    """Return the Python text of a model: its own ``source_text``, or its class's; "" if unknown."""
    kind = type(model)
    if "source_text" in model.__dict__ or hasattr(kind, "source_text"):
        own = model.source_text
        if isinstance(own, str):
            return own
    if kind not in _texts:
        try:
            _texts[kind] = inspect.getsource(kind)
        except (OSError, TypeError, SyntaxError, IndexError):
            _texts[kind] = ""
    return _texts[kind]
