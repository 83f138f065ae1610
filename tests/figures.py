"""What the batteries have compared, printed at the end of a test run."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

_MARK = "figure: "
_BETWEEN = " | "


class Figures:
    """Takes down the figures of one test.

    Args:
        record: pytest's ``record_property``, whose properties also come from other processes.
    """

    def __init__(self, record: Callable[[str, object], None]) -> None:
        self._record = record

    def add(self, battery: str, counts: Mapping[str, int]) -> None:
        """Add counts to what is printed for a battery."""
        for what, count in counts.items():
            self._record(f"{_MARK}{battery}{_BETWEEN}{what}", count)


def printed(properties: Iterable[tuple[str, Any]]) -> list[str]:
    """Return the lines for all tests' properties, one for each battery."""
    batteries: dict[str, Counter[str]] = {}
    for name, count in properties:
        if name.startswith(_MARK):
            battery, _, what = name.removeprefix(_MARK).partition(_BETWEEN)
            batteries.setdefault(battery, Counter())[what] += count
    return [
        f"{battery}: " + ", ".join(f"{count:,} {what}" for what, count in counts.items())
        for battery, counts in sorted(batteries.items())
    ]
