"""A card of the strip in words: its tool tip."""

from lenet_viz.capture.records import GradientState
from lenet_viz.panels.card_painting import CardInk
from lenet_viz.panels.text import formatted, no_gradient_sentence, translate, translated
from lenet_viz.session.cards import FAILED_CARD
from lenet_viz.session.state import State


def card_tip(state: State, card: str, ink: CardInk) -> str:
    """Return a card's name, detail, shape, and why something is missing.

    Args:
        state: what is shown.
        card: the card's name.
        ink: what is painted on it.
    """
    lines = [
        formatted("Strip", "{name}: {detail}", name=ink.title, detail=ink.detail or ink.op),
        formatted("Strip", "output ({shape})", shape=ink.chip) if ink.chip else "",
        ink.note,
        _opaque() if ink.opaque else "",
    ]
    if ink.missing is not GradientState.PRESENT:
        lines.append(no_gradient_sentence(ink.missing))
    if ink.folded:
        lines.append(formatted("Strip", "It shows the output of its last step, {name}.", name=card))
        lines.append(translate("Strip", "Click its sign, double click, or press + to unfold it"))
    lines.append(translate("Strip", "Click, or walk with ← and →"))
    return "\n".join(line for line in lines if line)


def failure_words(state: State, card: str) -> str:
    """Return why a step, or forward outside every step, failed; "" where it did not."""
    capture = state.capture
    if capture is None:
        return ""
    step = capture.steps.get(card)
    error = capture.error if step is None and card == FAILED_CARD else step and step.error
    return translated(error) if error else ""


def _opaque() -> str:
    return translate(
        "Strip",
        "Opaque: what happened inside could not be seen. Its value and its gradient are true.",
    )
