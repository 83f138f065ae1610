"""The verbs of building: edits of the layers, undo and redo, and the run that follows."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from lenet_viz.errors import UserMistake
from lenet_viz.network import edits, presets, setting_edits
from lenet_viz.network.draft import Draft, examine
from lenet_viz.network.edits import Edit
from lenet_viz.network.layer_types import SettingValue
from lenet_viz.network.spec import Spec
from lenet_viz.session.building import (
    Building,
    Moment,
    base_of,
    card_of_layer,
    draft_of,
    layer_of_card,
    moment_of,
    remembered,
)
from lenet_viz.session.choosing import for_spec
from lenet_viz.session.edited import edited, is_behind, no_layers, place_below, shape_of
from lenet_viz.session.poke import unpoked
from lenet_viz.session.settings import Settings
from lenet_viz.session.state import EngineStatus, Notice, State
from lenet_viz.session.viewing import Viewing, with_card
from lenet_viz.wording import QT_TRANSLATE_NOOP, message

if TYPE_CHECKING:
    from lenet_viz.session.session import Engine


class Builds(Viewing):
    """The part of a session that builds.

    Attributes:
        state: the present state.
    """

    _engine: "Engine"

    # -- edits ---------------------------------------------------------------------------------

    def add_layer(self, op: str, at: int | None = None) -> None:
        """Add a layer below the selected one, or at a place.

        Args:
            op: its op, a name in `lenet_viz.network.layer_types.LAYER_TYPES`.
            at: its place in the list; below the selected layer if None.
        """
        self._edit(lambda draft: edits.add_layer(draft, place_below(self.state, draft, at), op))

    def delete_layer(self, layer: str) -> None:
        """Take a layer out."""
        self._edit(lambda draft: edits.delete_layer(draft, layer))

    def duplicate_layer(self, layer: str) -> None:
        """Put a copy below a layer."""
        self._edit(lambda draft: edits.duplicate_layer(draft, layer))

    def move_layer(self, layer: str, to: int) -> None:
        """Put a layer elsewhere in the list."""
        draft = draft_of(self.state)
        if draft is not None and draft.place(layer) != max(0, min(len(draft.nodes) - 1, to)):
            self._edit(lambda draft: edits.move_layer(draft, layer, to))

    def rename_layer(self, layer: str, name: str) -> None:
        """Give a layer another name."""
        if layer != name.strip():
            self._edit(lambda draft: edits.rename_layer(draft, layer, name))

    def change_layer(self, layer: str, setting: str, value: SettingValue | None) -> None:
        """Give a layer's setting another value; None for torch's default."""
        self._edit(lambda draft: setting_edits.change_setting(draft, layer, setting, value))

    def restyle_layer(self, layer: str, as_module: bool) -> None:
        """Write a layer as a module, or as a call of a function."""
        self._edit(lambda draft: setting_edits.restyle_layer(draft, layer, as_module=as_module))

    def connect_layer(self, layer: str, slot: int, source: str | None) -> None:
        """Choose what a layer takes; None takes that input away."""
        self._edit(lambda draft: edits.connect_layer(draft, layer, slot, source))

    def resize_input(self, shape: tuple[int, int, int]) -> None:
        """Give the network's input another shape: channels, height, width."""
        self._edit(lambda draft: edits.resize_input(draft, shape))

    def mend(self) -> None:
        """Do what the first mistake's repair says."""
        self._edit(setting_edits.mend)

    def mend_all(self) -> None:
        """Repair one mistake after the other."""
        self._edit(setting_edits.mend_all)

    def begin_network(self) -> None:
        """Start with an empty list of layers."""
        state = unpoked(self.state)
        draft = Draft("network", shape_of(state.settings))
        words = message("Build", QT_TRANSLATE_NOOP("Build", "new network"))
        after = replace(remembered(state, words), opened=None, question=None, notice=None)
        settings = after.settings
        if settings.spec is None:
            spec = presets.get(presets.NAMES[0]).spec
            settings = replace(settings, spec=spec, own=None, weights_file=None)
        building = replace(after.building, draft=draft, focus="", base=None, due=False)
        self._set(replace(after, settings=settings, building=building))
        self._keep_blobs()

    def take_layers(self, spec: Spec) -> None:
        """Take the layers that were read from the present model's Python, with its weights.

        Args:
            spec: the same network as layers; its ``state_dict`` has the same keys.
        """
        state = unpoked(self.state)
        settings = for_spec(state.settings, spec)
        base = base_of(state)
        words = message("Build", QT_TRANSLATE_NOOP("Build", "edit the model as layers"))
        after = remembered(state, words)
        if base is not None:
            base = replace(base, made_with=settings, grads=None, passes=0, input_passes=0)
        building = replace(after.building, draft=None, focus="", base=base, due=True, wished=None)
        self._set(replace(after, settings=settings, building=building, question=None, notice=None))
        self._keep_blobs()
        self._go_on_building()

    def choose_draft(self, draft: Draft) -> None:
        """Take layers from elsewhere; those that do not fit yet can be repaired."""
        state = unpoked(self.state)
        spec = examine(draft).spec
        if spec is not None:
            self.change_settings(for_spec(state.settings, spec))
            return
        words = message("Build", QT_TRANSLATE_NOOP("Build", "open {name}"), name=draft.name)
        after = replace(remembered(state, words), opened=None, question=None, notice=None)
        settings = after.settings
        if settings.spec is None:
            first = presets.get(presets.NAMES[0]).spec
            settings = replace(settings, spec=first, own=None, weights_file=None)
        building = replace(after.building, draft=draft, focus="", base=None, due=False)
        self._set(replace(after, settings=settings, building=building))
        self._keep_blobs()

    def select_layer(self, layer: str) -> None:
        """Select a layer, and its card in the strip where it has run."""
        card = card_of_layer(self.state, layer) or layer
        self._set_focus(with_card(self.state, card), layer)

    def select(self, card: str) -> None:
        """Select a card of the strip, and its layer with it."""
        state = with_card(self.state, card)
        if state is not self.state or (card == state.selected and state.building.focus):
            self._set_focus(state, layer_of_card(state, card) or card)

    def build_automatically(self, on: bool) -> None:
        """Choose whether an edited network runs by itself."""
        state = self.state
        due = on and is_behind(state)
        self._set(replace(state, building=replace(state.building, automatic=on, due=due)))
        self._go_on_building()

    # -- undo ----------------------------------------------------------------------------------

    def undo(self) -> None:
        """Take back what was done last."""
        past = self.state.building.past
        if past:
            self._go_back(past[-1], past[:-1], self.state.building.future, forth=False)

    def redo(self) -> None:
        """Do again what was taken back last."""
        future = self.state.building.future
        if future:
            self._go_back(future[-1], self.state.building.past, future[:-1], forth=True)

    def _go_back(
        self, moment: Moment, past: tuple[Moment, ...], future: tuple[Moment, ...], *, forth: bool
    ) -> None:
        state = unpoked(self.state)
        here = moment_of(state, moment.words)
        past, future = ((*past, here), future) if forth else (past, (*future, here))
        base = moment.base
        if base == base_of(replace(state, building=replace(state.building, base=None))):
            base = None
        automatic = state.building.automatic
        building = Building(
            moment.draft, moment.focus, automatic, automatic, base, None, past, future
        )
        self._set(
            replace(
                state,
                settings=moment.settings,
                building=building,
                opened=None,
                notice=None,
                question=None,
            )
        )
        self._keep_blobs()
        self._go_on_building()

    # -- inside --------------------------------------------------------------------------------

    def _edit(self, make: Callable[[Draft], Edit]) -> None:
        state = unpoked(self.state)
        draft = draft_of(state)
        if draft is None:
            self.tell(no_layers(state))
            return
        try:
            edit = make(draft)
        except UserMistake as mistake:
            self.tell(Notice(mistake.message, mistake=True))
            return
        if edit.draft == draft:
            return
        self._set(edited(state, edit))
        self._keep_blobs()
        self._go_on_building()

    def _set_focus(self, state: State, layer: str) -> None:
        building = state.building
        if building.focus != layer:
            state = replace(state, building=replace(building, focus=layer))
        if state is not self.state:
            self._set(state)

    def _keep_blobs(self) -> None:
        """Have the engine's side keep what undo and comparing need."""
        frozen = self.state.frozen
        compared = frozenset[str]() if frozen is None else frozen.blobs
        self._engine.keep(self.state.building.blobs | compared)

    def _go_on_building(self) -> None:
        """Run the edited network, unless something else is under way: then after it."""
        state = self.state
        if not state.building.due or state.pending is not None or state.poke is not None:
            return
        if state.engine is EngineStatus.LOST:
            return
        self._set(replace(state, building=replace(state.building, due=False)))
        if is_behind(self.state):
            self._run(backward=state.run is None or state.run.backward)

    def change_settings(self, settings: Settings, *, same_layers: bool = False) -> None:
        """Take new settings."""
        raise NotImplementedError

    def _run(self, backward: bool) -> None:
        raise NotImplementedError

    def tell(self, notice: Notice) -> None:
        """Put a sentence up."""
        raise NotImplementedError
