"""What to type where a run needs to be told more: the words of a command line, or of Python."""

from collections.abc import Callable, Mapping
from typing import Final

from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_Advice = Callable[[tuple[str, ...]], Message]


def _shapes(names: tuple[str, ...]) -> Message:
    template = QT_TRANSLATE_NOOP("cli", "On the command line: {options}")
    options = " ".join("--input-shape 1,3,32,32" for _ in names) or "--input-shape 1,3,32,32"
    return message("cli", template, options=options)


def _keyword(names: tuple[str, ...]) -> Message:
    template = QT_TRANSLATE_NOOP("cli", 'On the command line: --kwargs "{name}=…"')
    return message("cli", template, name=names[0])


def _prefix(prefixes: tuple[str, ...]) -> Message:
    template = QT_TRANSLATE_NOOP("cli", "On the command line: --strip-prefix {prefix}")
    return message("cli", template, prefix=prefixes[0])


def _digit(_: tuple[str, ...]) -> Message:
    template = QT_TRANSLATE_NOOP(
        "cli", "On the command line: --input random, or --input-shape 1,1,32,32"
    )
    return message("cli", template)


_TYPED: Final[Mapping[str, _Advice]] = {
    "shape": _shapes,
    "keyword": _keyword,
    "strip": _prefix,
    "digit": _digit,
}


def typed_advice(mistake: Message, kind: str, options: tuple[str, ...]) -> Message:
    """Return a mistake with the option that mends it; the mistake alone where none does.

    Args:
        mistake: what is wrong.
        kind: as in `lenet_viz.engine.messages.Question`.
        options: likewise.
    """
    advice = _TYPED.get(kind)
    return mistake if advice is None else _together(mistake, advice(options))


def called_advice(mistake: Message, kind: str, word: str, options: tuple[str, ...]) -> Message:
    """Return a mistake with the call of `lenet_viz.capture` that mends it, where one does.

    Args:
        mistake: what is wrong.
        kind: as in `lenet_viz.engine.messages.Question`.
        word: the model's word.
        options: as in `lenet_viz.engine.messages.Question`.
    """
    if kind != "shape":
        return mistake
    template = QT_TRANSLATE_NOOP(
        "cli", "In Python, give the tensors: lenet_viz.capture({word}, {names})"
    )
    names = ", ".join(options) or "x"
    return _together(mistake, message("cli", template, word=repr(word), names=names))


def _together(one: Message, more: Message) -> Message:
    return message("cli", QT_TRANSLATE_NOOP("cli", "{one} {more}"), one=one, more=more)
