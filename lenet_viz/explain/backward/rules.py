"""Which op's derivative stands where."""

from lenet_viz.explain.backward import (
    broadcast,
    convolution,
    elementwise,
    linear,
    moved,
    pooling,
)
from lenet_viz.explain.backward.pull import Rule

_ALL: dict[str, Rule] = {
    **moved.RULES,
    **elementwise.RULES,
    **broadcast.RULES,
    **linear.RULES,
    **convolution.RULES,
    **pooling.RULES,
}


def rule_for(op: str) -> Rule | None:
    """Return the rule of an op, named without a trailing underscore; None where none is known."""
    return _ALL.get(op)
