"""Which op's derivative stands where."""

from lenet_viz.explain.backward import elementwise
from lenet_viz.explain.backward.pull import Rule

_ALL: dict[str, Rule] = {**elementwise.RULES}


def rule_for(op: str) -> Rule | None:
    """Return the rule of an op, named without a trailing underscore; None where none is known."""
    return _ALL.get(op)
