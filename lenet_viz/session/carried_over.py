"""What of the settings is carried over to another network."""

from dataclasses import replace

from lenet_viz.capture.words import RANDOM, VECTOR
from lenet_viz.session.state import ObjectiveChoice, Settings


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
