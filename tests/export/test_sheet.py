"""Sizes of figures: names, pixels, lengths, and what is refused."""

import pytest

from lenet_viz.errors import UserMistake
from lenet_viz.export.order import Order
from lenet_viz.export.sheet import SHEETS, Sheet, sheet_of


@pytest.mark.parametrize(
    ("word", "width", "height"),
    [
        ("1600x1000", 1600, 1000),
        ("1600X1000", 1600, 1000),
        ("1600×1000px", 1600, 1000),
        ("800", 800, None),
        ("25.4x50.8cm", 960, 1920),
        ("127x63.5mm", 480, 240),
        ("6.5in", 624, None),
        (" 300x200 ", 300, 200),
    ],
)
def test_sizes_in_logical_pixels(word: str, width: float, height: float | None) -> None:
    """96 of them are an inch, 25.4 millimetres."""
    sheet = sheet_of(word)
    assert sheet.width == pytest.approx(width)
    assert sheet.height == (None if height is None else pytest.approx(height))


def test_the_named_sizes() -> None:
    slide, column, page = (SHEETS[name] for name in ("slide", "a4-column", "a4"))
    assert slide.width / slide.height == pytest.approx(16 / 9)  # type: ignore[operator]
    assert column.width == pytest.approx(85 / 25.4 * 96)
    assert column.height is None
    assert page.width == pytest.approx(8.27 * 96, rel=1e-3)
    assert page.height == pytest.approx(11.69 * 96, rel=1e-3)


@pytest.mark.parametrize(
    "word",
    [
        "",
        "large",
        "x",
        "100x",
        "0x0",
        "-5x3",
        "119x400",
        "400x119",
        "20001x400",
        "1e3x200",
        "nan",
        "1600x1000x3",
        "1600 x 1000",
        "٣٠٠x200",
        "9" * 400,
        "160mmx100",
        "160x100pt",
        "a5",
    ],
)
def test_what_is_no_size(word: str) -> None:
    with pytest.raises(UserMistake) as refused:
        sheet_of(word)
    said = str(refused.value)
    assert repr(word) in said
    assert ("1600x1000" in said and "slide" in said) or "from 120 to 20000 pixels" in said


def test_a_length_that_is_too_short_is_told_in_its_own_unit() -> None:
    with pytest.raises(UserMistake) as refused:
        sheet_of("40x30mm")
    assert "32 to 5291 mm" in str(refused.value)


def test_an_order_takes_the_size_that_it_names() -> None:
    shown = Sheet(333, 222)
    assert Order("maps").sheet(shown) == shown
    assert Order("maps", "slide").sheet(shown) == SHEETS["slide"]
    assert Order("maps", "own", own="300x200").sheet(shown) == Sheet(300, 200)
    assert Order("maps", "slide", type_size=20).sheet(shown).type_size == 20
    with pytest.raises(UserMistake):
        Order("maps", "own", own="wide").sheet(shown)
