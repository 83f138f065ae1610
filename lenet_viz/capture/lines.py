"""Which line of the user's ``forward`` is running, and the text of a model's class."""

import inspect
import linecache
import os
import sys
from types import CodeType, FrameType
from typing import Any

import torch

from lenet_viz.capture.records import SourceLine

Line = tuple[CodeType, int] | tuple[None, int, str]
_TORCH = os.path.dirname(torch.__file__) + os.sep
_HERE = os.path.dirname(__file__) + os.sep
_foreign: dict[CodeType, bool] = {}
_texts: dict[type, str] = {}


def running_line(model: Any) -> Line | None:
    """Return the line of ``forward`` that runs now, to be read later by `source_line`.

    A model that knows its own line (its attribute ``current_source`` has a number and a text)
    is believed. Otherwise it is the innermost frame called ``forward`` that lies outside torch,
    or the innermost frame outside torch where there is none.
    """
    # Looked up in `__dict__` first: a module is slow to say that it lacks an attribute.
    own = getattr(model, "current_source", None) if knows_its_lines(model) else None
    if own is not None:
        return (None, own.number, own.text)
    frame: FrameType | None = sys._getframe(1)
    first: Line | None = None
    while frame is not None:
        code = frame.f_code
        if _is_users(code):
            if code.co_name == "forward":
                return (code, frame.f_lineno)
            first = first or (code, frame.f_lineno)
        elif code.co_name == "run_forward" and code.co_filename.startswith(_HERE):
            break
        frame = frame.f_back
    return first


def knows_its_lines(model: Any) -> bool:
    """Return whether a model says itself which line it runs."""
    return "current_source" in model.__dict__ or hasattr(type(model), "current_source")


def _is_users(code: CodeType) -> bool:
    """Return whether code is neither torch's nor this package's."""
    users = _foreign.get(code)
    if users is None:
        file = code.co_filename
        users = not file.startswith((_TORCH, _HERE))
        if len(_foreign) > 10_000:
            _foreign.clear()
        _foreign[code] = users
    return users


def source_line(line: Line | None, file: str) -> SourceLine | None:
    """Return what `running_line` found with its text.

    Args:
        line: what it returned.
        file: the name to give to text that a model brought itself.
    """
    if line is None:
        return None
    if len(line) == 3:
        return SourceLine(file, line[1], line[2].strip())
    code, number = line
    text = linecache.getline(code.co_filename, number).strip()
    return SourceLine(code.co_filename, number, text, code.co_name)


def failed_line(model: Any, error: BaseException) -> SourceLine | None:
    """Return the user's innermost line that ``error`` passed through; None where there is none."""
    own = getattr(model, "current_source", None)
    if own is not None:
        return SourceLine("", own.number, own.text.strip())
    found: SourceLine | None = None
    trace = error.__traceback__
    while trace is not None:
        if _is_users(trace.tb_frame.f_code):
            found = source_line((trace.tb_frame.f_code, trace.tb_lineno), "")
        trace = trace.tb_next
    return found


def model_text(model: Any) -> str:
    """Return the Python text of a model: its own ``source_text``, or its class's; "" if unknown."""
    own = getattr(model, "source_text", None)
    if isinstance(own, str):
        return own
    kind = type(model)
    if kind not in _texts:
        try:
            _texts[kind] = inspect.getsource(kind)
        except (OSError, TypeError, SyntaxError, IndexError):
            _texts[kind] = ""
    return _texts[kind]
