"""How the strip lays a run out: as a row where it is a chain, else as a graph."""

from collections.abc import Sequence
from dataclasses import replace

from lenet_viz.panels.card_layout import Layout, Places, layout_for, wrapped_layout
from lenet_viz.panels.strip_bars import Bar, bars_of, heads_of, placed
from lenet_viz.panels.strip_graph import APART, StripGraph
from lenet_viz.session.outline import Outline


def places_of(
    outline: Outline | None, count: int, available: int, room: int | None = None, *, wraps: bool
) -> tuple[Places, tuple[Bar, ...]]:
    """Return where cards stand, and the bars above them.

    Args:
        outline: the cards; None before the first run.
        count: how many there are.
        available: logical pixels of width.
        room: height in which the cards had best fit; None for any.
        wraps: whether they stand in several rows, as on a page.
    """
    places: Places
    bars: Sequence[Bar]
    if outline is None or outline.is_chain:
        places, bars = _row(outline, count, available, wraps=wraps)
    else:
        graph = StripGraph(outline, available, room, wraps=wraps)
        places, bars = graph, graph.bars
    return places, placed(bars, places, count)


def _row(
    outline: Outline | None, count: int, available: int, *, wraps: bool
) -> tuple[Layout, Sequence[Bar]]:
    layout = (wrapped_layout if wraps else layout_for)(count, available)
    bars = [] if outline is None else bars_of(outline, layout.spot)
    # Every row has the same room, so that the rows of a page look alike.
    above = max(heads_of(bars, layout.rows), default=0.0)
    return replace(layout, above=above + (APART if wraps and above else 0.0)), bars
