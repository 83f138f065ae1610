"""One program for all tests that leave it as they found it."""

from collections.abc import Iterator

import pytest

from tests.window.driver import Program


@pytest.fixture(scope="session")
def one_program(qapp: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    program = Program(tmp_path_factory.mktemp("settings"))
    program.finish()
    yield program
    program.opened.close()


@pytest.fixture
def program(one_program: Program) -> Program:
    """The program after its default run, idle, with the default view."""
    one_program.begin_anew()
    return one_program
