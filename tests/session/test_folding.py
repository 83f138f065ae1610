"""Folding as the session's verbs do it."""

import pytest

from lenet_viz.session.session import Session, default_settings
from lenet_viz.session.state import State
from tests.panels.real_networks import real_runs
from tests.panels.runs import DirectEngine

RUNS = real_runs()


@pytest.fixture
def session(tmp_path: object) -> Session:
    made = Session(DirectEngine(), str(tmp_path), State(default_settings()))
    made.open_capture(RUNS["nested chain"](), "nested")
    return made


def test_minus_folds_from_the_inside_out_and_plus_unfolds(session: Session) -> None:
    session.select("features.0.1")
    session.fold()
    assert session.state.view.folded == {"features.0"}
    assert session.state.selected == "features.0.1", "what the panels show stays"
    assert session.state.cards[session.state.place] == "features.0.2"
    session.fold()
    assert session.state.view.folded == {"features.0", "features"}
    session.fold()
    assert session.state.view.folded == {"features.0", "features"}, "nothing is around it"
    session.unfold()
    assert session.state.view.folded == {"features.0"}
    session.unfold()
    session.unfold()
    assert session.state.view.folded == frozenset()


def test_walking_passes_over_what_is_folded(session: Session) -> None:
    session.fold("features")
    session.select("input")
    seen = []
    for _ in range(5):
        session.walk(1)
        seen.append(session.state.selected)
    assert seen == ["features.2", "classifier.0", "classifier.1", "classifier.2", "target"]
    session.select("features.0.0")
    session.walk(-1)
    assert session.state.selected == "input"


def test_all_are_folded_and_unfolded(session: Session) -> None:
    session.fold_all()
    assert session.state.cards == ("input", "features.2", "classifier.2", "target", "loss")
    session.unfold("features")
    assert "features.0.2" in session.state.cards, "what is folded in it stays folded"
    assert "features.0.1" not in session.state.cards
    session.unfold_all()
    assert session.state.view.folded == frozenset()


def test_what_cannot_be_folded_is_not(session: Session) -> None:
    before = session.state
    for path in ("features.0.0", "nothing", ""):
        session.fold(path)
        session.unfold(path)
    session.select("target")
    session.fold()
    session.unfold()
    assert session.state.view == before.view


def test_the_same_model_stays_folded_another_one_begins_anew(session: Session) -> None:
    session.fold("classifier")
    session.open_capture(RUNS["nested chain"](), "again")
    assert session.state.view.folded == {"classifier"}
    session.open_capture(RUNS["inception"](), "other")
    assert session.state.view.folded == frozenset()
    session.open_capture(RUNS["deep resnet"](), "deep")
    assert session.state.view.folded


def test_before_the_first_run_folding_does_nothing(tmp_path: object) -> None:
    session = Session(DirectEngine(), str(tmp_path), State(default_settings()))
    before = session.state
    session.fold()
    session.unfold()
    session.fold_all()
    session.unfold_all()
    assert session.state is before
