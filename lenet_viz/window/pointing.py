"""What is under the pointer is marked wherever it, or what it comes from, is shown."""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject

from lenet_viz.capture.address import Address, Place
from lenet_viz.capture.records import Capture
from lenet_viz.explain.fields import plain, projective_field, receptive_field
from lenet_viz.panels.input_panel import InputPanel
from lenet_viz.panels.map_panel import MapPanel
from lenet_viz.panels.step_panel import StepPanel
from lenet_viz.panels.why_panel import WhyPanel
from lenet_viz.session.session import Session
from lenet_viz.session.state import State

Masks = Mapping[Address, npt.NDArray[np.bool_]]
MOST_NUMBERS = 3_000_000
"""In a run of more numbers a field takes longer than a frame, and the pointer does not wait."""


class Pointing(QObject):
    """Carries what is pointed at from panel to panel; nothing of it is kept in the state."""

    def __init__(
        self,
        session: Session,
        maps: MapPanel,
        inputs: InputPanel,
        step: StepPanel,
        why: WhyPanel,
        parent: QObject,
    ) -> None:
        """Listen to panels.

        Args:
            session: whose run it is.
            maps: the selected step's maps.
            inputs: the input beside its gradient.
            step: the selected step.
            why: the arithmetic.
            parent: whom it belongs to.
        """
        super().__init__(parent)
        self._session = session
        self._maps, self._inputs, self._step = maps, inputs, step
        maps.pointed.connect(self._from_maps)
        inputs.pointed.connect(self._from_inputs)
        why.pointed.connect(self._from_why)
        session.subscribe(self._forget)

    def _forget(self, old: State, new: State) -> None:
        """Take marks away that belong to another card, run or question."""
        asked = old.asked is not new.asked and (
            new.asked is None or new.asked.place is not Place.STEP
        )
        if asked or old.selected != new.selected or old.run is not new.run:
            self._inputs.show_field({})
            self._step.show_pointed(None)

    def _from_maps(self, address: Address | None) -> None:
        self._inputs.show_field(self._fields(address))
        self._step.show_pointed(address)

    def _from_inputs(self, address: Address | None) -> None:
        self._maps.show_field(self._fields(address))

    def _from_why(self, address: Address | None) -> None:
        self._maps.show_pointed(address)
        self._inputs.show_field(self._fields(address))
        self._step.show_pointed(address)

    def _fields(self, address: Address | None) -> Masks:
        """Return what a value depends on, or of a pixel what depends on it."""
        capture = self._session.state.capture
        known = (Place.STEP, Place.INPUT)
        if capture is None or address is None or address.place not in known:
            return {}
        if _numbers(capture) > MOST_NUMBERS:
            return {}
        try:
            if address.place is Place.STEP:
                return receptive_field(capture, address).masks
            field = projective_field(capture, address).masks
        except (KeyError, IndexError):  # the pointer rests where another run was
            return {}
        own = np.zeros(capture.input_values[int(address.name)].shape, dtype=bool)
        own[address.index or ()] = True
        return {**field, plain(address): own}


@lru_cache(maxsize=1)
def _numbers(capture: Capture) -> int:
    """Return how many numbers the steps of a run have."""
    return sum(int(np.prod(value.shape)) for step in capture.steps for value in step.outputs)
