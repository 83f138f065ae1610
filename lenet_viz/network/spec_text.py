"""JSON text → a document whose keys are known, none twice, none too deep."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from lenet_viz.errors import UserMistake
from lenet_viz.network.layer_types import field_mistake, nearest, written
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

LARGEST_TEXT: Final = 8 * 2**20
"""The longest JSON text that is read, in characters; a node takes about 150."""

DEEPEST: Final = 64
"""How many brackets and braces may be open at once."""

# The string's closing quote is optional so that a text with none is scanned only once.
_TOKEN: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)


class _Object(dict[str, Any]):
    """A JSON object that remembers its first repeated key."""

    repeated: str | None = None


def parse(text: str, schema: int) -> dict[str, Any]:
    """Return the JSON object in ``text`` after the checks that need no knowledge of networks.

    Args:
        text: JSON.
        schema: the newest schema version that can be read.

    Raises:
        UserMistake: too long or deep, not JSON, not an object, a key twice, a newer schema.
    """
    if len(text) > LARGEST_TEXT:
        raise UserMistake(
            message(
                "Network",
                QT_TRANSLATE_NOOP(
                    "Network",
                    "The network's JSON is {found} characters long; at most {most} are read.",
                ),
                found=len(text),
                most=LARGEST_TEXT,
            )
        )
    _check_depth(text)
    try:
        document = json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise UserMistake(
            message(
                "Network",
                QT_TRANSLATE_NOOP(
                    "Network", "The network is not JSON: line {line}, column {column}: {what}."
                ),
                line=error.lineno,
                column=error.colno,
                what=error.msg,
            )
        ) from error
    except ValueError as error:
        # Python refuses to turn more than 4,300 digits into a number.
        raise UserMistake(
            message(
                "Network",
                QT_TRANSLATE_NOOP("Network", "The network's JSON holds a number that is too long."),
            )
        ) from error
    if not isinstance(document, _Object):
        field_mistake("JSON", document, _an_object())
    _check_repeated(document, "")
    _check_schema(document, schema)
    return document


def check_keys(
    fields: object, path: str, *, required: tuple[str, ...], optional: tuple[str, ...]
) -> Mapping[str, Any]:
    """Return ``fields`` if it is an object with all required keys and no unknown one.

    Raises:
        UserMistake: it is not; names the key, its path and a likely spelling.
    """
    if not isinstance(fields, Mapping):
        field_mistake(path or "JSON", fields, _an_object())
    known = required + optional
    for key in fields:
        if key not in known:
            _unknown_key(key, path, known)
    for key in required:
        if key not in fields:
            raise UserMistake(
                message(
                    "Network",
                    QT_TRANSLATE_NOOP("Network", "{path} is missing."),
                    path=_join(path, key),
                )
            )
    return fields


def check_count(count: int, most: int) -> None:
    """Check the number of nodes before any of them is looked at.

    Raises:
        UserMistake: there are more than ``most``.
    """
    if count > most:
        raise UserMistake(
            message(
                "Network",
                QT_TRANSLATE_NOOP("Network", "nodes has {count} entries; at most {most} are read."),
                count=count,
                most=most,
            )
        )


def _an_object() -> Message:
    return message("Network", QT_TRANSLATE_NOOP("Network", "a JSON object {…}"))


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _object(pairs: list[tuple[str, Any]]) -> _Object:
    made = _Object()
    for key, value in pairs:
        if key in made and made.repeated is None:
            made.repeated = key
        made[key] = value
    return made


def _check_depth(text: str) -> None:
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(token[0], 0)
        if depth > DEEPEST:
            raise UserMistake(
                message(
                    "Network",
                    QT_TRANSLATE_NOOP(
                        "Network",
                        "The network's JSON opens more than {most} brackets inside each other "
                        "(at character {position}).",
                    ),
                    most=DEEPEST,
                    position=token.start(),
                )
            )


def _check_repeated(value: object, path: str) -> None:
    if isinstance(value, _Object):
        if value.repeated is not None:
            raise UserMistake(
                message(
                    "Network",
                    QT_TRANSLATE_NOOP("Network", "{path} is given twice; wanted: once."),
                    path=_join(path, written(value.repeated)[1:-1]),
                )
            )
        for key, inner in value.items():
            _check_repeated(inner, _join(path, key))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            _check_repeated(inner, f"{path}[{i}]")


def _check_schema(document: Mapping[str, Any], schema: int) -> None:
    if "schema" not in document:
        return  # reported with the other missing keys
    found = document["schema"]
    if type(found) is int and found > schema:
        raise UserMistake(
            message(
                "Network",
                QT_TRANSLATE_NOOP(
                    "Network",
                    "The network has schema {found}, this program reads up to {schema}: "
                    "it was saved by a newer version. Update the program.",
                ),
                found=written(found),
                schema=schema,
            )
        )
    if type(found) is not int or found < 1:
        field_mistake("schema", found, message("Network", QT_TRANSLATE_NOOP("Network", "1")))


def _unknown_key(key: object, path: str, known: tuple[str, ...]) -> None:
    guess = nearest(key, known) if isinstance(key, str) else None
    if guess is None:
        raise UserMistake(
            message(
                "Network",
                QT_TRANSLATE_NOOP("Network", "{path} is not known here; known: {known}."),
                path=_join(path, written(key).strip('"')),
                known=", ".join(known),
            )
        )
    raise UserMistake(
        message(
            "Network",
            QT_TRANSLATE_NOOP(
                "Network", "{path} is not known here; did you mean {guess}? Known: {known}."
            ),
            path=_join(path, written(key).strip('"')),
            guess=guess,
            known=", ".join(known),
        )
    )
