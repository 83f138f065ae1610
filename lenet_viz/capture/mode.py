"""What ran: a mode that sees every call of a torch function."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.overrides import TorchFunctionMode

from lenet_viz.capture.arguments import op_name
from lenet_viz.capture.drafts import DraftStep, DraftValue, tensors_in
from lenet_viz.capture.failures import op_failure
from lenet_viz.capture.lines import running_line
from lenet_viz.capture.producers import Known, Producers, version_of
from lenet_viz.capture.records import (
    ArgumentValue,
    ConstantRef,
    InputRef,
    Literal,
    ParameterRef,
    StepRef,
)
from lenet_viz.capture.where import Place, WhereHooks

_QUIET = frozenset(
    {
        "size", "shape", "dim", "ndim", "ndimension", "numel", "nelement", "stride", "dtype",
        "device", "layout", "names", "is_leaf", "requires_grad", "requires_grad_", "grad_fn",
        "grad", "is_contiguous", "is_floating_point", "is_complex", "item", "tolist", "bool",
        "len", "int", "float", "index", "repr", "format", "hash", "element_size", "data_ptr",
        "storage_offset", "untyped_storage", "register_hook", "retain_grad", "is_cuda",
        "is_same_size", "get_device", "set_requires_grad", "set_grad", "contains", "version",
        "output_nr", "is_sparse", "is_quantized", "is_nested", "is_meta", "itemsize", "nbytes",
        "backward", "numpy", "array", "set_names", "is_inference", "is_tensor", "iter",
    }
)  # fmt: skip
"""Functions that ask about a tensor or set a flag; they are no steps."""
_PLAIN = (bool, int, float, str, type(None))


class RecordingMode(TorchFunctionMode):
    """Sees every torch function that runs and drafts a step for it.

    Attributes:
        steps: the steps so far.
        constants: buffers and tensors made outside every step, by name.
        leaves: such tensors that collect a gradient of their own.
        backward_runs: set while the capture's own backward runs, so that gradients which the
            model computes inside its ``forward`` are not taken for the objective's.
    """

    def __init__(self, model: nn.Module) -> None:
        """Prepare to record one pass of ``model``."""
        super().__init__()
        self.steps: list[DraftStep] = []
        self.constants: dict[str, DraftValue] = {}
        self.leaves: list[torch.Tensor] = []
        self.backward_runs = False
        self.where = WhereHooks(model, self._module_entered, self._module_left)
        self._model = model
        self._producers = Producers()
        self._parameters = {id(p): name for name, p in model.named_parameters()}
        self._buffers = {id(b): name for name, b in model.named_buffers()}
        self._outside: dict[tuple[int, int], tuple[torch.Tensor, str]] = {}
        self._handles: list[Any] = []

    def own(self, handle: Any) -> None:
        """Take care of a hook's handle: `remove` takes the hook off."""
        self._handles.append(handle)

    def remove(self) -> None:
        """Take off every hook that was put on a module or tensor, and let all tensors go.

        What is kept in circles would stay in memory until Python looks for circles.
        """
        self.where.close()
        for handle in self._handles:
            handle.remove()
        self._handles.clear()
        self._producers.clear()
        self._outside.clear()
        self.leaves.clear()

    def add_input(self, tensor: torch.Tensor, number: int) -> None:
        """Make the tensor known that the model gets as input ``number``."""
        self._producers.add(tensor, InputRef(number))

    def origin(self, tensor: torch.Tensor) -> ArgumentValue:
        """Return where ``tensor`` came from; what cannot be seen becomes an opaque step."""
        known = self._producers.find(tensor)
        if known is not None:
            if known.version == version_of(tensor) and known.node is tensor.grad_fn:
                return known.origin
            return self._changed(tensor, known)
        name = self._parameters.get(id(tensor))
        if name is not None:
            return ParameterRef(name)
        if tensor.grad_fn is None:
            return self._constant(tensor)
        by_node = self._producers.by_node(tensor)
        return self._opaque(tensor) if by_node is None else by_node

    def __torch_function__(
        self,
        func: Any,
        types: Any,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Run one torch function and draft a step for it."""
        kwargs = kwargs or {}
        op = op_name(func)
        # Inside vmap and grad, tensors are wrappers without numbers of their own; what comes
        # out of there is an opaque step.
        if op in _QUIET or torch._C._functorch.peek_interpreter_stack() is not None:
            return func(*args, **kwargs)
        with torch._C.DisableTorchFunction():
            tensors: list[torch.Tensor] = []
            step = self._begin(func, op, args, kwargs, tensors)
            versions = [version_of(tensor) for tensor in tensors]
        try:
            output = func(*args, **kwargs)
        except Exception as error:
            step.exception = error
            step.error = op_failure(step, error)
            self.steps.append(step)
            raise
        with torch._C.DisableTorchFunction():
            written = [
                tensor
                for tensor, version in zip(tensors, versions, strict=True)
                if version_of(tensor) != version
            ]
            self._end(step, args, tensors_in(output), tensors, written)
        return output

    def _begin(
        self,
        func: Any,
        op: str,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        tensors: list[torch.Tensor],
    ) -> DraftStep:
        """Return a draft with its arguments, taken before the op can write over them."""
        step = DraftStep(op, func, self.where.here, running_line(self._model))
        step.args = [self._argument(value, step, tensors) for value in args]
        step.kwargs = {name: self._argument(value, step, tensors) for name, value in kwargs.items()}
        return step

    def _argument(self, value: Any, step: DraftStep, tensors: list[torch.Tensor]) -> ArgumentValue:
        if isinstance(value, torch.Tensor):
            tensors.append(value)
            origin = self.origin(value)
            if isinstance(origin, (StepRef, InputRef)):
                step.input_shapes.append(tuple(value.shape))
            return origin
        if isinstance(value, _PLAIN):
            return Literal(value)
        if isinstance(value, (tuple, list)):
            return tuple(self._argument(item, step, tensors) for item in value)
        if isinstance(value, Mapping):
            return tuple(self._argument(item, step, tensors) for item in value.values())
        return Literal(str(value)[:200])

    def _end(
        self,
        step: DraftStep,
        args: Sequence[Any],
        outputs: list[torch.Tensor],
        tensors: list[torch.Tensor],
        written: list[torch.Tensor],
    ) -> None:
        """Complete a draft with what the op gave or wrote, if it is a step at all."""
        if step.op == "set_data":
            written = tensors[:1]
        if not outputs:
            outputs = written
        if not outputs or self._is_bookkeeping(tensors, written):
            return
        written = [tensor for tensor in written if id(tensor) not in self._buffers]
        step.in_place = bool(written)
        self._add(step, outputs)
        for tensor in written:
            self._producers.wrote(tensor, StepRef(len(self.steps) - 1))

    def _is_bookkeeping(self, tensors: list[torch.Tensor], written: list[torch.Tensor]) -> bool:
        """Return whether an op only counted in a buffer, as BatchNorm counts its batches."""
        return bool(written) and all(id(tensor) in self._buffers for tensor in tensors)

    def _add(self, step: DraftStep, outputs: list[torch.Tensor]) -> None:
        number = len(self.steps)
        self.steps.append(step)
        for position, tensor in enumerate(outputs):
            step.outputs.append(self._draft(tensor))
            self._producers.add(tensor, StepRef(number, position))

    def _draft(self, tensor: torch.Tensor) -> DraftValue:
        """Return a copy of a tensor that will receive its gradient."""
        value = DraftValue(tensor)
        if value.requires_grad:

            def reached(gradient: torch.Tensor | None) -> None:
                if self.backward_runs and gradient is not None:
                    value.gradient = gradient.detach().clone()

            self._handles.append(tensor.register_hook(reached))  # type: ignore[no-untyped-call]
        return value

    def _constant(self, tensor: torch.Tensor) -> ConstantRef:
        """Return a reference to a buffer or a tensor from outside, its numbers taken now."""
        key = (id(tensor), version_of(tensor))
        if key not in self._outside:
            base = self._buffers.get(id(tensor), f"constant_{len(self._outside) + 1}")
            name, number = base, 1
            while name in self.constants:
                number += 1
                name = f"{base}@{number}"
            self.constants[name] = self._draft(tensor)
            self._outside[key] = (tensor, name)
            if tensor.requires_grad:
                self.leaves.append(tensor)
        return ConstantRef(self._outside[key][1])

    def _changed(self, tensor: torch.Tensor, known: Known) -> ArgumentValue:
        """Return the origin of a tensor that was changed by something else than a step on it."""
        if known.version != version_of(tensor):
            return self._alias(tensor, known)
        if tensor.grad_fn is not None:
            return self._opaque(tensor, known.origin)
        self._producers.add(tensor, known.origin)
        return known.origin

    def _alias(self, tensor: torch.Tensor, known: Known) -> StepRef:
        """Add a step for a tensor whose memory was written through another tensor."""
        step = DraftStep("alias", None, self.where.here, running_line(self._model))
        writer = self._producers.writer(tensor)
        step.args = [known.origin] if writer is None else [known.origin, writer]
        step.input_shapes = [tuple(tensor.shape)]
        for origin in step.args:
            if isinstance(origin, StepRef):
                outputs = self.steps[origin.step].outputs
                outputs[min(origin.output, len(outputs) - 1)].aliased = True
        self._add(step, [tensor])
        return StepRef(len(self.steps) - 1)

    def _opaque(self, tensor: torch.Tensor, inner: ArgumentValue | None = None) -> StepRef:
        """Add a step for a tensor that something unseen has made."""
        node = tensor.grad_fn
        name = type(node).__name__.rstrip("0123456789").removesuffix("Backward")
        step = DraftStep(name or "opaque", None, self.where.here, running_line(self._model))
        behind = self._producers.behind(node, self._parameters)
        step.args = [*behind, *([] if inner is None or inner in behind else [inner])]
        self._add(step, [tensor])
        return StepRef(len(self.steps) - 1)

    def _module_entered(self, args: Any) -> None:
        """Make opaque steps of what is given to a module while they still belong outside it."""
        with torch._C.DisableTorchFunction():
            for tensor in tensors_in(args):
                if tensor.grad_fn is not None:
                    self.origin(tensor)

    def _module_left(self, place: Place, args: Any, output: Any) -> None:
        """Make opaque steps of a module's outputs where no step has made them."""
        with torch._C.DisableTorchFunction():
            scripted = isinstance(place.module, torch.jit.ScriptModule)
            unseen = []
            for tensor in tensors_in(output):
                if scripted and self._producers.find(tensor) is None:
                    unseen.append(tensor)
                elif tensor.grad_fn is not None:
                    self.origin(tensor)
            if unseen:
                name = str(getattr(place.module, "original_name", type(place.module).__name__))
                step = DraftStep(name, None, place, running_line(self._model))
                step.args = [self._argument(value, step, []) for value in args]
                self._add(step, unseen)
