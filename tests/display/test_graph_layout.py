import time
from itertools import combinations, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenet_viz.display.graph_layout import Drawing, Rect, Spacing, arrange
from lenet_viz.display.graph_selection import selected

Parents = list[list[int]]
SPACING = Spacing()


@st.composite
def graphs(draw: st.DrawFn) -> Parents:
    count = draw(st.integers(1, 24))
    return [
        draw(st.lists(st.integers(0, node - 1), unique=True, max_size=5)) if node else []
        for node in range(count)
    ]


def _chain(count: int) -> Parents:
    return [[node - 1] if node else [] for node in range(count)]


def _drawn(parents: Parents, columns: int) -> Drawing:
    return arrange(parents).wrapped(columns).measured(100, 80, SPACING)


def _inside(rect: Rect, one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Whether an upright or level segment goes through a rectangle's inside."""
    (left, right), (top, bottom) = sorted((one[0], other[0])), sorted((one[1], other[1]))
    return (
        left < rect.x + rect.width - 1e-6
        and right > rect.x + 1e-6
        and top < rect.y + rect.height - 1e-6
        and bottom > rect.y + 1e-6
    )


def _overlap(one: Rect, other: Rect) -> bool:
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def _shared(one: tuple[tuple[float, float], ...], other: tuple[tuple[float, float], ...]) -> float:
    """The length that two polylines run on top of each other."""
    total = 0.0
    for a, b in pairwise(one):
        for c, d in pairwise(other):
            for axis in (0, 1):
                if (
                    abs(a[axis] - b[axis])
                    < 1e-6
                    > max(abs(a[axis] - c[axis]), abs(c[axis] - d[axis]))
                ):
                    low = max(min(a[1 - axis], b[1 - axis]), min(c[1 - axis], d[1 - axis]))
                    high = min(max(a[1 - axis], b[1 - axis]), max(c[1 - axis], d[1 - axis]))
                    total += max(0.0, high - low)
    return total


@given(graphs(), st.integers(1, 9))
@settings(deadline=None, max_examples=150)
def test_tiles_stand_apart_and_lines_go_between_them(parents: Parents, columns: int) -> None:
    drawing = _drawn(parents, columns)
    assert len(drawing.tiles) == len(parents)
    assert not any(_overlap(one, other) for one, other in combinations(drawing.tiles, 2))
    edges = [(parent, node) for node, before in enumerate(parents) for parent in before]
    assert len(drawing.routes) == len(edges)
    for (source, target), points in zip(edges, drawing.routes, strict=True):
        left, right = drawing.tiles[target], drawing.tiles[source]
        assert points[0] == (right.x + right.width, right.y + right.height / 2)
        assert points[-1][0] == left.x
        assert left.y < points[-1][1] < left.y + left.height
        assert all(a[0] == b[0] or a[1] == b[1] for a, b in pairwise(points))
        assert all(-1e-6 <= x <= drawing.width and 0 <= y <= drawing.height for x, y in points)
        # The arrow comes from the left.
        assert points[-2][0] < points[-1][0]
        for one, other in pairwise(points):
            assert not any(_inside(tile, one, other) for tile in drawing.tiles)


@given(graphs(), st.integers(1, 9))
@settings(deadline=None, max_examples=100)
def test_lines_of_different_tiles_cross_but_never_run_together(
    parents: Parents, columns: int
) -> None:
    drawing = _drawn(parents, columns)
    edges = [(parent, node) for node, before in enumerate(parents) for parent in before]
    for (one, first), (other, second) in combinations(zip(edges, drawing.routes, strict=True), 2):
        if one[0] != other[0]:
            assert _shared(first, second) < 1e-6, (one, other)


@given(graphs(), st.integers(1, 7))
@settings(deadline=None)
def test_every_edge_goes_forward_and_the_order_is_that_of_the_lines(
    parents: Parents, widest: int
) -> None:
    found = arrange(parents, widest)
    again = arrange([list(before) for before in parents], widest)
    assert found == again
    assert len(set(zip(found.levels, found.lanes, strict=True))) == len(parents)
    assert set(found.levels) == set(range(found.length))
    assert max(found.levels.count(level) for level in set(found.levels)) <= widest
    for node, before in enumerate(parents):
        assert all(found.levels[parent] < found.levels[node] for parent in before)
    for columns in (1, 3, found.length):
        layout = found.wrapped(columns)
        assert layout.rows == found.rows(columns)
        for node, place in enumerate(layout.places):
            assert place.band * columns + place.column == found.levels[node]


@given(graphs(), st.data())
@settings(deadline=None)
def test_what_is_left_out_becomes_an_edge(parents: Parents, data: st.DataObject) -> None:
    kept = data.draw(st.sets(st.integers(0, len(parents) - 1)))

    def seen(node: int) -> set[int]:
        """The kept nodes that reach this one through none or more that were left out."""
        return {
            end
            for parent in parents[node]
            for end in ({parent} if parent in kept else seen(parent))
        }

    chosen = selected(parents, kept)
    assert chosen.nodes == tuple(sorted(kept))
    for at, node in enumerate(chosen.nodes):
        assert {chosen.nodes[parent] for parent in chosen.parents[at]} == seen(node)
        for parent in chosen.parents[at]:
            direct = chosen.nodes[parent] in parents[node]
            assert ((parent, at) in chosen.bridges) is not direct
    arrange(chosen.parents)


def test_a_chain_is_a_straight_line_folded_like_text() -> None:
    found = arrange(_chain(10))
    assert found.levels == tuple(range(10))
    assert set(found.lanes) == {0}
    layout = found.wrapped(4)
    assert layout.tops == (0, 1, 2)
    assert [(place.row, place.column) for place in layout.places][3:6] == [(0, 3), (1, 0), (1, 1)]
    drawing = layout.measured(100, 80, SPACING)
    lengths = [len(points) for points in drawing.routes]
    # Two points within a band; down, back and down again from one band to the next.
    assert lengths == [2, 2, 2, 6, 2, 2, 2, 6, 2]


def test_a_residual_shortcut_passes_above_the_straight_way() -> None:
    parents = [[], [0], [1], [2], [3, 0], [4]]
    found = arrange(parents)
    assert set(found.lanes) == {0}
    drawing = found.wrapped(6).measured(100, 80, SPACING)
    shortcut = drawing.routes[4]
    assert min(y for _, y in shortcut) < drawing.tiles[1].y
    straight = [points for points in drawing.routes if len(points) == 2]
    assert len(straight) == 5


def test_parallel_branches_have_lanes_and_the_longest_is_straight() -> None:
    # 0 forks into 1-2-3, 4-5 and 6, which 7 joins.
    parents = [[], [0], [1], [2], [0], [4], [0], [3, 5, 6]]
    found = arrange(parents)
    assert [found.lanes[node] for node in (0, 1, 2, 3, 7)] == [0] * 5
    assert found.lanes[4] == found.lanes[5] != 0
    assert found.lanes[6] not in {0, found.lanes[4]}


def test_nested_shortcuts_do_not_cross() -> None:
    # A U: 0-1-2-3-4-5, with 0 to 5 around 1 to 4.
    drawing = _drawn([[], [0], [1], [2], [3, 1], [4, 0]], 6)
    inner, outer = drawing.routes[4], drawing.routes[6]
    assert min(y for _, y in outer) < min(y for _, y in inner)


def test_a_second_input_stands_where_it_is_needed() -> None:
    found = arrange([[], [], [0], [2], [3], [4, 1]])
    assert found.levels == (0, 3, 1, 2, 3, 4)


def test_many_branches_are_set_side_by_side() -> None:
    found = arrange([[], *([0] for _ in range(100)), list(range(1, 101))], widest=4)
    assert max(found.lanes) == 3
    assert found.length == 27


@pytest.mark.parametrize("bad", [[[0]], [[], [2], []], [[], [0, 0]]])
def test_what_is_no_such_graph_is_refused(bad: Parents) -> None:
    with pytest.raises(ValueError, match="cannot follow"):
        arrange(bad)


def test_nothing_at_all_has_no_size() -> None:
    found = arrange([])
    assert (found.length, found.rows(1)) == (0, 0)
    assert _drawn([], 1) == Drawing(0, 0, (), ())


@pytest.mark.parametrize(
    "parents",
    [
        _chain(1000),
        [[], *([node - 1, node - 6] if node > 6 else [node - 1] for node in range(1, 1000))],
        [list(range(node)) for node in range(50)],
        [[], *([0] for _ in range(998)), list(range(1, 999))],
    ],
    ids=["chain", "shortcuts", "dense", "fan"],
)
def test_large_graphs_are_quick(parents: Parents) -> None:
    def once() -> float:
        start = time.process_time()
        _drawn(parents, 8)
        return time.process_time() - start

    assert min(once() for _ in range(3)) < 0.15


def test_heads_leave_room_above_rows_and_keep_lines_out_of_it() -> None:
    """A skip over two lanes: bars fit above the first row's lines and below the second's."""
    layout = arrange([[], [0], [0], [1, 2], [0, 3]]).wrapped(5)
    assert layout.rows == 2
    plain = layout.measured(50, 30, Spacing())
    heads = [20.0, 12.0]
    drawn = layout.measured(50, 30, Spacing(), heads)
    assert drawn.height == plain.height + sum(heads)
    for place, before, after in zip(layout.places, plain.tiles, drawn.tiles, strict=True):
        assert (after.x, after.y) == (before.x, before.y + sum(heads[: place.row + 1]))
    top = min(y for route in drawn.routes for _, y in route)
    assert top >= heads[0], "the first row's lines run below its head"
    second = next(t.y for t, p in zip(drawn.tiles, layout.places, strict=True) if p.row == 1)
    for route in drawn.routes:
        for (x, y), (x2, y2) in pairwise(route):
            if y == y2 and x != x2:
                assert not second - heads[1] < y < second


def test_rows_have_heights_of_their_own() -> None:
    """A branch that is lower than the main lane: ends of lines stay in the middle of its tiles."""
    layout = arrange([[], [0], [0], [1, 2], [0, 3]]).wrapped(5)
    even = layout.measured(50, 30, Spacing())
    drawn = layout.measured(50, [40.0, 20.0], Spacing())
    assert drawn.height == even.height
    for place, tile in zip(layout.places, drawn.tiles, strict=True):
        assert tile.height == (40.0, 20.0)[place.row]
    assert not any(_overlap(one, other) for one, other in combinations(drawn.tiles, 2))
    for route, points in zip(layout.routes, drawn.routes, strict=True):
        source, target = drawn.tiles[route.source], drawn.tiles[route.target]
        assert points[0] == (source.x + source.width, source.y + source.height / 2)
        assert target.y < points[-1][1] < target.y + target.height
        for one, other in pairwise(points):
            assert not any(_inside(tile, one, other) for tile in drawn.tiles)


def test_what_begins_anew_stands_in_one_lane() -> None:
    """Two zeros that a recurrence begins with, after an embedding: input, emb, h0, c0, lstm."""
    found = arrange([[], [0], [], [], [1, 2, 3]])
    assert found.levels == (0, 1, 0, 1, 2)
    assert found.lanes == (0, 0, 1, 1, 0)
    crowded = arrange([[], [], [], [0, 1, 2]])
    assert crowded.levels == (0, 0, 0, 1), "without room on the left they stand below one another"
