"""The verbs of comparing: a run is frozen, and stands beside whatever comes after it."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from lenet_viz.session.poke import unpoked
from lenet_viz.session.state_parts import Notice, Run
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

if TYPE_CHECKING:
    from lenet_viz.session.state import State


@dataclass(frozen=True, slots=True)
class Frozen:
    """A run that stays to be compared with.

    Attributes:
        run: the run.
        title: what its network is called.
        blobs: the names of the blobs that it was left with, which have to stay.
    """

    run: Run
    title: str
    blobs: frozenset[str] = frozenset()


class Compares:
    """The part of a session that compares.

    Attributes:
        state: the present state.
    """

    state: "State"

    def freeze(self) -> None:
        """Keep the run that is shown, to compare later ones with it."""
        state = unpoked(self.state)
        run = state.run
        if run is None:
            template = QT_TRANSLATE_NOOP(
                "Compare", "Nothing has run yet. Press Forward (F5) or Backward (F6) first."
            )
            self.tell(Notice(message("Compare", template), mistake=True))
            return
        settings = run.settings
        title = run.capture.model.name if settings is None else settings.title
        blobs = frozenset(name for name in (state.weights, state.grads) if name is not None)
        self._set(replace(state, frozen=Frozen(run, title, blobs)))
        self._keep_blobs()

    def unfreeze(self) -> None:
        """Let the frozen run go."""
        if self.state.frozen is not None:
            self._set(replace(self.state, frozen=None))
            self._keep_blobs()

    def _set(self, state: "State") -> None:
        raise NotImplementedError

    def _keep_blobs(self) -> None:
        raise NotImplementedError

    def tell(self, notice: Notice) -> None:
        """Put a sentence up."""
        raise NotImplementedError
