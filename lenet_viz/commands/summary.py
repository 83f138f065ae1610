"""`lenet-viz summary`: what a network is made of, by arithmetic alone."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from lenet_viz.capture.step_names import StepNames
from lenet_viz.commands.own_capture import own_capture
from lenet_viz.commands.own_run import OwnWords, own_code, run_already, spec_weights
from lenet_viz.commands.window import capture_path
from lenet_viz.errors import UserMistake
from lenet_viz.network import presets
from lenet_viz.network.shapes import NodeShape, ParameterShape, derive
from lenet_viz.network.spec import Node, Spec
from lenet_viz.network.spec_file import names_spec, read_spec
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

if TYPE_CHECKING:
    from lenet_viz.capture.records import Capture

_NOTHING: Final = OwnWords()
_CALLED = {"batch_norm2d": "batch_norm", "upsample": "interpolate"}
"""The function that runs, for an op that a spec calls after its module."""

Shape = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class StepLine:
    """A step as the summary shows it.

    Attributes:
        name: the step's name, the same as in a capture.
        op: what runs, as torch names the function.
        module: path of the module in which it runs; "" for the model itself.
        input_shapes: shapes of what it takes, batch included.
        output_shape: shape of what it gives.
        parameters: the parameters that no step before it has used.
        shared: the parameters that a step before it has used too.
    """

    name: str
    op: str
    module: str
    input_shapes: tuple[Shape, ...]
    output_shape: Shape
    parameters: tuple[ParameterShape, ...] = ()
    shared: tuple[ParameterShape, ...] = ()

    @property
    def parameter_count(self) -> int:
        """How many numbers its own parameters hold."""
        return sum(parameter.count for parameter in self.parameters)


@dataclass(frozen=True, slots=True)
class Summary:
    """A network's steps and what its parameters add up to.

    Attributes:
        model: the model's name.
        input_shape: its input's shape, batch included.
        steps: in the order they run.
        unused: parameters of the model that no step uses.
    """

    model: str
    input_shape: Shape
    steps: tuple[StepLine, ...]
    unused: tuple[ParameterShape, ...] = ()

    @property
    def parameters(self) -> tuple[ParameterShape, ...]:
        """Every parameter once."""
        return (*(p for step in self.steps for p in step.parameters), *self.unused)

    @property
    def parameter_count(self) -> int:
        """How many numbers all parameters hold."""
        return sum(parameter.count for parameter in self.parameters)

    @property
    def layer_count(self) -> int:
        """How many modules have parameters of their own."""
        return len({parameter.name.rpartition(".")[0] for parameter in self.parameters})


def summary(
    model: str,
    *,
    as_json: bool = False,
    batch: str | None = None,
    own: OwnWords = _NOTHING,
    progress: TextIO | None = None,
) -> str:
    """Return the text that the command prints, its last newline included.

    Args:
        model: a preset's name, Python code, a network's JSON or else the path of a capture; a
            file that is called like a preset is meant by ``./toy``.
        as_json: JSON instead of a table.
        batch: samples in a batch, as it was typed; 1 if None.
        own: how a model of the user's own is called; it is run, forward only.
        progress: where the stages of that run are told; nowhere if None.

    Raises:
        UserMistake: there is no such model, a word cannot be used, or the code is to blame.
        EngineLost: the engine ended.
    """
    made = _summary(model, batch, own, progress)

    from lenet_viz.commands.summary_text import as_json_text, as_table

    return as_json_text(made) if as_json else as_table(made)


def _summary(model: str, batch: str | None, own: OwnWords, progress: TextIO | None) -> Summary:
    code = own_code(model)
    if code is not None:
        _refuse_batch(batch, model, _BATCH_OF_CODE)
        with own_capture(code, own, progress) as run:
            return of_run(run)
    capture = capture_path(model)
    if capture is not None:
        if own.given:
            raise run_already(own.given, model)
        _refuse_batch(batch, model, _BATCH_OF_CAPTURE)
        return of_capture(capture)
    if spec_weights(own, model) is not None:
        template = QT_TRANSLATE_NOOP(
            "cli", "{model} is summed up by arithmetic, without its weights; leave --weights out"
        )
        raise UserMistake(message("cli", template, model=model))
    if names_spec(model):
        return of_spec(read_spec(Path(model)), _batch_size(batch))
    return of_spec(presets.get(model).spec, _batch_size(batch))


_BATCH_OF_CAPTURE = QT_TRANSLATE_NOOP(
    "cli", "{file} is a capture and has its own batch size; leave --batch out"
)
_BATCH_OF_CODE = QT_TRANSLATE_NOOP(
    "cli", "{file} is code; give its batch with --input-shape, as in --input-shape 64,3,32,32"
)


def _refuse_batch(batch: str | None, model: str, template: str) -> None:
    if batch is not None:
        raise UserMistake(message("cli", template, file=model))


def _batch_size(word: str | None) -> int:
    if word is None:
        return 1
    if word.isascii() and word.isdigit() and len(word) <= 9 and int(word) >= 1:
        return int(word)
    raise UserMistake(
        message(
            "cli",
            QT_TRANSLATE_NOOP(
                "cli", "--batch is {found}; wanted: a whole number from 1, as in --batch 64"
            ),
            found=repr(word),
        )
    )


def of_spec(spec: Spec, batch_size: int = 1) -> Summary:
    """Return the summary of a network that has not run.

    Args:
        spec: the network.
        batch_size: samples in a batch.

    Raises:
        UserMistake: its shapes do not fit together.
    """
    report = derive(spec, batch_size).require()
    nodes = {node.id: node for node in spec.nodes}
    used: set[str] = set()
    names = StepNames(frozenset(spec.modules()))
    steps = []
    for shaped in report.nodes:
        module, op = nodes[shaped.id].module or "", _CALLED.get(shaped.op, shaped.op)
        lines = shaped.parameters
        padded = _padded(nodes[shaped.id], shaped)
        inputs = shaped.inputs
        if padded is not None:
            # The module calls a function for its padding first.
            steps.append(StepLine(names.next("pad", ""), "pad", module, inputs, padded))
            inputs = (padded,)
        steps.append(
            StepLine(
                names.next(op, module),
                op,
                module,
                inputs,
                shaped.output,
                tuple(line for line in lines if line.name not in used),
                tuple(line for line in lines if line.name in used),
            )
        )
        used.update(line.name for line in lines)
    return Summary(spec.name, report.input_shape, tuple(steps))


def _padded(node: Node, shaped: NodeShape) -> Shape | None:
    """Return what a convolution pads its input to by a call of its own; None where it has none."""
    if node.op != "conv2d" or node.word("padding_mode") == "zeros":
        return None
    sizes = (axis.in_size + 2 * axis.padding + axis.after for axis in shaped.axes)
    return (*shaped.inputs[0][:2], *sizes)


def of_capture(path: Path) -> Summary:
    """Return the summary of the run that a capture holds.

    Args:
        path: the capture file.

    Raises:
        UserMistake: there is no such file or it is no capture.
    """
    from lenet_viz.capture.store import load

    return of_run(load(path))


def of_run(run: "Capture") -> Summary:
    """Return the summary of a run."""
    known = {p.name: ParameterShape(p.name, p.shape) for p in run.parameters}
    used: set[str] = set()
    steps = []
    for step in run.steps:
        names = dict.fromkeys(step.parameter_names())
        steps.append(
            StepLine(
                step.name,
                step.op,
                step.module,
                step.input_shapes,
                step.shape,
                tuple(known[name] for name in names if name not in used),
                tuple(known[name] for name in names if name in used),
            )
        )
        used.update(names)
    return Summary(
        run.model.name,
        run.input_values[0].shape if run.input_values else (),
        tuple(steps),
        tuple(line for name, line in known.items() if name not in used),
    )
