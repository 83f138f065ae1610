"""The log as a part of the state."""

from typing import TYPE_CHECKING

from lenet_viz.session.state_parts import LogEntry

if TYPE_CHECKING:
    from lenet_viz.session.state import State

LOG_LIMIT = 400
"""How many cells the log keeps."""


def with_entries(state: "State", entries: tuple[LogEntry, ...]) -> tuple[LogEntry, ...]:
    """Return the log with more cells, without the oldest where there would be too many."""
    return (*state.log, *entries)[-LOG_LIMIT:]
