"""Which op's derivative stands where."""

from lenet_viz.explain.backward import (
    attention,
    broadcast,
    convolution,
    dropout,
    elementwise,
    embedding,
    linear,
    losses,
    mixed,
    moved,
    normalisation,
    pooling,
    products,
    reductions,
    softmax,
)
from lenet_viz.explain.backward.pull import Rule

_ALL: dict[str, Rule] = {
    **moved.RULES,
    **elementwise.RULES,
    **broadcast.RULES,
    **linear.RULES,
    **convolution.RULES,
    **pooling.RULES,
    **products.RULES,
    **reductions.RULES,
    **softmax.RULES,
    **normalisation.RULES,
    **dropout.RULES,
    **embedding.RULES,
    **losses.RULES,
    **attention.RULES,
    **mixed.RULES,
}


def rule_for(op: str) -> Rule | None:
    """Return the rule of an op, named without a trailing underscore; None where none is known."""
    return _ALL.get(op)
