"""The verb of saving what only torch can write."""

from dataclasses import replace
from typing import TYPE_CHECKING

from lenet_viz.engine.save_messages import SaveRequest

if TYPE_CHECKING:
    from lenet_viz.session.session import Engine
    from lenet_viz.session.state import State


class Saves:
    """The part of a session that has files written by the engine.

    Attributes:
        state: the present state.
    """

    state: "State"
    _last_check: int
    _folder: str
    _engine: "Engine"

    def save_in_engine(self, path: str) -> None:
        """Have the weights, or the network as ONNX, written; there are weights of this network.

        Args:
            path: the file, ending in ``.pt`` or ``.onnx``.
        """
        state, spec = self.state, self.state.settings.spec
        assert state.weights is not None
        assert spec is not None
        # Numbered with the checks: the user counts runs, not requests.
        self._last_check -= 1
        request = SaveRequest(self._last_check, state.weights, self._folder, path, spec.to_json())
        self._set(replace(state, saving=request.run))
        self._engine.submit(request)

    def _set(self, state: "State") -> None:
        raise NotImplementedError
