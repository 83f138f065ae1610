"""The records of a run, made when one of them is first read."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import torch

from lenet_viz.capture.autograd import AutogradNode, Walked, nodes_of
from lenet_viz.capture.drafts import DraftStep, DraftValue
from lenet_viz.capture.finish import Finisher
from lenet_viz.capture.module_calls import ModuleCalls
from lenet_viz.capture.named import Named
from lenet_viz.capture.objective import Start
from lenet_viz.capture.read_only import ReadOnly
from lenet_viz.capture.records import (
    ConstantRef,
    ModuleCall,
    Objective,
    Parameter,
    Step,
    Value,
)
from lenet_viz.capture.source_texts import source_texts
from lenet_viz.capture.tensors import Copies, dtype_name
from lenet_viz.capture.where import Entry

Gradients = Mapping[str, torch.Tensor | None]


class Tensors(NamedTuple):
    """Tensors with what autograd knows of them, copies that nobody else holds.

    Attributes:
        values: the tensors by name.
        flags: whether each requires a gradient.
        gradients: what this run's backward gave each.
        before: each ``.grad`` before the run.
    """

    values: Copies
    flags: Mapping[str, bool]
    gradients: Gradients
    before: Copies


class Drafts(NamedTuple):
    """What a run leaves behind before it becomes records.

    Attributes:
        backward: whether backward was run.
        complete: whether it came to its end.
        model: what the text of the model's own source lines is called.
        paths: the paths of all modules.
        steps: the steps.
        entries: the calls of modules, in order.
        constants: buffers and tensors made outside every step.
        inputs: the inputs.
        input_gradients: what this run's backward gave each; none where it did not run.
        inputs_before: each one's ``.grad`` before the run.
        parameters: the parameters, by name.
        start: what backward started from.
        upstream: the gradient of the output.
        loss: the scalar's value.
        chain: names of the autograd nodes from the loss down to the output's own.
        graph: autograd's nodes as they were met.
    """

    backward: bool
    complete: bool
    model: str
    paths: frozenset[str]
    steps: Sequence[DraftStep]
    entries: Sequence[Entry]
    constants: Mapping[str, DraftValue]
    inputs: Sequence[torch.Tensor]
    input_gradients: Sequence[torch.Tensor | None]
    inputs_before: Sequence[torch.Tensor | None]
    parameters: Tensors
    start: Start | None
    upstream: torch.Tensor | None
    loss: float | None
    chain: tuple[str, ...]
    graph: Walked


class _Made(NamedTuple):
    steps: Named[Step]
    module_calls: tuple[ModuleCall, ...]
    sources: Mapping[str, str]
    inputs: tuple[Value, ...]
    input_grad_keys: tuple[str | None, ...]
    parameters: Named[Parameter]
    constants: Mapping[str, Value]
    objective: Objective | None
    autograd: tuple[AutogradNode, ...]


class LateRecords:
    """Gives the records of a run; the first one that is asked for makes them all."""

    def __init__(self, drafts: Drafts) -> None:
        """Keep what the run left until then."""
        self._drafts: Drafts | None = drafts
        self._made: _Made | None = None

    def steps(self) -> Named[Step]:
        """Return the steps in the order they ran."""
        return self._all().steps

    def module_calls(self) -> tuple[ModuleCall, ...]:
        """Return the calls of modules in which steps ran."""
        return self._all().module_calls

    def sources(self) -> Mapping[str, str]:
        """Return the text of each file whose lines ran."""
        return self._all().sources

    def inputs(self) -> tuple[Value, ...]:
        """Return the inputs."""
        return self._all().inputs

    def input_grad_keys(self) -> tuple[str | None, ...]:
        """Return for each input the key of its ``.grad`` after the run."""
        return self._all().input_grad_keys

    def parameters(self) -> Named[Parameter]:
        """Return the parameters."""
        return self._all().parameters

    def constants(self) -> Mapping[str, Value]:
        """Return buffers and tensors made outside every step, as far as a step took them."""
        return self._all().constants

    def objective(self) -> Objective | None:
        """Return what backward started from."""
        return self._all().objective

    def autograd(self) -> tuple[AutogradNode, ...]:
        """Return autograd's nodes."""
        return self._all().autograd

    def _all(self) -> _Made:
        if self._made is None:
            assert self._drafts is not None
            self._made = _made(self._drafts)
            self._drafts = None
        return self._made


def _made(drafts: Drafts) -> _Made:
    finisher = Finisher(drafts.backward, drafts.complete)
    used = {
        ref.name
        for draft in drafts.steps
        for ref in draft.references()
        if isinstance(ref, ConstantRef)
    }
    inputs, input_grad_keys = _inputs(drafts, finisher)
    parameters, before = drafts.parameters, drafts.parameters.before.by_name()
    calls = ModuleCalls(drafts.steps, drafts.entries)
    lines = [draft.line.file for draft in drafts.steps if draft.line is not None]
    made = _Made(
        steps=finisher.steps(drafts.steps, drafts.paths, drafts.model, calls.numbers),
        module_calls=calls.records,
        sources=ReadOnly(source_texts(file for file in lines if file)),
        inputs=inputs,
        input_grad_keys=input_grad_keys,
        parameters=Named(
            finisher.parameter(
                name,
                value,
                parameters.flags[name],
                parameters.gradients.get(name),
                before.get(name),
            )
            for name, value in parameters.values.by_name().items()
        ),
        constants=ReadOnly(
            {
                name: finisher.value(value, f"constant:{name}")
                for name, value in drafts.constants.items()
                if name in used
            }
        ),
        objective=_objective(drafts, finisher),
        autograd=nodes_of(drafts.graph),
    )
    finisher.close()
    return made


def _inputs(drafts: Drafts, finisher: Finisher) -> tuple[tuple[Value, ...], tuple[str | None, ...]]:
    values, keys = [], []
    gradients = drafts.input_gradients or [None] * len(drafts.inputs)
    rows = zip(drafts.inputs, gradients, drafts.inputs_before, strict=True)
    for number, (leaf, gradient, before) in enumerate(rows):
        prefix = f"input:{number}"
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
        keys.append(finisher.sum_key(f"{prefix}:grad", before, before_key, gradient, gradient_key))
    return tuple(values), tuple(keys)


def _objective(drafts: Drafts, finisher: Finisher) -> Objective | None:
    begun = drafts.start
    if begun is None:
        return None
    upstream = drafts.upstream if begun.vector is None else begun.vector
    typed = begun.target if upstream is None else upstream
    return Objective(
        kind=begun.kind,
        index=begun.index,
        word=begun.word,
        upstream_key=finisher.keep("objective:upstream", upstream),
        target_key=finisher.keep("objective:target", begun.target),
        loss=drafts.loss,
        grad_fn=drafts.chain,
        source=finisher.source,
        dtype="" if typed is None else dtype_name(typed.dtype),
    )
