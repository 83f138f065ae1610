"""Sentences that several panels need, translated."""

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from lenet_viz.capture.records import Capture, GradientState
from lenet_viz.display import numbers
from lenet_viz.network import presets
from lenet_viz.session.state import INPUT_CARD, LOSS_CARD, TARGET_CARD, Run, State
from lenet_viz.wording import Message, fill

translate = QCoreApplication.translate


def translated(message: Message) -> str:
    """Return a message in the window's language with its fields filled."""
    values = {
        name: translated(value) if isinstance(value, Message) else value
        for name, value in message.values
    }
    return fill(translate(message.context, message.template), values)


def formatted(context: str, template: str, **values: str | int | float) -> str:
    """Return a template in the window's language with its fields filled.

    Calls are written ``formatted("Context", "text {name}", name=...)``.
    """
    return fill(translate(context, template), values)


def give_role(widget: QWidget, role: str) -> None:
    """Give a widget a role of the style sheet, such as ``warning``, and its look."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def show_if(widget: QWidget, shown: bool) -> None:
    """Show or hide a widget; one that is so already costs no new layout."""
    if widget.isHidden() == shown:
        widget.setVisible(shown)


def card_title(card: str) -> str:
    """Return the name of a card as it is shown: op and module names stay as torch has them."""
    fixed = {
        INPUT_CARD: translate("Cards", "input"),
        TARGET_CARD: translate("Cards", "target"),
        LOSS_CARD: translate("Cards", "loss"),
    }
    return fixed.get(card, card)


def no_gradient_sentence(state: GradientState) -> str:
    """Return why there is no gradient to draw."""
    sentences = {
        GradientState.NO_BACKWARD: translate(
            "Gradients", "No gradient yet: press Backward (F6). This is not a zero."
        ),
        GradientState.NO_GRAD: translate(
            "Gradients", "autograd does not follow this tensor: it has no gradient."
        ),
        GradientState.NOT_REACHED: translate(
            "Gradients", "The objective does not depend on this tensor: no gradient reached it."
        ),
        GradientState.ALIASED: translate(
            "Gradients", "Its memory was written over in place: autograd keeps no gradient for it."
        ),
    }
    return sentences.get(state, "")


def objective_name(word: str) -> str:
    """Return an objective's word, such as ``cross-entropy:7``, as a reader says it."""
    kind, _, index = word.partition(":")
    if kind == "cross-entropy":
        return formatted("Objective", "cross-entropy, class {index}", index=index)
    if kind == "output":
        return formatted("Objective", "output {index}", index=index)
    if kind == "mse":
        return translate("Objective", "MSE, random target")
    if kind == "random":
        return translate("Objective", "random vector v")
    return word


def input_name(run: Run) -> str:
    """Return what a run's input is."""
    chosen = run.settings.input
    if chosen.kind == "digit":
        return formatted(
            "Input",
            "digit {label}, scan {index} (8×8 scan, enlarged)",
            label=chosen.label,
            index=chosen.index,
        )
    if chosen.kind == "random":
        return formatted("Input", "torch.randn, seed {seed}", seed=chosen.seed)
    return translate("Input", "the preset's own image")


def axis_words(shape: tuple[int, ...]) -> str:
    """Return the names of a tensor's axes, such as ``N, C, H, W`` or ``N, features``."""
    if len(shape) == 2:
        return translate("Axes", "N, features")
    return numbers.axis_letters(shape)


def weights_name(run: Run) -> str:
    """Return where a run's weights came from: a seed, or the preset's fixed numbers."""
    if presets.get(run.settings.preset).weights is not None:
        return translate("Caption", "weights: the preset's own")
    return formatted("Caption", "weights: seed {seed}", seed=run.settings.weights_seed)


def caption_of(state: State, details: tuple[str, ...]) -> str:
    """Return the line that stands under a picture.

    Args:
        state: what the picture shows.
        details: what the panel adds: step, shape, colour range.
    """
    run = state.run
    if run is None:
        return ""
    parts = [
        formatted("Caption", "model {name}", name=run.settings.preset),
        weights_name(run),
        input_name(run),
        *(part for part in details if part),
    ]
    if run.backward:
        objective = run.settings.objective
        parts.append(formatted("Caption", "objective: {name}", name=objective_name(objective.word)))
        if objective.kind in {"random", "mse"}:
            parts.append(formatted("Caption", "its seed {seed}", seed=objective.seed))
    parts.append(formatted("Caption", "torch {version}", version=torch_version(run.capture)))
    if state.stale_forward or state.stale_backward:
        parts.append(translate("Caption", "older than the present settings"))
    return " · ".join(parts)


def torch_version(capture: Capture) -> str:
    """Return the version of torch that made a capture."""
    return capture.versions.get("torch", "?")
