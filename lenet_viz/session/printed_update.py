"""The cells of an update as the notebook would print them."""

from lenet_viz.capture.arrays import widened
from lenet_viz.capture.records import Capture
from lenet_viz.display.torch_text import tensor_text
from lenet_viz.network.optimiser import ADAM, MOMENTUM, OptimiserChoice
from lenet_viz.session.ledger import Updated
from lenet_viz.session.printed_gradients import printed_parameter
from lenet_viz.session.python_lines import parameter_path
from lenet_viz.session.state import LogEntry
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

_MADE = QT_TRANSLATE_NOOP(
    "Log", "The optimiser is given every parameter once; it changes nothing yet."
)
_NUMBERS = QT_TRANSLATE_NOOP(
    "Log", "The same optimiser goes on with other numbers; what it remembers stays."
)
_STEP = {
    "sgd": QT_TRANSLATE_NOOP(
        "Log",
        "Every parameter p that has a .grad becomes p - lr·p.grad. .grad stays until zero_grad, "
        "and out is still that of the weights before.",
    ),
    MOMENTUM: QT_TRANSLATE_NOOP(
        "Log",
        "The buffer of every parameter p becomes momentum·buffer + p.grad, and p is moved by -lr "
        "times it. .grad stays until zero_grad, and out is still that of the weights before.",
    ),
    ADAM: QT_TRANSLATE_NOOP(
        "Log",
        "Every parameter is moved by -lr times the mean of its gradients over the root of the mean "
        "of their squares. .grad stays until zero_grad, and out is still that of the weights "
        "before.",
    ),
}


def update_entries(
    made: Updated, capture: Capture, *, told: OptimiserChoice | None
) -> tuple[LogEntry, ...]:
    """Return the cells of an update: the optimiser where it is new, the step, one parameter.

    Args:
        made: the update.
        capture: the run whose gradients it took.
        told: the optimiser as the log has made it; None where it has not.
    """
    entries = list(_optimiser_entries(made.choice, told))
    note = message("Log", _STEP[made.choice.kind])
    chosen = printed_parameter(capture)
    if chosen is None or chosen.name not in made.after.weights:
        return (*entries, LogEntry("optimizer.step()", "", note))
    numbers = widened(made.after.weights[chosen.name], chosen.dtype)
    text = tensor_text(numbers, dtype=chosen.dtype)
    code = f"optimizer.step()\nprint({parameter_path(chosen.name)}.detach())"
    return (*entries, LogEntry(code, text, note))


def _optimiser_entries(
    choice: OptimiserChoice, told: OptimiserChoice | None
) -> tuple[LogEntry, ...]:
    if told is None or told.kind != choice.kind:
        return (LogEntry(f"optimizer = {choice.call}", "", message("Log", _MADE)),)
    old, new = _groups(told), _groups(choice)
    lines = [
        f"optimizer.param_groups[0][{name!r}] = {value}"
        for name, value in new.items()
        if old[name] != value
    ]
    return (LogEntry("\n".join(lines), "", message("Log", _NUMBERS)),) if lines else ()


def _groups(choice: OptimiserChoice) -> dict[str, str]:
    """Return the numbers of an optimiser under torch's names, as Python writes them."""
    named = {"lr": repr(choice.lr), "weight_decay": repr(choice.weight_decay)}
    if choice.kind == MOMENTUM:
        named |= {"momentum": repr(choice.momentum), "nesterov": repr(choice.nesterov)}
    if choice.kind == ADAM:
        named |= {"betas": repr((choice.beta1, choice.beta2)), "eps": repr(choice.eps)}
    return named
