"""Turns what was drafted during a run into its frozen records."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import replace

import torch

from lenet_viz.capture.arguments import named_arguments
from lenet_viz.capture.arrays import Array, MemoryArrays
from lenet_viz.capture.drafts import DraftStep, DraftValue, finished
from lenet_viz.capture.named import Named
from lenet_viz.capture.records import (
    GradientState,
    Parameter,
    ParameterRef,
    SourceLine,
    Step,
    StepRef,
    Value,
)
from lenet_viz.capture.step_names import StepNames
from lenet_viz.capture.tensors import dtype_name, to_array, to_tensor
from lenet_viz.capture.where import Entry


class Finisher:
    """Makes records, and gathers the arrays that they name.

    Attributes:
        arrays: the arrays so far, by key.
    """

    def __init__(self, backward: bool, complete: bool) -> None:
        """Prepare to make records.

        Args:
            backward: whether backward was run.
            complete: whether it came to its end; if not, a gradient that is missing may have
                been about to come.
        """
        self.arrays: dict[str, Array] = {}
        self._backward = backward
        self._complete = complete
        self._sums: dict[str, Callable[[], Array]] = {}
        self.source = MemoryArrays({})

    def close(self) -> None:
        """Hand all arrays over to the records' source."""
        self.source.add(self.arrays)
        self.source.add_later(self._sums)

    def keep(self, key: str, tensor: torch.Tensor | None) -> str | None:
        """Keep a CPU tensor's numbers under ``key`` and return the key; None for None."""
        if tensor is None:
            return None
        if tensor.layout is not torch.strided:
            tensor = tensor.to_dense()
        if tensor.device.type != "cpu":
            tensor = tensor.cpu()
        self.arrays[key] = to_array(tensor)
        return key

    def state(self, requires_grad: bool, reached: bool, aliased: bool = False) -> GradientState:
        """Return whether there is a gradient, or why not."""
        if reached:
            return GradientState.PRESENT
        if not self._backward:
            return GradientState.NO_BACKWARD
        if not requires_grad:
            return GradientState.NO_GRAD
        if not self._complete:
            return GradientState.NO_BACKWARD
        return GradientState.ALIASED if aliased else GradientState.NOT_REACHED

    def value(self, draft: DraftValue, prefix: str) -> Value:
        """Return the record of a drafted tensor."""
        return Value(
            tuple(draft.shape),
            dtype_name(draft.dtype),
            self.state(draft.requires_grad, draft.gradient is not None, draft.aliased),
            self.keep(f"{prefix}:activation", draft.copy),
            self.keep(f"{prefix}:gradient", draft.gradient),
            self.source,
        )

    def steps(
        self,
        drafts: Sequence[DraftStep],
        paths: Set[str],
        model: str,
        within: Mapping[Entry, int],
    ) -> Named[Step]:
        """Return the records of all drafted steps, each with a name of its own.

        Args:
            drafts: the steps in the order they ran.
            paths: the paths of all modules, which no functional op may be called.
            model: what the text of the model's source lines is called.
            within: the numbers of the calls of modules.
        """
        totals: Counter[tuple[str, str]] = Counter((draft.op, draft.place.path) for draft in drafts)
        calls: Counter[tuple[str, str]] = Counter()
        names = StepNames(paths)
        steps = []
        for draft in drafts:
            key = (draft.op, draft.place.path)
            calls[key] += 1
            steps.append(
                self._step(
                    draft,
                    within.get(draft.entry),
                    names.next(draft.op, draft.place.path if _belongs_to_module(draft) else ""),
                    calls[key],
                    totals[key],
                    model,
                )
            )
        return Named(steps)

    def _step(
        self, draft: DraftStep, within: int | None, name: str, call: int, calls: int, model: str
    ) -> Step:
        references = draft.references()
        return Step(
            name=name,
            op=draft.op,
            module=draft.place.path,
            module_type=draft.place.kind.__name__,
            call=call,
            calls=calls,
            parents=tuple(
                dict.fromkeys(ref.step for ref in references if isinstance(ref, StepRef))
            ),
            arguments=named_arguments(
                draft.func,
                draft.op,
                [finished(value) for value in draft.args],
                {key: finished(value) for key, value in draft.kwargs.items()},
            ),
            outputs=tuple(
                self.value(value, f"step:{name}:{number}")
                for number, value in enumerate(draft.outputs)
            ),
            input_shapes=tuple(tuple(shape) for shape in draft.input_shapes),
            source_line=_named_line(draft.line, model),
            opaque=draft.func is None,
            in_place=draft.in_place,
            error=draft.error,
            within=within,
        )

    def parameter(
        self,
        name: str,
        value: torch.Tensor,
        requires_grad: bool,
        gradient: torch.Tensor | None,
        before: torch.Tensor | None,
    ) -> Parameter:
        """Return the record of a parameter with a copy of its value before the run."""
        prefix = f"parameter:{name}"
        dtype = dtype_name(value.dtype)
        value_key = self.keep(f"{prefix}:value", value)
        assert value_key is not None
        gradient_key = self.keep(f"{prefix}:gradient", gradient)
        before_key = self.keep(f"{prefix}:grad_before", before)
        return Parameter(
            name=name,
            shape=tuple(value.shape),
            dtype=dtype,
            requires_grad=requires_grad,
            gradient_state=self.state(requires_grad, gradient is not None),
            value_key=value_key,
            gradient_key=gradient_key,
            grad_before_key=before_key,
            grad_key=self.sum_key(f"{prefix}:grad", before, before_key, gradient, gradient_key),
            source=self.source,
        )

    def sum_key(
        self,
        key: str,
        before: torch.Tensor | None,
        before_key: str | None,
        gradient: torch.Tensor | None,
        gradient_key: str | None,
    ) -> str | None:
        """Return the key of ``.grad`` after a run, added up as torch does it: before + this.

        The sum is made when it is first read.
        """
        if before is None:
            return gradient_key
        if gradient is None:
            return before_key
        self._sums[key] = lambda: to_array(before.cpu() + gradient.cpu())
        return key


def _belongs_to_module(draft: DraftStep) -> bool:
    """Return whether an op is what its module is for, so that it bears the module's name.

    That is an op on one of the module's own parameters, the op that a torch module is named
    after, and the work of a torch module without parameters and modules inside.
    """
    place = draft.place
    path = place.path
    if not path:
        return False
    if place.scripted or any(
        isinstance(ref, ParameterRef) and ref.name.rpartition(".")[0] == path
        for ref in draft.references()
    ):
        return True
    if draft.func is None:
        return False
    plain = draft.op.replace("_", "")
    if any(kind.__name__.lower() == plain for kind in place.kind.__mro__):
        return True
    return place.plain and place.kind.__module__.startswith("torch.nn.")


def _named_line(line: SourceLine | None, model: str) -> SourceLine | None:
    """Return a line, that of text which a model brought itself in a file named ``model``."""
    return line if line is None or line.file else replace(line, file=model)


def tensor_before(before: Mapping[str, Array], key: str, like: torch.Tensor) -> torch.Tensor | None:
    """Return the ``.grad`` stored under ``key`` as a tensor of the type of ``like``."""
    array = before.get(key)
    return None if array is None else to_tensor(array, dtype_name(like.dtype))
