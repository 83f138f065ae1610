"""Runs that figures are made of."""

import pytest

from tests.panels.runs import Stock


@pytest.fixture(scope="session")
def stock(tmp_path_factory: pytest.TempPathFactory) -> Stock:
    """States of finished runs, each made once."""
    return Stock(tmp_path_factory.mktemp("figures"))
