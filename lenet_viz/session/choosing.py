"""What becomes of the settings when another network is chosen."""

from dataclasses import replace

from lenet_viz.engine.messages import InputRequest
from lenet_viz.network import presets
from lenet_viz.network.spec import Spec
from lenet_viz.network.weights_choice import WeightsChoice
from lenet_viz.session.carried_over import objective_for
from lenet_viz.session.settings import ObjectiveChoice, OwnModel, Settings, first_objective

_DRAWN = InputRequest("random", seed=1)


def default_settings(preset: str = "notebook") -> Settings:
    """Return a preset's settings: its own input, cross-entropy of the digit, fixed seeds.

    A preset without classes starts from MSE instead.

    Args:
        preset: the preset's name.

    Raises:
        UserMistake: there is no such preset.
    """
    chosen = presets.get(preset)
    kind = chosen.input_kind
    digit = 7
    return Settings(
        preset=preset,
        spec=chosen.spec,
        weights_seed=0,
        input=InputRequest(kind=kind, label=digit, index=0, seed=1),
        objective=first_objective(chosen.spec, digit, 2),
    )


def for_preset(old: Settings, name: str) -> Settings:
    """Return a preset's settings with its own input; the objective is kept where it fits."""
    new = default_settings(name)
    if old.input.kind != "preset" and new.input.kind != "preset":
        new = replace(new, input=old.input)
    new = replace(new, objective=objective_for(new, old))
    return replace(
        new,
        weights_seed=old.weights_seed,
        zero_grad=old.zero_grad,
        initialisation=old.initialisation,
    )


def for_model(old: Settings, own: OwnModel, weights_file: WeightsChoice | None) -> Settings:
    """Return the settings of a model of somebody's code.

    Another model gets a random input, and backward starts from a random vector: that fits any
    model. The same file, changed or called otherwise, keeps what was chosen for it.
    """
    same = old.own is not None and old.own.code.path == own.code.path
    return replace(
        old,
        preset="",
        spec=None,
        own=own,
        weights_file=weights_file,
        kept=None,
        input=old.input if same else _DRAWN,
        objective=old.objective if same else ObjectiveChoice("random", 0, old.objective.seed),
    )


def for_spec(old: Settings, spec: Spec) -> Settings:
    """Return the settings of a network that is no preset; a preset's own image does not fit it."""
    new = Settings(
        preset="",
        spec=spec,
        weights_seed=old.weights_seed,
        input=_DRAWN if old.input.kind == "preset" else old.input,
        objective=first_objective(spec, 0, old.objective.seed),
        zero_grad=old.zero_grad,
        initialisation=old.initialisation,
    )
    return replace(new, objective=objective_for(new, old))
