"""Where an op's tensors came from; what nothing has been seen to make becomes a step."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, cast

import torch

from lenet_viz.capture.contents import Contents
from lenet_viz.capture.drafts import DraftStep, DraftValue, Reference, tensors_in
from lenet_viz.capture.first_outputs import first_output
from lenet_viz.capture.lines import Lines
from lenet_viz.capture.passed import Taken, arguments
from lenet_viz.capture.producers import (
    UNCOUNTED,
    Known,
    Origin,
    Producers,
    memory_of,
    version_of,
)
from lenet_viz.capture.records import ConstantRef, InputRef, ParameterRef, StepRef
from lenet_viz.capture.tensor_hooks import TensorHooks
from lenet_viz.capture.where import Place, WhereHooks

_Taken = Sequence[tuple[torch.Tensor, int]]
_FLOWING = (StepRef, InputRef)
# Every run of a model refers to the same parameters.
_parameter = lru_cache(maxsize=10_000)(ParameterRef)


class Origins:
    """The steps so far, and which tensor is whose output.

    Attributes:
        steps: the steps so far.
        constants: buffers and tensors made outside every step, by name.
        leaves: such tensors that collect a gradient of their own.
        where: the modules that are running.
        lines: the line that is running.
        producers: where tensors came from.
        outside: tensors made outside every step, each with its name.
    """

    def __init__(self, model: torch.nn.Module, held: Contents) -> None:
        """Know the parameters and buffers of ``model``, which are ``held`` in it."""
        self.steps: list[DraftStep] = []
        self.constants: dict[str, DraftValue] = {}
        self.leaves: list[torch.Tensor] = []
        self.where = WhereHooks(model, self._module_entered, self._module_left)
        self.lines = Lines(model)
        self.producers = Producers()
        self._parameters = {id(p): _parameter(name) for name, p in held.parameters.items()}
        self._buffers = {id(b): name for name, b in held.buffers.items()}
        self.outside: dict[tuple[int, int], tuple[torch.Tensor, str]] = {}
        self._hooks = TensorHooks()

    def hook(self, tensor: torch.Tensor, hook: Callable[[torch.Tensor], None]) -> None:
        """Call ``hook`` with the gradient of ``tensor``; `remove` takes the hook off."""
        self._hooks.add(tensor, hook)

    def remove(self) -> None:
        """Take off every hook that was put on a module or tensor, and let all tensors go.

        What is kept in circles would stay in memory until Python looks for circles.
        """
        self.where.close()
        self._hooks.remove()
        self.producers.clear()
        self.outside.clear()
        self.leaves.clear()

    def forget_gradients(self) -> None:
        """Drop what the model's own use of autograd inside ``forward`` has brought."""
        for value in self.constants.values():
            value.gradient = None
        for step in self.steps:
            for value in step.outputs:
                value.gradient = None

    def add_input(self, tensor: torch.Tensor, number: int) -> None:
        """Make the tensor known that the model gets as input ``number``."""
        self.producers.add(tensor, InputRef(number))

    def add(
        self,
        step: DraftStep,
        outputs: Sequence[torch.Tensor],
        taken: _Taken | None = None,
    ) -> StepRef:
        """Add a step that gave or wrote ``outputs``; return a reference to the first of them.

        Args:
            step: the step.
            outputs: its tensors.
            taken: all tensors among its arguments; None where they are not known.
        """
        number = len(self.steps)
        self.steps.append(step)
        first = first_output(number)
        for position, tensor in enumerate(outputs):
            value = DraftValue(tensor)
            step.outputs.append(value)
            if value.requires_grad:
                self._follow(tensor, value, taken)
            self.producers.add(tensor, StepRef(number, position) if position else first)
        return first

    def wrote(
        self,
        step: DraftStep,
        written: Sequence[torch.Tensor],
        taken: _Taken,
    ) -> None:
        """Remember that the last step wrote the memory of tensors that are no buffers.

        Args:
            step: the last step.
            written: what it wrote.
            taken: all tensors among its arguments, in their order.
        """
        for tensor in written:
            if id(tensor) not in self._buffers:
                step.in_place = True
                self.producers.wrote(tensor, first_output(len(self.steps) - 1))
        if any(value.view for value in step.outputs):
            for (tensor, _), behind in zip(taken, step.references(), strict=True):
                if isinstance(behind, StepRef) and any(tensor is each for each in written):
                    self._lose(behind)

    def is_bookkeeping(self, taken: _Taken) -> bool:
        """Return whether an op that wrote counted in buffers, as BatchNorm counts its batches."""
        return all(id(tensor) in self._buffers for tensor, _ in taken)

    def of(self, tensor: torch.Tensor) -> Reference:
        """Return where ``tensor`` came from; what cannot be seen becomes an opaque step."""
        origin = self.producers.unchanged(tensor)
        return self.of_other(tensor) if origin is None else origin

    def passed(self, tensor: torch.Tensor, step: DraftStep, taken: Taken) -> Reference:
        """Return where an argument of ``step`` came from; it and its version go to ``taken``."""
        try:  # as `version_of` does it, without one more call
            version = tensor._version
        except RuntimeError:
            version = UNCOUNTED
        taken.append((tensor, version))
        known = self.producers.known.get(id(tensor))
        if known is None or known[0]() is not tensor:
            parameter = self._parameters.get(id(tensor))
            if parameter is not None:
                return parameter
        elif known[1] == version and known[2] is tensor.grad_fn:
            step.input_shapes.append(tensor.shape)
            return known[3]
        origin = self.of_other(tensor)
        if type(origin) in _FLOWING:
            step.input_shapes.append(tensor.shape)
        return origin

    def of_other(self, tensor: torch.Tensor) -> Reference:
        """Return where a tensor came from that is no unchanged output or input."""
        known = self.producers.find(tensor)
        if known is not None:
            return self._changed(tensor, known)
        parameter = self._parameters.get(id(tensor))
        if parameter is not None:
            return parameter
        if tensor.grad_fn is None:
            return self._constant(tensor)
        by_node = self.producers.by_node(tensor)
        return self._opaque(tensor) if by_node is None else by_node

    def _follow(self, tensor: torch.Tensor, value: DraftValue, taken: _Taken | None) -> None:
        """Let ``value``, the copy of a tensor that requires a gradient, receive it."""
        # Torch makes the node of a view anew once its base was written, but only when asked for
        # it; a hook on the old one ends the process with a segmentation fault.
        _ = tensor.grad_fn
        if value.view and taken is not None and self._has_own_base(tensor, taken):
            value.view = False
            self._hooks.add(cast(torch.Tensor, tensor._base), value.base_reached)
        else:
            self._hooks.add(tensor, value.reached)

    def _has_own_base(self, tensor: torch.Tensor, taken: _Taken) -> bool:
        """Return whether a view is all there is of a base that nobody else knows.

        `torch.nn.functional.linear` gives such a view for inputs with three axes. Its base
        receives the gradient even if the view is written later.
        """
        base = tensor._base
        if base is None or base.numel() != tensor.numel():
            return False
        if not (base.is_contiguous() and tensor.is_contiguous()):
            return False
        known = self.producers.find(tensor)
        if known is not None:  # written in place
            return isinstance(known[3], StepRef) and not self._draft_of(known[3]).view
        memory = memory_of(tensor)
        return all(memory_of(other) != memory for other, _ in taken)

    def _constant(self, tensor: torch.Tensor) -> ConstantRef:
        """Return a reference to a buffer or a tensor from outside, its numbers taken now."""
        key = (id(tensor), version_of(tensor))
        if key not in self.outside:
            base = self._buffers.get(id(tensor), f"constant_{len(self.outside) + 1}")
            name, number = base, 1
            while name in self.constants:
                number += 1
                name = f"{base}@{number}"
            self.constants[name] = value = DraftValue(tensor)
            self.outside[key] = (tensor, name)
            if value.requires_grad:
                self._follow(tensor, value, None)
                self.leaves.append(tensor)
        return ConstantRef(self.outside[key][1])

    def _changed(self, tensor: torch.Tensor, known: Known) -> Origin:
        """Return the origin of a tensor that was changed by something else than a step on it."""
        _, version, _, origin, _ = known
        if version != version_of(tensor):
            return self._alias(tensor, origin)
        if tensor.grad_fn is not None:
            return self._opaque(tensor, origin)
        self.producers.add(tensor, origin)
        return origin

    def _alias(self, tensor: torch.Tensor, origin: Origin) -> StepRef:
        """Add a step for a tensor whose memory was written through another tensor."""
        step = DraftStep("alias", None, self.where.here, self.lines.running())
        writer = self.producers.writer(tensor)
        step.args = [origin] if writer is None else [origin, writer]
        step.input_shapes = [tensor.shape]
        for behind in step.args:
            if isinstance(behind, StepRef):
                draft = self._draft_of(behind)
                draft.aliased = True
                # The hook of a view sees what comes through the view alone.
                draft.partial = draft.partial or draft.view
        return self.add(step, [tensor], ())

    def _lose(self, behind: StepRef) -> None:
        """Give up the gradients of a view that was written, and of the views it was taken from.

        Autograd makes the nodes of views anew when one of them is written: what goes through
        the written memory does not come by the hooks of the old ones.
        """
        waiting = [behind]
        while waiting:
            origin = waiting.pop()
            draft = self._draft_of(origin)
            if draft.view and not draft.partial:
                draft.aliased = draft.partial = True
                references = self.steps[origin.step].references()
                waiting += [each for each in references if isinstance(each, StepRef)]

    def _draft_of(self, behind: StepRef) -> DraftValue:
        """Return the value that a reference names; a step's last one where it has fewer."""
        outputs = self.steps[behind.step].outputs
        return outputs[min(behind.output, len(outputs) - 1)]

    def _opaque(self, tensor: torch.Tensor, inner: Origin | None = None) -> StepRef:
        """Add a step for a tensor that something unseen has made."""
        node = tensor.grad_fn
        name = type(node).__name__.rstrip("0123456789").removesuffix("Backward")
        step = DraftStep(name or "opaque", None, self.where.here, self.lines.running())
        behind = self.producers.behind(node, self._parameters)
        step.args = [*behind, *([] if inner is None or inner in behind else [inner])]
        made = self.add(step, [tensor])
        if inner is not None and tensor.requires_grad:
            self._hooks.add_to_node(tensor, self._draft_of(made).reached)
            if isinstance(inner, StepRef):
                self._draft_of(inner).aliased = True
        return made

    def _module_entered(self, args: Any) -> None:
        """Make opaque steps of what is given to a module while they still belong outside it."""
        with torch._C.DisableTorchFunction():
            for value in args:
                for tensor in (value,) if isinstance(value, torch.Tensor) else tensors_in(value):
                    if tensor.grad_fn is not None:
                        self.of(tensor)

    def _module_left(self, place: Place, args: Any, output: Any) -> None:
        """Make opaque steps of a module's outputs where no step has made them."""
        with torch._C.DisableTorchFunction():
            unseen = []
            for tensor in (output,) if isinstance(output, torch.Tensor) else tensors_in(output):
                if place.scripted and self.producers.find(tensor) is None:
                    unseen.append(tensor)
                elif tensor.grad_fn is not None:
                    self.of(tensor)
            if unseen:
                name = str(getattr(place.module, "original_name", place.kind.__name__))
                step = DraftStep(name, None, self.where.call_of(place), self.lines.running())
                step.args = arguments(args, step, [], self)
                self.add(step, unseen)
