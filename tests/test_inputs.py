"""The sample digits and the words that choose an input."""

import numpy as np
import pytest

from lenet_viz.errors import UserMistake
from lenet_viz.inputs import InputChoice, count, digit, enlarge, parse_input, scans

# Per digit, as the data set's own description counts its test part.
COUNTS = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_the_whole_data_set_is_there():
    images, labels = scans()
    assert images.shape == (1797, 8, 8)
    assert images.dtype == labels.dtype == np.uint8
    assert (images.min(), images.max()) == (0, 16)
    assert np.bincount(labels).tolist() == COUNTS == [count(label) for label in range(10)]
    # The first sample of the data set, a zero.
    assert images[0, :2].tolist() == [[0, 0, 5, 13, 9, 1, 0, 0], [0, 0, 13, 15, 10, 15, 5, 0]]
    assert labels[:12].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]


def test_scans_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        scans()[0][0, 0, 0] = 1


def test_digit():
    seven = digit(7)
    assert seven.pixels.shape == (1, 1, 32, 32)
    assert seven.pixels.dtype == np.float32
    assert (seven.label, seven.index) == (7, 7)
    assert np.array_equal(seven.scan, scans()[0][7])
    assert 0.8 < seven.pixels.max() <= 1
    assert seven.pixels.min() == 0
    assert digit(7, 1).index == 17


def test_nth_scans_are_all_of_that_digit_and_all_different():
    labels = scans()[1]
    for label in range(10):
        numbers = [digit(label, i, (8, 8)).index for i in range(count(label))]
        assert len(set(numbers)) == COUNTS[label]
        assert (labels[numbers] == label).all()


def test_bilinear_by_the_definition():
    scan = digit(3).scan.astype(float)
    image = enlarge(digit(3).scan, (32, 32))
    padded = np.pad(scan, 2)
    for row, column in ((5, 9), (16, 16), (20, 11), (27, 18)):
        y, x = ((i - 2 + 0.5) * 8 / 28 - 0.5 for i in (row, column))
        top, left = int(np.floor(y)), int(np.floor(x))
        fy, fx = y - top, x - left
        corner = padded[top + 2 : top + 4, left + 2 : left + 4]
        wanted = np.array([1 - fy, fy]) @ corner @ np.array([1 - fx, fx]) / 16
        assert image[row, column] == pytest.approx(wanted, abs=1e-6)


def test_margin_and_centre():
    image = enlarge(np.full((8, 8), 16, np.uint8), (32, 32))
    assert np.array_equal(image, image[::-1])
    assert np.array_equal(image, image.T)
    assert image[0].max() < 0.3
    assert (image[4:28, 4:28] == 1).all()
    assert image[0, 0] < 0.01


@pytest.mark.parametrize(
    "size", [(8, 8), (6, 6), (28, 28), (20, 48), (48, 20), (3, 3), (1, 1), (1, 9)]
)
def test_sizes(size):
    image = digit(8, 3, size).pixels
    assert image.shape == (1, 1, *size)
    assert 0.15 < image.max() <= 1


def test_a_small_image_keeps_the_mean_of_what_it_shows():
    scan = np.full((8, 8), 8, np.uint8)
    assert enlarge(scan, (5, 5))[2, 2] == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("label", [-1, 10, True, 7.0, "7"])
def test_bad_label(label):
    with pytest.raises(UserMistake, match="wanted: 0 to 9"):
        digit(label)


@pytest.mark.parametrize("index", [-1, 179, 1.0, True])
def test_bad_index(index):
    with pytest.raises(UserMistake, match=r"Digit 7 has scans 0\.\.178"):
        digit(7, index)


@pytest.mark.parametrize("size", [(0, 8), (8, 8193), (8.0, 8), (True, 8)])
def test_bad_size(size):
    with pytest.raises(UserMistake, match="wanted: whole numbers"):
        digit(7, 0, size)


@pytest.mark.parametrize(
    ("words", "choice"),
    [
        ("digit:7", InputChoice("digit", 7)),
        ("digit:7:12", InputChoice("digit", 7, 12)),
        ("random", InputChoice("random")),
        ("random:3", InputChoice("random", seed=3)),
        ("preset", InputChoice("preset")),
    ],
)
def test_words(words, choice):
    assert parse_input(words) == choice
    assert choice.words() == words


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("digit:12", "The digit is 12; wanted: 0 to 9"),
        ("digit:7:200", "Digit 7 has scans 0..178"),
        ("digit", "wanted: digit:7"),
        ("digit:-1", "wanted: digit:7"),
        ("digit:７", "wanted: digit:7"),
        ("7", "wanted: digit:7"),
        ("", "wanted: digit:7"),
        ("random:x", "wanted: digit:7"),
    ],
)
def test_bad_words(words, said):
    with pytest.raises(UserMistake) as caught:
        parse_input(words)
    assert said in str(caught.value)
