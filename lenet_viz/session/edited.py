"""What an edit of the layers makes of the state."""

from dataclasses import replace

from lenet_viz.engine.messages import InputRequest
from lenet_viz.network import presets
from lenet_viz.network.draft import Draft, examine
from lenet_viz.network.edits import Edit
from lenet_viz.network.spec import Spec
from lenet_viz.session.building import base_of, remembered
from lenet_viz.session.carried_over import fitting_objective
from lenet_viz.session.opening import cannot_run
from lenet_viz.session.settings import Settings
from lenet_viz.session.state import Notice, State
from lenet_viz.wording import QT_TRANSLATE_NOOP, Message, message

_OWN = QT_TRANSLATE_NOOP(
    "Build",
    "{name} is Python code: its layers are changed in its file. Choose a preset, or start an empty "
    "network, to build one here.",
)
_FIRST_SHAPE = (1, 28, 28)


def edited(state: State, edit: Edit) -> State:
    """Return the state after an edit: another network where it fits, or layers that do not yet."""
    base = base_of(state)
    if base is not None:
        base = base.with_names(dict(edit.renamed))
    after = remembered(state, edit.words)
    found = examine(edit.draft)
    building = replace(after.building, focus=edit.focus, base=base)
    if found.spec is None:
        building = replace(building, draft=edit.draft, due=False)
        return replace(after, building=building, notice=None)
    wished = building.wished or state.settings.objective
    settings = with_spec(state.settings, found.spec)
    kept = None if base is None else base.kept(settings)
    settings = replace(settings, kept=kept)
    objective = fitting_objective(settings, wished)
    building = replace(
        building,
        draft=None,
        due=building.automatic,
        wished=None if objective == wished else wished,
    )
    return replace(
        after, settings=replace(settings, objective=objective), building=building, notice=None
    )


def does_not_fit(draft: Draft) -> Notice:
    """Return why layers that do not fit cannot run, and what to do."""
    mistake = examine(draft).mistake
    template = QT_TRANSLATE_NOOP(
        "Build", "The layers that are built cannot run yet. {mistake} Undo with Ctrl+Z."
    )
    assert mistake is not None
    return Notice(message("Build", template, mistake=mistake), mistake=True)


def with_spec(settings: Settings, spec: Spec) -> Settings:
    """Return settings with an edited network; one that is its preset again has its name.

    A preset's own image, which fits no other size, gives way to a random one.
    """
    name = settings.preset
    if name:
        whole = presets.get(name).spec
        if (spec.order, spec.input_shape) == (whole.order, whole.input_shape):
            return replace(settings, spec=whole)
        if spec.name == name:
            spec = replace(spec, name=f"{name}-edited", title="", description="")
    chosen = settings.input
    if chosen.kind == "preset" and presets.get(name).spec.input_shape != spec.input_shape:
        chosen = InputRequest("random", seed=chosen.seed)
    return replace(settings, spec=spec, input=chosen)


def place_below(state: State, draft: Draft, at: int | None) -> int:
    """Return where a new layer goes: the place asked for, or below the selected layer."""
    if at is not None:
        return at
    focus = state.building.focus
    places = {node.id: place + 1 for place, node in enumerate(draft.nodes)}
    return 0 if focus == "input" else places.get(focus, len(draft.nodes))


def is_behind(state: State) -> bool:
    """Return whether the run that is shown is not one of the network that is built."""
    if state.building.draft is not None or state.opened is not None:
        return False
    return state.run is None or state.stale_backward or state.stale_forward


def shape_of(settings: Settings) -> tuple[int, int, int]:
    """Return the input's shape for a new network: that of the present one."""
    return _FIRST_SHAPE if settings.spec is None else settings.spec.input_shape


def no_layers(state: State) -> Notice:
    """Return why there are no layers to edit."""
    if state.opened is not None:
        return cannot_run(state.opened)
    words: Message = message("Build", _OWN, name=state.settings.title)
    return Notice(words, mistake=True)
