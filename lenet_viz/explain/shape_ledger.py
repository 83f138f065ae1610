"""A step's output shape written as arithmetic, from what the step was called with."""

from collections.abc import Mapping

from lenet_viz.capture.records import Capture, Step
from lenet_viz.explain.ledger import each, joined, products, rearranged, recurrent, reduced, resized
from lenet_viz.explain.ledger import windows as window_rules
from lenet_viz.explain.ledger.called import (
    Called,
    Rule,
    Shape,
    ShapeLedger,
    called_alone,
    called_in,
)
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

__all__ = ["LEDGERS", "ShapeLedger", "ledger_in", "shape_ledger"]

LEDGERS: Mapping[str, Rule] = {
    **window_rules.RULES,
    **resized.RULES,
    **rearranged.RULES,
    **joined.RULES,
    **products.RULES,
    **each.RULES,
    **reduced.RULES,
    **recurrent.RULES,
}
"""For each op the rule of its shape."""


def ledger_in(capture: Capture, step: Step) -> ShapeLedger:
    """Return the arithmetic of the output shape of one of a capture's steps.

    An op without a rule gets an empty ledger, never a guess: so does one whose rule comes to
    another shape than torch gave.
    """
    return _checked(called_in(capture, step))


def shape_ledger(step: Step, parameter_shapes: Mapping[str, Shape]) -> ShapeLedger:
    """Return the arithmetic of a step's output shape where its capture is not at hand.

    Args:
        step: a recorded step.
        parameter_shapes: the shape of each parameter, buffer and constant by name.

    Source: https://docs.pytorch.org/docs/stable/nn.html, "Shape" of each module.
    """
    return _checked(called_alone(step, parameter_shapes))


def _checked(called: Called) -> ShapeLedger:
    step = called.step
    if not step.outputs:
        return ShapeLedger()
    rule = LEDGERS.get(called.op)
    found = None if rule is None or step.opaque else rule(called)
    if found is not None and found.gives in (None, step.shape):
        return found
    if step.input_shapes and step.shape == step.input_shapes[0]:
        note = QT_TRANSLATE_NOOP("Shape", "The shape stays as it is.")
        return ShapeLedger(notes=(message("Shape", note),))
    return ShapeLedger()
