"""Sentences that several panels need, translated."""

import html

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import Qt
from PySide6.QtWidgets import QWidget

from lenet_viz.capture.records import Capture, GradientState
from lenet_viz.display import numbers
from lenet_viz.network.initialisation import CONSTANT, Initialisation
from lenet_viz.session.cards import FAILED_CARD, input_number
from lenet_viz.session.provenance import (
    has_own_weights,
    initialisation,
    input_choice,
    kept_layers,
    objective_seed,
    run_seed,
    updates,
    weights_seed,
)
from lenet_viz.session.python_lines import setting
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


def plain_tip(text: str) -> str:
    """Return a tool tip that shows ``text`` as it is, be it a path or a name that is HTML.

    Labels have a format for that; a tool tip takes for HTML whatever looks like it.
    """
    if not Qt.mightBeRichText(text):
        return text
    return f'<p style="white-space: pre-wrap">{html.escape(text)}</p>'


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
        FAILED_CARD: translate("Cards", "failed here"),
    }
    number = input_number(card)
    if number:
        return formatted("Cards", "input {number}", number=number)
    return fixed.get(card, card)


def no_gradient_sentence(state: GradientState) -> str:
    """Return why there is no gradient to draw."""
    sentences = {
        GradientState.NO_BACKWARD: translate(
            "Gradients", "No gradient: backward (F6) has not been run. This is not a zero."
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
    if word == "mse:flat":
        return translate("Objective", "MSE, target without view")
    if kind == "vector":
        return translate("Objective", "own vector v")
    if kind == "mse":
        return translate("Objective", "MSE, random target")
    if kind == "random":
        return translate("Objective", "random vector v")
    return word


def objective_title(capture: Capture) -> str:
    """Return what backward started from; "" without a backward pass."""
    objective = capture.objective
    if objective is None:
        return ""
    given = {
        "vector": translate("Objective", "a given vector v"),
        "callable": translate("Objective", "a function of the output"),
    }
    return given.get(objective.kind) or objective_name(objective.word)


def drawn_by(capture: Capture | None) -> str:
    """Return what a random input was drawn with: whole numbers are not drawn as others are."""
    whole = capture is not None and capture.input_values[:1]
    return "torch.randint" if whole and "int" in whole[0].dtype else "torch.randn"


def input_name(run: Run) -> str:
    """Return what a run's input is."""
    chosen = input_choice(run.capture)
    if chosen is None:
        return run.capture.settings.get("input", "")[:60] or translate(
            "Input", "an input given in Python"
        )
    if chosen.kind == "digit":
        return formatted(
            "Input",
            "digit {label}, scan {index} (8×8 scan, enlarged)",
            label=chosen.label or 0,
            index=chosen.index,
        )
    if chosen.kind == "random":
        seed = run.capture.settings.get("input_seed") or chosen.seed
        return formatted(
            "Input",
            "{function}, seed {seed}",
            function=drawn_by(run.capture),
            seed="?" if seed is None else seed,
        )
    return translate("Input", "the preset's own image")


def axis_words(shape: tuple[int, ...]) -> str:
    """Return the names of a tensor's axes, such as ``N, C, H, W`` or ``N, features``."""
    if len(shape) == 2:
        return translate("Axes", "N, features")
    return numbers.axis_letters(shape)


def drawn_name(seed: str | int, choice: Initialisation) -> str:
    """Return what weights were drawn with: the seed, and from what unless torch chose it."""
    if choice.kind == CONSTANT:
        return translated(choice.name)  # no seed has a part in it
    if choice.is_default:
        return formatted("Caption", "seed {seed}", seed=seed)
    name = translated(choice.name)
    return formatted("Caption", "seed {seed}, {initialisation}", seed=seed, initialisation=name)


def weights_name(run: Run) -> str:
    """Return where a run's weights came from, if that is known, and the start of their hash."""
    capture = run.capture
    hashed = capture.model.weights_hash[:12]
    seed, count = weights_seed(capture), updates(capture)
    if count:
        return formatted(
            "Caption", "weights after {count} updates (SHA-256 {hash}…)", count=count, hash=hashed
        )
    if has_own_weights(capture):
        return formatted("Caption", "weights: the preset's own (SHA-256 {hash}…)", hash=hashed)
    drawn = drawn_name(seed, initialisation(capture)) if seed else ""
    if kept_layers(capture):
        if not drawn:
            return formatted(
                "Caption", "weights: kept from before the edit (SHA-256 {hash}…)", hash=hashed
            )
        return formatted(
            "Caption",
            "weights: kept from before the edit, new layers {drawn} (SHA-256 {hash}…)",
            drawn=drawn,
            hash=hashed,
        )
    if drawn:
        return formatted("Caption", "weights: {drawn} (SHA-256 {hash}…)", drawn=drawn, hash=hashed)
    return formatted("Caption", "weights: SHA-256 {hash}…", hash=hashed)


def caption_of(state: State, details: tuple[str, ...]) -> str:
    """Return the line that stands under a picture.

    Args:
        state: what the picture shows.
        details: what the panel adds: step, shape, colour range.
    """
    run = state.run
    if run is None:
        return ""
    capture = run.capture
    parts = [
        formatted("Caption", "model {name}", name=capture.model.name),
        weights_name(run),
        input_name(run),
        *(part for part in details if part),
        *_drawn_parts(run),
        formatted("Caption", "torch {version}", version=torch_version(capture)),
    ]
    if state.opened is not None and state.opened.from_file:
        parts.append(formatted("Caption", "from {name}", name=state.opened.name))
    nudged = setting(capture, "nudges")
    if nudged:
        parts.append(formatted("Caption", "poked: {where}", where=nudged))
    if state.stale_forward or state.stale_backward:
        parts.append(translate("Caption", "older than the present settings"))
    return " · ".join(parts)


def _drawn_parts(run: Run) -> list[str]:
    """Return the objective and the seeds of what was drawn at random."""
    parts = []
    seed = run_seed(run.capture)
    if seed:
        parts.append(formatted("Caption", "random seed {seed}", seed=seed))
    if run.backward:
        title = objective_title(run.capture)
        parts.append(formatted("Caption", "objective: {name}", name=title))
        own = objective_seed(run.capture)
        if own and own != seed:
            parts.append(formatted("Caption", "its seed {seed}", seed=own))
    return parts


def torch_version(capture: Capture) -> str:
    """Return the version of torch that made a capture."""
    return capture.versions.get("torch", "?")
