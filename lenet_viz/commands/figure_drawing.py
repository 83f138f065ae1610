"""Figures drawn for the command line; the only file of the commands that loads Qt."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import Final, Self

from lenet_viz.commands.asked_number import number_named
from lenet_viz.commands.ending import uninterrupted
from lenet_viz.commands.figure_pages import Page, Target
from lenet_viz.commands.figure_words import Look
from lenet_viz.errors import UserMistake
from lenet_viz.export.figure import Figure
from lenet_viz.export.figures import THEMES, panel_figure
from lenet_viz.export.files import LARGEST_IMAGE, pdf, png, svg
from lenet_viz.export.order import PAPER_SCALE, SCREEN_SCALE, STORYBOARD, WINDOW
from lenet_viz.export.sheet import SHEETS, Sheet, sheet_of
from lenet_viz.session.asking import Asking
from lenet_viz.session.cards import TARGET_CARD
from lenet_viz.session.state import Show, State
from lenet_viz.window.still import window_figure
from lenet_viz.window.unseen import unseen
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

OWN_SIZES: Final = {
    WINDOW: Sheet(1600, 1000),
    STORYBOARD: Sheet(1400),
    "strip": Sheet(1400),
    "step": Sheet(480),
    "builder": Sheet(480),
    "source": Sheet(720),
    "why": Sheet(560),
    "maps": Sheet(720),
    "parameters": Sheet(900),
    "gradients": Sheet(720),
    "histogram": Sheet(480),
    "input": Sheet(480),
    "ledger": Sheet(640),
    "autograd": Sheet(560),
    "compare": Sheet(560),
    "code": Sheet(720),
    "log": Sheet(720),
}
"""How large each figure is where no size was asked for."""


class Studio:
    """Draws figures in one look, without a window on any screen."""

    def __init__(self, look: Look) -> None:
        """Draw everything with ``look``."""
        self._look = look
        self._around = ExitStack()

    def __enter__(self) -> Self:
        """Make the application, if there is none."""
        self._around.enter_context(unseen())
        return self

    def __exit__(self, *_: object) -> None:
        """Let Qt say again what it likes."""
        self._around.close()

    def check(self, targets: Sequence[Target]) -> None:
        """Refuse pictures that are too large, as far as their size is known before the run.

        Raises:
            UserMistake: one is.
        """
        for target in targets:
            panel = target.pages[0].panel
            sheet = self.sheet(panel)
            if target.format == "png" and sheet.height is not None:
                _check_pixels(sheet.width * self.scale(panel), sheet.height * self.scale(panel))

    def draw(self, target: Target, state: State) -> bytes:
        """Return a file's bytes.

        Raises:
            UserMistake: the picture would be too large.
        """
        figures: list[Figure] = []
        try:
            for page in target.pages:
                with uninterrupted():
                    figures.append(self._figure(page, state))
            with uninterrupted():
                if target.format == "pdf":
                    return pdf(figures)
                if target.format == "svg":
                    return svg(figures[0])
                return png(figures[0], self.scale(target.pages[0].panel))
        finally:
            for figure in figures:
                figure.take_down()

    def sheet(self, panel: str) -> Sheet:
        """Return what a panel is drawn on."""
        look = self._look
        sheet = OWN_SIZES[panel] if look.size is None else sheet_of(look.size)
        return sheet if look.type_size is None else replace(sheet, type_size=look.type_size)

    def scale(self, panel: str) -> float:
        """Return how many pixels of a PNG each logical pixel of a panel gets.

        One where a size in pixels was asked for, or what prints well where it is a length.
        """
        look = self._look
        if look.scale is not None:
            return look.scale
        if look.size is None:
            return 1.0 if panel == WINDOW else SCREEN_SCALE
        length = look.size in SHEETS or look.size.rstrip().endswith(("mm", "cm", "in"))
        return PAPER_SCALE if length else 1.0

    def _figure(self, page: Page, state: State) -> Figure:
        look, sheet, theme = self._look, self.sheet(page.panel), THEMES[self._look.theme]
        view = replace(
            state.view,
            show=look.show or state.view.show,
            shared_scale=not look.own_scales,
            channel=look.channel,
            theme=look.theme,
        )
        shown = replace(state, selected=page.step, view=view)
        if page.panel == "why" or look.index is not None:
            shown = self._asked(shown, page.step)
        if page.panel == WINDOW:
            return window_figure(shown, sheet, theme, caption=look.caption)
        backward = state.run is not None and state.run.backward
        return panel_figure(
            page.panel,
            shown,
            sheet,
            theme,
            caption=look.caption,
            show=look.show or (Show.BOTH if backward else Show.ACTIVATION),
            steps=page.steps,
        )

    def _asked(self, state: State, step: str) -> State:
        """Return the state with the number asked about that the figure is to explain."""
        capture, look = state.capture, self._look
        if capture is None or step == TARGET_CARD:
            return state
        return replace(state, asking=Asking(number_named(capture, step, look.index, look.of)))


def _check_pixels(width: float, height: float) -> None:
    if width * height <= LARGEST_IMAGE:
        return
    raise UserMistake(
        message(
            "cli",
            QT_TRANSLATE_NOOP(
                "cli",
                "a picture of {width} × {height} pixels is too large; choose a smaller --scale or "
                "--size, or .svg or .pdf",
            ),
            width=round(width),
            height=round(height),
        )
    )
