"""The shape of every step and the number of every parameter, by arithmetic alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

from lenet_viz.errors import UserMistake
from lenet_viz.network.axis import Axis, conv_axis, pool_axis, window_rows, window_starts
from lenet_viz.network.join_repair import join_repairs
from lenet_viz.network.memory_limit import MOST_BYTES, check_activation, check_parameter_memory
from lenet_viz.network.module_checks import check_module, parameter_shapes
from lenet_viz.network.repaired import repaired
from lenet_viz.network.shape_rules import rule_of
from lenet_viz.network.shape_step import Repair, Shape, ShapeClash, Step
from lenet_viz.network.spec import INPUT, Node, Spec
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

__all__ = [
    "MOST_BYTES",
    "Axis",
    "NodeShape",
    "ParameterShape",
    "Repair",
    "ShapeReport",
    "check_parameters",
    "conv_axis",
    "derive",
    "derive_nodes",
    "parameters_of",
    "pool_axis",
    "window_rows",
    "window_starts",
]


@dataclass(frozen=True, slots=True)
class ParameterShape:
    """A parameter tensor.

    Attributes:
        name: its key in the ``state_dict``, as in ``conv1.weight``.
        shape: kernels are (out, in, kH, kW), linear weights (out, in), biases (out,).
    """

    name: str
    shape: Shape

    @property
    def count(self) -> int:
        """How many numbers it holds."""
        return prod(self.shape)


@dataclass(frozen=True, slots=True)
class NodeShape:
    """What is known of a node before it runs.

    Attributes:
        id: the node's id.
        op: the node's op.
        inputs: the shapes of its inputs, batch included.
        output: the shape of its output, batch included.
        axes: height and width of a convolution or pooling, otherwise empty.
        parameters: its module's parameters, otherwise empty.
    """

    id: str
    op: str
    inputs: tuple[Shape, ...]
    output: Shape
    axes: tuple[Axis, ...] = ()
    parameters: tuple[ParameterShape, ...] = ()

    @property
    def parameter_count(self) -> int:
        """How many numbers its parameters hold."""
        return sum(parameter.count for parameter in self.parameters)


@dataclass(frozen=True)
class ShapeReport:
    """The shapes of a network, as far as they fit together.

    Attributes:
        input_shape: the network's input, batch included.
        nodes: in the order they run; up to the node that failed, if one did.
        failed_node: the id of the node whose shapes do not fit (``input`` where already the input
            is too large), or None.
        mistake: what does not fit there, or None.
        repair: a change of one setting, of this or an earlier node, that makes it fit, where there
            is one.
    """

    input_shape: Shape
    nodes: tuple[NodeShape, ...]
    failed_node: str | None = None
    mistake: UserMistake | None = None
    repair: Repair | None = None

    def node(self, node_id: str) -> NodeShape:
        """Return the shapes of one node.

        Raises:
            KeyError: it has none.
        """
        for node in self.nodes:
            if node.id == node_id:
                return node
        raise KeyError(node_id)

    @property
    def parameters(self) -> tuple[ParameterShape, ...]:
        """Every parameter tensor once, a shared one with its first node."""
        return tuple({p.name: p for node in self.nodes for p in node.parameters}.values())

    @property
    def parameter_count(self) -> int:
        """How many numbers all parameters hold."""
        return sum(parameter.count for parameter in self.parameters)

    def require(self) -> "ShapeReport":
        """Return this report if the whole network fits.

        Raises:
            UserMistake: it does not; see ``mistake``.
        """
        if self.mistake is not None:
            raise self.mistake
        return self


def derive(spec: Spec, batch_size: int = 1, *, training: bool = False) -> ShapeReport:
    """Return the shape of every node of ``spec``, or of those before the first that does not fit.

    See `derive_nodes`.
    """
    return derive_nodes(spec.order, spec.input_shape, batch_size, training=training)


def derive_nodes(
    order: Sequence[Node],
    sample_shape: tuple[int, int, int],
    batch_size: int = 1,
    *,
    training: bool = False,
) -> ShapeReport:
    """Return the shape of every node of a list, or of those before the first that does not fit.

    Args:
        order: the nodes, each after those whose outputs it takes.
        sample_shape: channels, height, width of one sample.
        batch_size: samples in a batch, from 1.
        training: whether batch normalisation is in training mode, where it needs two values.

    Raises:
        UserMistake: ``batch_size`` is not a whole number from 1. What does not fit inside the
            network is reported, not raised.
    """
    if type(batch_size) is not int or batch_size < 1:
        raise UserMistake(
            message(
                "Network",
                QT_TRANSLATE_NOOP("Network", "The batch size is {found}; wanted: 1 or more."),
                found=str(batch_size)[:60],
            )
        )
    report = _derived(order, sample_shape, batch_size, training=training)
    if report.mistake is None or report.repair is not None or report.failed_node == INPUT:
        return report
    known = {INPUT: report.input_shape, **{node.id: node.output for node in report.nodes}}
    failed = next(node for node in order if node.id == report.failed_node)
    found: Repair | None = None
    for repair in join_repairs(order, failed, known):
        mended = _derived(repaired(order, repair), sample_shape, batch_size, training=training)
        if mended.mistake is None:
            return replace(report, repair=repair)
        if found is None and len(mended.nodes) > len(report.nodes):
            found = repair
    return replace(report, repair=found)


def _derived(
    order: Sequence[Node], sample_shape: tuple[int, int, int], batch_size: int, *, training: bool
) -> ShapeReport:
    input_shape = (batch_size, *sample_shape)
    try:
        check_activation(INPUT, input_shape)
    except ShapeClash as clash:
        return ShapeReport(input_shape, (), INPUT, UserMistake(clash.message))
    shapes: dict[str, Shape] = {INPUT: input_shape}
    done: list[NodeShape] = []
    counted: dict[str, int] = {}
    for node in order:
        try:
            shaped = _shaped(node, shapes, training=training)
            for parameter in shaped.parameters:
                counted[parameter.name] = parameter.count
            total = sum(counted.values()) if shaped.parameters else 0
            check_activation(shaped.id, shaped.output)
            check_parameter_memory(shaped.id, shaped.parameter_count, total)
        except ShapeClash as clash:
            mistake = UserMistake(clash.message)
            return ShapeReport(input_shape, tuple(done), node.id, mistake, clash.repair)
        shapes[node.id] = shaped.output
        done.append(shaped)
    return ShapeReport(input_shape, tuple(done))


def _shaped(node: Node, shapes: Mapping[str, Shape], *, training: bool) -> NodeShape:
    inputs = tuple(shapes[name] for name in node.inputs)
    output, axes = rule_of(node)(Step(node, node.inputs, inputs, training))
    return NodeShape(node.id, node.op, inputs, output, axes, parameters_of(node))


def parameters_of(node: Node) -> tuple[ParameterShape, ...]:
    """Return the parameter tensors of a node's module, in torch's order."""
    return tuple(
        ParameterShape(f"{node.module}.{name}", shape) for name, shape in parameter_shapes(node)
    )


def check_parameters(spec: Spec) -> None:
    """Check that the modules of ``spec`` can be made at all, whether or not its shapes fit.

    Raises:
        UserMistake: a convolution's groups do not divide its channels, it is to keep the size
            with a stride, or the parameters take more memory than `MOST_BYTES`.
    """
    total = 0
    try:
        for node in spec.modules().values():
            check_module(node)
            count = sum(parameter.count for parameter in parameters_of(node))
            total += count
            check_parameter_memory(node.id, count, total)
    except ShapeClash as clash:
        raise UserMistake(clash.message) from clash
