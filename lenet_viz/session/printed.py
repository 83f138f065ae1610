"""What the notebook would print for a run, cell by cell, with a sentence where readers stumble."""

from itertools import groupby

from lenet_viz.capture.records import Capture, Parameter, Step
from lenet_viz.display.numbers import count_text
from lenet_viz.display.torch_text import size_text, tensor_text
from lenet_viz.explain.shape_ledger import ledger_in
from lenet_viz.session.printed_gradients import gradient_entries, parameter_code
from lenet_viz.session.printed_objective import objective_entries
from lenet_viz.session.provenance import has_earlier_gradients
from lenet_viz.session.python_lines import (
    forward_seed_lines,
    input_lines,
    input_names,
    network_lines,
)
from lenet_viz.session.state import LogEntry
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message


def forward_entries(capture: Capture) -> tuple[LogEntry, ...]:
    """Return the cells of a forward pass: the network, its parameters, every size, the output.

    Args:
        capture: any run, also one that failed halfway.
    """
    entries = [
        LogEntry(network_lines(capture), capture.model.text),
        _parameters_entry(capture),
        *_input_entries(capture),
        _steps_entry(capture),
    ]
    value = capture.output_value
    if value is not None and value.activation_key is not None:
        text = tensor_text(value.activation, grad_fn=capture.output_grad_fn, dtype=value.dtype)
        entries.append(LogEntry("print(out)", text, _output_note(capture)))
    return tuple(entries)


def again_entries(capture: Capture) -> tuple[LogEntry, ...]:
    """Return the cell of a forward pass that is repeated with other weights."""
    value = capture.output_value
    if value is None or value.activation_key is None:
        return forward_entries(capture)
    code = f"out = net({', '.join(input_names(capture))})\nprint(out)"
    text = tensor_text(value.activation, grad_fn=capture.output_grad_fn, dtype=value.dtype)
    template = QT_TRANSLATE_NOOP(
        "Log", "The same input with the weights after the update: the step has changed out."
    )
    return (LogEntry(code, text, message("Log", template)),)


def backward_entries(capture: Capture, *, cleared: bool, passes: int) -> tuple[LogEntry, ...]:
    """Return the cells of a backward pass: zero_grad, the objective, the gradients.

    Args:
        capture: any run with a backward pass, also one that failed in it.
        cleared: whether ``net.zero_grad()`` ran before it.
        passes: how many backward passes the parameters' ``.grad`` adds up now, from 1; 1 also
            where it held something before the first pass that was counted.
    """
    return (
        *_zero_grad_entries(capture, cleared, passes),
        *objective_entries(capture),
        *gradient_entries(capture, passes),
    )


def _parameters_entry(capture: Capture) -> LogEntry:
    sizes = [size_text(parameter.shape) for parameter in capture.parameters]
    return LogEntry(
        "for p in net.parameters(): print(p.size())",
        "\n".join(sizes),
        _parameters_note(tuple(capture.parameters)),
    )


def _parameters_note(parameters: tuple[Parameter, ...]) -> Message:
    numbers = count_text(sum(parameter.count for parameter in parameters))
    layers = [
        {parameter.name.rpartition(".")[2] for parameter in group}
        for _, group in groupby(parameters, key=lambda parameter: parameter.layer)
    ]
    if not parameters:
        template = QT_TRANSLATE_NOOP("Log", "This network has no parameters: nothing to learn.")
        return message("Log", template)
    if len(layers) > 1 and all(names == {"weight", "bias"} for names in layers):
        template = QT_TRANSLATE_NOOP(
            "Log",
            "{tensors} tensors in {layers} layers: each layer has a weight and a bias, and each "
            "of these is a tensor of its own; {numbers} numbers in all.",
        )
    else:
        template = QT_TRANSLATE_NOOP(
            "Log",
            "Parameter tensors: {tensors}; layers that hold them: {layers}; numbers in all: "
            "{numbers}.",
        )
    return message("Log", template, tensors=len(parameters), layers=len(layers), numbers=numbers)


def _input_entries(capture: Capture) -> list[LogEntry]:
    entries = []
    named = zip(input_names(capture), capture.input_values, strict=True)
    for i, (name, value) in enumerate(named):
        code, note = input_lines(capture, name, value, first=i == 0)
        entries.append(LogEntry(f"{code}print({name}.size())", size_text(value.shape), note))
    return entries


def _steps_entry(capture: Capture) -> LogEntry:
    width = max((len(step.name) for step in capture.steps), default=0)
    lines = [_step_line(capture, step, width) for step in capture.steps]
    failed = next((step.error for step in capture.steps if step.error is not None), capture.error)
    if failed is not None and capture.output is not None:
        failed = None
    note = failed or message(
        "Log",
        QT_TRANSLATE_NOOP(
            "Log",
            "The size of x after every step of forward, with the arithmetic that gives it; the "
            "1 in front is the batch, not a channel.",
        )
        if all(step.shape[:1] == (1,) for step in capture.steps)
        else QT_TRANSLATE_NOOP(
            "Log",
            "The size of x after every step of forward, with the arithmetic that gives it; the "
            "first axis is the batch, not a channel.",
        ),
    )
    arguments = ", ".join(input_names(capture))
    return LogEntry(f"{forward_seed_lines(capture)}out = net({arguments})", "\n".join(lines), note)


def _step_line(capture: Capture, step: Step, width: int) -> str:
    name = step.name.ljust(width)
    if step.error is not None or not step.outputs:
        return f"{name}  -"
    sizes = ", ".join(size_text(value.shape) for value in step.outputs)
    formulas = ledger_in(capture, step).formulas
    return f"{name}  {sizes}" + (f"  # {'; '.join(formulas)}" if formulas else "")


def _output_note(capture: Capture) -> Message:
    if not capture.output_grad_fn:
        return message(
            "Log",
            QT_TRANSLATE_NOOP(
                "Log", "out has no grad_fn: autograd did not follow it, so backward cannot start."
            ),
        )
    last = capture.steps[capture.output.step].op if capture.output is not None else ""
    if last == "linear":
        template = QT_TRANSLATE_NOOP(
            "Log",
            "These are logits, scores that need not add up to 1; grad_fn is the autograd node "
            "that backward will start at: {name}.",
        )
    else:
        template = QT_TRANSLATE_NOOP(
            "Log", "grad_fn is the autograd node that backward will start at: {name}."
        )
    return message("Log", template, name=capture.output_grad_fn)


def _zero_grad_entries(capture: Capture, cleared: bool, passes: int) -> list[LogEntry]:
    code = parameter_code(capture)
    if code is None:
        return []
    if cleared:
        template = QT_TRANSLATE_NOOP(
            "Log",
            "Every parameter's .grad is None now, which is not 0; input.grad is left alone, "
            "because the input is no parameter of net.",
        )
        return [LogEntry(f"net.zero_grad()\nprint({code}.grad)", "None", message("Log", template))]
    if passes == 1 and has_earlier_gradients(capture):
        template = QT_TRANSLATE_NOOP(
            "Log",
            "net.zero_grad() was not called: gradients are added to what earlier passes left.",
        )
        return [LogEntry("", "", message("Log", template))]
    if passes > 1:
        template = QT_TRANSLATE_NOOP(
            "Log",
            "net.zero_grad() was not called: gradients are added to what is there, and now add "
            "up over {passes} passes.",
        )
        return [LogEntry("", "", message("Log", template, passes=passes))]
    template = QT_TRANSLATE_NOOP(
        "Log",
        "net.zero_grad() was not called, but there was nothing to clear: every parameter's .grad "
        "was still None.",
    )
    return [LogEntry("", "", message("Log", template))]
