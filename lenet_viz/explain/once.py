"""What is worked out once for each run and kept as long as the run lives."""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar
from weakref import ref

from lenet_viz.capture.records import Capture

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class OncePerRun(Generic[K, T]):
    """Keeps what was worked out for a run, by the run itself: equal runs are not the same."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._known: dict[int, tuple[ref[Capture], dict[K, T]]] = {}

    def of(self, capture: Capture, key: K, make: Callable[[], T]) -> T:
        """Return what was kept for a run, made now where it is asked for the first time.

        Args:
            capture: the run.
            key: which of the things that are kept for it.
            make: works it out.
        """
        kept = self._of_run(capture)
        try:
            return kept[key]
        except KeyError:
            made = kept[key] = make()
            return made

    def _of_run(self, capture: Capture) -> dict[K, T]:
        number = id(capture)
        found = self._known.get(number)
        if found is None or found[0]() is not capture:
            found = (ref(capture, lambda gone: self._forget(number)), {})
            self._known[number] = found
        return found[1]

    def _forget(self, number: int) -> None:
        self._known.pop(number, None)
