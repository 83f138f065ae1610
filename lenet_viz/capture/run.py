"""One run of a model while it is going on."""

import inspect
from collections.abc import Mapping, Sequence
from types import MethodType
from typing import Any
from weakref import WeakKeyDictionary

import torch
from torch import nn

from lenet_viz import __version__
from lenet_viz.capture.arrays import Array
from lenet_viz.capture.autograd import walk
from lenet_viz.capture.borrowed import Inputs, eager, fresh_inputs, grads_set_aside
from lenet_viz.capture.contents import contents
from lenet_viz.capture.failures import backward_failure, forward_failure, nothing_to_differentiate
from lenet_viz.capture.finish import tensor_before
from lenet_viz.capture.late import Drafts, LateRecords, Tensors
from lenet_viz.capture.lines import failed_line, model_text
from lenet_viz.capture.mode import RecordingMode
from lenet_viz.capture.objective import Start, Wanted, chain, start
from lenet_viz.capture.origins import Origins
from lenet_viz.capture.records import Capture, ModelRecord, StepRef
from lenet_viz.capture.tensors import Copies, hash_of, kept
from lenet_viz.errors import UserMistake
from lenet_viz.wording import Message

_VERSIONS = {"torch": torch.__version__, "lenet_viz": __version__}
_input_names: WeakKeyDictionary[Any, list[str]] = WeakKeyDictionary()


class RecordingFailed(UserMistake):
    """Forward or backward raised.

    Attributes:
        capture: the steps up to there.
    """

    def __init__(self, sentence: Message, capture: Capture) -> None:
        """Keep what was recorded."""
        super().__init__(sentence)
        self.capture = capture


class Run:
    """One run while it is going on.

    Attributes:
        model: what runs.
        settings: how the run was asked for, as plain text.
    """

    def __init__(self, model: nn.Module, name: str | None, spec: str) -> None:
        """Copy all weights of ``model`` and prepare to run it."""
        self.model = model
        self.settings: dict[str, str] = {}
        self._held = held = contents(model)
        self._origins = Origins(model, held)
        self._inputs = Inputs()
        self._values = values = Copies(held.parameters)
        buffers = Copies(held.buffers)
        self._record = ModelRecord(
            name=name or type(model).__name__,
            text=str(model),
            training=model.training,
            weights_hash=lambda: hash_of({**values.by_name(), **buffers.by_name()}),
            spec=spec,
            source_text=model_text(model),
        )
        self._flags = {n: p.requires_grad for n, p in held.parameters.items()}
        self._before = Copies({})
        self._gradients: dict[str, torch.Tensor | None] = {}
        self._inputs_before: list[torch.Tensor | None] = []
        self._input_gradients: list[torch.Tensor | None] = []
        self._upstream: torch.Tensor | None = None
        self._start: Start | None = None
        self._wanted = False
        self._complete = False
        self._output: Any = None
        self._output_ref: Any = None
        self._root: Any = None
        self._output_node: Any = None
        self._chain: tuple[str, ...] = ()

    def begin(
        self,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        grads_before: Mapping[str, Array] | None,
        zero_grad: bool,
    ) -> None:
        """Copy the inputs and every ``.grad`` as it was before the run."""
        self._origins.where.hook(self._held.modules)
        self._inputs = fresh_inputs(args, kwargs, _names_of_inputs(self.model))
        before = {}
        for name, parameter in () if zero_grad else self._held.parameters.items():
            grad = _before(grads_before, f"parameter:{name}", parameter, parameter.grad)
            if grad is not None:
                before[name] = grad
        self._before = Copies(before)
        for number, tensor in enumerate(self._inputs.originals):
            own = tensor.grad if tensor.is_leaf else None
            grad = _before(grads_before, f"input:{number}", tensor, own)
            self._inputs_before.append(None if grad is None else kept(grad))

    def close(self) -> None:
        """Take off all hooks and let every tensor go."""
        self._origins.remove()

    def run(self, objective: Wanted | None) -> None:
        """Run forward and, where there is an objective, backward."""
        self._wanted = objective is not None
        with torch.set_grad_enabled(self._wanted or torch.is_grad_enabled()):
            try:
                self._output = self.run_forward()
            except Exception as error:
                self._origins.where.remove()
                sentence = self._forward_sentence(error)
                raise RecordingFailed(sentence, self.capture(sentence)) from error
            if objective is None:
                return
            try:
                self.run_backward(objective)
            except UserMistake:
                raise
            except Exception as error:
                sentence = backward_failure(error)
                raise RecordingFailed(sentence, self.capture(sentence)) from error

    def run_forward(self) -> Any:
        """Return the model's output, each op on the way recorded."""
        origins, inputs = self._origins, self._inputs
        for number, tensor in enumerate(inputs.passed):
            origins.add_input(tensor, number)
        with eager(), RecordingMode(self.model, origins):
            output = self.model(*inputs.args, **inputs.kwargs)
        origins.where.remove()
        if isinstance(output, torch.Tensor):
            self._output_ref = origins.of(output)
            self._output_node = self._root = output.grad_fn
        return output

    def run_backward(self, objective: Wanted) -> None:
        """Run backward and take the gradients it leaves, every ``.grad`` set aside meanwhile."""
        given = isinstance(objective, torch.Tensor)  # v itself: nothing to find out
        if not given and isinstance(self._output, torch.Tensor) and self._output.requires_grad:
            self._origins.hook(self._output, self._take_upstream)
        self._start = start(objective, self._output)
        begins = self._output if self._start.scalar is None else self._start.scalar
        if not begins.requires_grad:
            sentence = nothing_to_differentiate()
            raise RecordingFailed(sentence, self.capture(sentence))
        first = self._output_node if self._start.scalar is None else self._start.scalar.grad_fn
        self._root = first
        self._chain = chain(first, self._output_node)
        owners = [*self._held.parameters.values(), *self._origins.leaves]
        with grads_set_aside(owners):
            self._origins.forget_gradients()
            self._start.backward(self._output)
            self._complete = True
            for name, parameter in self._held.parameters.items():
                self._gradients[name] = parameter.grad
            self._input_gradients = [leaf.grad for leaf in self._inputs.leaves]

    def _take_upstream(self, gradient: torch.Tensor) -> None:
        self._upstream = gradient.detach().clone()

    def _forward_sentence(self, error: Exception) -> Message:
        """Return the sentence of the op that raised ``error``, or one for forward itself."""
        for step in reversed(self._origins.steps):
            if step.exception is error and step.error is not None:
                return step.error
        place = self._origins.where.failed or self._origins.where.here.place
        module = place.path or type(self.model).__name__
        return forward_failure(module, failed_line(self.model, error), error)

    def capture(self, error: Message | None = None) -> Capture:
        """Return the records of the run so far."""
        origins, scalar = self._origins, None if self._start is None else self._start.scalar
        for step in origins.steps:
            step.exception = None  # it holds the frames of the run, and they the model
        inputs = self._inputs
        late = LateRecords(
            Drafts(
                backward=self._wanted,
                complete=self._complete,
                model=f"<{self._record.name}>",
                paths=frozenset(place.path for place in origins.where.places),
                steps=origins.steps,
                entries=origins.where.entries,
                constants=origins.constants,
                inputs=inputs.leaves,
                input_gradients=self._input_gradients,
                inputs_before=self._inputs_before,
                parameters=Tensors(self._values, self._flags, self._gradients, self._before),
                start=None if self._start is None else self._start.let_go(),
                upstream=self._upstream,
                loss=None if scalar is None else float(scalar.detach().real),
                chain=self._chain,
                graph=walk(
                    self._root, origins.producers.history, self._held.parameters, origins.outside
                ),
            )
        )
        return Capture(
            model=self._record,
            steps=late.steps,
            module_calls=late.module_calls,
            sources=late.sources,
            input_values=late.inputs,
            input_names=tuple(inputs.names),
            input_grad_keys=late.input_grad_keys,
            parameters=late.parameters,
            constants=late.constants,
            output=self._output_ref if isinstance(self._output_ref, StepRef) else None,
            output_grad_fn=type(self._output_node).__name__ if self._output_node else "",
            objective=late.objective,
            autograd=late.autograd,
            settings=self.settings,
            versions=dict(_VERSIONS),
            error=error,
        )


def _before(
    given: Mapping[str, Array] | None, key: str, tensor: torch.Tensor, own: torch.Tensor | None
) -> torch.Tensor | None:
    """Return a ``.grad`` as it was before the run: what was given, or its own."""
    if given is not None:
        return tensor_before(given, key, tensor)
    return own


def _names_of_inputs(model: nn.Module) -> list[str]:
    """Return what ``forward`` calls its positional arguments."""
    forward = model.forward
    if not isinstance(forward, MethodType):
        return _positional(forward)
    names = _input_names.get(forward.__func__)
    if names is None:
        names = _input_names[forward.__func__] = _positional(forward)
    return names


def _positional(forward: Any) -> list[str]:
    try:
        parameters = inspect.signature(forward).parameters.values()
    except (TypeError, ValueError):
        return []
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [parameter.name for parameter in parameters if parameter.kind in kinds]
