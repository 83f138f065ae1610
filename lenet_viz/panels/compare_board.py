"""Two runs painted side by side, one row of pictures for each stage."""

from functools import partial

import numpy as np
from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtWidgets import QWidget

from lenet_viz.display import numbers
from lenet_viz.display.scale import Scale
from lenet_viz.panels.card_content import Picture
from lenet_viz.panels.compare_rows import (
    Stage,
    StagePair,
    pairs_of,
    parameter_count,
    zero_pixels,
)
from lenet_viz.panels.item_board import ItemBoard
from lenet_viz.panels.text import formatted, translate
from lenet_viz.panels.theme import code_font, text_font
from lenet_viz.panels.why_column import Layout
from lenet_viz.panels.why_items import Ground, Hit, Item, SmallMap, Text
from lenet_viz.session.comparing import Frozen
from lenet_viz.session.state import Run
from lenet_viz.wording import fill

PICTURE = 62.0
"""Logical pixels of a picture's side, at most."""
_PAD, _LINE = 8.0, 16.0
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class CompareBoard(ItemBoard):
    """The stages of two runs.

    Signals, only ever caused by the user: ``stage_chosen`` a card of the present run.
    """

    stage_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Make an empty board."""
        super().__init__("compare_board", parent)
        self.setAccessibleName(translate("Compare", "Stages side by side"))
        self.pairs: tuple[StagePair, ...] = ()
        self._frozen: Frozen | None = None
        self._present: Run | None = None
        self._title = ""

    def show_runs(self, frozen: Frozen | None, present: Run | None, title: str) -> None:
        """Show two runs; None for either clears the board.

        Args:
            frozen: the frozen run.
            present: the run that is shown.
            title: what its network is called.
        """
        self._frozen, self._present, self._title = frozen, present, title
        whole = frozen is not None and present is not None
        self.pairs = pairs_of(frozen.run, present) if frozen and present and whole else ()
        self.lay_out()

    def laid_out(self, width: float) -> Layout | None:
        """Return the summary and a row for each stage."""
        if self._frozen is None or self._present is None:
            return None
        layout = Layout(width)
        self._add_summary(layout, self._frozen, self._present)
        for pair in self.pairs:
            self._add_pair(layout, pair)
        return layout

    def _add_summary(self, layout: Layout, frozen: Frozen, present: Run) -> None:
        half = (layout.width - _PAD) / 2
        items: list[Item] = []
        high = 0.0
        for at, (title, run, said) in enumerate(
            (
                (frozen.title, frozen.run, translate("Compare", "frozen: {name}, run {number}")),
                (self._title, present, translate("Compare", "now: {name}, run {number}")),
            )
        ):
            left = at * (half + _PAD)
            words = Layout(half)
            words.text(
                fill(said, {"name": title, "number": run.number}), text_font(9.5, bold=True), gap=2
            )
            for line in _summary(run):
                words.text(line, code_font(8.5), "muted", gap=1)
            for item in words.items:
                item.rect.moveLeft(item.rect.left() + left)
            items += words.items
            high = max(high, words.y)
        layout.add(items, high, 6)

    def _add_pair(self, layout: Layout, pair: StagePair) -> None:
        width, half = layout.width, (layout.width - 3 * _PAD) / 2
        items: list[Item] = []
        shown = pair.right or pair.left
        assert shown is not None
        changed = pair.built_differently
        title = QRectF(_PAD, 4, width - 2 * _PAD, _LINE)
        items.append(Text(title, text=shown.title, font=text_font(9.5, bold=True), flags=_LEFT))
        y = 4 + _LINE
        said = ", ".join(pair.differences) or translate("Compare", "equal, bit for bit")
        words = Layout(width - 2 * _PAD)
        words.text(said, text_font(8.5), "accent" if changed else "muted", gap=3)
        for item in words.items:
            item.rect.moveTo(item.rect.left() + _PAD, item.rect.top() + y)
        items += words.items
        y += words.y
        scales = (pair.scale(gradient=False), pair.scale(gradient=True))
        highs = [0.0]
        for at, stage in enumerate((pair.left, pair.right)):
            if stage is not None:
                made, high = _side(stage, _PAD + at * (half + _PAD), y, half, scales)
                items += made
                highs.append(high)
        y += max(highs) + 6
        ground = Ground(
            QRectF(0, 0, width, y), role="raised", outline="accent" if changed else "line"
        )
        if pair.right is not None:
            tip = formatted("Compare", "Show {name} of the present run", name=pair.right.title)
            act = partial(self.stage_chosen.emit, pair.right.card)
            ground.hits.append(Hit(QRectF(0, 0, width, y), act, tip))
        layout.add([ground, *items], y, 7)


def _side(
    stage: Stage, x: float, y: float, width: float, scales: tuple[Scale | None, Scale | None]
) -> tuple[list[Item], float]:
    """Return one stage's words and pictures, and how high they are."""
    lines = [
        stage.words,
        f"({numbers.shape_text(stage.shape)})" if stage.shape else "-",
        formatted("Compare", "{count} parameters", count=f"{stage.count:,}") if stage.count else "",
    ]
    items: list[Item] = []
    top = y
    for line in filter(None, lines):
        items.append(
            Text(QRectF(x, top, width, _LINE), text=line, font=code_font(8.5), flags=_LEFT)
        )
        top += _LINE
    side = min(PICTURE, (width - _PAD) / 2)
    tallest = 0.0
    for at, (picture, scale) in enumerate(
        zip((stage.activation, stage.gradient), scales, strict=True)
    ):
        if picture is None or scale is None or not picture.values.size:
            continue
        cells = _cells(picture)
        factor = side / max(cells.shape)
        wide, high = cells.shape[1] * factor, max(3.0, cells.shape[0] * factor)
        rect = QRectF(x + at * (side + _PAD), top + 2, wide, high)
        items.append(_Cells(rect, values=cells, scale=scale))
        tallest = max(tallest, high + 4)
    return items, top - y + tallest


class _Cells(SmallMap):
    """A mosaic as a picture; gaps between channels are left free."""


def _cells(picture: Picture) -> "np.ndarray":
    """Return a picture's numbers where they stand in it; gaps are 0."""
    return np.asarray(picture.mosaic.compose(picture.values))


def _summary(run: Run) -> tuple[str, ...]:
    """Return how large a network is, what it gave, and how many pixels cannot matter."""
    capture = run.capture
    lines = [
        formatted(
            "Compare",
            "{steps} steps, {count} parameters",
            steps=len(capture.steps),
            count=f"{parameter_count(capture):,}",
        )
    ]
    objective = capture.objective
    if objective is not None and objective.loss is not None:
        lines.append(formatted("Compare", "loss {loss}", loss=numbers.text(objective.loss, 5)))
    pixels = zero_pixels(run)
    if pixels is not None:
        lines.append(formatted("Compare", "{count} structurally zero pixels", count=f"{pixels:,}"))
    return tuple(lines)
