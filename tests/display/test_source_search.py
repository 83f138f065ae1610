"""Words in the rows of a text."""

from hypothesis import given
from hypothesis import strategies as st

from lenet_viz.display.source_search import Found, defined_at, found_in

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


def test_what_defines_a_name() -> None:
    rows = [
        "Net = None", "class Network:", "    def Inner(self): ...", "net: object = Net()",
        "async  def make(): ...", "x == 1", "def make_all(): ...", "x=2",
    ]  # fmt: skip
    wanted = {"Net": 0, "Network": 1, "Inner": None, "net": 3, "make": 4, "x": 7, "n(": None}
    assert {name: defined_at(rows, name) for name in wanted} == wanted
