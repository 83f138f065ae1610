"""A poke: one number of the input or of a parameter is off, and everything shows what it does."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from lenet_viz.capture.address import Address, Place, Side
from lenet_viz.engine.messages import RunRequest
from lenet_viz.explain.operands import array_at
from lenet_viz.session.poke import LARGEST, Poke, step_of, unpoked
from lenet_viz.session.request import request_for
from lenet_viz.session.state_parts import Notice
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

if TYPE_CHECKING:
    from lenet_viz.session.session import Engine
    from lenet_viz.session.state import State

_OPENED = QT_TRANSLATE_NOOP(
    "Session",
    "A saved run cannot be repeated, so none of its numbers can be poked. Choose a model and run "
    "it.",
)
_BUSY = QT_TRANSLATE_NOOP("Session", "A run is under way. Poke the number when it has ended.")
_STALE = QT_TRANSLATE_NOOP(
    "Session", "The settings have changed since this run. Press Forward (F5), then poke the number."
)
_NOTHING = QT_TRANSLATE_NOOP(
    "Session",
    "Only a number of the input or of a parameter can be poked. Click a pixel or a weight first.",
)
_WHOLE = QT_TRANSLATE_NOOP(
    "Session", "{where} is a whole number: it cannot be a little larger or smaller."
)


def why_no_poke(state: "State") -> Message | None:
    """Return why the number that is asked about cannot be poked now; None where it can."""
    if state.opened is not None:
        return message("Session", _OPENED)
    if state.pending is not None:
        return message("Session", _BUSY)
    asked, capture = state.asked, state.capture
    if asked is None or capture is None or asked.place not in (Place.INPUT, Place.PARAMETER):
        return message("Session", _NOTHING)
    if state.stale_forward:
        return message("Session", _STALE)
    whole = array_at(capture, replace(asked, side=Side.ACTIVATION))
    if whole is None or not np.issubdtype(whole.dtype, np.inexact):
        return message("Session", _WHOLE, where=_place(asked))
    return None


class Pokes:
    """The part of a session that pokes.

    Attributes:
        state: the present state.
    """

    state: "State"
    _last_check: int
    _folder: str
    _engine: "Engine"

    def poke_by(self, notches: int) -> None:
        """Change the number that is asked about by so many notches of the wheel."""
        address = self.state.asked
        if address is None:
            self.tell(Notice(message("Session", _NOTHING), mistake=True))
            return
        poke, here = self.state.poke, replace(address, side=Side.ACTIVATION)
        before = poke.amount if poke is not None and poke.address == here else 0.0
        self.poke_to(round(before + notches * step_of(address), 10))

    def poke_to(self, amount: float) -> None:
        """Have the number that is asked about off by ``amount``; by 0 it is as it was."""
        reason = why_no_poke(self.state)
        if reason is not None:
            self.tell(Notice(reason, mistake=True))
            return
        address = self.state.asked
        assert address is not None
        here = replace(address, side=Side.ACTIVATION)
        poke = self.state.poke
        if poke is not None and poke.address != here:
            self.take_back()
            poke = None
        if poke is None:
            run = self.state.run
            assert run is not None
            poke = Poke(here, 0.0, run)
        amount = max(-LARGEST, min(LARGEST, amount))
        if amount == 0:
            self.take_back()
        elif amount != poke.amount:
            self._set(replace(self.state, poke=replace(poke, amount=amount)))
            self._go_on_poking()

    def take_back(self) -> None:
        """Show the run from before the poke."""
        if self.state.poke is not None:
            self._set(unpoked(self.state))

    def _go_on_poking(self) -> None:
        """Ask for the run that is wanted now, unless another is under way: then after it."""
        state, poke = self.state, self.state.poke
        if poke is None or poke.running or poke.amount == poke.shown:
            return
        self._last_check -= 1
        asked = replace(poke, number=self._last_check, sent=poke.amount, running=True)
        self._set(replace(state, poke=asked))
        self._engine.submit(poke_request(self.state, self._folder))

    def _set(self, state: "State") -> None:
        raise NotImplementedError

    def tell(self, notice: Notice) -> None:
        """Put a sentence up."""
        raise NotImplementedError


def poke_request(state: "State", folder: str) -> RunRequest:
    """Return what the engine is asked for: the run before, one number off, from no ``.grad``."""
    poke = state.poke
    assert poke is not None
    before = poke.before.settings
    # The objective may have been changed since: only what the run before had can be compared.
    settings = state.settings if before is None else before
    again = request_for(
        replace(state, run=poke.before, settings=settings),
        poke.number,
        folder,
        backward=poke.before.backward,
    )
    return replace(again, grads=None, zero_grad=True, nudges=(poke.nudge,))


def _place(address: Address) -> str:
    name = f"input {address.name}" if address.place is Place.INPUT else address.name
    return f"{name}[{', '.join(map(str, address.index or ()))}]"
