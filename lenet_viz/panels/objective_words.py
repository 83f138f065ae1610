"""The target and loss cards in words and numbers."""

from lenet_viz.capture.arrays import Array
from lenet_viz.capture.records import Capture, Objective
from lenet_viz.display import numbers
from lenet_viz.panels.card_content import sample, target_vector
from lenet_viz.panels.step_words import aligned
from lenet_viz.panels.text import formatted, objective_title, translate
from lenet_viz.session.state import TARGET_CARD


def objective_lines(capture: Capture, card: str) -> tuple[str, str, str]:
    """Return a title, the numbers and a sentence for the target or the loss card."""
    objective = capture.objective
    if objective is None:
        return (
            translate("Objective", "no backward yet"),
            "",
            translate("Objective", "Press Backward (F6): it starts from what is chosen above."),
        )
    if card == TARGET_CARD:
        target = target_vector(capture)
        lines = "" if target is None else _listed(target)
        return (
            objective_title(capture),
            lines,
            _target_note(_kind(objective), _output_shape(capture)),
        )
    upstream = objective.upstream
    lines = "" if upstream is None else _listed(sample(capture, upstream))
    chain = " ← ".join(objective.grad_fn)
    note = _loss_note(objective.kind, _output_shape(capture))
    if chain:
        note += "\n\n" + translate("Objective", "Autograd, from the end back:") + "\n" + chain
    title = (
        objective_title(capture)
        if objective.loss is None
        else f"{objective_title(capture)} = {numbers.text(objective.loss, 6)}"
    )
    return title, lines, note


def _output_shape(capture: Capture) -> tuple[int, ...]:
    value = capture.output_value
    return () if value is None else value.shape


def _listed(values: Array) -> str:
    values = values.reshape(-1)
    shown = aligned(values[:32], 10)
    rows = [f"{index:>3}  {text}" for index, text in enumerate(shown)]
    if len(values) > 32:
        rows.append("  …")
    return "\n".join(rows)


def _kind(objective: Objective) -> str:
    """Return the kind of an objective, ``flat`` for a target that was broadcast."""
    return "flat" if objective.word == "mse:flat" else objective.kind


def _target_note(kind: str, shape: tuple[int, ...]) -> str:
    notes = {
        "cross-entropy": translate("Objective", "The wanted class as a one-hot row."),
        "mse": formatted(
            "Objective",
            "target = torch.randn({n}).view(1, -1): the view gives it the output's shape, "
            "[{shape}]; without it [{n}] would be broadcast against [{shape}], and torch warns.",
            n=shape[-1] if shape else 1,
            shape=numbers.shape_text(shape),
        ),
        "flat": formatted(
            "Objective",
            "target = torch.randn({n}) without view(1, -1): [{n}] is broadcast against [{shape}], "
            "and torch warns that this is likely to lead to incorrect results. Every sample is "
            "compared with the same numbers.",
            n=shape[-1] if shape else 1,
            shape=numbers.shape_text(shape),
        ),
    }
    return notes.get(
        kind,
        translate("Objective", "There is no target: backward starts from a vector v, not a loss."),
    )


def _loss_note(kind: str, shape: tuple[int, ...]) -> str:
    notes = {
        "cross-entropy": translate(
            "Objective", "∂CE/∂logits = softmax - onehot: what backward starts with."
        ),
        "mse": translate("Objective", "∂MSE/∂out = 2(out - t)/n: what backward starts with."),
        "random": formatted(
            "Objective",
            "v = torch.randn({shape}), as out.backward(v) takes it: backward computes vᵀJ, the "
            "vector-Jacobian product. A loss would supply v = ∂loss/∂out.",
            shape=numbers.shape_text(shape),
        ),
        "vector": translate(
            "Objective",
            "v was given: out.backward(v) computes vᵀJ, the vector-Jacobian product. A loss would "
            "supply v = ∂loss/∂out.",
        ),
        "output": translate(
            "Objective", "v is 1 for the chosen output and 0 elsewhere: its gradient alone."
        ),
    }
    return notes.get(kind, translate("Objective", "v = ∂(objective)/∂(output)."))
