"""The builder's part of the state: layers that do not fit yet, weights to keep, what to undo."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from lenet_viz.network.draft import Draft
from lenet_viz.network.spec import Spec
from lenet_viz.network.untouched import KeptWeights, kept_pairs
from lenet_viz.session.ledger import Updating
from lenet_viz.session.settings import ObjectiveChoice, Settings
from lenet_viz.wording import Message

if TYPE_CHECKING:
    from lenet_viz.session.state import State
    from lenet_viz.session.state_parts import Run


@dataclass(frozen=True, slots=True)
class Base:
    """Weights that the next run starts from, though the run that is shown has others.

    Attributes:
        weights: blob with them.
        made_with: the settings of the run that had them.
        grads: blob with every ``.grad`` then; None where all were None.
        passes: how many backward passes the parameters' ``.grad`` added up.
        input_passes: how many ``input.grad`` added up.
        updating: the optimiser then.
        renamed: modules that have had another name since: pairs of the new and the old one.
    """

    weights: str
    made_with: Settings
    grads: str | None = None
    passes: int = 0
    input_passes: int = 0
    updating: Updating = field(default_factory=Updating, compare=False, repr=False)
    renamed: tuple[tuple[str, str], ...] = ()

    def kept(self, settings: Settings) -> KeptWeights | None:
        """Return which modules of an edited network keep their weights; None for none.

        Weights that are asked for otherwise, by another seed or file, are all made anew.
        """
        old, new = self.made_with, settings
        if old.spec is None or new.spec is None or not _same_origin(old, new):
            return None
        if replace(new, kept=old.kept).same_network(old):
            return old.kept  # taken back before a run: all of these weights fit again
        pairs = kept_pairs(old.spec, new.spec, dict(self.renamed))
        return KeptWeights(self.weights, pairs) if pairs else None

    def with_names(self, renamed: dict[str, str]) -> "Base":
        """Return the same after modules were renamed: their old names by their new ones."""
        if not renamed:
            return self
        known = {renamed_to: old for renamed_to, old in self.renamed if renamed_to not in renamed}
        before = dict(self.renamed)
        for new, old in renamed.items():
            known.pop(old, None)
            known[new] = before.get(old, old)
        return replace(self, renamed=tuple(sorted(known.items())))


def _same_origin(old: Settings, new: Settings) -> bool:
    return (
        old.weights_seed == new.weights_seed
        and old.initialisation == new.initialisation
        and old.weights_file == new.weights_file
    )


@dataclass(frozen=True, slots=True)
class Moment:
    """What an undo goes back to.

    Attributes:
        words: what was done then, as in "conv1: kernel_size 3 → 5".
        settings: the settings before it.
        draft: layers that did not fit; None where the settings' network is what was built.
        base: the weights before it; None before the first run.
        focus: the layer that was selected.
    """

    words: Message
    settings: Settings
    draft: Draft | None
    base: Base | None
    focus: str = ""


@dataclass(frozen=True, slots=True)
class Building:
    """What the builder knows.

    Attributes:
        draft: layers that cannot run yet; None where the settings' network is what is built.
        focus: the selected layer's name, ``input``, or "" for none.
        automatic: whether an edited network runs by itself.
        due: whether it is to run as soon as the engine is free.
        base: what the next run starts from; None where that is the run that is shown.
        wished: the objective to come back to once the output is one again that it fits.
        past: what can be undone, the latest last.
        future: what can be done again, the next last.
    """

    draft: Draft | None = None
    focus: str = ""
    automatic: bool = True
    due: bool = False
    base: Base | None = None
    wished: ObjectiveChoice | None = None
    past: tuple[Moment, ...] = ()
    future: tuple[Moment, ...] = ()

    @property
    def blobs(self) -> frozenset[str]:
        """The names of the blobs that undo and redo need."""
        bases = [moment.base for moment in (*self.past, *self.future)] + [self.base]
        known = [base for base in bases if base is not None]
        found = [(base.weights, base.grads, base.updating.memory) for base in known]
        return frozenset(name for names in found for name in names if name is not None)


def draft_of(state: "State") -> Draft | None:
    """Return the layers that are being built; None where there is no network to build on."""
    if state.opened is not None:
        return None
    if state.building.draft is not None:
        return state.building.draft
    spec = state.settings.spec
    return None if spec is None else _draft_of(spec)


def base_of(state: "State") -> Base | None:
    """Return the weights that the next run would start from; None where they would be made."""
    if state.building.base is not None:
        return state.building.base
    run = state.run
    if run is None or run.settings is None or state.opened is not None or state.weights is None:
        return None
    updating = replace(state.updating, events=())
    return Base(state.weights, run.settings, state.grads, state.passes, run.input_passes, updating)


def moment_of(state: "State", words: Message) -> Moment:
    """Return what an undo of what is done next goes back to.

    Args:
        state: the state before it.
        words: what is done.
    """
    building = state.building
    return Moment(words, state.settings, building.draft, base_of(state), building.focus)


def remembered(state: "State", words: Message) -> "State":
    """Return the state with one more thing to undo; what was undone is gone."""
    building = state.building
    past = (*building.past, moment_of(state, words))
    return replace(state, building=replace(building, past=past, future=()))


def layer_of_card(state: "State", card: str) -> str:
    """Return the name of the layer that a card's step ran; "" where there is none."""
    names = _layers(state)
    return names.get(card, "")


def card_of_layer(state: "State", layer: str) -> str:
    """Return the card of a layer's step in the run that is shown; "" where there is none."""
    return next((card for card, name in _layers(state).items() if name == layer), "")


def _layers(state: "State") -> dict[str, str]:
    return {} if state.run is None else layers_of_run(state.run)


def layers_of_run(run: "Run") -> dict[str, str]:
    """Return the layers of the network that ran, by their steps' names.

    There are none where it was no network that was built here, or the run ended early.
    """
    settings = run.settings
    if settings is None or settings.spec is None:
        return {}
    order = settings.spec.order
    if len(order) != len(run.capture.steps):
        return {}
    return {step.name: node.id for step, node in zip(run.capture.steps, order, strict=True)}


def _draft_of(spec: Spec) -> Draft:
    return Draft.of(spec)


def after_building(building: Building, started_from: Base | None) -> Building:
    """Return what the builder knows after a run that ended well.

    Args:
        building: what it knew before.
        started_from: what the run started from, where that was not the run that was shown.
    """
    if building.base != started_from:
        return building  # edited meanwhile: the next run starts from what was there before
    return replace(building, base=None)
