"""What somebody wants of a figure: of what, how large, in which colours."""

from dataclasses import dataclass, replace
from typing import Final

from lenet_viz.export.sheet import SHEETS, Sheet, sheet_of

WINDOW: Final = "window"
STORYBOARD: Final = "storyboard"
ALL: Final = "all"
"""Every panel, each on a page of its own."""
OF_A_STEP: Final = frozenset({"step", "source", "why", "maps", "gradients", "histogram"})
"""Panels that show nothing but one step."""
THEME_NAMES: Final = ("light", "dark")
FORMATS: Final = ("png", "svg", "pdf")
SCREEN_SCALE: Final = 2.0
"""Image pixels per logical pixel where nothing else is asked for."""
PAPER_SCALE: Final = 3.0
"""The same for sizes that are lengths: 288 pixels an inch."""
AS_SHOWN: Final = "shown"
"""The size that a panel has in the window."""
OWN_SIZE: Final = "own"


@dataclass(frozen=True, slots=True)
class Order:
    """One order of a figure.

    Attributes:
        what: a figure's name, ``window``, or ``all``.
        size: `AS_SHOWN`, a name of `SHEETS`, or `OWN_SIZE`.
        own: an own size as `sheet_of` reads it, such as ``160x90mm``.
        type_size: points of running text; None for what the size proposes.
        theme: ``light`` or ``dark``.
        caption: whether the caption stands below.
        scale: image pixels per logical pixel, for PNG and the clipboard.
        show: ``activation``, ``gradient`` or ``both``: what the storyboard draws.
        steps: the steps that the storyboard draws; None for all.
    """

    what: str
    size: str = AS_SHOWN
    own: str = "160x100mm"
    type_size: float | None = None
    theme: str = "light"
    caption: bool = True
    scale: float = SCREEN_SCALE
    show: str = "both"
    steps: tuple[str, ...] | None = None

    def sheet(self, shown: Sheet) -> Sheet:
        """Return the sheet of this order.

        Args:
            shown: the size that the panel has in the window.

        Raises:
            UserMistake: the own size is none, or too small or too large.
        """
        own = self.size == OWN_SIZE
        sheet = sheet_of(self.own) if own else SHEETS.get(self.size, shown)
        return sheet if self.type_size is None else replace(sheet, type_size=self.type_size)
