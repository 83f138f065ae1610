"""Questions, the way back and forward through them, and what a new run leaves of them."""

from dataclasses import replace

import pytest

import lenet_viz
from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.session.session import Session
from lenet_viz.session.state import CaptureOnly, Show, State


class Still:
    def submit(self, request: object) -> None:
        raise AssertionError("nothing runs here")

    def keep(self, blobs: frozenset[str]) -> None:
        pass

    def stop(self) -> None:
        return


@pytest.fixture
def session() -> Session:
    from lenet_viz.session.choosing import default_settings

    made = Session(Still(), "", State(default_settings()))
    capture = lenet_viz.capture("notebook", backward="random", seed=0)
    made.open_capture(capture, "run.lvcap")
    return made


def at(name: str, *index: int, side: Side = Side.ACTIVATION) -> Address:
    return Address(Place.STEP, name, side=side, index=index)


def test_a_question_selects_its_card_and_its_side(session: Session) -> None:
    session.ask(at("conv2", 0, 3, 4, 5))
    assert session.state.asked == at("conv2", 0, 3, 4, 5)
    assert session.state.selected == "conv2"
    session.ask(at("relu", 0, 3, 4, 5, side=Side.GRADIENT))
    assert session.state.view.show is Show.GRADIENT
    session.show(Show.BOTH)
    session.ask(Address(Place.INPUT, "0", index=(0, 0, 3, 3)))
    assert (session.state.selected, session.state.view.show) == ("input", Show.BOTH)
    session.ask(Address(Place.PARAMETER, "conv2.weight", index=(3, 1, 0, 0)))
    assert session.state.selected == "input"  # a parameter has no card of its own


def test_back_and_forward(session: Session) -> None:
    questions = [at("fc3", 0, 1), at("fc2", 0, 5), at("conv1", 0, 0, 1, 1)]
    for question in questions:
        session.ask(question)
    session.ask(questions[-1])  # the same again is no new one
    session.ask_back()
    assert session.state.asked == questions[1]
    assert session.state.selected == "fc2"
    session.ask_back()
    session.ask_back()
    assert session.state.asked == questions[0]
    session.ask_forward()
    assert session.state.asked == questions[1]
    session.ask(at("view", 0, 7))
    session.ask_forward()
    assert session.state.asked == at("view", 0, 7)  # a new question ends the way forward
    session.ask_back()
    assert session.state.asked == questions[1]


def test_the_other_side_and_nothing(session: Session) -> None:
    session.ask(at("fc3", 0, 1))
    session.ask_other_side()
    assert session.state.asked == at("fc3", 0, 1, side=Side.GRADIENT)
    session.ask_other_side()
    assert session.state.asked == at("fc3", 0, 1)
    session.stop_asking()
    assert session.state.asked is None
    session.ask_other_side()
    assert session.state.asked is None


@pytest.mark.parametrize(
    "nowhere",
    [
        at("nothing", 0),
        at("conv1", 0, 0, 99, 0),
        at("conv1", 0, 0, -1, 0),
        at("conv1", 0),
        Address(Place.STEP, "conv1"),
        Address(Place.STEP, "conv1", output=4, index=(0, 0, 0, 0)),
        Address(Place.INPUT, "7", index=(0,)),
        Address(Place.INPUT, "x", index=(0,)),
        Address(Place.PARAMETER, "conv9.weight", index=(0,)),
        Address(Place.OBJECTIVE, "loss", index=()),
    ],
)
def test_what_the_run_has_not_is_not_asked(session: Session, nowhere: Address) -> None:
    before = session.state
    session.ask(nowhere)
    assert session.state is before


def test_a_new_run_keeps_what_it_has_numbers_for(session: Session) -> None:
    session.ask(at("conv1", 0, 0, 29, 29))
    session.ask(at("fc3", 0, 1))
    before = replace(session.state)
    session.open_capture(lenet_viz.capture("tutorial", backward="random"), "other.lvcap")
    assert session.state.opened == CaptureOnly("other.lvcap")
    assert session.state.asked == before.asked
    session.ask_back()
    assert session.state.asked == at("fc3", 0, 1)  # conv1 has 28 rows now
    session.open_capture(lenet_viz.capture("toy"), "toy.lvcap")
    assert session.state.asked is None
