"""Runs that figures are made of."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent

from tests.panels.runs import Stock


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    """States of finished runs, each made once."""
    return Stock(tmp_path_factory.mktemp("figures"))


@pytest.fixture(autouse=True)
def _figures_are_gone() -> Iterator[None]:
    """Let Qt delete what a test has taken down: without a loop of events it would stay."""
    yield
    if QCoreApplication.instance() is not None:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
