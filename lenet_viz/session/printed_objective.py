"""The cells in which backward gets what it starts from."""

import numpy as np

from lenet_viz.capture.arrays import Array
from lenet_viz.capture.records import Capture, Objective, Value
from lenet_viz.display.numbers import exact
from lenet_viz.display.torch_text import tensor_text
from lenet_viz.session.python_lines import objective_seed, randn_lines, seed_lines
from lenet_viz.session.state import LogEntry
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_SCALAR_NOTES = {
    "cross-entropy": QT_TRANSLATE_NOOP(
        "Log",
        "A loss is one number, so backward needs no vector: here v = ∂loss/∂out is softmax(out) "
        "minus the one-hot target, divided by the size of the batch.",
    ),
    "mse": QT_TRANSLATE_NOOP(
        "Log",
        "A loss is one number, so backward needs no vector: here v = ∂loss/∂out is "
        "2·(out - target)/n.",
    ),
    "output": QT_TRANSLATE_NOOP(
        "Log",
        "One output is one number, so backward needs no vector: v is 1 at output {index} and 0 at "
        "the others.",
    ),
    "": QT_TRANSLATE_NOOP(
        "Log", "One number needs no vector: backward computes v = ∂loss/∂out itself."
    ),
}


WRITTEN_AT_MOST = 200
"""A vector of more numbers is printed, not written out."""


def objective_entries(capture: Capture) -> tuple[LogEntry, ...]:
    """Return the cells of the objective, the call of ``backward`` last; none without one."""
    objective, value = capture.objective, capture.output_value
    if objective is None or value is None:
        return ()
    if objective.loss is None:
        return _vector_entries(capture, objective, value)
    before: tuple[LogEntry, ...] = ()
    prelude, expression = "", "objective(out)"
    if objective.kind == "mse":
        before = (_target_entry(capture, objective),)
        expression = "nn.MSELoss()(out, target)"
    elif objective.kind == "cross-entropy":
        prelude = _class_line(objective, value)
        expression = "nn.CrossEntropyLoss()(out, target)"
    elif objective.kind == "output":
        expression = f"out[..., {objective.index or 0}].sum()"
    numbers = np.asarray(objective.loss, dtype=_loss_type(value))
    node = objective.grad_fn[0] if objective.grad_fn else ""
    printed = LogEntry(
        f"{prelude}loss = {expression}\nprint(loss)",
        tensor_text(numbers, grad_fn=node, dtype=value.dtype),
    )
    template = _SCALAR_NOTES.get(objective.kind, _SCALAR_NOTES[""])
    note = message("Log", template, index=objective.index or 0)
    call = LogEntry("loss.backward()", "", note)
    return (*before, printed, *_chain_entries(objective), call)


def _loss_type(value: Value) -> str:
    """Return the NumPy type that holds the loss's digits as torch would print them."""
    return value.dtype if value.dtype in {"float16", "float64"} else "float32"


def _chain_entries(objective: Objective) -> tuple[LogEntry, ...]:
    names = objective.grad_fn
    if not names:
        return ()
    if objective.kind not in _SCALAR_NOTES:
        # Where a function of the user's own branches, its nodes need not be each other's first.
        return (LogEntry("print(loss.grad_fn.name())", names[0]),)
    code = (
        f"fn = loss.grad_fn\nfor _ in range({len(names)}):\n"
        "    print(fn.name())\n    fn = fn.next_functions[0][0]"
    )
    template = QT_TRANSLATE_NOOP(
        "Log",
        "The way backward goes, from the loss down to the node that made out; from there it "
        "follows the network to the parameters and the input.",
    )
    return (LogEntry(code, "\n".join(names), message("Log", template)),)


def _vector_entries(capture: Capture, objective: Objective, value: Value) -> tuple[LogEntry, ...]:
    vector = objective.upstream
    code = "print(v)"
    if objective.kind == "random":
        code = randn_lines(value.shape, "v", objective_seed(capture)) + code
    elif objective.kind == "vector" and vector is not None and vector.size <= WRITTEN_AT_MOST:
        code = f"v = torch.tensor({vector_text(vector)})\n" + code
    template = QT_TRANSLATE_NOOP(
        "Log",
        "out has {count} numbers and no loss: backward needs a vector v and computes vᵀJ, the "
        "gradient of v·out (J is the Jacobian ∂out/∂input); the gradient belongs to this v alone.",
    )
    note = message("Log", template, count=int(np.prod(value.shape)))
    call = LogEntry("out.backward(v)", "", note)
    if vector is None:
        return (call,)
    return (LogEntry(code, tensor_text(vector)), call)


def vector_text(vector: Array) -> str:
    """Return a vector as nested lists of Python, each number with all its digits."""
    if vector.ndim == 0:
        return exact(vector[()])  # type: ignore[arg-type]
    return f"[{', '.join(vector_text(part) for part in vector)}]"


def _target_entry(capture: Capture, objective: Objective) -> LogEntry:
    target = objective.target
    if target is None:
        return LogEntry("print(target)", "None")
    seed = objective_seed(capture)
    value = capture.output_value
    if value is not None and target.ndim < len(value.shape):
        template = QT_TRANSLATE_NOOP(
            "Log",
            "Without view(1, -1) the target has shape [{n}]: nn.MSELoss broadcasts it to the shape "
            "of out and warns.",
        )
        code = randn_lines(target.shape, "target", seed)
    elif target.ndim == 2 and target.shape[0] == 1:
        code = f"{seed_lines(seed)}target = torch.randn({target.shape[1]}).view(1, -1)\n"
        template = QT_TRANSLATE_NOOP(
            "Log",
            "The target is random, a stand-in; view(1, -1) gives it the shape of out, for [{n}] "
            "against [1, {n}] would be broadcast, with a warning.",
        )
    else:
        code = randn_lines(target.shape, "target", seed)
        template = QT_TRANSLATE_NOOP(
            "Log", "The target is random, a stand-in; it must have the shape of out."
        )
    note: Message = message("Log", template, n=target.shape[-1] if target.ndim else 1)
    return LogEntry(f"{code}print(target)", tensor_text(target), note)


def _class_line(objective: Objective, value: Value) -> str:
    """Return the line that makes a class target; one class for every sample of the batch."""
    index = objective.index or 0
    if len(value.shape) == 1:
        return f"target = torch.tensor({index})\n"
    if value.shape[0] == 1 and len(value.shape) == 2:
        return f"target = torch.tensor([{index}])\n"
    sizes = ", ".join(str(size) for size in (value.shape[0], *value.shape[2:]))
    return f"target = torch.full(({sizes},), {index})\n"
