"""The verbs of asking why a number is what it is."""

from typing import TYPE_CHECKING

from lenet_viz.capture.address import Address
from lenet_viz.session.asking import Asking, asked, other_side

if TYPE_CHECKING:
    from lenet_viz.session.state import State


class Questions:
    """The part of a session that asks.

    Attributes:
        state: the present state.
    """

    state: "State"

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

    def _ask(self, asking: Asking) -> None:
        state = asked(self.state, asking)
        if state is not self.state and state != self.state:
            self._set(state)

    def _set(self, state: "State") -> None:
        raise NotImplementedError
