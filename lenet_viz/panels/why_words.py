"""What the Why panel says beside the numbers."""

from math import prod

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.capture.records import Capture
from lenet_viz.explain.fields import receptive_field
from lenet_viz.panels.map_side import axis_words, has_batch
from lenet_viz.panels.text import formatted, translate, translated
from lenet_viz.session.asking import shape_at

_KERNEL_AXES = {1: ("out",), 2: ("out", "in"), 3: ("out", "in", "k"), 4: ("out", "in", "kH", "kW")}


def axis_names() -> dict[str, str]:
    """Return the words for the letters of axes."""
    return {
        "n": translate("Why", "sample"),
        "c": translate("Why", "channel"),
        "h": translate("Why", "row"),
        "w": translate("Why", "column"),
        "i": translate("Why", "element"),
        "j": translate("Why", "column"),
        "d": translate("Why", "depth"),
    }


def name_of(address: Address) -> str:
    """Return what a tensor is called on the screen."""
    name = address.name
    if address.place is Place.INPUT:
        further = formatted("Why", "input {number}", number=name)
        name = translate("Why", "input") if name == "0" else further
    if address.output:
        name = formatted("Why", "{name}, output {number}", name=name, number=address.output)
    if address.side is Side.GRADIENT:
        return formatted("Why", "gradient of {name}", name=name)
    return name


def place_of(capture: Capture, address: Address) -> str:
    """Return an index in words: ``channel 3, row 4, column 5``."""
    index, shape = address.index or (), shape_at(capture, address)
    if shape is None or not index:
        return ""
    if address.place is Place.PARAMETER:
        letters = _KERNEL_AXES.get(len(shape), tuple(f"axis {n}" for n in range(len(shape))))
        return ", ".join(f"{name} {at}" for name, at in zip(letters, index, strict=True))
    batched = has_batch(capture, shape)
    words, names = axis_words(shape, batched), axis_names()
    parts = [
        f"{names.get(word, word)} {at}"
        for word, at, size in zip(words, index, shape, strict=True)
        if word != "n" or size > 1
    ]
    return ", ".join(parts)


def title_of(capture: Capture, address: Address) -> str:
    """Return which number is asked about, in words."""
    place = place_of(capture, address)
    name = name_of(address)
    return f"{name} [{place}]" if place else name


def short(address: Address) -> str:
    """Return an address in code style: ``conv1[0, 3, 4, 5]``."""
    name = f"input_{address.name}" if address.place is Place.INPUT else address.name
    name = "input" if name == "input_0" else name
    grad = ".grad" if address.side is Side.GRADIENT else ""
    index = ", ".join(map(str, address.index or ()))
    return f"{name}{grad}[{index}]" if index else f"{name}{grad}"


MOST_SEEN = 2_000_000
"""Runs with more numbers than this have their receptive fields worked out too late for a click."""


def field_words(capture: Capture, address: Address) -> str:
    """Return what of the input a step's value depends on; "" where it is not worked out."""
    if address.place is not Place.STEP or not capture.input_values:
        return ""
    size = sum(prod(value.shape) for step in capture.steps for value in step.outputs)
    if size > MOST_SEEN or len(capture.steps) > 400:
        return ""
    number = Address(Place.INPUT, "0")
    fields = receptive_field(capture, address)
    sentence = translated(fields.sentence(number))
    words = formatted("Why", "Receptive field on the input. {sentence}", sentence=sentence)
    reason = fields.reasons.get(number)
    return words if reason is None else f"{words} {translated(reason)}"
