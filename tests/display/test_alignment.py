from hypothesis import given
from hypothesis import strategies as st

from lenet_viz.display.alignment import aligned

NAMES = st.lists(st.sampled_from("abcdef"), max_size=12)


def test_equal_stages_stand_side_by_side_around_a_new_one():
    left, right = ["conv", "pool", "fc"], ["conv", "relu", "pool", "fc"]
    assert aligned(left, right) == ((0, 0), (None, 1), (1, 2), (2, 3))


def test_what_took_a_place_stands_beside_what_was_there():
    assert aligned(["conv", "relu", "fc"], ["conv", "tanh", "fc"]) == ((0, 0), (1, 1), (2, 2))


@given(NAMES, NAMES)
def test_every_place_occurs_once_and_in_order(left, right):
    pairs = aligned(left, right)
    assert [one for one, _ in pairs if one is not None] == list(range(len(left)))
    assert [other for _, other in pairs if other is not None] == list(range(len(right)))


@given(NAMES)
def test_equal_lists_are_paired_one_to_one(names):
    assert aligned(names, names) == tuple((at, at) for at in range(len(names)))
