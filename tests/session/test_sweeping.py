"""A sweep walks over a map in reading order and leaves the history of questions alone."""

from pathlib import Path

import numpy as np
import pytest

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.session.sweeping import sweep_over
from tests.panels.runs import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path / "bench")
    made.backward()
    return made


def at(step: str, *index: int, side: Side = Side.ACTIVATION) -> Address:
    return Address(Place.STEP, step, 0, side, index)


def test_a_map_is_walked_over_in_reading_order(bench: Bench) -> None:
    session = bench.session
    session.ask(at("conv2", 0, 3, 4, 5))
    session.start_sweep()
    seen = []
    for position in range(13 * 13):
        session.sweep_to(position)
        assert session.state.asked is not None
        seen.append(session.state.asked.index)
    assert seen == [(0, 3, *place) for place in np.ndindex(13, 13)]


def test_a_vector_is_walked_over(bench: Bench) -> None:
    session = bench.session
    session.ask(at("fc1", 0, 7, side=Side.GRADIENT))
    session.start_sweep()
    assert session.state.sweep is not None
    assert session.state.sweep.count == 120
    session.sweep_to(119)
    assert session.state.asked == at("fc1", 0, 119, side=Side.GRADIENT)


def test_ends_are_kept(bench: Bench) -> None:
    session = bench.session
    session.ask(at("conv1", 0, 0, 4, 5))
    session.start_sweep()
    session.sweep_to(-5)
    assert session.state.asked == at("conv1", 0, 0, 0, 0)
    session.sweep_to(10**9)
    assert session.state.asked == at("conv1", 0, 0, 29, 29)


def test_one_step_back_leads_to_where_it_began(bench: Bench) -> None:
    session = bench.session
    first = at("conv1", 0, 0, 4, 5)
    session.ask(first)
    session.start_sweep()
    for position in range(40):
        session.sweep_to(position)
    session.ask_back()
    assert session.state.asked == first
    assert session.state.sweep is None


def test_another_question_ends_it(bench: Bench) -> None:
    session = bench.session
    session.ask(at("conv1", 0, 0, 4, 5))
    session.start_sweep()
    session.ask(at("fc1", 0, 7))
    assert session.state.sweep is None
    session.sweep_to(3)
    assert session.state.asked == at("fc1", 0, 7)


def test_a_new_run_ends_it(bench: Bench) -> None:
    bench.session.ask(at("conv1", 0, 0, 4, 5))
    bench.session.start_sweep()
    bench.forward()
    assert bench.state.sweep is None
    assert bench.state.asked == at("conv1", 0, 0, 0, 0)


def test_stopping_leaves_the_question(bench: Bench) -> None:
    bench.session.ask(at("conv1", 0, 0, 4, 5))
    bench.session.start_sweep()
    bench.session.sweep_to(31)
    bench.session.stop_sweep()
    assert bench.state.sweep is None
    assert bench.state.asked == at("conv1", 0, 0, 1, 1)


def test_there_is_nothing_to_sweep_over(bench: Bench) -> None:
    assert sweep_over(bench.state) is None
    bench.session.start_sweep()
    assert bench.state.sweep is None
    bench.session.ask(Address(Place.OBJECTIVE, "loss", index=()))
    bench.session.start_sweep()
    assert bench.state.sweep is None


def test_a_parameter_is_swept_over_too(bench: Bench) -> None:
    bench.session.ask(Address(Place.PARAMETER, "conv2.weight", 0, Side.GRADIENT, (3, 2, 1, 1)))
    bench.session.start_sweep()
    assert bench.state.sweep is not None
    assert bench.state.sweep.shape == (3, 3)
    assert bench.state.asked is not None
    assert bench.state.asked.index == (3, 2, 0, 0)
