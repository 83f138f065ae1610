"""Why weights do not fit a model, as one sentence with a table."""

from dataclasses import dataclass
from typing import Final

from lenet_viz.engine.weights_words import printable
from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_ROWS: Final = 8

_MISFIT: Final = QT_TRANSLATE_NOOP(
    "engine",
    "The weights{file} do not fit the model: {count} names or shapes differ (the model has {all} "
    "tensors, the file {given}).\n{table}\nChoose the weights of this model, or the model of these "
    "weights.",
)
_NUMBERS: Final = QT_TRANSLATE_NOOP(
    "engine",
    "{count} of the weights{file} are of a type that their places in the model cannot take; "
    "weights stored as integers (quantized) are not supported.\n{table}\nSave the weights of the "
    "model before it was quantized or converted.",
)
_ROW: Final = QT_TRANSLATE_NOOP("engine", "{name}: found {found}, wanted {wanted}")
_ROW_AND: Final = QT_TRANSLATE_NOOP("engine", "{row}\n{rest}")
_MORE: Final = QT_TRANSLATE_NOOP("engine", "and {count} more")
_NOTHING: Final = QT_TRANSLATE_NOOP("engine", "nothing")


@dataclass(frozen=True, slots=True)
class Row:
    """Why one tensor does not fit.

    Attributes:
        name: the tensor's name in the model, or else in the file.
        found: its shape or type in the file; "" where it is not there.
        wanted: its shape or type in the model; "" where it is not there.
    """

    name: str
    found: str
    wanted: str


def misfit(rows: list[Row], wanted: int, given: int, file: Message | str) -> UserMistake:
    """Return the error for names or shapes that differ.

    Args:
        rows: what differs, at least one row.
        wanted: how many tensors the model has.
        given: how many tensors the file has.
        file: " in “…”", or "" where the weights come from no file.
    """
    counts = {"count": len(rows), "all": wanted, "given": given}
    return UserMistake(message("engine", _MISFIT, file=file, table=_table(rows), **counts))


def type_mistake(rows: list[Row], file: Message | str) -> UserMistake:
    """Return the error for types that the model's tensors cannot take."""
    return UserMistake(message("engine", _NUMBERS, count=len(rows), file=file, table=_table(rows)))


def _table(rows: list[Row]) -> Message:
    """Return up to eight rows, a line each, and how many there are beyond."""
    nothing = message("engine", _NOTHING)
    lines = [
        message(
            "engine",
            _ROW,
            name=printable(row.name),
            found=row.found or nothing,
            wanted=row.wanted or nothing,
        )
        for row in rows[:_ROWS]
    ]
    if len(rows) > _ROWS:
        lines.append(message("engine", _MORE, count=len(rows) - _ROWS))
    table = lines.pop()
    while lines:
        table = message("engine", _ROW_AND, row=lines.pop(), rest=table)
    return table
