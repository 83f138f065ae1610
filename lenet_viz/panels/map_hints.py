"""What stands under the maps while nothing is pointed at: what can be done, why zeros are zero."""

from functools import partial

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.capture.records import Capture
from lenet_viz.display.numbers import count_text
from lenet_viz.explain.once import OncePerRun
from lenet_viz.explain.zeros import zero_causes
from lenet_viz.panels.map_content import MapContent
from lenet_viz.panels.text import formatted, translate, translated
from lenet_viz.session.state import State

MOST = 100_000
"""Gradients with more numbers have their zeros counted too late for a click."""

_KNOWN: OncePerRun[Address, tuple[tuple[str, int], ...]] = OncePerRun()


def nothing_words(state: State | None) -> str:
    """Return what stands where there are no maps."""
    if state is not None and state.pending is not None:
        return translate("Maps", "The first run is on its way …")
    return translate("Maps", "Nothing has run yet: press Forward (F5) to see every step.")


def hint_of(content: MapContent | None, capture: Capture | None, *, legend: bool = False) -> str:
    """Return what a click does or, of a gradient with exact zeros, why those are zero.

    Args:
        content: what is drawn; None for nothing.
        capture: the run.
        legend: whether a legend says already why zeros are zero.
    """
    if content is None:
        return ""
    channels = content.channels > 1 and content.channel is None
    first = (
        translate("Maps", "Click a value to ask why, a channel's number to enlarge it.")
        if channels
        else translate("Maps", "Click a value to ask why; the arrow keys move the pin.")
    )
    zeros = "" if capture is None or legend else zero_words(content, capture)
    return zeros or f"{first}\n{translate('Maps', 'Wheel zooms, drag pans, 0 fits.')}"


def zero_words(content: MapContent, capture: Capture) -> str:
    """Return why the exact zeros of the gradient in view are zero, counted; "" for none."""
    for side in content.sides:
        address = side.address
        known = address.place in (Place.STEP, Place.INPUT) and side.values is not None
        if address.side is Side.GRADIENT and known and side.values is not None:
            if side.values.size > MOST:
                continue
            found = _KNOWN.of(capture, address, partial(_counted, capture, address))
            parts = [f"{count_text(count)} {words}" for words, count in found]
            if parts:
                return formatted("Maps", "Exact zeros: {parts}.", parts="; ".join(parts))
    return ""


def _counted(capture: Capture, address: Address) -> tuple[tuple[str, int], ...]:
    causes = zero_causes(capture, address)
    if causes is None:
        return ()
    legend = causes.legend
    return tuple((translated(legend[cause]), count) for cause, count in causes.counts.items())
