"""The map panel's sentences: title, headings, the reading under the maps, the caption."""

import numpy as np

from lenet_viz.capture.address import Side
from lenet_viz.display.numbers import exact, shape_text
from lenet_viz.display.statistics import Statistics
from lenet_viz.panels.colour_bar import end_texts, scale_name
from lenet_viz.panels.map_content import TARGET, UPSTREAM, MapContent
from lenet_viz.panels.map_side import MapSide
from lenet_viz.panels.text import (
    card_title,
    formatted,
    no_gradient_sentence,
    objective_title,
    translate,
    translated,
)
from lenet_viz.panels.thumbnail import drawable
from lenet_viz.session.cards import FAILED_CARD
from lenet_viz.session.state import INPUT_CARD, LOSS_CARD, TARGET_CARD, State

Index = tuple[int, ...]


def title_of(content: MapContent | None) -> str:
    """Return the panel's title."""
    if content is None or content.channels:
        return (
            translate("Maps", "Feature maps") if _is_step(content) else translate("Maps", "Input")
        )
    if content.card == FAILED_CARD:
        return translate("Maps", "Values")
    if content.card == TARGET_CARD:
        return translate("Maps", "Target")
    if content.card == LOSS_CARD:
        return translate("Maps", "Upstream gradient v")
    return translate("Maps", "Values") if _is_step(content) else translate("Maps", "Input")


def _is_step(content: MapContent | None) -> bool:
    return content is None or content.op not in {INPUT_CARD, TARGET_CARD, LOSS_CARD, FAILED_CARD}


def subtitle_of(content: MapContent) -> str:
    """Return what stands beside the title: step, shape with its axes, sample."""
    side = content.sides[0]
    parts = [formatted("Maps", "{name} output", name=content.card)] if _is_step(content) else []
    if content.channel is not None and side.values is not None:
        of = formatted(
            "Maps",
            "channel {channel} (0 to {last})",
            channel=content.channel,
            last=content.channels - 1,
        )
        return " · ".join([*parts, of, " × ".join(map(str, side.values.shape))])
    if content.loss is not None:
        parts.append(formatted("Maps", "loss {value}", value=exact(np.float32(content.loss))))
    if side.shape or side.values is not None:
        parts.append(shape_words(side))
    if content.samples is not None and content.samples != 1:
        parts.append(formatted("Maps", "sample 0 of {count}", count=content.samples))
    return " · ".join(parts)


def shape_words(side: MapSide) -> str:
    """Return a shape with its axis letters: ``(N, C, H, W) = (1, 16, 13, 13)``."""
    if not side.shape:
        return translate("Maps", "a single number")
    values = shape_text(side.shape)
    if side.letters == ("n", "i"):
        return formatted("Maps", "(N, features) = ({shape})", shape=values)
    if not {"n", "c"} & set(side.letters):
        return f"({values})"
    letters = ", ".join(letter.upper() for letter in side.letters)
    return f"({letters}) = ({values})"


def heading_of(side: MapSide, state: State) -> str:
    """Return what stands above one picture."""
    run = state.run
    objective = "" if run is None else objective_title(run.capture)
    if side.role == UPSTREAM:
        return translate("Maps", "upstream gradient v = d(objective)/d(output)")
    if side.role == TARGET:
        if side.marked is None:
            return translate("Maps", "what the output is compared with")
        return formatted("Maps", "class {index} as a one-hot vector", index=side.marked)
    if side.address.side is Side.GRADIENT and not objective:
        return translate("Maps", "gradient")
    if side.address.side is Side.GRADIENT:
        return formatted("Maps", "gradient of {objective}", objective=objective)
    return translate("Maps", "activation")


def sentence_of(side: MapSide) -> str:
    """Return why there is no picture; empty where there is one."""
    if side.missing is not None:
        return no_gradient_sentence(side.missing)
    if side.sentence is not None:
        return translated(side.sentence)
    if side.values is None or not side.values.size:
        return formatted(
            "Maps", "This tensor has no elements: its shape is ({shape}).", shape=_shape(side)
        )
    return ""


def _shape(side: MapSide) -> str:
    return shape_text(side.shape)


def reading_of(content: MapContent, index: Index) -> tuple[str, str]:
    """Return where a number stands and what it is, exactly, as two lines.

    Args:
        content: what is drawn.
        index: of the tensor, the batch included.
    """
    holders = [side for side in content.sides if side.holds(index)]
    if not holders:
        return "", ""
    first = holders[0]
    letters = ", ".join(first.letters)
    places = ", ".join(map(str, index))
    name = card_title(content.card)
    where = f"{name} [{letters}] = [{places}]" if index else name
    if first.source_shape:
        where += "    " + _before(first, index)
    return where, "    ".join(_value(side, index) for side in holders)


def _before(side: MapSide, index: Index) -> str:
    place = np.unravel_index(index[-1], side.source_shape)
    known = {2: "(h, w)", 3: "(c, h, w)", 4: "(c, d, h, w)"}
    return formatted(
        "Maps",
        "{letters} of the step before = ({place})",
        letters=known.get(len(side.source_shape), "()"),
        place=", ".join(str(int(at)) for at in place),
    )


def _value(side: MapSide, index: Index) -> str:
    assert side.values is not None
    number = side.values[index[len(side.prefix) :]]
    value = str(number) if np.iscomplexobj(side.values) else exact(number)
    names = {
        UPSTREAM: translate("Maps", "v"),
        TARGET: translate("Maps", "target"),
        str(Side.GRADIENT): translate("Maps", "gradient"),
    }
    name = names.get(side.role, translate("Maps", "activation"))
    old = translate("Maps", " (older run)") if side.stale else ""
    return f"{name} {value}{old}"


def details_of(content: MapContent) -> tuple[str, ...]:
    """Return what the panel adds to a caption: step, op, shape, channel, scale, specials."""
    side = content.sides[0]
    details = [
        card_title(content.card),
        content.op if content.op != content.card else "",
        formatted("Maps", "output {shape}", shape=shape_words(side)) if side.shape else "",
        formatted("Maps", "channel {channel}", channel=content.channel)
        if content.channel is not None
        else "",
    ]
    for one in content.sides:
        details += _side_details(one)
    return tuple(part for part in details if part)


def _side_details(side: MapSide) -> list[str]:
    names = {
        UPSTREAM: translate("Maps", "upstream gradient v"),
        TARGET: translate("Maps", "target"),
        str(Side.GRADIENT): translate("Maps", "gradient"),
    }
    name = names.get(side.role, translate("Maps", "activation"))
    if side.values is None or not side.values.size:
        return [formatted("Maps", "{name}: none", name=name)]
    low, high = end_texts(side.scales)
    scale = scale_name(side)
    parts = [
        formatted("Maps", "{name}: colours {low} to {high}", name=name, low=low, high=high),
        scale,
    ]
    counts = Statistics.of(drawable(side.values))
    infinities = counts.positive_infinity + counts.negative_infinity
    if counts.nan or infinities:
        parts.append(formatted("Maps", "{nan} NaN, {inf} infinite", nan=counts.nan, inf=infinities))
    return parts
