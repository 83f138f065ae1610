"""Prints which seeded bugs the tests catch: ``python -m tests.mutants [words of a name ...]``."""

import sys
import tempfile
from pathlib import Path

from tests.mutants.runner import check, copy_program, run_tests, table, try_mutant
from tests.mutants.seeded import MUTANTS


def main(words: list[str]) -> int:
    """Return 0 where at most one bug in thirty goes unnoticed."""
    chosen = [m for m in MUTANTS if not words or any(word in m.name for word in words)]
    for mutant in chosen:
        check(mutant)
    with tempfile.TemporaryDirectory() as folder:
        program = copy_program(Path(folder))
        tests = sorted({test for mutant in chosen for test in mutant.tests})
        status, output = run_tests(program, tests)
        if status != 0:
            sys.stderr.write(f"the tests fail without any bug:\n{output}\n")
            return 2
        outcomes = []
        for mutant in chosen:
            outcomes.append(try_mutant(mutant, program))
            sys.stderr.write(f"{len(outcomes)}/{len(chosen)}\r")
    sys.stdout.write(table(outcomes) + "\n")
    missed = sum(not outcome.caught for outcome in outcomes)
    return 0 if missed * 30 <= len(outcomes) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
