import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lenet_viz.display.visible import Visible, as_plane

PLACES = st.floats(-100, 400)
LENGTHS = st.floats(0, 400)


@given(st.tuples(st.integers(0, 300), st.integers(0, 300)), PLACES, PLACES, LENGTHS, LENGTHS,
       st.tuples(st.integers(0, 120), st.integers(0, 120)))  # fmt: skip
def test_the_window_is_covered_by_few_right_numbers(shape, top, left, height, width, pixels):
    array = np.arange(shape[0] * shape[1]).reshape(shape)
    visible = Visible.of(shape, top, left, height, width, pixels)
    view = visible.pick(array)
    assert view.shape == (len(visible.rows), len(visible.columns))
    assert view.size == 0 or np.shares_memory(view, array)
    assert len(visible.rows) <= max(1, pixels[0]) + 1
    for y, x in np.ndindex(view.shape):
        assert array[visible.index_at(y, x)] == view[y, x]
    y, x, high, wide = visible.rect
    if view.size:
        assert y <= max(0, top) <= shape[0]
        assert y + high >= min(shape[0], top + height)
        assert x + wide >= min(shape[1], left + width)


def test_zoomed_in_no_number_is_left_out():
    assert Visible.of((4096, 25088), 10.5, 20.2, 100, 200, (800, 800)).whole
    overview = Visible.of((4096, 25088), 0, 0, 4096, 25088, (800, 1000))
    assert not overview.whole
    assert overview.pick(np.broadcast_to(np.float32(1), (4096, 25088))).size <= 800 * 1000


def test_panning_does_not_change_which_numbers_stand_for_a_group():
    first = Visible.of((1000, 1000), 0, 0, 500, 500, (100, 100))
    moved = Visible.of((1000, 1000), 3, 3, 500, 500, (100, 100))
    assert set(range(5, 500, 5)) <= set(first.rows)
    assert set(range(5, 500, 5)) <= set(moved.rows)


def test_outside_a_view_there_is_nothing():
    visible = Visible.of((4, 4), 0, 0, 4, 4, (10, 10))
    assert visible.index_at(4, 0) is None
    assert visible.index_at(0, -1) is None


def test_a_plane_keeps_the_first_axis():
    assert as_plane(np.zeros((2, 3, 4))).shape == (2, 12)
    assert as_plane(np.float32(3) * np.ones(())).shape == (1, 1)
    assert as_plane(np.zeros((0, 3))).shape == (0, 3)
