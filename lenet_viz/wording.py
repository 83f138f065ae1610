"""Text that a person will read, kept apart from the language it will be read in.

Rooms that know no Qt return a `Message`: a context, an English template and the values that
fill it. The Qt rooms look the template up in the translation catalogue and fill it there, so
that no sentence is ever put together before it is translated.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

Filling = str | int | float
"""What a template's field may be filled with."""


def QT_TRANSLATE_NOOP(context: str, template: str) -> str:
    """Return ``template`` unchanged; the name marks it for the translation tool.

    Args:
        context: the catalogue's context, the same as the `Message` is made with.
        template: the English text.
    """
    del context
    return template


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence that can be translated.

    Attributes:
        context: the catalogue's context, by custom the name of the room.
        template: English text with ``{name}`` fields, the key in the catalogue.
        values: the fields' fillings as sorted pairs, so that messages compare and hash. A
            filling may itself be a `Message`.
    """

    context: str
    template: str
    values: tuple[tuple[str, "Filling | Message"], ...] = field(default=())

    def english(self) -> str:
        """Return the English sentence with its fields filled."""
        return fill(
            self.template,
            {
                name: value.english() if isinstance(value, Message) else value
                for name, value in self.values
            },
        )

    def __str__(self) -> str:
        """Return the English sentence."""
        return self.english()


def fill(template: str, values: Mapping[str, Filling]) -> str:
    """Return ``template`` with each ``{name}`` replaced by its value.

    Only the names in ``values`` are replaced: braces that come with a user's own text (a path,
    a module's name) stay as they are, and nothing can be looked up through a field.

    Args:
        template: text with ``{name}`` fields.
        values: a filling for each name.
    """
    pieces: list[str] = []
    rest = template
    while rest:
        before, brace, after = rest.partition("{")
        pieces.append(before)
        name, closing, tail = after.partition("}")
        if brace and closing and name in values:
            pieces.append(str(values[name]))
            rest = tail
        else:
            pieces.append(brace)
            rest = after
    return "".join(pieces)


def message(context: str, template: str, /, **values: Filling | Message) -> Message:
    """Return a `Message` from a template and its fillings.

    Args:
        context: the catalogue's context.
        template: English text with ``{name}`` fields.
        **values: what fills them.
    """
    return Message(context, template, tuple(sorted(values.items())))
