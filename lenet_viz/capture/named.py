"""A tuple of named records that can also be asked by name."""

from collections.abc import Iterator
from typing import Protocol, SupportsIndex, TypeVar, overload


class HasName(Protocol):
    """Anything with a name."""

    @property
    def name(self) -> str:
        """The name it is found by."""
        ...


T = TypeVar("T", bound=HasName)


class Named(tuple[T, ...]):
    """Records in the order they came, found by position or by name.

    ``steps[0]`` and ``steps["conv1"]`` both work; iterating gives the records, and
    ``dict(steps)`` a mapping from name to record.
    """

    __slots__ = ()

    @overload
    def __getitem__(self, key: SupportsIndex | str) -> T: ...

    @overload
    def __getitem__(self, key: slice) -> tuple[T, ...]: ...

    def __getitem__(self, key: SupportsIndex | str | slice) -> T | tuple[T, ...]:
        """Return the record at a position or with a name.

        Raises:
            KeyError: no record has that name.
            IndexError: there is no such position.
        """
        if isinstance(key, str):
            for record in self:
                if record.name == key:
                    return record
            raise KeyError(key)
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        """Return whether a record, or a record with that name, is here."""
        if isinstance(key, str):
            return any(record.name == key for record in self)
        return super().__contains__(key)

    def get(self, name: str) -> T | None:
        """Return the record with that name; None where there is none."""
        return next((record for record in self if record.name == name), None)

    def keys(self) -> Iterator[str]:
        """Return the names in order."""
        return (record.name for record in self)

    def items(self) -> Iterator[tuple[str, T]]:
        """Return pairs of name and record in order."""
        return ((record.name, record) for record in self)
