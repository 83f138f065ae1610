"""Numbers and messages as plain JSON values, and back."""

import math
from typing import Any

from lenet_viz.wording import Filling, Message


def plain_number(value: Any) -> Any:
    """Return ``value``, or ``{"float": text}`` for the three that JSON does not know."""
    if isinstance(value, float) and not math.isfinite(value):
        return {"float": str(value)}
    return value


def plain_message(sentence: Message) -> list[Any]:
    """Return a message as a list of context, template and values."""
    values = [
        [name, plain_message(value) if isinstance(value, Message) else plain_number(value)]
        for name, value in sentence.values
    ]
    return [sentence.context, sentence.template, values]


def read_number(value: Any) -> Any:
    """Return what `plain_number` made of it."""
    return float(value["float"]) if isinstance(value, dict) else value


def read_message(fields: Any) -> Message | None:
    """Return what `plain_message` took apart; None for None."""
    if fields is None:
        return None
    context, template, values = fields
    pairs: list[tuple[str, Filling | Message]] = []
    for name, value in values:
        inner = read_message(value) if isinstance(value, list) else None
        pairs.append((name, read_number(value) if inner is None else inner))
    return Message(context, template, tuple(pairs))
