"""Arguments that a user types, ``10, hidden=32``: plain values, never code that runs."""

import ast
import warnings
from typing import Any, Final

from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

LONGEST: Final = 10_000
"""The longest text of arguments that is read, in characters."""

_SHOWN: Final = 120


def literal_arguments(text: str) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """Return the positional and the keyword arguments that ``text`` writes.

    Args:
        text: as between the brackets of a call: ``10, hidden=32``; "" for none.

    Raises:
        UserMistake: it is no such text, or an argument is not a plain value.
    """
    call = _call(text)
    args = tuple(_literal(node, text) for node in call.args)
    kwargs: dict[str, Any] = {}
    for keyword in call.keywords:
        if keyword.arg is None:
            raise UserMistake(_not_plain("**" + ast.unparse(keyword.value), text))
        if keyword.arg in kwargs:
            raise UserMistake(_unreadable(text, f"{keyword.arg} is repeated"))
        kwargs[keyword.arg] = _literal(keyword.value, text)
    return args, kwargs


def literal_keywords(text: str) -> dict[str, Any]:
    """Return the keyword arguments that ``text`` writes: ``training=False, scale=2``.

    Raises:
        UserMistake: it is no such text, an argument has no name or is not a plain value.
    """
    args, kwargs = literal_arguments(text)
    if args:
        template = QT_TRANSLATE_NOOP(
            "Network",
            "The keyword arguments are “{text}”: {found} has no name. "
            "Write each as name=value, for example training=False, scale=2.",
        )
        raise UserMistake(
            message("Network", template, text=_short(text), found=_short(repr(args[0])))
        )
    return kwargs


def _call(text: str) -> ast.Call:
    if len(text) > LONGEST:
        template = QT_TRANSLATE_NOOP(
            "Network",
            "The arguments are {found} characters long; at most {most} are read. "
            "Set them in the model's file instead.",
        )
        raise UserMistake(message("Network", template, found=len(text), most=LONGEST))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd literals such as "\d"
            node = ast.parse(f"f({text}\n)", mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UserMistake(_unreadable(text, getattr(error, "msg", None) or "")) from error
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        raise UserMistake(_unreadable(text, ""))
    return node


def _literal(node: ast.expr, text: str) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError) as error:
        raise UserMistake(_not_plain(ast.unparse(node), text)) from error


def _not_plain(found: str, text: str) -> Message:
    return message(
        "Network",
        QT_TRANSLATE_NOOP(
            "Network",
            "The arguments are “{text}”: {found} is not a plain value. Write numbers, texts in "
            "quotes, True, False, None, and lists, tuples or dicts of these; for anything else "
            "write a function in the file that makes the model, and name it: file.py:make.",
        ),
        text=_short(text),
        found=_short(found),
    )


def _unreadable(text: str, reason: str) -> Message:
    return message(
        "Network",
        QT_TRANSLATE_NOOP(
            "Network",
            "The arguments “{text}” cannot be read{reason}. "
            "Write them as in a call: 10, hidden=32.",
        ),
        text=_short(text),
        reason=f" ({reason})" if reason else "",
    )


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"
