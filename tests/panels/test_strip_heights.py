"""Heights of the cards of a branched run."""

import pytest

from lenet_viz.panels.strip_heights import FULL, LEAST, SCROLLED, Lane, row_heights

MAIN, SIDE, SLIGHT = Lane.MAIN, Lane.SIDE, Lane.SLIGHT


def test_where_there_is_room_all_are_as_high_as_can_be() -> None:
    wanted = [FULL[MAIN], FULL[SIDE], FULL[SLIGHT]]
    assert row_heights([MAIN, SIDE, SLIGHT], 40.0, None) == wanted
    assert row_heights([MAIN, SIDE, SLIGHT], 40.0, 40.0 + sum(wanted)) == wanted


def test_branches_give_way_before_the_main_lane() -> None:
    full = 40.0 + FULL[MAIN] + 2 * FULL[SIDE]
    main, one, other = row_heights([MAIN, SIDE, SIDE], 40.0, full - 20.0)
    assert main == FULL[MAIN]
    assert one == other == FULL[SIDE] - 10.0
    spare = 2 * (FULL[SIDE] - LEAST[SIDE])
    main, one, other = row_heights([MAIN, SIDE, SIDE], 40.0, full - spare - 30.0)
    assert one == other == LEAST[SIDE]
    assert main == pytest.approx(FULL[MAIN] - 30.0)


def test_what_does_not_fit_anyway_is_scrolled_to_and_stays_readable() -> None:
    assert row_heights([MAIN, SIDE], 40.0, 100.0) == [SCROLLED[MAIN], SCROLLED[SIDE]]
    assert all(LEAST[kind] <= SCROLLED[kind] <= FULL[kind] for kind in Lane)
