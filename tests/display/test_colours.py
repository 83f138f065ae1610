import csv
import itertools
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from lenet_viz.display import colours
from lenet_viz.display.colours import Theme, colourise, colourise_channels, legend, text_colour
from lenet_viz.display.scale import Scale

MAPS = Path(__file__).parents[2] / "resources" / "colormaps"
THEMES: list[Theme] = ["light", "dark"]
DTYPES = ["?", "u1", "i1", "i4", "i8", "u8", "f2", "f4", "f8"]
SPECIALS = {colours.NAN, colours.POSITIVE_INFINITY, colours.NEGATIVE_INFINITY}
# How people without one kind of cone see linear sRGB. Source: Machado et al. 2009, severity 1.
SIGHTS = {
    "typical": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
         [0.004733, 0.691367, 0.303900]]
    ),
}  # fmt: skip


def csv_map(name: str) -> np.ndarray[Any, Any]:
    """The published map read with the csv module: shape (256, 3), 0 to 1."""
    with (MAPS / f"{name}.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.reader(file) if not row[0].startswith("#")]
    return np.array(rows, dtype=float) / 1000


def read_back(rgba: np.ndarray[Any, Any], name: str) -> np.ndarray[Any, Any]:
    """The share 0 to 1 of the map where a pixel's colour lies, by nearest distance."""
    fine = np.linspace(0, 1, 4001)
    table = csv_map(name)
    known = np.stack([np.interp(fine, np.linspace(0, 1, 256), column) for column in table.T], -1)
    distance = ((rgba[..., None, :3] / 255 - known) ** 2).sum(-1)
    return fine[distance.argmin(-1)]


def lab(rgb: np.ndarray[Any, Any], sight: str = "typical") -> np.ndarray[Any, Any]:
    """CIE L*a*b* of sRGB colours 0 to 255, as somebody sees them."""
    share = np.asarray(rgb, dtype=float)[..., :3] / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    seen = np.clip(linear @ SIGHTS[sight].T, 0, 1)
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175],
         [0.0193339, 0.119192, 0.9503041]]
    )  # fmt: skip
    xyz = seen @ to_xyz.T / np.array([0.95047, 1, 1.08883])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)


@st.composite
def any_array(draw: st.DrawFn) -> np.ndarray[Any, Any]:
    shape = draw(npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=5))
    array = draw(npst.arrays(np.dtype(draw(st.sampled_from(DTYPES))), shape))
    # Strides of every sign, not only fresh contiguous memory.
    array = array[::-1] if array.ndim and draw(st.booleans()) else array
    return array.T if draw(st.booleans()) else array


@given(any_array(), st.booleans(), st.sampled_from(THEMES))
def test_any_array_is_drawable_and_its_special_numbers_are_recognised(array, grey, theme):
    scale = Scale.of(array, grey=grey)
    pixels = colourise(array, scale, theme)
    assert pixels.shape == (*array.shape, 4)
    assert pixels.dtype == np.uint8
    assert pixels.flags.c_contiguous
    for index in np.ndindex(array.shape):
        value, colour = array[index], tuple(pixels[index].tolist())
        if math.isnan(value):
            assert colour == colours.NAN
        elif math.isinf(value):
            wanted = colours.POSITIVE_INFINITY if value > 0 else colours.NEGATIVE_INFINITY
            assert colour == wanted
        else:
            assert colour not in SPECIALS
            assert grey or (colour == colours.ZERO[theme]) == (value == 0)


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize("grey", [False, True])
def test_nan_and_infinities_have_their_colours_and_do_not_touch_the_scale(dtype, grey):
    values = np.array([[np.nan, np.inf, -np.inf], [1, -2, 0.5]], dtype=dtype)
    scale = Scale.of(values, grey=grey)
    assert scale == Scale.of(values[1], grey=grey)
    pixels = colourise(values, scale, "light")
    special = [colours.NAN, colours.POSITIVE_INFINITY, colours.NEGATIVE_INFINITY]
    assert [tuple(colour) for colour in pixels[0].tolist()] == special
    np.testing.assert_array_equal(pixels[1], colourise(values[1], scale, "light"))
    by_channel = colourise_channels(values, Scale.of_channels(values, grey=grey), "light")
    np.testing.assert_array_equal(by_channel[0], pixels[0])


@given(any_array())
def test_the_scale_holds_every_finite_number_and_is_never_flat(array):
    scale = Scale.of(array)
    finite = [float(value) for value in array.flat if math.isfinite(value)]
    largest = max((abs(value) for value in finite), default=0.0) or 1.0
    if any(value < 0 for value in finite):
        assert scale == Scale("signed", -largest, largest)
    else:
        assert scale == Scale("positive", 0.0, largest)


@given(npst.arrays(np.float32, (4, 3), elements=st.floats(-(2.0**90), 2.0**90, width=32)))
def test_scales_of_channels_are_the_scales_of_each_channel(array):
    scales = Scale.of_channels(array)
    assert scales == tuple(Scale.of(row) for row in array)
    each = np.stack(
        [colourise(row, scale, "light") for row, scale in zip(array, scales, strict=True)]
    )
    together = colourise_channels(array, scales, "light").astype(int)
    assert np.abs(together - each).max() <= 2  # one table entry, from the order of rounding


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
@pytest.mark.parametrize("size", [1e-4, 1.0, 300.0])
def test_a_signed_pixel_read_back_is_the_number(dtype, size):
    values = (np.random.default_rng(1).uniform(-size, size, (20, 30))).astype(dtype)
    scale = Scale.of(values)
    share = read_back(colourise(values, scale, "light"), "CET-D1A")
    found = (share * 2 - 1) * scale.high
    assert np.abs(found - values.astype(float)).max() <= scale.high * 0.012


def test_a_positive_pixel_has_the_colour_of_the_same_share_on_a_signed_scale():
    values = np.random.default_rng(2).uniform(0, 5, (20, 30))
    positive = Scale("positive", 0, 5)
    pixels = colourise(values, positive, "light")
    share = read_back(pixels, "CET-D1A")
    assert np.abs((share * 2 - 1) * 5 - values).max() <= 5 * 0.012
    np.testing.assert_array_equal(pixels, colourise(values, Scale("signed", -5, 5), "light"))


def test_a_grey_pixel_read_back_is_the_number_and_zero_is_black():
    values = np.random.default_rng(3).uniform(0, 1, (20, 30)).astype(np.float32)
    values[0, 0], values[0, 1] = 0, 1
    pixels = colourise(values, Scale.of(values, grey=True), "dark")
    assert np.abs(read_back(pixels, "CET-L1") - values).max() <= 0.006
    assert pixels[0, 0].tolist() == [0, 0, 0, 255]
    assert pixels[0, 1].tolist() == [255, 255, 255, 255]
    assert np.ptp(pixels[..., :3].astype(int), axis=-1).max() <= 1


def test_blue_is_negative_and_red_is_positive():
    blue, red = colourise([-1.0, 1.0], Scale("signed", -1, 1), "light").astype(int)
    assert blue[2] > blue[0] + 60
    assert red[0] > red[2] + 60


def test_a_sign_shows_even_beyond_a_positive_scale():
    below, above = colourise([-9.0, 9.0], Scale("positive", 0, 1), "light").astype(int)
    assert below[2] > below[0]
    assert above[0] > above[2]


@pytest.mark.parametrize("name", ["CET-D1A", "CET-L1"])
def test_lightness_rises_and_falls_without_steps_back(name):
    light = lab(csv_map(name) * 255)[:, 0]
    rising, falling = (light[:128], light[128:]) if name == "CET-D1A" else (light, light[:1])
    assert (np.diff(rising) > 0).all()
    assert (np.diff(falling) < 0).all()


@pytest.mark.parametrize("scale", [Scale("signed", -2, 2), Scale("positive", 0, 2)])
def test_drawn_luminance_is_monotone_on_each_half(scale):
    tiny = 1e-6
    up = colourise(np.linspace(tiny, 2, 400), scale, "light")
    assert (np.diff(colours.luminance(up)) <= 2e-3).all()
    down = colourise(np.linspace(-2, -tiny, 400), scale, "light")
    assert (np.diff(colours.luminance(down)) >= -2e-3).all()


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("theme", THEMES)
def test_zero_and_special_colours_stand_out_for_every_sight(theme, sight):
    drawn = lab(csv_map("CET-D1A") * 255, sight)
    special = [colours.ZERO[theme], *sorted(SPECIALS)]
    seen = [lab(np.array(colour), sight) for colour in special]
    for colour in seen:
        assert np.linalg.norm(drawn - colour, axis=-1).min() > 5
    for one, other in itertools.combinations(seen, 2):
        assert np.linalg.norm(one - other) > 10


@pytest.mark.parametrize("theme", THEMES)
def test_a_zero_is_visibly_not_a_tiny_number(theme):
    zero, minus_zero, tiny, minus_tiny = colourise(
        np.array([0.0, -0.0, 1e-30, -1e-30]), Scale("signed", -1, 1), theme
    )
    assert tuple(zero.tolist()) == tuple(minus_zero.tolist()) == colours.ZERO[theme]
    assert np.linalg.norm(lab(zero) - lab(tiny)) > 10
    assert np.linalg.norm(lab(zero) - lab(minus_tiny)) > 10


@pytest.mark.parametrize("largest", [5e-324, 1e-45, 1e-310, 3e38, 1.7e308])
def test_extreme_numbers_keep_their_share_of_the_map(largest):
    values = np.array([-largest, largest, 0.0])
    pixels = colourise(values, Scale.of(values), "light")
    wanted = colourise(np.array([-1.0, 1.0, 0.0]), Scale("signed", -1, 1), "light")
    np.testing.assert_array_equal(pixels, wanted)
    colourise(values, Scale.of(values, grey=True), "light")


def test_the_smallest_float16_and_float32_numbers_are_not_zeros():
    for dtype in (np.float16, np.float32):
        tiny = np.array([np.finfo(dtype).smallest_subnormal, 1], dtype=dtype)
        assert tuple(colourise(tiny, Scale.of(tiny), "light")[0].tolist()) != colours.ZERO["light"]


def test_a_strided_view_is_coloured_as_its_copy():
    big = np.random.default_rng(4).normal(size=(60, 90)).astype(np.float32)
    view = big[5:50:3, ::-4]
    np.testing.assert_array_equal(
        colourise(view, Scale.of(big), "light"), colourise(view.copy(), Scale.of(big), "light")
    )


@pytest.mark.parametrize("scale", [Scale("signed", -3, 3), Scale("positive", 0, 3)])
def test_the_legend_has_the_colours_of_the_numbers_beside_it(scale):
    bar = legend(scale, 200)
    assert bar.shape == (1, 200, 4)
    numbers = scale.low + (np.arange(200) + 0.5) / 200 * (scale.high - scale.low)
    drawn = colourise(numbers, scale, "light")
    assert np.abs(bar[0].astype(int) - drawn).max() <= 8
    np.testing.assert_array_equal(legend(scale, 200, vertical=True), bar[:, ::-1].swapaxes(0, 1))
    assert legend(scale, 0).shape == (1, 0, 4)


def test_a_grey_legend_runs_from_black_to_white():
    bar = legend(Scale("grey", 0, 1))
    assert bar[0, 0].tolist() == [0, 0, 0, 255]
    assert bar[0, -1].tolist() == [255, 255, 255, 255]


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_text_has_enough_contrast_on_any_colour(rgb):
    def luminance(colour: tuple[int, ...]) -> float:
        shares = [part / 255 for part in colour]
        red, green, blue = (
            share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4
            for share in shares
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    text = 0.0 if text_colour(rgb) == "black" else 1.0
    light, dark = sorted((luminance(rgb), text), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5


@pytest.mark.parametrize(
    "bad", [("signed", -1, 2), ("positive", 1, 2), ("grey", 1, 1), ("signed", -math.inf, math.inf)]
)
def test_impossible_scales_are_refused(bad):
    with pytest.raises(ValueError, match="scale"):
        Scale(*bad)


def test_complex_numbers_and_a_wrong_number_of_scales_are_refused():
    with pytest.raises(TypeError, match="complex"):
        colourise(np.array([1j]), Scale("positive", 0, 1), "light")
    with pytest.raises(ValueError, match="2 scales"):
        colourise_channels(np.zeros((3, 2)), [Scale("positive", 0, 1)] * 2, "light")


def test_colours_need_no_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = colours.colourise([[-1.0, 0.0, 1.0]], Scale("signed", -1.0, 1.0), "light")
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    colours._table.cache_clear()
    after = colours.colourise([[-1.0, 0.0, 1.0]], Scale("signed", -1.0, 1.0), "light")
    assert np.array_equal(before, after)
