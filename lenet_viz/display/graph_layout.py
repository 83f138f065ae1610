"""A directed acyclic graph laid out as tiles on a page, line by line as text is.

`arrange` finds levels and lanes once; `Arrangement.wrapped` cuts them into bands of so many
columns and routes the edges; `GraphLayout.measured` gives lengths.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from lenet_viz.display.graph_lanes import lanes_of, levels_of
from lenet_viz.display.graph_routes import Place, Route, Router

WIDEST: Final = 6
"""How many nodes stand above one another; more are set side by side."""
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle; y grows downwards."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Spacing:
    """Lengths around tiles.

    Attributes:
        across: between two columns, at least.
        lanes: between two lanes of a band, at least.
        bands: between two bands, at least.
        track: between two lines, as far as there is room.
        most: the most room for the lines between two columns or lanes; more lines move together.
        port: between the ends of two lines at a tile, as far as there is room.
    """

    across: float = 14.0
    lanes: float = 12.0
    bands: float = 20.0
    track: float = 6.0
    most: float = 60.0
    port: float = 8.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """A layout in lengths.

    Attributes:
        width: of everything.
        height: of everything.
        tiles: the nodes' rectangles.
        routes: for each edge its points from the source's right side to the target's left side.
    """

    width: float
    height: float
    tiles: tuple[Rect, ...]
    routes: tuple[tuple[Point, ...], ...]


@dataclass(frozen=True, slots=True)
class GraphLayout:
    """Tiles in bands, and how the edges run between them.

    Attributes:
        columns: number of columns.
        tops: for each band, its first row.
        rows: number of rows of all bands.
        places: of the nodes.
        routes: one for each edge that is seen, by target and then as its parents were given.
        tracks_across: number of lines side by side in each vertical gutter; 0 to ``columns``.
        tracks_along: number of lines in the horizontal gutter above each row.
    """

    columns: int
    tops: tuple[int, ...]
    rows: int
    places: tuple[Place, ...]
    routes: tuple[Route, ...]
    tracks_across: tuple[int, ...]
    tracks_along: tuple[int, ...]

    def gutter_widths(self, spacing: Spacing) -> list[float]:
        """Return the width of each vertical gutter, the page's edges included."""
        last = self.columns
        return [
            _room(tracks, 0.0 if at in {0, last} else spacing.across, spacing)
            for at, tracks in enumerate(self.tracks_across)
        ]

    def gutter_heights(self, spacing: Spacing) -> list[float]:
        """Return the height of the gutter above each row."""
        starts = set(self.tops)
        least = [spacing.bands if row in starts else spacing.lanes for row in range(self.rows)]
        least[0:1] = [0.0] * bool(least)
        return [
            _room(tracks, gap, spacing)
            for tracks, gap in zip(self.tracks_along, least, strict=True)
        ]

    def measured(
        self,
        width: float,
        height: float | Sequence[float],
        spacing: Spacing,
        heads: Sequence[float] = (),
    ) -> Drawing:
        """Return the layout in lengths.

        Args:
            width: of a tile.
            height: of a tile; or for each row that of its tiles.
            spacing: around the tiles.
            heads: for each row the height that is left free, above the lines in the first row of
                a band and below them in the others; none where empty.
        """
        across, along = self.gutter_widths(spacing), self.gutter_heights(spacing)
        tall = [height] * self.rows if isinstance(height, float | int) else list(height)
        free = heads or [0.0] * len(along)
        above = [gutter + head for gutter, head in zip(along, free, strict=True)]
        lefts = [at * width + sum_ for at, sum_ in enumerate(accumulate(across))]
        below = accumulate(tall, initial=0.0)
        tops = [sum_ + tiles for sum_, tiles in zip(accumulate(above), below, strict=False)]
        starts = set(self.tops)
        lowest = [top if row in starts else top - free[row] for row, top in enumerate(tops)]
        tiles = tuple(
            Rect(lefts[place.column], tops[place.row], width, tall[place.row])
            for place in self.places
        )
        farthest: dict[int, int] = {}
        for route in self.routes:
            farthest[route.target] = max(farthest.get(route.target, 1), abs(route.port))
        routes = []
        for route in self.routes:
            source, target = tiles[route.source], tiles[route.target]
            step = min(spacing.port, 0.42 * target.height / farthest[route.target])
            start = (source.x + width, source.y + source.height / 2)
            end = (target.x, target.y + target.height / 2 + route.port * step)
            points = [start]
            for corner in route.corners:
                tracks = self.tracks_across[corner.gutter]
                wide = across[corner.gutter]
                x = lefts[corner.gutter] - wide * (1 - (corner.track + 1) / (tracks + 1))
                points.append((x, self._height(corner.row, corner.level, lowest, along)))
            routes.append(_joined(points, end))
        total = (lefts[-1], tops[-1] + tall[-1]) if self.places else (0.0, 0.0)
        return Drawing(*total, tiles, tuple(routes))

    def _height(
        self, row: int | None, level: int, lowest: Sequence[float], along: Sequence[float]
    ) -> float:
        if row is None:
            return float("nan")
        return lowest[row] - along[row] * (level + 1) / (self.tracks_along[row] + 1)


def _room(tracks: int, least: float, spacing: Spacing) -> float:
    wanted = (tracks + 1) * spacing.track if tracks else 0.0
    return max(least, min(wanted, spacing.most))


def _joined(points: list[Point], end: Point) -> tuple[Point, ...]:
    """Return a route's points: its first and last corner are as high as the tiles' ports."""
    if len(points) > 1:
        points[1] = (points[1][0], points[0][1])
        points[-1] = (points[-1][0], end[1])
    points.append(end)
    kept = points[:1]
    for before, point in pairwise(points):
        if point == before:
            continue
        if len(kept) > 1 and _in_line(kept[-2], kept[-1], point):
            kept[-1] = point
        else:
            kept.append(point)
    return tuple(kept)


def _in_line(one: Point, two: Point, three: Point) -> bool:
    return one[0] == two[0] == three[0] or one[1] == two[1] == three[1]


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Levels and lanes of a graph, not yet cut into bands.

    Attributes:
        parents: of each node.
        levels: of each node, above those of its parents.
        lanes: of each node; no two nodes have the same level and lane.
        unseen: edges (parent, node) that only say what comes first: no line is drawn.
    """

    parents: tuple[tuple[int, ...], ...]
    levels: tuple[int, ...]
    lanes: tuple[int, ...]
    unseen: frozenset[tuple[int, int]] = frozenset()

    @property
    def length(self) -> int:
        """The number of levels: the columns of a single band."""
        return max(self.levels, default=-1) + 1

    def rows(self, columns: int) -> int:
        """Return how many lanes all bands of so many columns have together."""
        pairs = zip(self.levels, self.lanes, strict=True)
        return len({(level // columns, lane) for level, lane in pairs})

    def wrapped(self, columns: int) -> GraphLayout:
        """Return the layout in bands of so many columns.

        Args:
            columns: at least 1.
        """
        pairs = list(zip(self.levels, self.lanes, strict=True))
        used = sorted({(level // columns, lane) for level, lane in pairs})
        row_of = {key: row for row, key in enumerate(used)}
        tops: dict[int, int] = {}
        for (band, _), row in row_of.items():
            tops.setdefault(band, row)
        # A band without a tile does not exist: levels have no gaps.
        places = tuple(
            Place(level // columns, row_of[level // columns, lane], level % columns)
            for level, lane in pairs
        )
        every = ((parent, node) for node, before in enumerate(self.parents) for parent in before)
        edges = [edge for edge in every if edge not in self.unseen]
        router = Router(places, edges, list(tops.values()))
        return GraphLayout(
            columns=columns,
            tops=tuple(tops.values()),
            rows=len(used),
            places=places,
            routes=router.routes,
            tracks_across=tuple(router.tracks_across.get(at, 0) for at in range(columns + 1)),
            tracks_along=tuple(router.tracks_along.get(row, 0) for row in range(len(used))),
        )


def arrange(
    parents: Sequence[Sequence[int]],
    widest: int = WIDEST,
    unseen: Collection[tuple[int, int]] = (),
) -> Arrangement:
    """Return levels and lanes of a graph.

    Args:
        parents: of each node, without repeats; all of them come before it.
        widest: how many nodes may stand above one another, at least 1.
        unseen: edges (parent, node) among them for which no line is drawn.

    Raises:
        ValueError: a node comes before one of its parents, or has one twice.
    """
    children: list[list[int]] = [[] for _ in parents]
    for node, before in enumerate(parents):
        if len(set(before)) != len(before) or not all(0 <= parent < node for parent in before):
            raise ValueError(f"node {node} cannot follow {list(before)}")
        for parent in before:
            children[parent].append(node)
    levels = levels_of(parents, children, widest)
    lanes = lanes_of(parents, children, levels)
    same = tuple(map(tuple, parents))
    return Arrangement(same, tuple(levels), tuple(lanes), frozenset(unseen))
