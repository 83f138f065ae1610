"""Fields of frozen records that are made when they are first read."""

from collections.abc import Callable
from threading import RLock
from typing import Any, Generic, TypeVar, cast

T = TypeVar("T")
_making = RLock()


class OnDemand(Generic[T]):
    """A field of a record that takes a value, or a function that makes it on the first read.

    Comparing, printing and `dataclasses.replace` read the field like everybody else.
    """

    def __init__(self, *default: T) -> None:
        """Make the field, with a default if one is given."""
        self._default = default

    def __set_name__(self, owner: type, name: str) -> None:
        """Learn the field's name."""
        self._name = f"_{name}"

    def __get__(self, record: object, owner: type | None = None) -> T:
        """Return the value, made now if it was not yet."""
        if record is None:
            # This is how a dataclass asks for a default.
            if self._default:
                return self._default[0]
            raise AttributeError(self._name)
        value: Any = record.__dict__[self._name]
        if callable(value):
            with _making:
                value = record.__dict__[self._name]
                if callable(value):
                    value = record.__dict__[self._name] = value()
        return cast(T, value)

    def __set__(self, record: object, value: T | Callable[[], T]) -> None:
        """Take the value, or the function that will make it."""
        record.__dict__[self._name] = value
