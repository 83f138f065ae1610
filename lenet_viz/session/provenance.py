"""Where a run came from, read off its capture alone: what made it, and what makes it again."""

from functools import lru_cache

import numpy as np

from lenet_viz.capture.records import Capture
from lenet_viz.errors import LenetVizError
from lenet_viz.inputs import InputChoice, parse_input
from lenet_viz.network import presets
from lenet_viz.network.initialisation import AS_TORCH, Initialisation, parse_initialisation
from lenet_viz.network.spec import Spec
from lenet_viz.session.cards import LOSS_CARD, TARGET_CARD, input_number
from lenet_viz.session.python_lines import draws_in_forward, setting

_DRAWN = frozenset({"random", "mse"})
"""Kinds of objectives that take random numbers."""


def facts_of(capture: Capture, selected: str | None = None) -> dict[str, str]:
    """Return what is known of how a run was made, in reading order; nothing that is not known.

    The keys are ``program``, ``torch``, ``model``, ``model_word``, ``model_sha256``,
    ``weights_file``, ``mode``, ``weights_sha256``,
    ``weights_seed``, ``initialisation``, ``kept``, ``updates``, ``input``, ``input_seed``,
    ``input_shape``, ``objective``, ``objective_seed``, ``seed``, ``zero_grad``,
    ``earlier_gradients``, ``threads``, ``step`` and ``shape``. A seed is there only where something
    was drawn with it.

    Args:
        capture: any run.
        selected: the card that is shown; None for the whole run.
    """
    versions = capture.versions
    facts = {
        "program": f"lenet_viz {versions['lenet_viz']}" if "lenet_viz" in versions else "",
        "torch": versions.get("torch", ""),
        "model": capture.model.name,
        "model_word": setting(capture, "model_word"),
        "model_sha256": setting(capture, "model_sha256"),
        "weights_file": setting(capture, "weights_file"),
        "mode": "train" if capture.model.training else "eval",
        "weights_sha256": capture.model.weights_hash,
        "weights_seed": weights_seed(capture),
        "initialisation": setting(capture, "initialisation") if weights_seed(capture) else "",
        "kept": setting(capture, "kept"),
        "updates": setting(capture, "updates"),
        **_input_facts(capture),
        **_objective_facts(capture),
        "threads": setting(capture, "threads"),
        **_step_facts(capture, selected),
    }
    return {name: text for name, text in facts.items() if text}


def from_engine(capture: Capture) -> bool:
    """Return whether the program made the run itself, so that its settings say all of it."""
    return "weights_seed" in capture.settings


def spec_of(capture: Capture) -> Spec | None:
    """Return the network's spec; None where it is known by its run alone."""
    return _parsed(capture.model.spec) if capture.model.spec else None


@lru_cache(maxsize=32)
def _parsed(text: str) -> Spec | None:
    try:
        return Spec.from_json(text)
    except LenetVizError:
        return None  # of a newer version, or written by hand: the run can be shown without it


def has_own_weights(capture: Capture) -> bool:
    """Return whether the weights are fixed numbers that come with a preset."""
    preset = setting(capture, "preset")
    return preset in presets.NAMES and presets.get(preset).weights is not None


def weights_seed(capture: Capture) -> str:
    """Return the seed that the weights were drawn with; "" where none or not known.

    Of an edited network it is the seed of what begins anew; "" where all its layers keep theirs.
    """
    given = has_own_weights(capture) or setting(capture, "weights_file") or all_kept(capture)
    return "" if given or updates(capture) else setting(capture, "weights_seed")


def initialisation(capture: Capture) -> Initialisation:
    """Return what the weights were drawn from, where `weights_seed` tells that they were."""
    return _parsed_initialisation(setting(capture, "initialisation"))


@lru_cache(maxsize=32)
def _parsed_initialisation(word: str) -> Initialisation:
    try:
        return parse_initialisation(word) if word else AS_TORCH
    except LenetVizError:
        return AS_TORCH  # of a newer version


def kept_layers(capture: Capture) -> tuple[str, ...]:
    """Return the modules with the weights that they had in the network before an edit."""
    return tuple(pair.partition("=")[0] for pair in setting(capture, "kept").split())


def all_kept(capture: Capture) -> bool:
    """Return whether an edited network has all its weights from the one before."""
    layers, kept = {each.layer for each in capture.parameters}, set(kept_layers(capture))
    return bool(kept) and layers <= kept


def updates(capture: Capture) -> int:
    """Return how many updates the weights have had since they were made."""
    text = setting(capture, "updates")
    return int(text) if text.isascii() and text.isdigit() else 0


def input_choice(capture: Capture) -> InputChoice | None:
    """Return which of the program's own inputs was run; None for one that somebody gave."""
    return _parsed_input(setting(capture, "input"))


@lru_cache(maxsize=32)
def _parsed_input(words: str) -> InputChoice | None:
    try:
        return parse_input(words)
    except LenetVizError:
        return None


def input_is_picture(capture: Capture) -> bool:
    """Return whether the first input is drawn as a grey picture, not in the colours of signs.

    What ``torch.randn`` gives is no picture: its signs count. Of an input that somebody gave, the
    numbers decide: one with a number below zero has signs.
    """
    chosen = input_choice(capture)
    if chosen is not None:
        return chosen.kind != "random"
    if not capture.input_values:
        return False
    array = capture.inputs[0]
    return array.dtype.kind in "biuf" and not bool(np.any(np.less(array, 0)))


def run_seed(capture: Capture) -> str:
    """Return the seed of what forward drew; "" where none is known or nothing was drawn.

    A run that was recorded in Python may draw anywhere, so its seed always counts.
    """
    if from_engine(capture) and not draws_in_forward(capture):
        return ""
    return setting(capture, "seed")


def objective_seed(capture: Capture) -> str:
    """Return the seed of the random vector or target; "" where none is known or drawn."""
    objective = capture.objective
    if objective is None or objective.kind not in _DRAWN:
        return ""
    return setting(capture, "objective_seed")


def has_earlier_gradients(capture: Capture) -> bool:
    """Return whether some parameter's ``.grad`` held something before this run's backward."""
    return any(parameter.grad_before_key is not None for parameter in capture.parameters)


def input_grad_is_sum(capture: Capture) -> bool:
    """Return whether the first input's ``.grad`` is more than this run's gradient."""
    if not capture.input_values:
        return False
    grad, own = capture.input_grads[0], capture.input_values[0].gradient
    if grad is None or own is None:
        return False
    return not np.array_equal(grad, own, equal_nan=True)


def _input_facts(capture: Capture) -> dict[str, str]:
    shapes = ", ".join(str(value.shape) for value in capture.input_values)
    chosen = input_choice(capture)
    drawn = chosen is not None and chosen.kind == "random"
    return {
        "input": setting(capture, "input"),
        "input_seed": setting(capture, "input_seed") if drawn else "",
        "input_shape": shapes,
    }


def _objective_facts(capture: Capture) -> dict[str, str]:
    objective = capture.objective
    backward = objective is not None
    return {
        "objective": "" if objective is None else objective.word or objective.kind,
        "objective_seed": objective_seed(capture),
        "seed": run_seed(capture),
        "zero_grad": setting(capture, "zero_grad") if backward else "",
        "earlier_gradients": "yes" if backward and has_earlier_gradients(capture) else "",
    }


def _step_facts(capture: Capture, selected: str | None) -> dict[str, str]:
    if selected in {TARGET_CARD, LOSS_CARD}:
        return {"step": str(selected)}
    step = None if selected is None else capture.steps.get(selected)
    if step is not None and selected is not None:
        return {"step": selected, "shape": str(step.outputs[0].shape) if step.outputs else ""}
    number = None if selected is None else input_number(selected)
    if selected is not None and number is not None and number < len(capture.input_values):
        return {"step": selected, "shape": str(capture.input_values[number].shape)}
    return {}
