"""Where the edges of a graph run: in the gutters between its tiles, each on a track of its own.

Every column has a vertical gutter on its left and the last one on its right, too; every lane of
every band has a horizontal gutter above it. All edges that leave one tile share their tracks as
far as they go together. Edges of different tiles never share a place on a track, so that two
lines that meet always cross.

Heights are counted in half lanes over all bands: the gutter above lane n (of all lanes of all
bands) is at 2n, the middle of that lane at 2n + 1.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Place:
    """Where a tile stands.

    Attributes:
        band: row of the page, from 0.
        row: its lane, counted over all bands from 0.
        column: from 0.
    """

    band: int
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class Corner:
    """A point where a route turns.

    Attributes:
        gutter: number of the vertical gutter.
        track: in that gutter, from the left.
        row: number of the horizontal gutter; None where the route turns into a tile or out of it.
        level: track in that horizontal gutter, from below.
    """

    gutter: int
    track: int
    row: int | None = None
    level: int = 0


@dataclass(frozen=True, slots=True)
class Route:
    """How one edge runs: out of the middle of a tile's right side, into another's left side.

    Attributes:
        source: number of the tile it leaves.
        target: number of the tile it enters.
        corners: where it turns; none where it is a straight line.
        port: where it enters: 0 in the middle, negative above it, positive below.
    """

    source: int
    target: int
    corners: tuple[Corner, ...]
    port: int


@dataclass(slots=True)
class _Line:
    """A net's stay in one gutter, from ``low`` to ``high``."""

    low: int
    high: int
    leaves: bool = False
    enters: bool = False
    reach: float = 0.0
    track: int = 0


@dataclass(slots=True)
class _Sketch:
    """An edge before it has tracks: the gutters it takes in turn, vertical ones first."""

    source: int
    target: int
    gutters: list[int]
    rows: list[int] = field(default_factory=list)


class Router:
    """Routes for tiles at given places.

    Attributes:
        routes: one for each edge, in the order of the edges.
        tracks_across: number of tracks in each vertical gutter.
        tracks_along: number of tracks in each horizontal gutter.
    """

    def __init__(
        self, places: Sequence[Place], edges: Sequence[tuple[int, int]], tops: Sequence[int]
    ) -> None:
        """Find all routes.

        Args:
            places: of the tiles.
            edges: (source, target); the target stands in a later column or a later band.
            tops: for each band, its first row.
        """
        self._places = places
        self._tops = tops
        self._next = _next_in_row(places)
        self._beside = {(place.row, place.column) for place in places}
        self._across: dict[tuple[int, int], list[_Line]] = {}
        self._along: dict[tuple[int, int], _Line] = {}
        sketches = [self._sketch(source, target) for source, target in edges]
        for sketch in sketches:
            self._occupy(sketch)
        self._join()
        self.tracks_along = self._tracks_along()
        self.tracks_across = self._tracks_across(sketches)
        ports = self._ports(sketches)
        self.routes = tuple(
            Route(sketch.source, sketch.target, self._corners(sketch), port)
            for sketch, port in zip(sketches, ports, strict=True)
        )

    def _sketch(self, source: int, target: int) -> _Sketch:
        if self._next.get(source) == target:
            return _Sketch(source, target, [])
        one, other = self._places[source], self._places[target]
        out, into = one.column + 1, other.column
        if one.band == other.band:
            if out == into:
                return _Sketch(source, target, [out])
            return _Sketch(source, target, [out, into], [max(one.row, other.row)])
        first, last = self._tops[one.band + 1], self._tops[other.band]
        if first == last:
            return _Sketch(source, target, [out, into], [first])
        # Past whole bands on their left.
        return _Sketch(source, target, [out, 0, into], [first, last])

    def _heights(self, sketch: _Sketch) -> list[int]:
        """Return the heights between which each vertical part runs."""
        start = 2 * self._places[sketch.source].row + 1
        end = 2 * self._places[sketch.target].row + 1
        return [start, *(2 * row for row in sketch.rows), end]

    def _occupy(self, sketch: _Sketch) -> None:
        heights = self._heights(sketch)
        last = len(sketch.gutters) - 1
        for at, gutter in enumerate(sketch.gutters):
            low, high = sorted(heights[at : at + 2])
            line = _Line(low, high, at == 0, at == last)
            self._across.setdefault((gutter, sketch.source), []).append(line)
        for at, row in enumerate(sketch.rows):
            low, high = sorted(sketch.gutters[at : at + 2])
            known = self._along.setdefault((row, sketch.source), _Line(low, high))
            known.low, known.high = min(known.low, low), max(known.high, high)

    def _join(self) -> None:
        """Make one line of lines of one net that touch."""
        for key, lines in self._across.items():
            joined: list[_Line] = []
            for line in sorted(lines, key=lambda one: one.low):
                if joined and line.low <= joined[-1].high:
                    whole = joined[-1]
                    whole.high = max(whole.high, line.high)
                    whole.leaves |= line.leaves
                    whole.enters |= line.enters
                else:
                    joined.append(line)
            self._across[key] = joined

    def _line(self, gutter: int, source: int, height: int) -> _Line:
        lines = self._across[gutter, source]
        return next(line for line in lines if line.low <= height <= line.high)

    def _tracks_along(self) -> dict[int, int]:
        by_row: dict[int, list[tuple[bool, int, int, _Line]]] = {}
        for (row, source), line in self._along.items():
            # Longer ones outside, and those that come from an earlier band outside of all.
            foreign = self._places[source].row < row and row in self._tops
            by_row.setdefault(row, []).append((foreign, line.high - line.low, source, line))
        return {
            row: _give_tracks(entry[3] for entry in sorted(entries, key=lambda one: one[:3]))
            for row, entries in by_row.items()
        }

    def _origin(self, sketch: _Sketch) -> float:
        """Return the height from which an edge comes into its last gutter."""
        if not sketch.rows:
            return 2.0 * self._places[sketch.source].row + 1
        row = sketch.rows[-1]
        return 2 * row - self._along[row, sketch.source].track / 10_000

    def _reach(self, sketch: _Sketch) -> float:
        """Return how far above (negative) or below its target an edge comes from."""
        return self._origin(sketch) - (2 * self._places[sketch.target].row + 1)

    def _tracks_across(self, sketches: Sequence[_Sketch]) -> dict[int, int]:
        for sketch in sketches:
            if sketch.gutters:
                height = 2 * self._places[sketch.target].row + 1
                line = self._line(sketch.gutters[-1], sketch.source, height)
                line.reach = max(line.reach, abs(self._reach(sketch)))
        by_gutter: dict[int, list[tuple[int, float, int, int, _Line]]] = {}
        for (gutter, source), lines in self._across.items():
            for line in lines:
                # What leaves a tile turns at once, what enters one turns late: few crossings.
                order = line.enters * 2 - line.leaves
                entry = (order, line.reach, source, line.low, line)
                by_gutter.setdefault(gutter, []).append(entry)
        return {
            gutter: _give_tracks(entry[4] for entry in sorted(entries, key=lambda one: one[:4]))
            for gutter, entries in by_gutter.items()
        }

    def _ports(self, sketches: Sequence[_Sketch]) -> list[int]:
        """Return where each edge enters its target; no two of different tiles at one place."""
        ports = [0] * len(sketches)
        entering: dict[int, list[int]] = {}
        straight = {sketch.target for sketch in sketches if not sketch.gutters}
        for at, sketch in enumerate(sketches):
            if sketch.gutters:
                entering.setdefault(sketch.target, []).append(at)
        for target, edges in entering.items():
            place = self._places[target]
            # A neighbour's line leaves at that height.
            free = target not in straight and (place.row, place.column - 1) not in self._beside
            above = sorted((self._reach(sketches[at]), at) for at in edges)
            upper = [at for reach, at in reversed(above) if reach < 0]
            lower = [at for reach, at in above if reach >= 0]
            first = 0 if free else 1
            for rank, at in enumerate(upper):
                ports[at] = -(rank + first)
            for rank, at in enumerate(lower):
                ports[at] = rank + (1 if upper else first)
        return ports

    def _corners(self, sketch: _Sketch) -> tuple[Corner, ...]:
        heights = self._heights(sketch)
        corners = []
        for at, gutter in enumerate(sketch.gutters):
            track = self._line(gutter, sketch.source, heights[at]).track
            row_before = sketch.rows[at - 1] if at else None
            row_after = sketch.rows[at] if at < len(sketch.rows) else None
            for row in (row_before, row_after):
                level = 0 if row is None else self._along[row, sketch.source].track
                corners.append(Corner(gutter, track, row, level))
        return tuple(corners)


def _next_in_row(places: Sequence[Place]) -> dict[int, int]:
    """Return for each tile the next one in its row."""
    order = sorted(range(len(places)), key=lambda at: (places[at].row, places[at].column))
    return {one: other for one, other in pairwise(order) if places[one].row == places[other].row}


def _give_tracks(lines: Iterable[_Line]) -> int:
    """Give each line the first track after those it would touch; return how many there are."""
    skyline: list[int] = []
    count = 0
    for line in lines:
        low, high = line.low, line.high + 1
        if high > len(skyline):
            skyline += [0] * (high - len(skyline))
        line.track = max(skyline[low:high])
        skyline[low:high] = [line.track + 1] * (high - low)
        count = max(count, line.track + 1)
    return count
