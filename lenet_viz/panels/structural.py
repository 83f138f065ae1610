"""Which pixels of a run's input can never matter, as the input panel and the maps hatch them."""

from lenet_viz.explain.structural import Mask, StructuralZeros, structural_zeros
from lenet_viz.session.state import Run


def zeros_of(run: Run) -> StructuralZeros:
    """Return the structurally zero pixels of a run's network, in the mode it ran in."""
    return structural_zeros(run.settings.spec, training=run.capture.model.training)


def structural_mask(run: Run | None) -> Mask | None:
    """Return where to hatch a run's input: bool, H × W; None where there is nothing to hatch.

    There is nothing without a run, where every pixel matters, or where the input has no pixels.
    """
    if run is None or not run.capture.input_values:
        return None
    zeros = zeros_of(run)
    shape = run.capture.input_values[0].shape
    fits = len(shape) > 2 and shape[-2:] == zeros.mask.shape
    return zeros.mask if zeros.count and fits else None
