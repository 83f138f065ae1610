"""What is painted on each card of the strip, found in the state."""

from PySide6.QtGui import QImage

from lenet_viz.capture.records import Capture, GradientState
from lenet_viz.panels.card_content import (
    Picture,
    detail_of_card,
    gradient_state_of,
    picture_of_card,
    shape_words,
)
from lenet_viz.panels.card_painting import CardInk
from lenet_viz.panels.card_tip import failure_words
from lenet_viz.panels.text import card_title, formatted
from lenet_viz.panels.theme import Theme
from lenet_viz.panels.thumbnail import thumbnail
from lenet_viz.session.cards import FAILED_CARD, LOSS_CARD, TARGET_CARD, input_number
from lenet_viz.session.outline import Card, Outline
from lenet_viz.session.state import State


def ink_of(state: State, place: int, theme: Theme) -> CardInk:
    """Return what is painted on a card.

    Args:
        state: what is shown.
        place: of the card among the state's cards.
        theme: for the thumbnail.
    """
    name = state.cards[place]
    capture, outline = state.capture, state.outline
    if capture is None or outline is None:
        detail, warning = detail_of_card(state, name)
        return CardInk(
            card_title(name), name, detail, warning, shape_words(state, name), None, None,
            GradientState.PRESENT, grows_from_zero=False,
        )  # fmt: skip
    card = outline.cards[place]
    step = capture.steps.get(name)
    gradients = state.view.strip_gradients
    picture = picture_of_card(capture, name, gradients)
    missing = GradientState.PRESENT
    failed = name == FAILED_CARD if step is None else step.error is not None
    if gradients and name not in {TARGET_CARD, LOSS_CARD, FAILED_CARD} and not failed:
        missing = gradient_state_of(capture, name)
    detail, warning = detail_of_card(state, name)
    if card.call is not None:
        detail = detail if failed else _folded_detail(outline, card)
        warning = failed
    return CardInk(
        title=_title(capture, outline, card),
        op=name if step is None else step.op,
        detail=detail,
        warning=warning,
        chip=shape_words(state, name),
        picture=picture,
        image=None if picture is None else _image(picture, theme),
        missing=missing,
        grows_from_zero=name == LOSS_CARD,
        repeated=step is not None and step.name not in {step.module, step.op},
        short=_short(outline, place),
        folded=card.call is not None,
        opaque=step is not None and step.opaque and card.call is None,
        failed=failed,
        note=failure_words(state, name) if failed else "",
    )


def _image(picture: Picture, theme: Theme) -> QImage:
    """Return a card's thumbnail."""
    return thumbnail(picture.values, picture.mosaic, picture.scale, theme)


def _title(capture: Capture, outline: Outline, card: Card) -> str:
    """Return a card's name: a folded module's path, an input's own name where it has several."""
    if card.call is not None:
        return outline.calls[card.call].path
    number = None if card.count else input_number(card.name)
    several = number is not None and len(capture.input_values) > 1
    if several and number is not None and number < len(capture.input_names):
        return capture.input_names[number]
    return card_title(card.name)


def _short(outline: Outline, place: int) -> str:
    """Return a title without the path of the module whose bar is above it; "" for no other.

    A number, as a Sequential names its modules, keeps the word before it.
    """
    card, number = outline.cards[place], outline.around(place)
    if number is None:
        return ""
    whole = card.name if card.call is None else outline.calls[card.call].path
    around = outline.calls[number].path
    if not whole.startswith(f"{around}."):
        return ""
    rest = whole[len(around) + 1 :]
    names = around.split(".")
    while rest.partition(".")[0].partition("_")[0].isdecimal() and names:
        rest = f"{names.pop()}.{rest}"
    return rest


def _folded_detail(outline: Outline, card: Card) -> str:
    assert card.call is not None
    call = outline.calls[card.call]
    words = formatted("Cards", "{type} · {steps} steps", type=call.type, steps=card.count)
    if call.calls < 2:
        return words
    return formatted(
        "Cards", "{words} · call {call} of {calls}", words=words, call=call.call, calls=call.calls
    )
