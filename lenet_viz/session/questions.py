"""The verbs of asking why a number is what it is."""

from dataclasses import replace
from typing import TYPE_CHECKING

from lenet_viz.capture.address import Address
from lenet_viz.session.asking import Asking, asked, other_side
from lenet_viz.session.checking import CLICK_FIRST, begun, check_request, why_not
from lenet_viz.session.poke import unpoked
from lenet_viz.session.state import Notice, State

if TYPE_CHECKING:
    from lenet_viz.session.session import Engine


class Questions:
    """The part of a session that asks.

    Attributes:
        state: the present state.
    """

    state: "State"
    _last_check: int
    _folder: str
    _engine: "Engine"

    def ask(self, address: Address) -> None:
        """Ask why a number is what it is; its card is selected."""
        self._ask(self.state.asking.on(address))

    def ask_back(self) -> None:
        """Go back to the question before."""
        self._ask(self.state.asking.back())

    def ask_forward(self) -> None:
        """Go to the question that was gone back from."""
        self._ask(self.state.asking.forward())

    def ask_other_side(self) -> None:
        """Ask for the gradient of the number that is asked about, or for itself again."""
        address = self.state.asked
        if address is not None:
            self.ask(other_side(address))

    def stop_asking(self) -> None:
        """Ask about nothing."""
        self._ask(Asking())

    def check_gradient(self, amount: float = 0.0) -> None:
        """Ask what becomes of the objective when the number that is asked about is a little off.

        Args:
            amount: by how much it is nudged; 0 for a finite difference with a fitting step size.
        """
        state = unpoked(self.state)
        reason = why_not(state)
        if reason is not None:
            self.tell(Notice(reason, mistake=True))
            return
        # Runs are counted from 1 and shown by their numbers: checks are counted apart from them.
        self._last_check -= 1
        number = self._last_check
        request = check_request(state, number, self._folder, amount)
        self._set(begun(state, number, amount))
        self._engine.submit(request)

    def _ask(self, asking: Asking) -> None:
        state = replace(asked(self.state, asking), sweep=None)
        notice = state.notice
        if (
            state.asked is not None
            and notice is not None
            and notice.message.template == CLICK_FIRST
        ):
            state = replace(state, notice=None)
        if state is not self.state and state != self.state:
            self._set(state)

    def _set(self, state: "State") -> None:
        raise NotImplementedError

    def tell(self, notice: "Notice") -> None:
        """Put a sentence up."""
        raise NotImplementedError
