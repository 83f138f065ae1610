"""The verbs of looking: what is selected and how it is shown."""

from dataclasses import replace

from lenet_viz.session import folding
from lenet_viz.session.state import Show, State, View


class Viewing:
    """The part of a session that chooses what is seen.

    Attributes:
        state: the present state.
    """

    state: State

    def select(self, card: str) -> None:
        """Select a card of the strip; a zoomed channel is left."""
        state = with_card(self.state, card)
        if state is not self.state:
            self._set(state)

    def walk(self, cards: int) -> None:
        """Move the selection by so many cards, stopping at the ends."""
        names = self.state.cards
        self.select(names[max(0, min(len(names) - 1, self.state.place + cards))])

    def fold(self, path: str | None = None) -> None:
        """Make one card of each call of a module; by default the one around the selected card."""
        self._set_view(folding.folded(self.state, path))

    def unfold(self, path: str | None = None) -> None:
        """Show what a module's card stands for; by default the selected one's."""
        self._set_view(folding.unfolded(self.state, path))

    def fold_all(self) -> None:
        """Fold every module."""
        self._set_view(folding.all_folded(self.state))

    def unfold_all(self) -> None:
        """Show every step."""
        self._set_view(folding.all_unfolded(self.state))

    def show(self, show: Show) -> None:
        """Show activation, gradient or both."""
        self._set_view(replace(self.state.view, show=show))

    def show_strip_gradients(self, gradients: bool) -> None:
        """Show gradients or activations in the strip."""
        self._set_view(replace(self.state.view, strip_gradients=gradients))

    def share_scale(self, shared: bool) -> None:
        """Give all channels one colour scale, or each its own."""
        self._set_view(replace(self.state.view, shared_scale=shared))

    def show_causes(self, shown: bool) -> None:
        """Draw exact zeros of gradients with their causes, or as zeros."""
        self._set_view(replace(self.state.view, causes=shown))

    def zoom_channel(self, channel: int | None) -> None:
        """Let one channel fill the map panel, or show all."""
        self._set_view(replace(self.state.view, channel=channel))

    def choose_theme(self, theme: str) -> None:
        """Take the theme ``light``, ``dark`` or ``system``."""
        self._set_view(replace(self.state.view, theme=theme))

    def _set_view(self, view: View) -> None:
        if view != self.state.view:
            self._set(replace(self.state, view=view))

    def _set(self, state: State) -> None:
        raise NotImplementedError


def with_card(state: State, card: str) -> State:
    """Return the state with another card selected; the same one where there is none such."""
    if card == state.selected or not state.has_card(card):
        return state
    return replace(state, selected=card, view=replace(state.view, channel=None))
