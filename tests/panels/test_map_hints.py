"""What stands under the maps while nothing is pointed at."""

import numpy as np
import pytest

import lenet_viz
from lenet_viz.panels.map_content import content_of
from lenet_viz.panels.map_hints import hint_of
from lenet_viz.session.state import Show
from tests.panels.runs import state_of


def hint(selected: str, show: Show, backward: str | None = "cross-entropy:7") -> tuple[str, object]:
    from dataclasses import replace

    capture = lenet_viz.capture("notebook", backward=backward, seed=0)
    state = state_of(capture)
    state = replace(state, selected=selected, view=replace(state.view, show=show))
    return hint_of(content_of(state), capture), capture


@pytest.mark.parametrize("show", [Show.GRADIENT, Show.BOTH])
def test_the_zeros_of_a_gradient_have_causes_that_add_up(show: Show) -> None:
    words, capture = hint("conv1", show)
    gradient = capture.steps["conv1"].gradient  # type: ignore[attr-defined]
    counts = [int(part.split()[0].replace(",", "")) for part in words[13:].split("; ")]
    assert words.startswith("Exact zeros: ")
    assert sum(counts) == int(np.count_nonzero(gradient == 0))
    assert "inactive" in words


def test_elsewhere_it_says_what_can_be_done() -> None:
    assert "ask why" in hint("conv1", Show.ACTIVATION)[0]
    assert "arrow keys" in hint("fc3", Show.GRADIENT)[0]  # no zero in it
    assert "ask why" in hint("conv1", Show.GRADIENT, None)[0]
    assert hint_of(None, None) == ""
