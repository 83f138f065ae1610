"""The whole window as a figure: a window of its own that no engine serves and nobody sees."""

from dataclasses import replace
from typing import TYPE_CHECKING

from lenet_viz.engine.messages import Request
from lenet_viz.export.easel import Easel
from lenet_viz.export.figure import WINDOW_ASPECT, Figure, Origin
from lenet_viz.export.order import WINDOW
from lenet_viz.export.sheet import Sheet
from lenet_viz.panels.text import caption_of, translate
from lenet_viz.panels.theme import Theme
from lenet_viz.session.provenance import facts_of
from lenet_viz.session.session import Session
from lenet_viz.session.state import EngineStatus, State
from lenet_viz.window.memory import LAYOUT_VERSION, Memory

if TYPE_CHECKING:
    from lenet_viz.window.main_window import MainWindow


class _NoEngine:
    """An engine that is never asked: nobody can press a button of a figure."""

    def submit(self, request: Request) -> None:
        """Drop the request."""

    def keep(self, blobs: frozenset[str]) -> None:
        """Keep nothing."""

    def stop(self) -> None:
        """Stop nothing."""


class _WindowEasel(Easel):
    """Lays out a whole window."""

    def __init__(self, window: "MainWindow") -> None:
        super().__init__(window, "")
        self._window = window

    def place(self, width: int, height: int) -> None:
        """Lay the window out; no tab bar is left where Qt has forgotten one."""
        super().place(width, height)
        self._window.stray_tabs.hide()


def window_figure(
    state: State,
    sheet: Sheet,
    theme: Theme,
    *,
    like: "MainWindow | None" = None,
    caption: bool = True,
) -> Figure:
    """Return the whole window as a figure; to be taken down when it has been drawn.

    Args:
        state: what it shows.
        sheet: how large it is.
        theme: its colours: those of the light or of the dark window.
        like: the window whose panels' places and looks it takes over; None for those of a first
            start.
        caption: whether the caption stands below.
    """
    # Only now: the window offers its own figure, so that its module imports this one.
    from lenet_viz.window.main_window import MainWindow

    view = replace(state.view, theme="dark" if theme.name == "dark" else "light")
    shown = replace(state, view=view, notice=None, engine=EngineStatus.READY, pending=None)
    size = (round(sheet.width), round(sheet.height or sheet.width * WINDOW_ASPECT))
    window = MainWindow(Session(_NoEngine(), "", shown), Memory(None), size)
    easel = _WindowEasel(window)
    if like is not None:
        easel.place(like.width(), like.height())  # the docks' places are kept for this size
        window.restoreState(like.saveState(LAYOUT_VERSION), LAYOUT_VERSION)
        for mine, theirs in zip(window.panels, like.panels, strict=True):
            mine.take_look(theirs)
    return Figure(easel, sheet, theme, _origin(window, shown, caption=caption))


def _origin(window: "MainWindow", state: State, *, caption: bool) -> Origin:
    details = window.maps.caption_details()
    facts = {} if state.capture is None else facts_of(state.capture, state.selected)
    facts |= {"panel": WINDOW, "details": " · ".join(part for part in details if part)}
    name = "" if state.capture is None else state.capture.model.name
    title = " · ".join(part for part in (name, translate("Picture", "the whole window")) if part)
    return Origin(title, caption_of(state, details) if caption else "", facts)
