"""What of the settings is carried over to another network."""

from dataclasses import replace

from lenet_viz.capture.words import MSE, RANDOM, VECTOR
from lenet_viz.session.settings import ObjectiveChoice, Settings, first_objective


def objective_for(new: Settings, old: Settings) -> ObjectiveChoice:
    """Return the objective after a change of network: the old one where it still means the same.

    A class that was the input's own, or belonged to another network's image, becomes the class of
    the new input; one that was chosen against the input stays, where the network has it.
    """
    kept = old.objective
    if new.output_count is None:
        return kept if kept.kind == RANDOM else new.objective  # a random vector fits any output
    if old.output_count is None:
        return new.objective
    if kept.kind == VECTOR:
        return kept if len(kept.vector) == new.output_count else new.objective
    own_class = min(old.input.label, old.output_count - 1)
    chosen = old.input.kind != "preset" and kept.index != own_class
    if kept.kind == "cross-entropy" and not chosen:
        return replace(kept, index=min(new.input.label, new.output_count - 1))
    return kept if kept.index < new.output_count else new.objective


def fitting_objective(settings: Settings, wished: ObjectiveChoice) -> ObjectiveChoice:
    """Return an objective that an edited network can have: the one that is wished, if it fits.

    Args:
        settings: the settings with the edited network.
        wished: the objective before the edit.
    """
    count = settings.output_count
    if wished.kind in (RANDOM, MSE):
        fits = True
    elif count is None:
        fits = False
    else:
        fits = len(wished.vector) == count if wished.kind == VECTOR else wished.index < count
    if fits or settings.spec is None:
        return wished
    return first_objective(settings.spec, settings.input.label, wished.seed)
