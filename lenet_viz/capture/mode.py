"""What ran: a mode that sees every call of a torch function."""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from lenet_viz.capture.arguments import op_name
from lenet_viz.capture.drafts import DraftStep, tensors_in
from lenet_viz.capture.failures import op_failure
from lenet_viz.capture.origins import Origins
from lenet_viz.capture.passed import Taken, arguments, named_arguments
from lenet_viz.capture.producers import UNCOUNTED

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

_CONVERSIONS = frozenset({torch.Tensor.bool, torch.Tensor.float, torch.Tensor.int})
"""Steps that share their names with Python's own ``bool()``, ``float()`` and ``int()``."""

_WRITE_THE_FIRST = frozenset({"set_data", "setitem"})
"""Functions that write their first argument, even where no version or several ones tell."""

# What every op asks for is looked up once: a small network's ops take a few microseconds each.
_unwatched = torch._C.DisableTorchFunction
_transform = torch._C._functorch.peek_interpreter_stack
_step_names: dict[Any, str] = {}
"""What functions are called as steps; "" for those that are none."""


class RecordingMode(TorchFunctionMode):
    """Sees every torch function that runs and drafts a step for it."""

    def __init__(self, model: torch.nn.Module, origins: Origins) -> None:
        """Prepare to record one pass of ``model`` into ``origins``."""
        super().__init__()
        self._origins = origins
        self._where = origins.where
        self._lines = origins.lines

    def __torch_function__(
        self,
        func: Any,
        types: Any,
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        """Run one torch function and draft a step for it."""
        op = _step_names.get(func)
        if op is None:
            op = _step_name(func)
        # Inside vmap and grad, tensors are wrappers without numbers of their own; what comes
        # out of there is an opaque step.
        if not op or _transform() is not None:
            return func(*args, **kwargs) if kwargs else func(*args)
        # Arguments are taken before the op can write over them.
        taken: Taken = []
        step = DraftStep(op, func, self._where.here, self._lines.running())
        with _unwatched():
            step.args = arguments(args, step, taken, self._origins)
            if kwargs:
                step.kwargs = named_arguments(kwargs, step, taken, self._origins)
        try:
            output = func(*args, **kwargs) if kwargs else func(*args)
        except Exception as error:
            step.exception = error
            step.error = op_failure(step, error)
            self._origins.steps.append(step)
            raise
        with _unwatched():
            self._end(step, output, taken)
        return output

    def _end(self, step: DraftStep, output: Any, taken: Taken) -> None:
        """Complete a draft with what the op gave or wrote, if it is a step at all."""
        written = []
        for tensor, version in taken:  # in 3.11 a comprehension is one more call
            if version != UNCOUNTED and tensor._version != version:
                written.append(tensor)
        if step.op in _WRITE_THE_FIRST:
            written = [tensor for tensor, _ in taken[:1]]
        outputs = [output] if isinstance(output, torch.Tensor) else tensors_in(output) or written
        if not outputs or (written and self._origins.is_bookkeeping(taken)):
            return
        self._origins.add(step, outputs, taken)
        if written:
            self._origins.wrote(step, written, taken)


def _step_name(func: Any) -> str:
    """Return and remember what a function is called as a step, "" where it is none."""
    op = op_name(func)
    quiet = op in _QUIET and func not in _CONVERSIONS
    name = _step_names[func] = "" if quiet else op
    return name
