"""How large a storyboard's tiles are: the columns at which the maps are largest."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from lenet_viz.display.graph_layout import Arrangement, Drawing, GraphLayout, Rect, Spacing

NARROWEST: Final = 78.0
"""The least width of a tile in logical pixels: a shape of four numbers can be read."""
LOWEST_MAP: Final = 36.0
"""The least height of a map."""
GOOD_WIDTH: Final = 128.0
"""The width of a tile on a page that may be as high as it likes."""
TALLEST_PAGE: Final = 1.35
"""Height over width from which on such a page has narrower tiles."""
LOOSEST: Final = 70.0
"""What rooms between tiles may grow to where there is too much room."""

TextHeight = Callable[[float], float]
"""Gives the height of a tile's words for the tile's width."""


@dataclass(frozen=True, slots=True)
class Fit:
    """Tiles at their places.

    Attributes:
        layout: the columns and routes.
        drawing: the same in logical pixels, to be drawn at ``left`` and ``top``.
        tile: width and height of a tile.
        left: of the drawing in the room.
        top: of the drawing in the room.
    """

    layout: GraphLayout
    drawing: Drawing
    tile: tuple[float, float]
    left: float
    top: float

    def rect(self, at: int) -> Rect:
        """Return the place of a tile in the room."""
        tile = self.drawing.tiles[at]
        return Rect(tile.x + self.left, tile.y + self.top, tile.width, tile.height)


class Fitter:
    """Finds sizes for one arrangement of tiles; what it found once it keeps."""

    def __init__(self, arrangement: Arrangement, maps: int, text_height: TextHeight) -> None:
        """Take what is to be fitted.

        Args:
            arrangement: which tile follows which.
            maps: how many maps stand above one another in a tile, 1 or 2.
            text_height: gives the height of a tile's words.
        """
        self._arrangement = arrangement
        self._maps = maps
        self._text_height = text_height
        self._layouts: dict[int, GraphLayout] = {}

    def _layout(self, columns: int) -> GraphLayout:
        if columns not in self._layouts:
            self._layouts[columns] = self._arrangement.wrapped(columns)
        return self._layouts[columns]

    def _most_columns(self, width: float) -> int:
        gap = spacing_for(width).across
        most = int((width + gap) // (NARROWEST + gap))
        return max(1, min(self._arrangement.length, most))

    def _width(self, columns: int, width: float) -> float:
        """Return the width of a tile."""
        gutters = self._layout(columns).gutter_widths(spacing_for(width))
        return (width - sum(gutters)) / columns

    def _room(self, columns: int, width: float, height: float) -> tuple[float, float]:
        """Return the width and height of a tile when the whole room is filled."""
        layout = self._layout(columns)
        free = height - sum(layout.gutter_heights(spacing_for(width)))
        return self._width(columns, width), free / max(1, layout.rows)

    def _guess(self, columns: int, width: float, height: float) -> float:
        """Return about how large the maps would be, without routing anything."""
        gap = spacing_for(width)
        rows = self._arrangement.rows(columns)
        bands = -(-self._arrangement.length // columns)
        margins = 0.0 if bands == 1 else 4 * gap.track
        wide = (width - margins - (columns - 1) * gap.across) / columns
        high = (height - (bands - 1) * gap.bands - (rows - bands) * gap.lanes) / rows
        return self._map_size(wide, high)

    def _map_size(self, wide: float, high: float) -> float:
        free = (high - self._text_height(wide)) / self._maps
        # A little credit for the longer side: of two grids with equal squares the roomier wins.
        return min(wide, free) + 0.02 * max(wide, free)

    def _lowest(self, columns: int, width: float, map_height: float) -> float:
        """Return the height that maps of a height need."""
        layout = self._layout(columns)
        tile = self._text_height(self._width(columns, width)) + self._maps * map_height
        return layout.rows * tile + sum(layout.gutter_heights(spacing_for(width)))

    def _fitting(self, width: float) -> list[int]:
        """Return the numbers of columns at which tiles are wide enough; always one at least."""
        most = self._most_columns(width)
        while most > 1 and self._width(most, width) < NARROWEST:
            most -= 1
        return list(range(1, most + 1))

    def least_height(self, width: float) -> float:
        """Return the least height at which everything can be read."""
        if not self._arrangement.length:
            return 0.0
        columns = self._fitting(width)[-1]
        return self._lowest(columns, width, LOWEST_MAP)

    def good_height(self, width: float) -> float:
        """Return the height at which the tiles have a good size for a page's width."""
        if not self._arrangement.length:
            return 0.0
        fitting = self._fitting(width)
        wanted = int((width + 14) // (GOOD_WIDTH + 14))
        heights = []
        for columns in fitting[max(0, min(wanted, len(fitting)) - 1) :]:
            side = min(self._width(columns, width) - 14, 200.0)
            # On a narrow page maps are a little lower than wide: it is high enough as it is.
            share = (0.8 if width < 480 else 1.0) / self._maps**0.5
            heights.append(self._lowest(columns, width, max(LOWEST_MAP, side * share)))
            if heights[-1] <= TALLEST_PAGE * width:
                break
        return min(heights)

    def fit(self, width: float, height: float) -> Fit:
        """Return the tiles for a room; they are cut off only where it is below `least_height`."""
        fitting = self._fitting(width)
        best = max(fitting, key=lambda columns: self._guess(columns, width, height))
        if self._lowest(best, width, LOWEST_MAP) > height:
            best = fitting[-1]
        wide, high = self._room(best, width, height)
        text = self._text_height(wide)
        high = max(high, text + self._maps * LOWEST_MAP)
        high = min(high, text + self._maps * wide * 1.25)
        narrower = min(wide, max(NARROWEST, 1.2 * high))
        # In a narrower tile words can take more lines.
        if self._text_height(narrower) + self._maps * LOWEST_MAP <= high:
            wide = narrower
        return self._spread(best, (wide, high), (width, height))

    def _spread(self, columns: int, tile: tuple[float, float], room: tuple[float, float]) -> Fit:
        """Return the tiles with what is left of the room between and around them."""
        layout = self._layout(columns)
        gap = spacing_for(room[0])
        drawing = layout.measured(*tile, gap)
        free = (max(0.0, room[0] - drawing.width), max(0.0, room[1] - drawing.height))
        looser = replace(
            gap,
            across=min(LOOSEST, gap.across + free[0] / max(1, columns)),
            bands=min(LOOSEST, gap.bands + free[1] / max(1, layout.rows)),
            lanes=min(LOOSEST / 2, gap.lanes + free[1] / max(1, layout.rows)),
        )
        drawing = layout.measured(*tile, looser)
        left = max(0.0, (room[0] - drawing.width) / 2)
        top = max(0.0, (room[1] - drawing.height) / 2)
        return Fit(layout, drawing, tile, left, top)


def spacing_for(width: float) -> Spacing:
    """Return the rooms around tiles on a page of a width."""
    narrow = width < 480
    return Spacing(
        across=11.0 if narrow else 16.0,
        lanes=10.0 if narrow else 13.0,
        bands=18.0 if narrow else 22.0,
        track=5.0 if narrow else 6.0,
        most=max(14.0, min(60.0, width / 24)),
    )
