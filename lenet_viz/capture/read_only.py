"""A mapping that nobody can change."""

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

T = TypeVar("T")


class ReadOnly(Mapping[str, T], Generic[T]):
    """A copy of a mapping, without a way to change it; equal to any mapping with the same items.

    Unlike `types.MappingProxyType` it can be hashed, pickled and copied.
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, T]) -> None:
        """Copy ``items``."""
        self._items = dict(items)

    def __getitem__(self, key: str) -> T:
        """Return the value stored under ``key``."""
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        """Return the keys in order."""
        return iter(self._items)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._items)

    def __hash__(self) -> int:
        """Return the same number for equal mappings."""
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        """Return the dictionary's text."""
        return repr(self._items)
