import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from lenet_viz.display.mosaic import Mosaic

KINDS = st.sampled_from([None, "maps", "kernels", "matrix", "vector"])
SHAPES = npst.array_shapes(min_dims=1, max_dims=5, min_side=0, max_side=5) | st.just(())


@given(SHAPES, KINDS, st.floats(0.05, 20))
def test_every_index_has_one_cell_and_every_cell_one_index(shape, kind, aspect):
    mosaic = Mosaic.of(shape, kind=kind, aspect=aspect)
    cells = {index: mosaic.cell_of(index) for index in np.ndindex(*shape)}
    assert len(set(cells.values())) == len(cells)
    for index, (y, x) in cells.items():
        assert 0 <= y < mosaic.height
        assert 0 <= x < mosaic.width
        assert mosaic.index_at(y, x) == index
    drawn = [
        mosaic.index_at(y, x) for y in range(-1, mosaic.height + 1) for x in range(-1, mosaic.width)
    ]
    assert sum(index is not None for index in drawn) == len(cells)


@given(SHAPES, KINDS, st.floats(0.05, 20), st.sampled_from(["f4", "i8", "u1", "?"]))
def test_the_image_shows_each_number_in_its_cell_and_fill_elsewhere(shape, kind, aspect, dtype):
    mosaic = Mosaic.of(shape, kind=kind, aspect=aspect)
    values = np.random.default_rng(0).integers(1, 200, shape).astype(dtype)
    image = mosaic.compose(values, fill=0)
    assert image.shape == (mosaic.height, mosaic.width)
    assert image.dtype == values.dtype
    assert image.flags.c_contiguous
    for y, x in np.ndindex(image.shape):
        index = mosaic.index_at(y, x)
        assert image[y, x] == (0 if index is None else values[index])


@given(SHAPES, KINDS)
def test_colours_are_composed_like_numbers(shape, kind):
    mosaic = Mosaic.of(shape, kind=kind)
    rgba = np.random.default_rng(1).integers(0, 256, (*shape, 4), dtype=np.uint8)
    image = mosaic.compose(rgba, fill=(1, 2, 3, 4))
    assert image.shape == (mosaic.height, mosaic.width, 4)
    for y, x in np.ndindex(image.shape[:2]):
        index = mosaic.index_at(y, x)
        wanted = [1, 2, 3, 4] if index is None else rgba[index].tolist()
        assert image[y, x].tolist() == wanted


@given(SHAPES, KINDS, st.floats(0.05, 20))
def test_tiles_do_not_overlap_and_know_their_cells(shape, kind, aspect):
    mosaic = Mosaic.of(shape, kind=kind, aspect=aspect)
    owner = np.full((mosaic.height, mosaic.width), -1)
    for tile in range(mosaic.count):
        y, x, height, width = mosaic.tile_rect(tile)
        place = owner[y : y + height, x : x + width]
        assert place.shape == (height, width)
        assert (place == -1).all()
        place[...] = tile
    for y, x in np.ndindex(owner.shape):
        assert mosaic.tile_at(y, x) == (None if owner[y, x] < 0 else owner[y, x])


@pytest.mark.parametrize(
    ("channels", "columns", "rows"), [(6, 3, 2), (16, 4, 4), (1, 1, 1), (12, 4, 3), (512, 23, 23)]
)
def test_channels_form_a_grid_near_the_aspect(channels, columns, rows):
    mosaic = Mosaic.of((channels, 14, 14), kind="maps")
    assert (mosaic.columns, mosaic.rows) == (columns, rows)


def test_a_wide_area_gets_more_columns():
    assert Mosaic.of((6, 30, 30), aspect=8).rows == 1
    assert Mosaic.of((6, 30, 30), aspect=1 / 8).columns == 1


def test_maps_are_not_transposed():
    values = np.arange(2 * 2 * 3).reshape(2, 2, 3)
    image = Mosaic.of(values.shape, aspect=10, gap=1).compose(values, fill=-1)
    assert image.tolist() == [[0, 1, 2, -1, 6, 7, 8], [3, 4, 5, -1, 9, 10, 11]]


def test_kernels_are_rows_out_and_columns_in_whatever_the_aspect():
    values = np.arange(16 * 6 * 3 * 3).reshape(16, 6, 3, 3)
    for aspect in (0.1, 1, 10):
        mosaic = Mosaic.of(values.shape, kind="kernels", aspect=aspect)
        assert (mosaic.rows, mosaic.columns) == (16, 6)
        y, x, height, width = mosaic.tile_rect(5 * 6 + 2)
        image = mosaic.compose(values)
        np.testing.assert_array_equal(image[y : y + height, x : x + width], values[5, 2])


def test_a_linear_weight_is_a_plain_matrix():
    values = np.arange(10 * 84).reshape(10, 84)
    mosaic = Mosaic.of(values.shape, kind="matrix")
    np.testing.assert_array_equal(mosaic.compose(values), values)
    assert mosaic.cell_of((3, 70)) == (3, 70)


@pytest.mark.parametrize("n", [1, 10, 16])
def test_a_short_vector_is_a_column(n):
    assert Mosaic.of((n,), aspect=5).compose(np.arange(n)).tolist() == [[i] for i in range(n)]


def test_a_long_vector_is_folded_like_text():
    image = Mosaic.of((120,)).compose(np.arange(120))
    np.testing.assert_array_equal(image, np.arange(120).reshape(10, 12))
    prime = Mosaic.of((101,)).compose(np.arange(101), fill=-1)
    assert prime.ravel()[:101].tolist() == list(range(101))
    assert (prime.ravel()[101:] == -1).all()


def test_a_flattened_vector_is_one_band_for_each_channel():
    mosaic = Mosaic.bands(576, 16)
    assert (mosaic.shape, mosaic.rows, mosaic.columns) == ((576,), 16, 1)
    maps = np.arange(576).reshape(16, 6, 6)
    image = mosaic.compose(maps.reshape(-1))
    for channel in range(16):
        y, x, height, width = mosaic.tile_rect(channel)
        assert (height, width) == (1, 36)
        assert image[y, x : x + width].tolist() == maps[channel].ravel().tolist()
    assert mosaic.index_at(*mosaic.cell_of((575,))) == (575,)
    with pytest.raises(ValueError, match="577"):
        Mosaic.bands(577, 16)


@pytest.mark.parametrize("shape", [(0,), (0, 3, 3), (3, 0, 3), (2, 3, 0, 1)])
def test_nothing_is_an_empty_image(shape):
    mosaic = Mosaic.of(shape)
    assert mosaic.compose(np.zeros((*shape, 4), dtype=np.uint8)).shape == (0, 0, 4)
    assert mosaic.index_at(0, 0) is None
    with pytest.raises(IndexError):
        mosaic.tile_rect(0)


def test_a_long_row_and_a_scalar():
    assert Mosaic.of((1, 10000)).compose(np.zeros((1, 10000))).shape == (1, 10000)
    assert Mosaic.of(()).index_at(0, 0) == ()


def test_wrong_requests_are_refused():
    mosaic = Mosaic.of((2, 3, 3))
    with pytest.raises(ValueError, match="shape"):
        mosaic.compose(np.zeros((3, 2, 3)))
    for index in [(2, 0, 0), (0, -1, 0), (0, 0)]:
        with pytest.raises(IndexError):
            mosaic.cell_of(index)
    for bad in [{"aspect": 0.0}, {"aspect": float("nan")}, {"gap": -1}]:
        with pytest.raises(ValueError, match="aspect"):
            Mosaic.of((2, 3, 3), **bad)
