"""The tests have teeth: bugs put into the program make them fail."""

import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.figures import Figures
from tests.mutants.runner import Outcome, check, copy_program, run_tests, table, try_mutant
from tests.mutants.seeded import MUTANTS, QUICK, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_the_list_fits_the_source(mutant: Mutant) -> None:
    check(mutant)


def test_there_are_thirty() -> None:
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS) >= 30
    assert set(QUICK) < {mutant.name for mutant in MUTANTS}


def tried(mutants: Sequence[Mutant], folder: Path, figures: Figures) -> list[Outcome]:
    program = copy_program(folder)
    outcomes = [try_mutant(mutant, program) for mutant in mutants]
    caught = sum(outcome.caught for outcome in outcomes)
    figures.add("seeded bugs", {"caught": caught, "missed": len(outcomes) - caught})
    return outcomes


def test_a_few_are_caught(tmp_path: Path, figures: Figures) -> None:
    chosen = [mutant for mutant in MUTANTS if mutant.name in QUICK]
    outcomes = tried(chosen, tmp_path, figures)
    assert all(outcome.caught for outcome in outcomes), table(outcomes)


@pytest.mark.soak
def test_no_test_fails_without_a_bug(tmp_path: Path) -> None:
    tests = sorted({test for mutant in MUTANTS for test in mutant.tests})
    status, output = run_tests(copy_program(tmp_path), tests)
    assert status == 0, output


@pytest.mark.soak
def test_all_are_caught_but_one_in_thirty(
    tmp_path: Path, figures: Figures, capsys: pytest.CaptureFixture[str]
) -> None:
    outcomes = tried(MUTANTS, tmp_path, figures)
    with capsys.disabled():
        sys.stdout.write("\n" + table(outcomes) + "\n")
    missed = sum(not outcome.caught for outcome in outcomes)
    assert missed * 30 <= len(outcomes), table(outcomes)
