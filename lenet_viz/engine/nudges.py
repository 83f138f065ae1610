"""Changes one number of a run before or while it happens."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import nn

from lenet_viz.capture.borrowed import fresh_inputs
from lenet_viz.capture.drafts import tensors_in
from lenet_viz.capture.mode import RecordingMode
from lenet_viz.capture.origins import Origins
from lenet_viz.engine.ingredients import Ingredients
from lenet_viz.engine.messages import Nudge
from lenet_viz.errors import UserMistake
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

_NOWHERE = QT_TRANSLATE_NOOP(
    "engine",
    "There is no number {where} in this run to change; run forward again and click a value.",
)


def no_such_number(nudge: Nudge) -> UserMistake:
    """Return the mistake for a number that the run does not have."""
    return UserMistake(message("engine", _NOWHERE, where=nudge.words()))


def nudge_ingredients(made: Ingredients, nudges: Sequence[Nudge]) -> None:
    """Add to numbers of the inputs and parameters that a run is made of, in place.

    Args:
        made: what the run is made of.
        nudges: what to add, and where; numbers of steps are changed by `NudgingMode` instead.

    Raises:
        UserMistake: there is no such number.
    """
    for nudge in nudges:
        if nudge.place == "step":
            continue
        add(_tensor(made, nudge), nudge)


def add(tensor: torch.Tensor, nudge: Nudge) -> None:
    """Add to one number of ``tensor`` in its memory, unseen by autograd.

    Raises:
        UserMistake: there is no such number.
    """
    inside = len(nudge.index) == tensor.dim() and all(
        0 <= at < size for at, size in zip(nudge.index, tensor.shape, strict=True)
    )
    if not inside or not (tensor.is_floating_point() or tensor.is_complex()):
        raise no_such_number(nudge)
    tensor.data[nudge.index] += nudge.amount


def _tensor(made: Ingredients, nudge: Nudge) -> torch.Tensor:
    if nudge.place == "parameter":
        for name, parameter in made.model.named_parameters(remove_duplicate=False):
            if name == nudge.name:
                return parameter
    elif nudge.name.isdecimal():
        originals = fresh_inputs(made.args, made.kwargs, ()).originals
        if int(nudge.name) < len(originals):
            return originals[int(nudge.name)]
    raise no_such_number(nudge)


class NudgingMode(RecordingMode):
    """Counts steps as a recording does and adds to one number of one step's output.

    Attributes:
        met: whether the step has run.
    """

    def __init__(self, model: nn.Module, origins: Origins, nudge: Nudge) -> None:
        """Prepare one pass of ``model`` with ``nudge``, whose ``step`` counts."""
        super().__init__(model, origins)
        self._steps = origins.steps
        self._nudge = nudge
        self.met = False

    def __torch_function__(
        self,
        func: Any,
        types: Any,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Run one torch function and change what it gave where it is the one."""
        output = super().__torch_function__(func, types, args, kwargs)
        if self.met or len(self._steps) <= self._nudge.step:
            return output
        self.met = True
        with torch._C.DisableTorchFunction():
            if len(self._steps) - 1 > self._nudge.step or self._steps[-1].in_place:
                return self._in_memory(output)
            return self._elsewhere(output)

    def _in_memory(self, output: Any) -> Any:
        """Change the number where it lies: others hold on to this very tensor."""
        tensors = tensors_in(output)
        if self._nudge.output < len(tensors):
            add(tensors[self._nudge.output], self._nudge)
        return output

    def _elsewhere(self, output: Any) -> Any:
        """Return a changed copy, so that what a view was taken from stays as it is."""
        if isinstance(output, torch.Tensor):
            changed = output.clone()
            add(changed, self._nudge)
            return changed
        if isinstance(output, tuple | list) and len(tensors_in(output)) == len(output):
            parts = list(output)
            at = self._nudge.output
            if at < len(parts):
                parts[at] = self._elsewhere(parts[at])
            made = type(output)
            return made(*parts) if hasattr(output, "_fields") else made(parts)
        return self._in_memory(output)
