"""A network while it is being built: a list of layers that need not fit together yet."""

from dataclasses import dataclass
from functools import lru_cache

from lenet_viz.errors import UserMistake
from lenet_viz.network.node import INPUT, Node
from lenet_viz.network.shapes import NodeShape, Repair, ShapeReport, derive_nodes
from lenet_viz.network.spec import Spec
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

__all__ = ["Draft", "Examination", "examine"]


@dataclass(frozen=True, slots=True)
class Draft:
    """A list of layers, each of which takes what stands above it unless it says otherwise.

    Unlike a `Spec`, it may be empty, its shapes may clash and a branch may lead nowhere. Each
    layer by itself is sound, and takes only what stands above it.

    Attributes:
        name: a short name.
        input_shape: channels, height, width of one sample, without the batch.
        nodes: the layers; the last one's output is the network's.
        title: the heading a person reads.
        description: a sentence about it.
    """

    name: str
    input_shape: tuple[int, int, int]
    nodes: tuple[Node, ...] = ()
    title: str = ""
    description: str = ""

    @classmethod
    def of(cls, spec: Spec) -> "Draft":
        """Return the list of a network's layers, in the order in which they run."""
        return cls(spec.name, spec.input_shape, spec.order, spec.title, spec.description)

    def spec(self) -> Spec:
        """Return the network.

        Raises:
            UserMistake: there is no layer, or one leads nowhere. Its shapes may still clash.
        """
        last = self.nodes[-1].id if self.nodes else ""
        return Spec(self.name, self.input_shape, self.nodes, last, self.title, self.description)

    def place(self, node_id: str) -> int:
        """Return the place of a layer in the list, from 0.

        Raises:
            KeyError: there is none of that name.
        """
        for at, node in enumerate(self.nodes):
            if node.id == node_id:
                return at
        raise KeyError(node_id)

    def node(self, node_id: str) -> Node:
        """Return the layer of that name.

        Raises:
            KeyError: there is none.
        """
        return self.nodes[self.place(node_id)]

    def above(self, at: int) -> str:
        """Return the name of what stands above a place: a layer's, or the input's."""
        return self.nodes[at - 1].id if at > 0 else INPUT


@dataclass(frozen=True)
class Examination:
    """What is known of a draft without running it.

    Attributes:
        report: the shapes, up to the layer that does not fit.
        spec: the network; None where it cannot run.
        failed: the name of the layer that does not fit; None where all fit, or there is none.
        mistake: what is wrong, and what to do; None for nothing.
        repair: a change of one setting that mends it, where there is one.
        stray: the name of a layer whose output nothing uses; None for none.
    """

    report: ShapeReport
    spec: Spec | None = None
    failed: str | None = None
    mistake: Message | None = None
    repair: Repair | None = None
    stray: str | None = None

    def shape(self, node_id: str) -> NodeShape | None:
        """Return what is known of a layer; None for one that does not fit or stands below it."""
        return next((each for each in self.report.nodes if each.id == node_id), None)


@lru_cache(maxsize=64)
def examine(draft: Draft) -> Examination:
    """Return the shapes of a draft, and what is wrong with it, by arithmetic alone."""
    report = derive_nodes(draft.nodes, draft.input_shape)
    if report.mistake is not None:
        return Examination(report, None, report.failed_node, report.mistake.message, report.repair)
    if not draft.nodes:
        template = QT_TRANSLATE_NOOP(
            "Network", "There is no layer yet. Add the first one: it gets {shape}."
        )
        shape = "×".join(map(str, report.input_shape))
        return Examination(report, mistake=message("Network", template, shape=shape))
    stray = _stray(draft)
    if stray is not None:
        template = QT_TRANSLATE_NOOP(
            "Network",
            "{name} leads nowhere: no layer below takes its output. Choose it as another layer's "
            "input, or take it out.",
        )
        mistake = message("Network", template, name=stray)
        return Examination(report, None, stray, mistake, stray=stray)
    try:
        return Examination(report, draft.spec())
    except UserMistake as mistake:
        return Examination(report, mistake=mistake.message)


def _stray(draft: Draft) -> str | None:
    """Return the first layer but the last whose output nothing uses; None for none."""
    used = {name for node in draft.nodes for name in node.inputs}
    return next((node.id for node in draft.nodes[:-1] if node.id not in used), None)
