"""Words in the rows of a text."""

from hypothesis import given
from hypothesis import strategies as st

from lenet_viz.display.source_search import Found, found_in

ROWS = ("x = self.conv1(x)", "", "# Conv1, größe 😀 conv1", "a.b(c)+[d]")


def test_large_and_small_letters_are_alike() -> None:
    assert found_in(ROWS, "CONV1") == (Found(0, 9, 14), Found(2, 2, 7), Found(2, 17, 22))
    assert [ROWS[f.row][f.start : f.stop] for f in found_in(ROWS, "GRÖSSE")] == []
    assert [ROWS[f.row][f.start : f.stop] for f in found_in(ROWS, "GRÖßE")] == ["größe"]


def test_signs_stand_for_themselves_and_nothing_is_nowhere() -> None:
    assert found_in(ROWS, "b(c)+[") == (Found(3, 2, 8),)
    assert found_in(ROWS, ".") == (Found(0, 8, 9), Found(3, 1, 2))
    assert found_in(ROWS, "") == ()


@given(st.lists(st.text("aAb ", max_size=8), max_size=5), st.text("aAb", min_size=1, max_size=3))
def test_every_place_is_one_and_none_is_left_out(rows: list[str], words: str) -> None:
    places = found_in(rows, words)
    assert all(rows[f.row][f.start : f.stop].lower() == words.lower() for f in places)
    assert len(places) == sum(row.lower().count(words.lower()) for row in rows)
