"""One operand of one step, as the rules of dependence read it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from lenet_viz.capture.records import Step
from lenet_viz.explain.dependences.relation import Exactness, Relation, Separable, same_places
from lenet_viz.explain.ledger.called import Called, Path, Shape
from lenet_viz.explain.operands import Call


@dataclass(frozen=True, slots=True)
class Use:
    """A tensor that a step took, and which of its outputs is asked about.

    Attributes:
        call: the step in its run.
        called: the same with the shapes of all that it took.
        path: where the tensor stands in the call.
        before: the tensor's shape.
        output: which of the outputs.
    """

    call: Call
    called: Called
    path: Path
    before: Shape
    output: int

    @property
    def step(self) -> Step:
        """The step."""
        return self.call.step

    @property
    def op(self) -> str:
        """The op without the underscore of its in-place form."""
        return self.called.op

    @property
    def after(self) -> Shape:
        """The output's shape."""
        return self.step.outputs[self.output].shape

    @property
    def main(self) -> bool:
        """Whether it is what the op works on, not a weight or another setting."""
        return self.path[0] in ("input", "0", "tensor")


@dataclass(frozen=True, eq=False)
class Found:
    """What a rule says.

    Attributes:
        relation: which elements depend on which.
        exactness: how well that is known.
    """

    relation: Relation
    exactness: Exactness = Exactness.EXACT

    def at_worst(self, exactness: Exactness) -> "Found":
        """Return the same, no better known than that."""
        return replace(self, exactness=self.exactness.worse(exactness))


Rule = Callable[[Use], Found | None]
"""From a use to what depends on what; None where the rule does not know these settings."""


def exact(relation: Separable | None) -> Found | None:
    """Return a relation as exact; None for none."""
    return None if relation is None else Found(relation)


def by_place(use: Use) -> Found | None:
    """Return the relation of an op on values in the same place."""
    return exact(same_places(use.before, use.after))
