"""Hands the state to the panels, so that one that fails takes no other with it."""

import logging
import sys
from collections.abc import Iterable

from lenet_viz.panels.panel import Panel
from lenet_viz.session.state import State

_logger = logging.getLogger(__name__)


class Drawing:
    """Draws panels, and remembers which of them failed last time."""

    def __init__(self) -> None:
        """Begin with panels of which none has failed."""
        self._failed: set[Panel] = set()

    def draw(self, panels: Iterable[Panel], old: State | None, new: State) -> None:
        """Let panels draw; where one fails, the others still do, and it begins anew next time."""
        for panel in panels:
            try:
                panel.render_state(None if panel in self._failed else old, new)
            except Exception:
                _logger.exception("the panel %s could not be drawn", panel.name)
                self._failed.add(panel)
                sys.excepthook(*sys.exc_info())
            else:
                self._failed.discard(panel)
