"""Records one run of any model: every op, tensor and gradient."""

import inspect
import threading
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from lenet_viz import __version__
from lenet_viz.capture.arrays import Array
from lenet_viz.capture.borrowed import (
    Inputs,
    collector_paused,
    eager,
    fresh_inputs,
    grads_set_aside,
    seeded,
)
from lenet_viz.capture.failures import backward_failure, forward_failure, nothing_to_differentiate
from lenet_viz.capture.finish import Finisher, tensor_before
from lenet_viz.capture.lines import failed_line, model_text
from lenet_viz.capture.mode import RecordingMode
from lenet_viz.capture.named import Named
from lenet_viz.capture.objective import Start, Wanted, chain, start
from lenet_viz.capture.records import Capture, ModelRecord, Objective, StepRef, Value
from lenet_viz.capture.tensors import dtype_name, hash_of, kept, kept_weights
from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_running = threading.local()


class RecordingFailed(UserMistake):
    """Forward or backward raised.

    Attributes:
        capture: the steps up to there.
    """

    def __init__(self, sentence: Message, capture: Capture) -> None:
        """Keep what was recorded."""
        super().__init__(sentence)
        self.capture = capture


def record(
    model: nn.Module,
    args: Sequence[Any],
    kwargs: Mapping[str, Any] | None = None,
    *,
    objective: Wanted | None = None,
    seed: int | None = None,
    name: str | None = None,
    settings: Mapping[str, str] | None = None,
    grads_before: Mapping[str, Array] | None = None,
    zero_grad: bool = False,
    spec: str = "",
) -> Capture:
    """Return the record of one run of ``model``, which ends as after one bare run.

    Args:
        model: what to run, in the mode (train or eval) it is in.
        args: its positional inputs; tensors are copied first.
        kwargs: its keyword inputs.
        objective: what backward starts from: a word such as ``cross-entropy:7``, the vector v,
            or a function from output to scalar; None to run forward only.
        seed: seeds torch's generators for this run; None goes on with them as they are.
        name: what to call the model; its class's name if None.
        settings: how the run was asked for, as plain text.
        grads_before: every ``.grad`` before the run, under ``parameter:<name>`` and
            ``input:<number>``; None to take the model's and the inputs' own.
        zero_grad: count the parameters' ``.grad`` as None before backward. The inputs' stay.
        spec: the model's spec as JSON, where it has one.

    Raises:
        RecordingFailed: forward or backward raised; the steps so far are in its ``capture``.
        UserMistake: the objective does not fit the output, or a recording is already running.
    """
    if getattr(_running, "yes", False):
        raise UserMistake(_nested())
    with collector_paused():
        return _record(
            _Run(model, name, spec),
            args,
            kwargs or {},
            objective,
            seed,
            settings or {},
            grads_before,
            zero_grad,
        )


def _record(
    run: "_Run",
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    objective: Wanted | None,
    seed: int | None,
    settings: Mapping[str, str],
    grads_before: Mapping[str, Array] | None,
    zero_grad: bool,
) -> Capture:
    """Return the records of ``run``, every hook taken off and every tensor let go."""
    _running.yes = True
    try:
        run.mode.where.hook(run.model)
        run.inputs = fresh_inputs(args, kwargs, _input_names(run.model))
        run.take_before(grads_before, zero_grad)
        run.settings = {
            "seed": "" if seed is None else str(seed),
            "zero_grad": "yes" if zero_grad else "no",
            **settings,
        }
        with seeded(seed, run.model):
            run.run(objective)
        return run.capture()
    finally:
        _running.yes = False
        run.mode.remove()


class _Run:
    """One run while it is going on."""

    def __init__(self, model: nn.Module, name: str | None, spec: str) -> None:
        self.model = model
        self.mode = RecordingMode(model)
        self.inputs = Inputs()
        self.settings: dict[str, str] = {}
        weights = kept_weights(model)
        self.record = ModelRecord(
            name=name or type(model).__name__,
            text=str(model),
            training=model.training,
            weights_hash=lambda: hash_of(weights),
            spec=spec,
            source_text=model_text(model),
        )
        self.parameters = dict(model.named_parameters())
        self.values = {n: weights[n] for n in self.parameters if n in weights}
        self.flags = {n: p.requires_grad for n, p in self.parameters.items()}
        self.before: dict[str, torch.Tensor | None] = {}
        self.gradients: dict[str, torch.Tensor | None] = {}
        self.upstream: torch.Tensor | None = None
        self.start: Start | None = None
        self.wanted = False
        self.complete = False
        self.output: Any = None
        self.output_ref: Any = None
        self.output_node: Any = None
        self.chain: tuple[str, ...] = ()

    def take_before(self, given: Mapping[str, Array] | None, zero_grad: bool) -> None:
        """Take every ``.grad`` as it was before the run."""
        for name, parameter in self.parameters.items():
            key = f"parameter:{name}"
            if zero_grad:
                self.before[key] = None
            elif given is not None:
                self.before[key] = tensor_before(given, key, parameter)
            else:
                self.before[key] = None if parameter.grad is None else kept(parameter.grad)
        for number, tensor in enumerate(self.inputs.originals):
            key = f"input:{number}"
            if given is not None:
                self.before[key] = tensor_before(given, key, tensor)
            else:
                own = tensor.grad if tensor.is_leaf else None
                self.before[key] = None if own is None else kept(own)

    def run(self, objective: Wanted | None) -> None:
        """Run forward and, where there is an objective, backward."""
        self.wanted = objective is not None
        with torch.set_grad_enabled(self.wanted or torch.is_grad_enabled()):
            try:
                self.output = self.run_forward()
            except Exception as error:
                self.mode.where.remove()
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
        mode, inputs = self.mode, self.inputs
        for number, tensor in enumerate(inputs.passed):
            mode.add_input(tensor, number)
        with eager(), mode:
            output = self.model(*inputs.args, **inputs.kwargs)
        mode.where.remove()
        if isinstance(output, torch.Tensor):
            self.output_ref = mode.origin(output)
            self.output_node = output.grad_fn
        return output

    def run_backward(self, objective: Wanted) -> None:
        """Run backward and take the gradients it leaves, every ``.grad`` set aside meanwhile."""
        if isinstance(self.output, torch.Tensor) and self.output.requires_grad:
            handle = self.output.register_hook(self._take_upstream)  # type: ignore[no-untyped-call]
            self.mode.own(handle)
        self.start = start(objective, self.output)
        begins = self.output if self.start.scalar is None else self.start.scalar
        if not begins.requires_grad:
            sentence = nothing_to_differentiate()
            raise RecordingFailed(sentence, self.capture(sentence))
        first = self.output_node if self.start.scalar is None else self.start.scalar.grad_fn
        self.chain = chain(first, self.output_node)
        owners = [*self.parameters.values(), *self.mode.leaves]
        with grads_set_aside(owners):
            self.mode.backward_runs = True
            self.start.backward(self.output)
            self.complete = True
            for name, parameter in self.parameters.items():
                self.gradients[f"parameter:{name}"] = parameter.grad
            for number, leaf in enumerate(self.inputs.leaves):
                self.gradients[f"input:{number}"] = leaf.grad

    def _take_upstream(self, gradient: torch.Tensor) -> None:
        self.upstream = gradient.detach().clone()

    def _forward_sentence(self, error: Exception) -> Message:
        """Return the sentence of the op that raised ``error``, or one for forward itself."""
        for step in reversed(self.mode.steps):
            if step.exception is error and step.error is not None:
                return step.error
        place = self.mode.where.failed or self.mode.where.here
        module = place.path or type(self.model).__name__
        return forward_failure(module, failed_line(self.model, error), error)

    def capture(self, error: Message | None = None) -> Capture:
        """Return the records of the run so far."""
        finisher = Finisher(self.wanted, self.complete)
        mode = self.mode
        steps = finisher.steps(mode.steps, mode.where.paths, f"<{self.record.name}>")
        used = {name for draft in mode.steps for name in draft.constants()}
        inputs, input_grad_keys = self._inputs(finisher)
        whole = Capture(
            model=self.record,
            steps=steps,
            input_values=inputs,
            input_names=tuple(self.inputs.names),
            input_grad_keys=input_grad_keys,
            parameters=Named(
                finisher.parameter(
                    name,
                    value,
                    self.flags[name],
                    self.gradients.get(f"parameter:{name}"),
                    self.before.get(f"parameter:{name}"),
                )
                for name, value in self.values.items()
            ),
            constants={
                name: finisher.value(value, f"constant:{name}")
                for name, value in mode.constants.items()
                if name in used
            },
            output=self.output_ref if isinstance(self.output_ref, StepRef) else None,
            output_grad_fn=type(self.output_node).__name__ if self.output_node else "",
            objective=self._objective(finisher),
            settings=self.settings,
            versions={"torch": torch.__version__, "lenet_viz": __version__},
            error=error,
        )
        finisher.close()
        return whole

    def _inputs(self, finisher: Finisher) -> tuple[tuple[Value, ...], tuple[str | None, ...]]:
        values, keys = [], []
        for number, leaf in enumerate(self.inputs.leaves):
            prefix = f"input:{number}"
            gradient, before = self.gradients.get(prefix), self.before.get(prefix)
            gradient_key = finisher.keep(f"{prefix}:gradient", gradient)
            before_key = finisher.keep(f"{prefix}:grad_before", before)
            values.append(
                Value(
                    tuple(leaf.shape),
                    dtype_name(leaf.dtype),
                    finisher.state(leaf.requires_grad, gradient is not None),
                    finisher.keep(f"{prefix}:activation", leaf.detach()),
                    gradient_key,
                    finisher.source,
                )
            )
            keys.append(
                finisher.sum_key(f"{prefix}:grad", before, before_key, gradient, gradient_key)
            )
        return tuple(values), tuple(keys)

    def _objective(self, finisher: Finisher) -> Objective | None:
        begun = self.start
        if begun is None:
            return None
        scalar = begun.scalar
        upstream = self.upstream if begun.vector is None else begun.vector
        typed = begun.target if upstream is None else upstream
        return Objective(
            kind=begun.kind,
            index=begun.index,
            word=begun.word,
            upstream_key=finisher.keep("objective:upstream", upstream),
            target_key=finisher.keep("objective:target", begun.target),
            loss=None if scalar is None else float(scalar.detach().real),
            grad_fn=self.chain,
            source=finisher.source,
            dtype="" if typed is None else dtype_name(typed.dtype),
        )


def _input_names(model: nn.Module) -> list[str]:
    """Return what ``forward`` calls its positional arguments."""
    try:
        parameters = inspect.signature(model.forward).parameters.values()
    except (TypeError, ValueError):
        return []
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [parameter.name for parameter in parameters if parameter.kind in kinds]


def _nested() -> Message:
    return message(
        "capture",
        QT_TRANSLATE_NOOP(
            "capture",
            "A capture is already running in this thread. Take the call of capture() out of "
            "the model's forward.",
        ),
    )
