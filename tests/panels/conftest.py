"""Runs that the panels' tests share."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from lenet_viz.capture.records import Capture
from lenet_viz.panels.style import style_sheet
from lenet_viz.panels.theme import DARK, LIGHT, Theme
from tests.panels.runs import Bench, Stock, long_capture


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    """States of finished runs, each made once."""
    return Stock(tmp_path_factory.mktemp("runs"))


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A session of the notebook that has not run yet."""
    return Bench(tmp_path / "bench")


@pytest.fixture(scope="session")
def thousand() -> Capture:
    """A run of 1,000 steps."""
    return long_capture(1000)


@pytest.fixture(params=[LIGHT, DARK], ids=["light", "dark"])
def theme(request: pytest.FixtureRequest, qapp: QApplication) -> Theme:
    """Each theme in turn."""
    chosen: Theme = request.param
    assert style_sheet(chosen)
    return chosen
